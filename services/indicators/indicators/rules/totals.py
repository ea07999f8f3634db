"""What the results of an area add up to beside its targets, and how many of its indicators reach theirs.

What must not break: only counts that may be added are added, once each; meetings and events are two sums, unless the plan's own rule
adds them; a missing result is named, and what lacks it is marked; how many indicators are above, on or below their targets is told by
number, never as an average.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules.contradictions.amounts import RESULTS_RULE, summed_lines
from indicators.rules.contradictions.counts import COUNTED
from indicators.rules.contradictions.facts import Facts
from indicators.rules.figures import Computed
from indicators.rules.lines import Line
from indicators.rules.relations import parts_of, value_at
from shared.figures import round_half_up


class PlaceTotal(BaseModel):
    place: str
    results: Computed


class Sums(BaseModel):
    """`summed` are the indicators whose results are added up, `missing` those of them without a result."""

    summed: list[str]
    results: Computed | None
    targets: Computed | None
    difference: Computed | None
    """results less targets"""
    per_cent: Computed | None
    """the difference in per cent of the targets"""
    missing: list[str]


class UnitTotal(Sums):
    """Of what is counted in one unit. An indicator without a unit stands alone, as nothing says what it is like."""

    unit: str | None


class AreaTotals(Sums):
    """`indicators` counts all with a target for the whole. Where the counts are of unlike things and no rule of the plan adds them,
    there is no sum, `not_summed` says why, and the sums are in `by_unit`.
    """

    area: str | None
    """the whole plan where it is None"""
    phase: str
    indicators: int
    above_target: int
    on_or_above_target: int
    below_target: int
    without_data: int
    not_summed: str | None
    by_unit: list[UnitTotal]
    places: list[PlaceTotal]
    deviation: Literal["above", "below", "on_target"] | None


def totals_of(facts: Facts, phase: str) -> list[AreaTotals]:
    """The whole plan first, then its areas, each with what lies below it; areas without indicators are left out."""
    areas: list[str | None] = [None, *(area.code for area in facts.plan.areas)]
    found = [_area(facts, area, phase) for area in areas]
    return [one for one in found if one.indicators]


def _area(facts: Facts, area: str | None, phase: str) -> AreaTotals:
    within = facts.within(area)
    lines = [
        line
        for line in facts.lines
        if line.target.place == "global" and line.target.phase == phase and line.indicator.area in within
    ]
    counted = {name: sum(holds(line) for line in lines) for name, holds in COUNTED.items()}
    counts = summed_lines(facts, area, phase)
    alike = _alike(counts)
    declared = any(rule.code == RESULTS_RULE for rule in facts.rules)
    summed = counts if declared or not alike[1:] else []
    sums = _sums(summed)
    return AreaTotals(
        area=area,
        phase=phase,
        indicators=len(lines),
        above_target=counted["indicators-above-target"],
        on_or_above_target=counted["indicators-on-or-above-target"],
        below_target=counted["indicators-below-target"],
        without_data=sum(line.status == "data_unavailable" for line in lines),
        not_summed=None if summed or not counts else _unlike(alike),
        by_unit=[UnitTotal(unit=same[0].indicator.unit, **_sums(same).model_dump()) for same in alike],
        places=_places(facts, summed, phase),
        deviation=_deviation(sums.difference),
        **sums.model_dump(),
    )


def _alike(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines by unit; of those without one, each indicator for itself."""
    found = defaultdict[tuple[str | None, str], list[Line]](list)
    for line in lines:
        unit = line.indicator.unit
        found[unit, "" if unit else line.indicator.code].append(line)
    return list(found.values())


def _unlike(alike: Sequence[Sequence[Line]]) -> str:
    units = sorted({same[0].indicator.unit or "things without a unit" for same in alike})
    return (
        f"{', '.join(units)} are not added up: they are no like things, and no rule {RESULTS_RULE} of the plan says so"
    )


def _sums(lines: Sequence[Line]) -> Sums:
    figures = [line.figure for line in lines if line.figure is not None]
    results = sum(figures, Fraction(0)) if figures else None
    asked = [Fraction(line.target.value) for line in lines if line.target.value is not None]
    targets = sum(asked, Fraction(0)) if asked else None
    difference = None if results is None or targets is None else results - targets
    return Sums(
        summed=[line.indicator.code for line in lines],
        results=_shown(results),
        targets=_shown(targets),
        difference=_shown(difference),
        per_cent=round_half_up(difference * 100 / targets) if difference is not None and targets else None,
        missing=[line.indicator.code for line in lines if line.figure is None],
    )


def _deviation(difference: Decimal | None) -> Literal["above", "below", "on_target"] | None:
    if difference is None:
        return None
    return "above" if difference > 0 else "below" if difference < 0 else "on_target"


def _places(facts: Facts, lines: Sequence[Line], phase: str) -> list[PlaceTotal]:
    """The regions, from targets of their own or from breakdowns; only where all the lines have a figure there."""
    places = dict.fromkeys(place for line in lines for place in parts_of(line.indicator, phase, "region"))
    found = []
    for place in places:
        figures = [value_at(line.indicator, phase, place, facts.standings.results) for line in lines]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(lines):
            found.append(PlaceTotal(place=place, results=round_half_up(sum(known, Fraction(0)), 3)))
    return found


def _shown(figure: Fraction | None) -> Decimal | None:
    return None if figure is None else round_half_up(figure, 3)
