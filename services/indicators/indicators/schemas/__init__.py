"""Requests and answers of the service. What a caller may not set (status, review, version, who recorded) is in no request."""

from indicators.schemas import (
    actions,
    bulk,
    changes,
    claims,
    contradictions,
    custody,
    definitions,
    documents,
    dues,
    plans,
    progress,
    ratings,
    resources,
    results,
    why,
)

__all__ = [
    "actions",
    "bulk",
    "changes",
    "claims",
    "contradictions",
    "custody",
    "definitions",
    "documents",
    "dues",
    "plans",
    "progress",
    "ratings",
    "resources",
    "results",
    "why",
]
