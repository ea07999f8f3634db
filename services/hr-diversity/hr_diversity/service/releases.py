"""The measures of a snapshot are drawn, weighed by `rules` and stated.

What must not break: what is stored as a figure, stated or answered went through `rules.suppression`.
"""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.composition import BY_CONTRACT_SOURCE, BY_GRADE
from hr_diversity.measures.ladder import GRADES, REGULAR_BUDGET, SENIOR
from hr_diversity.measures.measure import Measure, tally, tally_by
from hr_diversity.measures.seniority import (
    SENIOR_WOMEN,
    others_on_other_sources,
    others_on_regular_budget,
    senior_on_other_sources,
    senior_on_regular_budget,
)
from hr_diversity.models import DrawnMeasure
from hr_diversity.rules import suppression
from hr_diversity.rules.suppression import Counts, Figures
from hr_diversity.schemas.snapshots import Receipt
from shared import clock, outbox
from shared.events.hr_diversity import Cell, MeasureDrawn, MeasureState


@dataclass(frozen=True, slots=True)
class Drawn:
    measure: Measure
    total: Figures
    cells: dict[str, Figures]


def draw(cube: pl.DataFrame, k: int) -> list[Drawn]:
    """Every measure of the catalogue as it may be shown, the headcount measures first to last with one and the same total.

    The P5+ figures stand beside the tables by grade and by contract source and tell more about their lines, which `rules` is told.
    """
    senior, whole = Counts(*senior_on_regular_budget(cube)), Counts(*tally(cube))
    shown = suppression.protect_part(senior, whole, k)
    corners = [Counts(*corner) for corner in (senior_on_other_sources(cube), others_on_other_sources(cube))]
    cross = [senior, *corners, Counts(*others_on_regular_budget(cube))]
    of_all = suppression.protect_cross(suppression.add([senior, corners[0]]), cross, k)
    told: dict[str, dict[str, Any]] = {
        BY_GRADE.code: {
            "strata": (SENIOR, frozenset(GRADES) - SENIOR),
            "revealed": (senior, whole.without(senior), *corners),
        }
    }
    if shown.women is not None:
        told[BY_CONTRACT_SOURCE.code] = {"known": {REGULAR_BUDGET: senior._replace(other=shown.other or 0)}}
    drawn = []
    for measure in CATALOGUE.values():
        if measure.dimension is None:
            drawn.append(Drawn(measure, shown if measure is SENIOR_WOMEN else of_all, {}))
            continue
        groups = {group: Counts(*counts) for group, counts in tally_by(cube, measure).items()}
        total, cells = suppression.protect(groups, k, **told.get(measure.code, {}))
        drawn.append(Drawn(measure, total, cells))
    return drawn


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
