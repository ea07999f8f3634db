"""The gender-equality marker by count and by expenditure, and where much is spent on little-marked work.

What must not break: expenditure is spread over the levels only where the data say how, the method is named, and what they do not cover
is said. The share at level 2 or 3 is of all that was rated (domain notes c5). Shares of one distribution are parts of one whole. A
result and a dollar are counted once: what an area tells holds for all that lies below it, and what it does not tell is taken from there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Literal

from pydantic import BaseModel

from indicators.rules.figures import Computed
from shared.events.indicators import Area
from shared.events.resources import BudgetLine, MarkerLevel, MarkersState, ResourcesState
from shared.figures import round_half_up

MARKED = 2
"""From this level on a result contributes significantly to gender equality."""
Method = Literal["counts", "published_shares", "expenditure_by_level", "areas_weighted_by_expenditure", "none"]


class Level(BaseModel):
    level: int
    count: int | None = None
    expenditure: Computed | None = None
    share: Computed | None


class Distribution(BaseModel):
    """`share_marked` is the part at level 2 or above, None where nothing tells it; `of` is the whole it is a part of."""

    method: Method
    words: str
    levels: list[Level]
    share_marked: Computed | None
    marked: Computed | None = None
    of: Computed | None = None
    covered: Computed | None = None
    """per cent of the plan's expenditure that the method covers"""


class AreaSpending(BaseModel):
    area: str
    expenditure: Computed
    share_marked: Computed | None


class PopulationMarkers(BaseModel):
    """`under_marked` are areas that spend more than the median and are marked less than the whole, the largest first."""

    phase: str
    population: str
    by_count: Distribution
    by_expenditure: Distribution
    under_marked: list[AreaSpending]
    without_distribution: list[AreaSpending]


Below = Mapping[str | None, Sequence[str]]
"""The areas directly below each; those below none at None, which is the whole plan."""


@dataclass(frozen=True)
class _Money:
    """What an area spent with all below it, and how much of that is known by level."""

    whole: Fraction
    by_level: Mapping[int, Fraction]
    recorded: bool
    """nothing in it was spread: it was all recorded by level"""


def summarise(
    markers: Sequence[MarkersState], resources: Sequence[ResourcesState], areas: Sequence[Area] = ()
) -> list[PopulationMarkers]:
    """For each phase and population that has markers; `resources` and `areas` are those of the same plan."""
    keys = sorted({(one.phase, one.population) for one in markers})
    return [_population(phase, population, markers, resources, areas) for phase, population in keys]


def _population(
    phase: str,
    population: str,
    markers: Sequence[MarkersState],
    resources: Sequence[ResourcesState],
    areas: Sequence[Area],
) -> PopulationMarkers:
    levels = {one.area: one.levels for one in markers if (one.phase, one.population) == (phase, population)}
    spent = {one.area: total for one in resources if one.phase == phase and (total := _spent(one.lines)) is not None}
    below = _below(areas, {*spent, *(area for area in levels if area is not None)})
    counted = _outermost(None, levels, below)
    by_count = _by_count(counted[0] if counted == [levels.get(None)] else _added(counted))
    told = [_area(area, total, levels.get(area, [])) for area, total in spent.items()]
    told.sort(key=lambda one: (-one.expenditure, one.area))
    return PopulationMarkers(
        phase=phase,
        population=population,
        by_count=by_count,
        by_expenditure=_by_expenditure(levels, spent, below),
        under_marked=_under_marked(told, by_count.share_marked),
        without_distribution=[
            one for one in told if one.share_marked is None and not _recorded(levels.get(one.area, []))
        ],
    )


def _below(areas: Sequence[Area], told: set[str]) -> Below:
    parents = {area.code: area.parent for area in areas}
    found = defaultdict[str | None, list[str]](list)
    for code in (*parents, *sorted(told - set(parents))):
        found[parents.get(code)].append(code)
    return found


def _outermost(
    area: str | None, levels: Mapping[str | None, Sequence[MarkerLevel]], below: Below
) -> list[Sequence[MarkerLevel]]:
    """The area's own counts or shares; where it has none, those of what lies below it."""
    own = levels.get(area, [])
    if any(one.count is not None or one.share is not None for one in own):
        return [own]
    return [found for part in below.get(area, []) for found in _outermost(part, levels, below)]


def _spent(lines: Sequence[BudgetLine]) -> Fraction | None:
    figures = [Fraction(line.expenditure) for line in lines if line.expenditure is not None]
    return sum(figures, Fraction(0)) if figures else None


def _added(distributions: Sequence[Sequence[MarkerLevel]]) -> list[MarkerLevel]:
    """Counts of areas added level by level; nothing where one of them has shares only, since shares are not added up."""
    counts: dict[int, int] = {}
    for level in (level for levels in distributions for level in levels):
        if level.count is None:
            return []
        counts[level.level] = counts.get(level.level, 0) + level.count
    return [MarkerLevel(level=level, count=count) for level, count in sorted(counts.items())]


def _by_count(levels: Sequence[MarkerLevel]) -> Distribution:
    ordered = sorted(levels, key=lambda one: one.level)
    total = sum(one.count or 0 for one in ordered)
    if ordered and total and all(one.count is not None for one in ordered):
        marked = sum(one.count or 0 for one in ordered if one.level >= MARKED)
        return Distribution(
            method="counts",
            words="what was counted at level 2 or above, of all that was rated",
            levels=[
                Level(level=one.level, count=one.count, share=round_half_up(Fraction((one.count or 0) * 100, total)))
                for one in ordered
            ],
            share_marked=round_half_up(Fraction(marked * 100, total)),
            marked=Decimal(marked),
            of=Decimal(total),
        )
    if ordered and all(one.share is not None for one in ordered):
        return Distribution(
            method="published_shares",
            words="the published shares of the levels from 2 on, each rounded by its source; no counts are given",
            levels=[Level(level=one.level, share=one.share) for one in ordered],
            share_marked=round_half_up(_marked_share(ordered) or Fraction(0)),
        )
    return Distribution(
        method="none", words="neither counts nor shares of all levels are given", levels=[], share_marked=None
    )


def _marked_share(levels: Sequence[MarkerLevel]) -> Fraction | None:
    """In per cent, from counts where all are there, otherwise from the shares of the one distribution."""
    counts = [one.count for one in levels if one.count is not None]
    if levels and len(counts) == len(levels) and sum(counts):
        return Fraction(sum(one.count or 0 for one in levels if one.level >= MARKED) * 100, sum(counts))
    if levels and all(one.share is not None for one in levels):
        return sum((Fraction(one.share or 0) for one in levels if one.level >= MARKED), Fraction(0))
    return None


def _by_expenditure(
    levels: Mapping[str | None, Sequence[MarkerLevel]], spent: Mapping[str, Fraction], below: Below
) -> Distribution:
    recorded = _recorded(levels.get(None, []))
    if recorded:
        return _weighed(recorded, "expenditure_by_level", "the expenditure that was recorded for each level", None)
    money = _money(None, levels, spent, below)
    told = sum(money.by_level.values(), Fraction(0))
    if not told:
        words = "no area with expenditure has a distribution of its own, so money cannot be told apart by level"
        return Distribution(
            method="none", words=words, levels=[], share_marked=None, covered=Decimal(0) if spent else None
        )
    part = round_half_up(told * 100 / money.whole)
    if money.recorded:
        words = "the expenditure that areas recorded for each level; areas that recorded none are left out"
        return _weighed(money.by_level, "expenditure_by_level", words, part)
    words = (
        "each area's expenditure as it recorded it for each level, otherwise spread over the levels as its own results are; "
        "areas without a distribution are left out"
    )
    return _weighed(money.by_level, "areas_weighted_by_expenditure", words, part)


def _money(
    area: str | None,
    levels: Mapping[str | None, Sequence[MarkerLevel]],
    spent: Mapping[str, Fraction],
    below: Below,
) -> _Money:
    """By level as the area recorded it, otherwise spread as its own results are, otherwise as far as what lies below it tells."""
    own, total = levels.get(area, []), Fraction(0) if area is None else spent.get(area, Fraction(0))
    recorded = _recorded(own)
    if recorded:
        return _Money(max(total, sum(recorded.values(), Fraction(0))), recorded, recorded=True)
    shares = _shares(own)
    if total and shares:
        return _Money(total, {level: total * share for level, share in shares.items()}, recorded=False)
    parts = [_money(part, levels, spent, below) for part in below.get(area, [])]
    weights = defaultdict[int, Fraction](Fraction)
    for level, money in (pair for part in parts for pair in part.by_level.items()):
        weights[level] += money
    whole = max(total, sum((part.whole for part in parts), Fraction(0)))
    return _Money(whole, weights, all(part.recorded for part in parts if part.by_level))


def _recorded(levels: Sequence[MarkerLevel]) -> dict[int, Fraction]:
    """The money of each level, where it was recorded for all of them."""
    money = {one.level: Fraction(one.expenditure) for one in levels if one.expenditure is not None}
    return money if len(money) == len(levels) and sum(money.values(), Fraction(0)) else {}


def _shares(levels: Sequence[MarkerLevel]) -> dict[int, Fraction]:
    """The part of each level, together one; from counts where all are there, otherwise from shares."""
    counts = {one.level: Fraction(one.count) for one in levels if one.count is not None}
    shares = {one.level: Fraction(one.share) for one in levels if one.share is not None}
    parts = counts if len(counts) == len(levels) else shares if len(shares) == len(levels) else {}
    total = sum(parts.values(), Fraction(0))
    return {level: part / total for level, part in parts.items()} if total else {}


def _weighed(money: Mapping[int, Fraction], method: Method, words: str, covered: Decimal | None) -> Distribution:
    total = sum(money.values(), Fraction(0))
    marked = sum((one for level, one in money.items() if level >= MARKED), Fraction(0))
    return Distribution(
        method=method,
        words=words,
        levels=[
            Level(level=level, expenditure=round_half_up(one, 3), share=round_half_up(one * 100 / total))
            for level, one in sorted(money.items())
        ],
        share_marked=round_half_up(marked * 100 / total),
        marked=round_half_up(marked, 3),
        of=round_half_up(total, 3),
        covered=covered,
    )


def _area(area: str, spent: Fraction, levels: Sequence[MarkerLevel]) -> AreaSpending:
    share = _marked_share(levels)
    return AreaSpending(
        area=area, expenditure=round_half_up(spent, 3), share_marked=None if share is None else round_half_up(share)
    )


def _under_marked(told: Sequence[AreaSpending], overall: Decimal | None) -> list[AreaSpending]:
    if overall is None or not told:
        return []
    middle = median([one.expenditure for one in told])
    return [
        one for one in told if one.share_marked is not None and one.share_marked < overall and one.expenditure > middle
    ]
