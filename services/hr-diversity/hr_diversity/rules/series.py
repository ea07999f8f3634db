"""A measure over its dates: each line with its parity, its trend and its year, out of figures as they were stated.

What must not break: nothing but stated figures comes in, which are those that may be shown, so nothing that comes out tells more.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from hr_diversity.rules import parity
from hr_diversity.schemas.measures import DerivedFrom
from hr_diversity.schemas.parity import Parity, ParityPolicy, Point, SeriesLine, Trend
from shared.events.hr_diversity import Cell, MeasureState
from shared.figures import round_half_up

TREND = "parity-trend/1"


def show_policy(policy: parity.Policy) -> ParityPolicy:
    return ParityPolicy(
        name=policy.name,
        lower=round_half_up(policy.lower, 3),
        upper=round_half_up(policy.upper, 3),
        goal=round_half_up(policy.goal, 3),
        source=policy.source,
        verified=policy.verified,
    )


def band_of(lower: Decimal, upper: Decimal) -> parity.Policy:
    return parity.band(Fraction(lower), Fraction(upper))


def lines_of(
    states: Sequence[MeasureState], policy: parity.Policy, names: Mapping[str, str]
) -> tuple[SeriesLine, list[SeriesLine]]:
    """The total line, and the line of each group that any of the states has; groups in the order of the latest state that has them.

    `states` are one measure of one source, in the order of their days.
    """
    groups: dict[str, None] = {}
    for state in reversed(states):
        groups.update(dict.fromkeys(cell.group for cell in state.cells))
    cells = [{cell.group: cell for cell in state.cells} for state in states]
    total = _line(None, None, list(zip(states, states, strict=True)), policy)
    return total, [
        _line(group, names.get(group), [(s, of.get(group)) for s, of in zip(states, cells, strict=True)], policy)
        for group in groups
    ]


def _line(
    group: str | None,
    name: str | None,
    figures: Sequence[tuple[MeasureState, MeasureState | Cell | None]],
    policy: parity.Policy,
) -> SeriesLine:
    """A group without staff at a date has no figure there, which breaks its trend as a withheld one does."""
    ran = [
        parity.Point(s.as_of, None if of is None else of.women, None if of is None else of.men, s.rule)
        for s, of in figures
    ]
    found = parity.trend(ran)
    why = None
    if found is None:
        why = "fewer_than_two_points" if parity.run(ran) else "no_figure_at_the_last_date"
    snapshots = {s.as_of: _derived(s) for s, _ in figures}
    return SeriesLine(
        group=group,
        name=name,
        points=[_point(s, of, policy) for s, of in figures if of is not None],
        trend=None if found is None else _trend(found, snapshots, policy),
        why_no_trend=why,
    )


def _derived(state: MeasureState) -> DerivedFrom:
    return DerivedFrom(snapshot=state.snapshot, revision=state.revision)


def _point(state: MeasureState, line: MeasureState | Cell, policy: parity.Policy) -> Point:
    return Point(
        as_of=state.as_of,
        women=line.women,
        men=line.men,
        other=line.other,
        total=line.total,
        share=line.share,
        suppressed=line.suppressed,
        numerator=getattr(line, "numerator", None),
        denominator=getattr(line, "denominator", None),
        parity=None if line.women is None or line.men is None else parity_of(line.women, line.men, policy),
        rule=state.rule,
        derived_from=_derived(state),
    )


def parity_of(women: int, men: int, policy: parity.Policy) -> Parity | None:
    """None where nobody is there."""
    status = parity.status(women, men, policy)
    if status is None:
        return None
    needed = parity.needed(women, men, policy.lower, policy.upper)
    return Parity(status=status, women_needed=needed.women, men_needed=needed.men)


def _trend(found: parity.Trend, snapshots: Mapping[date, DerivedFrom], policy: parity.Policy) -> Trend:
    last = found.last.share
    base = parity.year_of(found.last.day)
    return Trend(
        from_=found.first.day,
        to=found.last.day,
        points=found.points,
        per_year=round_half_up(found.increment, 3),
        projected_year=None if last is None else parity.projected_year(base, last, found.increment, policy.goal),
        rule=TREND,
        derived_from=[snapshots[found.first.day], snapshots[found.last.day]],
    )
