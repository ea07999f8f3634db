"""What the results of an area add up to beside its targets, and how many of its indicators reach theirs.

What must not break: only counts that may be added are added, once each; a missing result is named, and what lacks it is marked; how many
indicators are above, on or below their targets is told by number, never as an average.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules.contradictions.amounts import summed_lines
from indicators.rules.contradictions.counts import COUNTED
from indicators.rules.contradictions.facts import Facts
from indicators.rules.figures import Computed, half_up
from indicators.rules.lines import Line
from indicators.rules.relations import parts_of, value_at


class PlaceTotal(BaseModel):
    place: str
    results: Computed


class AreaTotals(BaseModel):
    """`indicators` counts all with a target for the whole; `summed` are those whose results are added up."""

    area: str | None
    """the whole plan where it is None"""
    phase: str
    indicators: int
    above_target: int
    on_or_above_target: int
    below_target: int
    without_data: int
    summed: list[str]
    results: Computed | None
    targets: Computed | None
    difference: Computed | None
    """results less targets"""
    per_cent: Computed | None
    """the difference in per cent of the targets"""
    missing: list[str]
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
    summed = summed_lines(facts, area, phase)
    figures = [line.figure for line in summed if line.figure is not None]
    results = sum(figures, Fraction(0)) if figures else None
    asked = [Fraction(line.target.value) for line in summed if line.target.value is not None]
    targets = sum(asked, Fraction(0)) if asked else None
    difference = None if results is None or targets is None else results - targets
    return AreaTotals(
        area=area,
        phase=phase,
        indicators=len(lines),
        above_target=counted["indicators-above-target"],
        on_or_above_target=counted["indicators-on-or-above-target"],
        below_target=counted["indicators-below-target"],
        without_data=sum(line.status == "data_unavailable" for line in lines),
        summed=[line.indicator.code for line in summed],
        results=_shown(results),
        targets=_shown(targets),
        difference=_shown(difference),
        per_cent=half_up(difference * 100 / targets) if difference is not None and targets else None,
        missing=[line.indicator.code for line in summed if line.figure is None],
        places=_places(facts, summed, phase),
        deviation=None
        if difference is None
        else "above"
        if difference > 0
        else "below"
        if difference < 0
        else "on_target",
    )


def _places(facts: Facts, lines: Sequence[Line], phase: str) -> list[PlaceTotal]:
    """The regions, from targets of their own or from breakdowns; only where all the lines have a figure there."""
    places = dict.fromkeys(place for line in lines for place in parts_of(line.indicator, phase, "region"))
    found = []
    for place in places:
        figures = [value_at(line.indicator, phase, place, facts.standings.results) for line in lines]
        known = [figure for figure in figures if figure is not None]
        if len(known) == len(lines):
            found.append(PlaceTotal(place=place, results=half_up(sum(known, Fraction(0)), 3)))
    return found


def _shown(figure: Fraction | None) -> Decimal | None:
    return None if figure is None else half_up(figure, 3)
