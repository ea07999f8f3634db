"""Pure calculations: no database, no clock, no framework."""

from indicators.rules import calendar, changes, custody, faults, figures, resources, status

__all__ = ["calendar", "changes", "custody", "faults", "figures", "resources", "status"]
