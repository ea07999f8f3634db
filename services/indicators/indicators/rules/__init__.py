"""Pure calculations: no database, no clock, no framework."""

from indicators.rules import calendar, custody, faults, status

__all__ = ["calendar", "custody", "faults", "status"]
