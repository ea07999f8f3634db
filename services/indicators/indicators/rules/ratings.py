"""Ratings on an ordinal scale, summed up as UN-SWAP reports them: how many of each, and the two headline ratios by their names.

What must not break: what is not applicable is no rating, and neither is what was not rated; both are counted and said. Reports differ
in whether the first stays in the whole, so neither ratio is ever shown without its name and its counts.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from pydantic import BaseModel

from indicators.rules.figures import Computed
from indicators.rules.lines import Line, is_reached
from shared.figures import round_half_up

NOT_APPLICABLE, NOT_RATED = "not_applicable", "not_rated"
HUNDRED = 100


class Headline(BaseModel):
    """`share` is numerator of denominator in per cent, half up to one decimal; None where there is nothing to divide by."""

    name: str
    words: str
    numerator: int
    denominator: int
    share: Computed | None


class Ratings(BaseModel):
    """`counts` by rating, the lowest first, and then what is not applicable and what is not rated; together they are `total`."""

    total: int
    counts: dict[str, int]
    headlines: list[Headline]


def rate(lines: Sequence[Line]) -> Ratings:
    """The ratings of ordinal indicators, each at the place of its whole. A target that is part of another one is not counted."""
    counted = [line for line in lines if line.indicator.kind == "ordinal" and line.target.part_of is None]
    scale = dict.fromkeys(one for line in counted for one in line.indicator.categories or [])
    found = Counter(_rating(line) for line in counted)
    reached, left_out = sum(map(is_reached, counted)), found[NOT_APPLICABLE]
    return Ratings(
        total=len(counted),
        counts={name: found[name] for name in (*scale, NOT_APPLICABLE, NOT_RATED)},
        headlines=[
            _headline("reached-of-all", "of all, those that are not applicable included", reached, len(counted)),
            _headline("reached-of-applicable", "of those that are applicable", reached, len(counted) - left_out),
        ],
    )


def _rating(line: Line) -> str:
    if line.standing is None:
        return NOT_RATED
    if line.standing.no_data is not None:
        return NOT_APPLICABLE if line.standing.no_data == NOT_APPLICABLE else NOT_RATED
    return line.standing.category or NOT_RATED


def _headline(name: str, of: str, numerator: int, denominator: int) -> Headline:
    share: Decimal | None = round_half_up(Fraction(numerator * HUNDRED, denominator)) if denominator else None
    said = f"{numerator} of {denominator} indicators reach their target, {of}"
    return Headline(name=name, words=said, numerator=numerator, denominator=denominator, share=share)
