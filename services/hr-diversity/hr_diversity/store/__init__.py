"""Every SQL statement of the service."""

from hr_diversity.store import changes, heads, measures, snapshots, units, vacancies

__all__ = ["changes", "heads", "measures", "snapshots", "units", "vacancies"]
