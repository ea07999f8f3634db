"""A staff over three snapshots as hr-diversity would state it: lines at, below and above parity, withheld ones, and a crossing."""

from collections.abc import Mapping, Sequence
from datetime import date

from tests.reporting.facts import envelope, indicator, plan, target, unit

from shared.cloudevents import Envelope
from shared.events.base import Event
from shared.events.hr_diversity import Cell, MeasureDrawn, SnapshotAccepted
from shared.figures import share

Counts = tuple[int, int] | None
SOURCE = "payroll"
SENIOR = "women-p5-plus-regular-budget"
YEARS = (2018, 2019, 2020)


def cell(group: str, counts: Counts) -> Cell:
    """None: withheld."""
    if counts is None:
        return Cell(group=group, women=None, men=None, other=None, total=None, share=None, suppressed=True)
    women, men = counts
    return Cell(group=group, women=women, men=men, other=0, total=women + men, share=share(women, women + men))


def half(group: str, women: int) -> Cell:
    """The men are withheld."""
    return cell(group, None).model_copy(update={"women": women})


def drawn(
    code: str,
    year: int,
    counts: Counts,
    groups: Mapping[str, Counts] | None = None,
    *,
    dimension: str | None = None,
    title: str = "",
    rule: str = "",
    source: str = SOURCE,
    revision: int = 1,
) -> MeasureDrawn:
    figures = cell("", counts).model_dump(exclude={"group"})
    return MeasureDrawn(
        code=code,
        title=title or code,
        source=source,
        as_of=date(year, 12, 31),
        snapshot=f"{source}-{year}",
        revision=revision,
        rule=rule or f"{code}/1",
        dimension=dimension,
        cells=[cell(group, of) for group, of in (groups or {}).items()],
        **figures,
    )


def stated(events: Sequence[Event], first: int = 1) -> list[Envelope]:
    """Each as the first version of its aggregate, unless `first` says another."""
    return [
        envelope(event, f"{event.source}/{event.as_of}/{event.code}", first, 40 + place)
        for place, event in enumerate(events)
        if isinstance(event, MeasureDrawn)
    ]


def a_year(year: int) -> list[MeasureDrawn]:
    """Every year ten more women."""
    more = 10 * (year - YEARS[0])
    regions = {"africa": (40 + more, 60), "americas": (50, 50), "arab-states": None}
    crossed = {"senior/africa": (30, 40), "senior/americas": None, "professional/africa": (60, 40)}
    grades = {"P4": (47, 53), "P5": (10 + more, 60), "D1": None}
    words = "Women and men by"
    return [
        drawn("staff-by-grade", year, (200 + more, 200), grades, dimension="grade", title=f"{words} grade"),
        drawn("staff-by-grade-regular-budget", year, (90, 110), grades, dimension="grade", title=f"{words} grade, regular budget"),
        drawn("staff-by-region", year, (200 + more, 200), regions, dimension="region", title=f"{words} region"),
        drawn("staff-by-category-and-region", year, (200 + more, 200), crossed, dimension="category/region", title=f"{words} category and region"),
        drawn(SENIOR, year, (38 + more // 10, 62), title="Women in posts at P5 and above, regular budget"),
        drawn("women-p5-plus-whole-workforce", year, None, title="Women in posts at P5 and above, whole workforce"),
        came(year),
    ]  # fmt: skip


def came(year: int) -> MeasureDrawn:
    """In one grade nobody, in one too few men to show."""
    grades = {"G1": (0, 0), "P4": (20, 15), "D1": None}
    found = drawn("appointments-by-grade", year, (30, 20), grades, dimension="grade", title="Appointments by grade")
    return found.model_copy(update={"cells": [*found.cells[:2], half("P5", 6), *found.cells[2:]]})


def staff(years: Sequence[int] = YEARS) -> list[Envelope]:
    """Measures and snapshots of these years."""
    measures = stated([event for year in years for event in a_year(year)])
    return [*measures, *(taken(year) for year in years)]


def taken(year: int, snapshot: str | None = None) -> Envelope:
    event = SnapshotAccepted(
        id=snapshot or f"{SOURCE}-{year}",
        source=SOURCE,
        as_of=date(year, 12, 31),
        revision=1,
        rows=400,
        accepted=400,
        refused=0,
        digest=f"{year}",
    )
    return envelope(event, event.id, 1, 39)


def aims() -> list[Envelope]:
    """A plan with a target that the senior measure fills, and a unit."""
    fed = indicator("senior-women", [target(value=45)], in_plan="staff-plan", fed_by=SENIOR)
    return [
        envelope(unit("HRD", "Human Resources"), "HRD", 1, 30),
        envelope(plan("staff-plan", "A plan for the staff"), "staff-plan", 1, 31),
        envelope(fed, "staff-plan/senior-women", 1, 32),
    ]
