"""What money and markers add up to: sums of what was reported, beside what the documents print as their total.

A line without a number ("Not defined") adds nothing, and is counted. Sums are of one unit; an area that lies within another one which
reports itself is a part of that, and not added again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from reporting.rules.areas import within
from shared.events.indicators import PlanState
from shared.events.resources import BudgetLine, MarkersState, ResourcesState
from shared.figures import as_number, share


def by_area(plan: PlanState, reported: Sequence[ResourcesState]) -> list[dict[str, Any]]:
    """Each area that reports, in the plan's order: its lines, their sum, the published total and sum - published.

    `part_of` names the area that reports for this one too.
    """
    titles = {area.code: area for area in plan.areas}
    order = {code: place for place, code in enumerate(titles)}
    whole = _wholes(plan, reported)
    return [
        {
            "area": one.area,
            "title": titles[one.area].title if one.area in titles else one.area,
            "parent": titles[one.area].parent if one.area in titles else None,
            "part_of": whole.get((one.area, one.unit)),
            "unit": one.unit,
            "lines": [line.model_dump(mode="json") for line in one.lines],
            "sum": _sum(one.lines),
            **_beside(one),
            "provenance": one.provenance.model_dump(exclude_none=True) if one.provenance else None,
        }
        for one in sorted(reported, key=lambda one: (order.get(one.area, len(order)), one.area))
    ]


def totals(plan: PlanState, reported: Sequence[ResourcesState]) -> list[dict[str, Any]]:
    """For each unit of money: the sum over all areas that are no part of another, in all and by source of funds."""
    whole = _wholes(plan, reported)
    counted: dict[str, list[BudgetLine]] = defaultdict(list)
    for one in reported:
        if (one.area, one.unit) not in whole:
            counted[one.unit] += one.lines
    found = []
    for unit, lines in sorted(counted.items()):
        sources = list(dict.fromkeys(line.source for line in lines))
        of_sources = [{"source": source, **_sum(line for line in lines if line.source == source)} for source in sources]
        found.append({"unit": unit, **_sum(lines), "by_source": of_sources})
    return found


def _wholes(plan: PlanState, reported: Sequence[ResourcesState]) -> dict[tuple[str, str], str]:
    """(area, unit) -> the area above it that reports in the same unit, where there is one."""
    below = within(plan.areas)
    return {
        (one.area, one.unit): other.area
        for one in reported
        for other in reported
        if other.area != one.area and other.unit == one.unit and one.area in below.get(other.area, ())
    }


def _sum(lines: Iterable[BudgetLine]) -> dict[str, Any]:
    """{"budget", "expenditure"}: None where no line has a number; and how many lines have none."""
    among = list(lines)
    found: dict[str, Any] = {}
    for name in ("budget", "expenditure"):
        figures = [figure for line in among if (figure := getattr(line, name)) is not None]
        found[name] = as_number(sum(figures, Decimal(0))) if figures else None
        found[f"{name}_not_given"] = len(among) - len(figures)
    return found


def _beside(one: ResourcesState) -> dict[str, Any]:
    computed = {
        name: [figure for line in one.lines if (figure := getattr(line, name)) is not None]
        for name in ("budget", "expenditure")
    }
    published = {"budget": one.published_budget, "expenditure": one.published_expenditure}
    difference = {
        name: None if printed is None or not computed[name] else as_number(sum(computed[name], Decimal(0)) - printed)
        for name, printed in published.items()
    }
    numbers = {name: None if printed is None else as_number(printed) for name, printed in published.items()}
    return {"published": numbers, "difference": difference}


def distribution(plan: PlanState, one: MarkersState) -> dict[str, Any]:
    """A population over the marker's levels, the highest first. `share` is of the counts and `expenditure_share` of the spending,
    half up to one decimal, None where they are not all given; `published_share` is what the document prints.
    """
    titles = {area.code: area.title for area in plan.areas}
    levels = sorted(one.levels, key=lambda level: -level.level)
    counts = [level.count for level in levels]
    spent = [level.expenditure for level in levels]
    return {
        "population": one.population,
        "area": one.area,
        "title": titles.get(one.area, one.area) if one.area else None,
        "total": None if None in counts else sum(count or 0 for count in counts),
        "levels": [
            {
                "level": level.level,
                "count": level.count,
                "share": _share(level.count, counts),
                "published_share": None if level.share is None else as_number(level.share),
                "expenditure": None if level.expenditure is None else as_number(level.expenditure),
                "expenditure_share": _share(level.expenditure, spent),
            }
            for level in levels
        ],
        "provenance": one.provenance.model_dump(exclude_none=True) if one.provenance else None,
    }


def _share(part: int | Decimal | None, among: Sequence[int | Decimal | None]) -> int | float | None:
    given = [Decimal(figure) for figure in among if figure is not None]
    if part is None or len(given) < len(among):
        return None
    found = share(part, sum(given, Decimal(0)))
    return None if found is None else as_number(found)
