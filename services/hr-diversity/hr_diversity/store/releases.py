"""Statements on the figures that are out already beside those of a snapshot."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import DrawnMeasure, ShownLine, Snapshot, SnapshotHead
from shared.events.hr_diversity import MeasureState


async def list_neighbours(
    session: AsyncSession, as_of: date, codes: Collection[str], most: int, *, later: bool
) -> list[MeasureState]:
    """Published states of these measures, whatever their source, for the `most` days nearest to `as_of`, the nearest first: up to it, or
    after it.
    """
    chosen = DrawnMeasure.code.in_(codes), DrawnMeasure.as_of > as_of if later else DrawnMeasure.as_of <= as_of
    order = DrawnMeasure.as_of if later else DrawnMeasure.as_of.desc()
    days = select(DrawnMeasure.as_of).distinct().where(*chosen).order_by(order).limit(most).subquery()
    query = (
        select(DrawnMeasure.state)
        .where(*chosen, DrawnMeasure.as_of.in_(select(days)))
        .order_by(order, DrawnMeasure.source)
    )
    return [MeasureState.model_validate(state) for state in (await session.execute(query)).scalars()]


async def list_kept(
    session: AsyncSession, snapshot_ids: Collection[str]
) -> dict[str, dict[str, list[tuple[str, str]]]]:
    """Of each of these snapshots the lines that its figures withhold to hide small ones (`covering`), and those that no measure prints
    and that can be worked out (`told`, `told_others`).
    """
    query = select(Snapshot.id, Snapshot.covering, Snapshot.told, Snapshot.told_others)
    rows = await session.execute(query.where(Snapshot.id.in_(snapshot_ids)))
    return {
        name: {
            key: [(code, group) for code, group in lines]
            for key, lines in (("covering", covering), ("told", told), ("told_others", told_others))
        }
        for name, covering, told, told_others in rows
    }


async def list_last_shown(session: AsyncSession) -> list[ShownLine]:
    """Of every line that was ever shown what it showed last."""
    return list((await session.execute(select(ShownLine))).scalars())


async def put_last_shown(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """Lines that are shown, with the columns of ShownLine; a line that was shown on a later day stays as it is."""
    if not rows:
        return
    new = upsert(ShownLine)
    changed = {"as_of": new.excluded.as_of, "women": new.excluded.women, "men": new.excluded.men}
    kept = func.coalesce(new.excluded.other, ShownLine.other)
    await session.execute(
        new.on_conflict_do_update(
            index_elements=[ShownLine.code, ShownLine.group],
            set_=changed | {"other": kept},
            where=ShownLine.as_of <= new.excluded.as_of,
        ),
        rows,
    )


async def find_latest_head(session: AsyncSession, source: str | None, as_of: date | None) -> SnapshotHead | None:
    """What is current for the latest day not after `as_of`, of one source or of any."""
    query = select(SnapshotHead).where(SnapshotHead.revision > 0)
    if source is not None:
        query = query.where(SnapshotHead.source == source)
    if as_of is not None:
        query = query.where(SnapshotHead.as_of <= as_of)
    order = SnapshotHead.as_of.desc(), SnapshotHead.snapshot_id.desc()
    return (await session.execute(query.order_by(*order).limit(1))).scalar_one_or_none()
