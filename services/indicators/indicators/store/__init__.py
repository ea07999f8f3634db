"""Every SQL statement of the service. A scope (`units`) is part of the statement: what is outside of it is as if absent."""

from indicators.store import actions, definitions, heads, results

__all__ = ["actions", "definitions", "heads", "results"]
