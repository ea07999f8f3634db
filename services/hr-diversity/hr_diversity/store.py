"""Every SQL statement of the service."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import DrawnMeasure, Snapshot, SnapshotChunk, SnapshotHead, Unit
from shared.events.hr_diversity import MeasureState, SnapshotState
from shared.operations import Head, digest

MOST_DRAWN = 500
CHUNKS_AT_ONCE = 8  # a few MB each: one statement's parameters are in memory twice


async def lock_head(session: AsyncSession, source: str, as_of: date) -> SnapshotHead:
    """The head's row, made where there is none, locked until the transaction ends: pushes for one source and date go in turn."""
    key = f"{source}/{as_of}"
    values = {"key": key, "sequence": 0, "source": source, "as_of": as_of, "revision": 0, "accepted": 0}
    await session.execute(upsert(SnapshotHead).values(values).on_conflict_do_nothing())
    return (await session.execute(select(SnapshotHead).where(SnapshotHead.key == key).with_for_update())).scalar_one()


async def find_snapshot_by_digest(session: AsyncSession, source: str, as_of: date, content: str) -> Snapshot | None:
    query = select(Snapshot).where(Snapshot.source == source, Snapshot.as_of == as_of, Snapshot.digest == content)
    return (await session.execute(query)).scalar_one_or_none()


async def find_snapshot(session: AsyncSession, snapshot_id: str) -> Snapshot | None:
    return await session.get(Snapshot, snapshot_id)


async def list_snapshots(session: AsyncSession, limit: int, before: str | None) -> list[Snapshot]:
    """Newest first by their ids, which sort by time of making."""
    query = select(Snapshot).order_by(Snapshot.id.desc()).limit(limit)
    if before is not None:
        query = query.where(Snapshot.id < before)
    return list((await session.execute(query)).scalars())


async def add_snapshot(session: AsyncSession, snapshot: Snapshot, chunks: Sequence[tuple[int, bytes]]) -> None:
    """`chunks` are (rows, Parquet bytes) in order."""
    session.add(snapshot)
    await session.flush()
    rows = [
        {"snapshot_id": snapshot.id, "number": number, "rows": count, "data": data}
        for number, (count, data) in enumerate(chunks)
    ]
    for start in range(0, len(rows), CHUNKS_AT_ONCE):
        await session.execute(insert(SnapshotChunk), rows[start : start + CHUNKS_AT_ONCE])


async def find_head_before(session: AsyncSession, source: str, as_of: date) -> SnapshotHead | None:
    """The same source's latest snapshot of an earlier date."""
    query = (
        select(SnapshotHead)
        .where(SnapshotHead.source == source, SnapshotHead.as_of < as_of, SnapshotHead.revision > 0)
        .order_by(SnapshotHead.as_of.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()


async def list_measures_of(session: AsyncSession, source: str, as_of: date) -> dict[str, DrawnMeasure]:
    """By code. The caller holds the head's lock."""
    query = select(DrawnMeasure).where(DrawnMeasure.source == source, DrawnMeasure.as_of == as_of)
    return {row.code: row for row in (await session.execute(query)).scalars()}


async def find_measure(session: AsyncSession, code: str, as_of: date | None, source: str | None) -> DrawnMeasure | None:
    """The latest not after `as_of`; of several sources of one date the one drawn last."""
    query = (
        select(DrawnMeasure)
        .where(DrawnMeasure.code == code)
        .order_by(DrawnMeasure.as_of.desc(), DrawnMeasure.drawn_at.desc(), DrawnMeasure.source)
        .limit(1)
    )
    if as_of is not None:
        query = query.where(DrawnMeasure.as_of <= as_of)
    if source is not None:
        query = query.where(DrawnMeasure.source == source)
    return (await session.execute(query)).scalar_one_or_none()


async def list_drawn(session: AsyncSession) -> list[Any]:
    """code, source, as_of, revision of what is drawn, latest first, MOST_DRAWN per code at the most."""
    found: list[Any] = []
    codes = (await session.execute(select(DrawnMeasure.code).distinct())).scalars().all()
    columns = (
        DrawnMeasure.code,
        DrawnMeasure.source,
        DrawnMeasure.as_of,
        DrawnMeasure.state["revision"].as_integer().label("revision"),
    )
    for code in codes:
        query = (
            select(*columns).where(DrawnMeasure.code == code).order_by(DrawnMeasure.as_of.desc(), DrawnMeasure.source)
        )
        found += (await session.execute(query.limit(MOST_DRAWN))).all()
    return found


async def list_unit_names(session: AsyncSession, codes: Iterable[str] | None = None) -> dict[str, str]:
    """Name by code; of all units where `codes` is None."""
    query = select(Unit.code, Unit.name)
    if codes is not None:
        query = query.where(Unit.code.in_(list(codes)))
    return {row.code: row.name for row in await session.execute(query)}


async def put_units(session: AsyncSession, units: Sequence[dict[str, str]]) -> None:
    statement = upsert(Unit).values(list(units))
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Unit.code], set_={"name": statement.excluded.name})
    )


async def list_heads(session: AsyncSession) -> AsyncIterator[Head]:
    """Every snapshot and measure that this service states."""
    snapshots = select(SnapshotHead.key, SnapshotHead.sequence, Snapshot.state).join(
        Snapshot, Snapshot.id == SnapshotHead.snapshot_id
    )
    for row in await session.execute(snapshots.order_by(SnapshotHead.key)):
        state = SnapshotState.model_validate(row.state)
        yield Head(aggregate=f"snapshot/{row.key}", sequence=row.sequence, digest=digest(state))
    measures = select(DrawnMeasure.key, DrawnMeasure.sequence, DrawnMeasure.state)
    for row in await session.execute(measures.order_by(DrawnMeasure.key)):
        state_drawn = MeasureState.model_validate(row.state)
        yield Head(aggregate=f"measure/{row.key}", sequence=row.sequence, digest=digest(state_drawn))
