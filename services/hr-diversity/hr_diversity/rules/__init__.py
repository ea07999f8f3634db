"""Pure calculations: no database, no clock, no framework."""

from hr_diversity.rules import funnel, outlook, parity, recruitment, scenario, series, suppression, tallies, vacancies

__all__ = ["funnel", "outlook", "parity", "recruitment", "scenario", "series", "suppression", "tallies", "vacancies"]
