"""Every SQL statement of the service. A scope (`units`) is part of the statement: what is outside of it is as if absent."""

from indicators.store import actions, changes, claims, definitions, heads, ledger, lines, resources, results

__all__ = ["actions", "changes", "claims", "definitions", "heads", "ledger", "lines", "resources", "results"]
