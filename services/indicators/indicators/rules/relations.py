"""Rules between values: `left operator right`, each side a sum of terms over the figures that stand.

A term without a figure leaves the rule open: it neither holds nor fails, because missing data is no zero.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pydantic import BaseModel

from indicators.rules.figures import Computed
from indicators.rules.lines import Line, figure_of, unit_of
from indicators.rules.words import spoken
from shared.events.claims import RuleState, Term
from shared.events.indicators import IndicatorState
from shared.events.results import Result
from shared.figures import round_half_up

Key = tuple[str, str, str]
"""(indicator, phase, place)"""

SAYS = {"equals": "is", "at_least": "is at least", "at_most": "is at most"}


@dataclass(frozen=True)
class Standings:
    """The indicators of a plan, and the result that stands for each of their targets that has one."""

    indicators: Mapping[str, IndicatorState]
    results: Mapping[Key, Result]


def standings_of(lines: Sequence[Line]) -> Standings:
    return Standings(
        {line.indicator.code: line.indicator for line in lines},
        {
            (line.indicator.code, line.target.phase, line.target.place): line.standing
            for line in lines
            if line.standing is not None
        },
    )


class Summand(BaseModel):
    """A term with its figure, as it entered the sum."""

    indicator: str
    phase: str
    place: str
    factor: Computed | None
    value: Computed
    exact: str
    words: str


class Side(BaseModel):
    value: Computed
    exact: str
    terms: list[Summand]


class Compared(BaseModel):
    """A rule with the values of both sides."""

    rule: str
    title: str
    left: Side
    operator: str
    right: Side
    holds: bool
    words: str


def compare(rule: RuleState, phase: str, standings: Standings) -> Compared | None:
    """The rule over the figures that stand; terms without a phase are of `phase`. None where a figure is missing."""
    left = _side(rule.left, phase, standings)
    constant = None if rule.constant is None else Fraction(rule.constant)
    right = _side(rule.right, phase, standings) if constant is None else (constant, [])
    if left is None or right is None:
        return None
    holds = {"equals": left[0] == right[0], "at_least": left[0] >= right[0], "at_most": left[0] <= right[0]}
    says = SAYS[rule.operator]
    return Compared(
        rule=rule.code,
        title=rule.title,
        left=_shown(left),
        operator=rule.operator,
        right=_shown(right),
        holds=holds[rule.operator],
        words=f"{rule.title}: the left side gives {spoken(left[0])}, and asked is that it {says} {spoken(right[0])}",
    )


def _shown(side: tuple[Fraction, list[Summand]]) -> Side:
    return Side(value=round_half_up(side[0], 3), exact=str(side[0]), terms=side[1])


def _side(terms: Sequence[Term], phase: str, standings: Standings) -> tuple[Fraction, list[Summand]] | None:
    total, shown = Fraction(0), list[Summand]()
    for term in terms:
        indicator = standings.indicators.get(term.indicator)
        figure = None if indicator is None else value_at(indicator, term.phase or phase, term.place, standings.results)
        if indicator is None or figure is None:
            return None
        total += figure * (1 if term.factor is None else Fraction(term.factor))
        shown.append(
            Summand(
                indicator=term.indicator,
                phase=term.phase or phase,
                place=term.place,
                factor=term.factor,
                value=round_half_up(figure, 3),
                exact=str(figure),
                words=spoken(figure, unit_of(indicator)),
            )
        )
    return total, shown


def value_at(indicator: IndicatorState, phase: str, place: str, results: Mapping[Key, Result]) -> Fraction | None:
    """The standing figure at a place, from a target of its own or from the breakdown of the whole; `region:*` adds all of them up."""
    kind, _, name = place.partition(":")
    if name == "*":
        places = parts_of(indicator, phase, kind)
        figures = [value_at(indicator, phase, one, results) for one in places]
        known = [figure for figure in figures if figure is not None]
        return sum(known, Fraction(0)) if known and len(known) == len(places) else None
    own = results.get((indicator.code, phase, place))
    if own is not None:
        return figure_of(own)
    whole = results.get((indicator.code, phase, "global"))
    cells = [] if whole is None else [c for c in whole.breakdown if (c.dimension, c.category) == (kind, name)]
    return figure_of(cells[0]) if cells else None


def parts_of(indicator: IndicatorState, phase: str, kind: str) -> list[str]:
    """The places of a kind that have targets in the phase; the declared categories where none has."""
    targets = [target.place for target in indicator.targets if target.phase == phase]
    found = [place for place in targets if place.startswith(f"{kind}:")]
    declared = [
        f"{kind}:{c}" for dimension in indicator.disaggregation if dimension.code == kind for c in dimension.categories
    ]
    return found or declared
