"""How figures of several places, or of several phases, make one: by the rule that the indicator declares, or not at all.

What must not break: a percentage is derived from summed counts and never averaged or added; what accumulates is not added across
phases; a figure that is missing is named, and what lacks it is marked incomplete.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules.figures import Computed
from indicators.rules.lines import Line, figure_of
from shared.events.indicators import IndicatorState
from shared.events.results import BreakdownCell, Result
from shared.figures import round_half_up

Rule = Literal["sum", "ratio", "maximum", "latest", "none"]


class Term(BaseModel):
    """A figure that takes part, with where it comes from."""

    of: str
    """a place, or a phase"""
    value: Computed | None
    numerator: int | None = None
    denominator: int | None = None
    as_of: date | None = None
    result: int | None = None
    """its number, where it stands for itself; None for a cell of a breakdown"""


class Aggregate(BaseModel):
    """`figure` is what the rule makes of the terms; `recorded` is what was recorded for the whole, beside it."""

    by: str
    """what the terms are: region, portfolio, phase"""
    rule: Rule
    figure: Computed | None
    numerator: int | None = None
    denominator: int | None = None
    complete: bool
    missing: list[str]
    terms: list[Term]
    recorded: Computed | None = None
    difference: Computed | None = None
    """recorded less figure"""
    words: str


def over_places(indicator: IndicatorState, lines: Sequence[Line]) -> list[Aggregate]:
    """One for each kind of part (regions, portfolios, the categories of a dimension) of the lines of one phase."""
    rule: Rule = "none" if indicator.aggregation is None else indicator.aggregation.places
    whole = next((line for line in lines if line.target.place == "global"), None)
    kinds: dict[str, list[Term]] = {}
    for line in lines:
        kind, _, name = line.target.place.partition(":")
        if name:
            kinds.setdefault(kind, []).append(_term(line.target.place, line.standing))
    if whole is not None and whole.standing is not None:
        for cell in whole.standing.breakdown:
            if cell.dimension not in {line.target.place.partition(":")[0] for line in lines}:
                kinds.setdefault(cell.dimension, []).append(_cell(cell, whole.standing))
    recorded = None if whole is None else whole.figure
    return [_made(rule, kind, terms, recorded) for kind, terms in sorted(kinds.items())]


def over_periods(indicator: IndicatorState, lines: Sequence[Line]) -> Aggregate:
    """The lines are of one place, one for each phase, the earliest first."""
    rule: Rule = "latest" if indicator.aggregation is None else indicator.aggregation.periods
    if rule == "sum" and indicator.kind == "percentage":
        rule = "ratio"
    return _made(rule, "phase", [_term(line.phase.code, line.standing) for line in lines], None)


def _term(of: str, result: Result | None) -> Term:
    if result is None:
        return Term(of=of, value=None)
    return Term(
        of=of,
        value=_shown(figure_of(result)),
        numerator=result.numerator,
        denominator=result.denominator,
        as_of=result.as_of,
        result=result.number,
    )


def _cell(cell: BreakdownCell, result: Result) -> Term:
    return Term(
        of=cell.category,
        value=_shown(figure_of(cell)),
        numerator=cell.numerator,
        denominator=cell.denominator,
        as_of=result.as_of,
    )


def _shown(figure: Fraction | None) -> Computed | None:
    return None if figure is None else round_half_up(figure, 3)


def _made(rule: Rule, by: str, terms: list[Term], recorded: Fraction | None) -> Aggregate:
    held = [term for term in terms if (term.numerator if rule == "ratio" else term.value) is not None]
    missing = [term.of for term in terms if term not in held]
    figure, counts = _figure(rule, held)
    return Aggregate(
        by=by,
        rule=rule,
        figure=None if figure is None else round_half_up(figure, 1 if rule == "ratio" else 3),
        numerator=counts[0] if counts else None,
        denominator=counts[1] if counts else None,
        complete=bool(terms) and not missing,
        missing=missing,
        terms=terms,
        recorded=_shown(recorded),
        difference=None if figure is None or recorded is None else round_half_up(recorded - figure, 3),
        words=_WORDS[rule],
    )


def _figure(rule: Rule, held: Sequence[Term]) -> tuple[Fraction | None, tuple[int, int] | None]:
    if not held:
        return None, None
    if rule == "ratio":
        counts = sum(term.numerator or 0 for term in held), sum(term.denominator or 0 for term in held)
        return Fraction(counts[0] * 100, counts[1]), counts
    values = [Fraction(term.value or 0) for term in held]
    if rule == "latest":
        last = max(range(len(held)), key=lambda n: (held[n].as_of or date.min, n))
        term = held[last]
        counts_of = None if term.numerator is None or not term.denominator else (term.numerator, term.denominator)
        return (Fraction(counts_of[0] * 100, counts_of[1]) if counts_of else values[last]), counts_of
    return (sum(values, Fraction(0)) if rule == "sum" else max(values)), None


_WORDS: dict[Rule, str] = {
    "sum": "the figures added up",
    "ratio": "the counts added up, and the percentage drawn from them; percentages are never averaged",
    "maximum": "the largest figure",
    "latest": "the figure of the latest day; what accumulates is not added up",
    "none": "not aggregated",
}


def refusal(indicator: IndicatorState, over: Literal["places", "periods"]) -> str | None:
    """Why the figures make no one figure; None where they do."""
    declared = indicator.aggregation
    if indicator.kind not in ("percentage", "count", "quantity"):
        return f"{indicator.code} is a {indicator.kind} indicator, and its results are no figures"
    rule = (
        (declared.places if declared else "none") if over == "places" else (declared.periods if declared else "latest")
    )
    if rule == "none":
        return f"{indicator.code} declares that its figures make no one figure over {over}"
    if rule == "sum" and over == "places" and indicator.kind == "percentage":
        return f"{indicator.code} is a percentage, and percentages are not added up; declare the rule ratio"
    return None
