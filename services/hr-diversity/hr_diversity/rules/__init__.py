"""Pure calculations: no database, no clock, no framework."""

from hr_diversity.rules import outlook, parity, recruitment, scenario, series, suppression, vacancies

__all__ = ["outlook", "parity", "recruitment", "scenario", "series", "suppression", "vacancies"]
