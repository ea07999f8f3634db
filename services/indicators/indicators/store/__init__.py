"""Every SQL statement of the service. A scope (`units`) is part of the statement: what is outside of it is as if absent."""

from indicators.store import (
    actions,
    bulk,
    changes,
    claims,
    definitions,
    documents,
    facts,
    heads,
    ledger,
    lines,
    plan_diff,
    resources,
    results,
)

__all__ = [
    "actions",
    "bulk",
    "changes",
    "claims",
    "definitions",
    "documents",
    "facts",
    "heads",
    "ledger",
    "lines",
    "plan_diff",
    "resources",
    "results",
]
