"""The tables of the service. A row of an aggregate composes its own state: the one form that events, heads and answers share."""

from indicators.models.base import Base
from indicators.models.plans import (
    Action,
    Claim,
    Indicator,
    Markers,
    Plan,
    Resources,
    ResultLine,
    ResultRow,
    Rule,
    Unit,
)
from indicators.models.proof import Change, Document, DocumentContent

__all__ = [
    "Action",
    "Base",
    "Change",
    "Claim",
    "Document",
    "DocumentContent",
    "Indicator",
    "Markers",
    "Plan",
    "Resources",
    "ResultLine",
    "ResultRow",
    "Rule",
    "Unit",
]
