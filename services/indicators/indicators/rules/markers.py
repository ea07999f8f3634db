"""The gender-equality marker by count and by expenditure, and where much is spent on little-marked work.

What must not break: expenditure is spread over the levels only where the data say how, the method is named, and what they do not cover
is said. The share at level 2 or 3 is of all that was rated (domain notes c5). Shares of one distribution are parts of one whole.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import Literal

from pydantic import BaseModel

from indicators.rules.figures import Computed, half_up
from shared.events.resources import BudgetLine, MarkerLevel, MarkersState, ResourcesState

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


def summarise(markers: Sequence[MarkersState], resources: Sequence[ResourcesState]) -> list[PopulationMarkers]:
    """For each phase and population that has markers; `resources` are those of the same plan."""
    keys = sorted({(one.phase, one.population) for one in markers})
    return [_population(phase, population, markers, resources) for phase, population in keys]


def _population(
    phase: str, population: str, markers: Sequence[MarkersState], resources: Sequence[ResourcesState]
) -> PopulationMarkers:
    own = [one for one in markers if (one.phase, one.population) == (phase, population)]
    whole = next((one for one in own if one.area is None), None)
    areas = {one.area: one for one in own if one.area is not None}
    spent = {one.area: total for one in resources if one.phase == phase and (total := _spent(one.lines)) is not None}
    levels = whole.levels if whole else _added([one.levels for one in areas.values()])
    by_count = _by_count(levels)
    told = [_area(area, total, areas.get(area)) for area, total in spent.items()]
    told.sort(key=lambda one: (-one.expenditure, one.area))
    return PopulationMarkers(
        phase=phase,
        population=population,
        by_count=by_count,
        by_expenditure=_by_expenditure(levels, areas, spent),
        under_marked=_under_marked(told, by_count.share_marked),
        without_distribution=[one for one in told if one.share_marked is None],
    )


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
                Level(level=one.level, count=one.count, share=half_up(Fraction((one.count or 0) * 100, total)))
                for one in ordered
            ],
            share_marked=half_up(Fraction(marked * 100, total)),
            marked=Decimal(marked),
            of=Decimal(total),
        )
    if ordered and all(one.share is not None for one in ordered):
        return Distribution(
            method="published_shares",
            words="the published shares of the levels from 2 on, each rounded by its source; no counts are given",
            levels=[Level(level=one.level, share=one.share) for one in ordered],
            share_marked=half_up(_marked_share(ordered) or Fraction(0)),
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
    levels: Sequence[MarkerLevel], areas: dict[str, MarkersState], spent: dict[str, Fraction]
) -> Distribution:
    direct = {one.level: Fraction(one.expenditure) for one in levels if one.expenditure is not None}
    if levels and len(direct) == len(levels) and sum(direct.values()):
        return _weighed(direct, "expenditure_by_level", "the expenditure that was recorded for each level", None)
    weights: dict[int, Fraction] = {}
    covered = Fraction(0)
    for area, total in spent.items():
        shares = _shares(areas[area].levels) if area in areas else {}
        covered += total if shares else 0
        for level, share in shares.items():
            weights[level] = weights.get(level, Fraction(0)) + total * share
    if not weights or not sum(weights.values()):
        words = "no area with expenditure has a distribution of its own, so money cannot be told apart by level"
        return Distribution(
            method="none", words=words, levels=[], share_marked=None, covered=Decimal(0) if spent else None
        )
    words = "each area's expenditure spread over the levels as its own results are; areas without a distribution are left out"
    part = half_up(covered * 100 / sum(spent.values()))
    return _weighed(weights, "areas_weighted_by_expenditure", words, part)


def _shares(levels: Sequence[MarkerLevel]) -> dict[int, Fraction]:
    """The part of each level, together one; from counts where all are there, otherwise from shares."""
    counts = {one.level: Fraction(one.count) for one in levels if one.count is not None}
    shares = {one.level: Fraction(one.share) for one in levels if one.share is not None}
    parts = counts if len(counts) == len(levels) else shares if len(shares) == len(levels) else {}
    total = sum(parts.values(), Fraction(0))
    return {level: part / total for level, part in parts.items()} if total else {}


def _weighed(money: dict[int, Fraction], method: Method, words: str, covered: Decimal | None) -> Distribution:
    total = sum(money.values(), Fraction(0))
    marked = sum((one for level, one in money.items() if level >= MARKED), Fraction(0))
    return Distribution(
        method=method,
        words=words,
        levels=[
            Level(level=level, expenditure=half_up(one, 3), share=half_up(one * 100 / total))
            for level, one in sorted(money.items())
        ],
        share_marked=half_up(marked * 100 / total),
        marked=half_up(marked, 3),
        of=half_up(total, 3),
        covered=covered,
    )


def _area(area: str, spent: Fraction, markers: MarkersState | None) -> AreaSpending:
    share = None if markers is None else _marked_share(markers.levels)
    return AreaSpending(
        area=area, expenditure=half_up(spent, 3), share_marked=None if share is None else half_up(share)
    )


def _under_marked(told: Sequence[AreaSpending], overall: Decimal | None) -> list[AreaSpending]:
    if overall is None or not told:
        return []
    middle = median([one.expenditure for one in told])
    return [
        one for one in told if one.share_marked is not None and one.share_marked < overall and one.expenditure > middle
    ]
