"""Every SQL statement of the service."""

from hr_diversity.store import changes, heads, measures, recruitment, snapshots, units, vacancies

__all__ = ["changes", "heads", "measures", "recruitment", "snapshots", "units", "vacancies"]
