"""Pure calculations: no database, no clock, no framework."""

from hr_diversity.rules import parity, scenario, suppression

__all__ = ["parity", "scenario", "suppression"]
