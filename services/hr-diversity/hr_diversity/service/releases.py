"""The measures of a snapshot are drawn, weighed by `rules` and stated.

What must not break: what is stored as a figure, stated or answered went through `rules.suppression`.
"""

from collections.abc import Collection
from dataclasses import asdict, dataclass

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.cubes import TALLY, Cubes, tally, tally_by
from hr_diversity.measures.measure import Measure
from hr_diversity.models import DrawnMeasure
from hr_diversity.rules.suppression import Counts, Figures, show
from hr_diversity.rules.suppression.branches import Branch
from hr_diversity.rules.suppression.network import Line
from hr_diversity.rules.suppression.tables import Pattern, Staff, protect_staff
from hr_diversity.schemas.snapshots import Receipt
from shared import clock, outbox
from shared.events.hr_diversity import Cell, MeasureDrawn, MeasureState

WHOLE, REGULAR, SENIOR = "staff-by-grade", "staff-by-grade-regular-budget", "women-p5-plus-regular-budget"


@dataclass(frozen=True, slots=True)
class Drawn:
    measure: Measure
    total: Figures
    cells: dict[str, Figures]


def draw(cubes: Cubes, k: int, restless: Collection[Line] = ()) -> list[Drawn]:
    """Every measure of the catalogue as it may be shown. `restless`: see `rules.suppression.tables.protect_staff`."""
    pattern = protect_staff(staff_of(cubes), k, restless)
    return [
        Drawn(
            measure,
            _show(Counts(*tally(cubes, measure)), total_of(measure), pattern),
            {
                group: _show(Counts(*counts), (measure.code, group), pattern)
                for group, counts in _groups(cubes, measure)
            },
        )
        for measure in CATALOGUE.values()
    ]


def total_of(measure: Measure) -> Line:
    """The line that is the measure's total, whatever measures print it."""
    if measure.grades is not None:
        return (measure.code if measure.dimension is None else SENIOR), ""
    return (WHOLE if measure.funding is None else REGULAR), ""


def _groups(cubes: Cubes, measure: Measure) -> Collection[tuple[str, tuple[int, int, int]]]:
    return tally_by(cubes, measure).items() if measure.dimension else ()


def _show(counts: Counts, line: Line, pattern: Pattern) -> Figures:
    return show(counts, closed=line in pattern.closed, partly=line in pattern.partly)


def staff_of(cubes: Cubes) -> Staff:
    """The counts of the cubes as `rules` takes them."""
    places, units, ages = cubes.places, cubes.units, cubes.ages
    return Staff(
        posts=_counts(cubes.posts, "grade", "contract_source"),
        branches=(
            Branch(
                "region", _counts(places, "level", "region"), "duty-station", _counts(places, "region", "duty_station")
            ),
            Branch("portfolio", _counts(units, "level", "portfolio"), "unit", _counts(units, "portfolio", "unit")),
            Branch("age-band", _counts(ages, "level", "age_band")),
        ),
    )


def _counts(cube: pl.DataFrame, one: str, other: str) -> dict[tuple[str, str], Counts]:
    """Sorted, so that equal staffs are withheld equally."""
    keys = [pl.col(name).cast(pl.String) for name in (one, other)]
    rows = cube.group_by(keys).agg(TALLY).sort(one, other).rows()
    return {(first, second): Counts(women, men, others) for first, second, women, men, others in rows}


async def state_measures(session: AsyncSession, receipt: Receipt, drawn: list[Drawn]) -> None:
    rows = await store.measures.list_measures_of(session, receipt.source, receipt.as_of)
    for one in drawn:
        state = MeasureState(
            code=one.measure.code,
            title=one.measure.title,
            source=receipt.source,
            as_of=receipt.as_of,
            snapshot=receipt.id,
            revision=receipt.revision,
            rule=one.measure.rule,
            dimension=one.measure.dimension,
            cells=[Cell(group=group, **asdict(figures)) for group, figures in one.cells.items()],
            **asdict(one.total),
        )
        row = rows.get(one.measure.code)
        if row is None:
            key = f"{receipt.source}/{receipt.as_of}/{one.measure.code}"
            row = DrawnMeasure(key=key, sequence=0, code=one.measure.code, source=receipt.source, as_of=receipt.as_of)
            session.add(row)
        row.state, row.drawn_at = state.model_dump(mode="json"), clock.now()
        await outbox.record(session, MeasureDrawn(**dict(state)), row)
