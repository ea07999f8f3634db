"""Answers about what disagrees."""

from pydantic import BaseModel

from indicators.rules.contradictions import Contradiction


class Contradictions(BaseModel):
    """`counts` by severity, then by rule."""

    items: list[Contradiction]
    counts: dict[str, dict[str, int]]
