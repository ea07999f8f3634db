"""Every SQL statement of the service."""

from hr_diversity.store import heads, measures, snapshots, units

__all__ = ["heads", "measures", "snapshots", "units"]
