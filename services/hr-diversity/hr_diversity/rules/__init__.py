"""Pure calculations: no database, no clock, no framework."""

from hr_diversity.rules import suppression

__all__ = ["suppression"]
