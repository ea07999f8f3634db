"""Pure calculations: no database, no clock, no framework."""

from indicators.rules import (
    aggregation,
    calendar,
    changes,
    custody,
    faults,
    figures,
    lines,
    outlook,
    progress,
    resources,
    status,
    trend,
    words,
)

__all__ = [
    "aggregation",
    "calendar",
    "changes",
    "custody",
    "faults",
    "figures",
    "lines",
    "outlook",
    "progress",
    "resources",
    "status",
    "trend",
    "words",
]
