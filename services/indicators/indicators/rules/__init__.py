"""Pure calculations: no database, no clock, no framework."""

from indicators.rules import calendar, changes, custody, faults, status

__all__ = ["calendar", "changes", "custody", "faults", "status"]
