"""Measures as they are, with nothing withheld, counted anew from the rows of a snapshot: for the HR role, which is on record each time."""

import asyncio
import io
from dataclasses import asdict
from datetime import date

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.cubes import Cubes, add_cubes, count_people, tally, tally_by
from hr_diversity.measures.measure import Measure
from hr_diversity.rules.suppression import Counts, Figures, show
from shared.errors import NotFound, Unprocessable
from shared.events.hr_diversity import Cell, MeasureState


class NotCounted(Unprocessable):
    slug = "not-counted-from-one-snapshot"


class NoRows(NotFound):
    slug = "no-rows-to-count"


async def draw_full(session: AsyncSession, measure: Measure, as_of: date | None, source: str | None) -> MeasureState:
    """Of the current snapshot of the latest day not after `as_of`, be it released or held. Raises NotCounted or NoRows."""
    if measure.code not in CATALOGUE:
        raise NotCounted(f"{measure.code} is not counted from one snapshot; /flows and /representation show it in full")
    head = await store.releases.find_latest_head(session, source, as_of)
    cubes = None if head is None else await count_rows(session, str(head.snapshot_id))
    if head is None or cubes is None:
        raise NoRows(
            f"{measure.code}: the rows of a snapshot{f' of {source}' if source else ''} until {as_of or 'today'} are not there"
        )
    groups = tally_by(cubes, measure) if measure.dimension else {}
    return MeasureState(
        code=measure.code,
        title=measure.title,
        source=head.source,
        as_of=head.as_of,
        snapshot=str(head.snapshot_id),
        revision=head.revision,
        rule=measure.rule,
        dimension=measure.dimension,
        cells=[Cell(group=group, **asdict(_open(counts))) for group, counts in groups.items()],
        source_note=(await store.sources.find_standing(session, head.source))[0],
        **asdict(_open(tally(cubes, measure))),
    )


async def count_rows(session: AsyncSession, snapshot_id: str) -> Cubes | None:
    """The cubes of a snapshot's rows; None where they are deleted."""
    cubes = [
        await asyncio.to_thread(lambda data: count_people(pl.read_parquet(io.BytesIO(data))), chunk)
        async for chunk in store.snapshots.read_chunks(session, snapshot_id)
    ]
    return add_cubes(cubes) if cubes else None


def _open(counts: tuple[int, int, int]) -> Figures:
    return show(Counts(*counts), closed=False, partly=False)
