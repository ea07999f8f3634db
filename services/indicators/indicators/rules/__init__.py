"""Pure calculations: no database, no clock, no framework."""

from indicators.rules import (
    aggregation,
    calendar,
    cells,
    changes,
    custody,
    faults,
    figures,
    lines,
    outlook,
    progress,
    resources,
    sheet,
    status,
    trend,
    words,
)

__all__ = [
    "aggregation",
    "calendar",
    "cells",
    "changes",
    "custody",
    "faults",
    "figures",
    "lines",
    "outlook",
    "progress",
    "resources",
    "sheet",
    "status",
    "trend",
    "words",
]
