"""Statements on staffing snapshots."""

from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Snapshot, SnapshotChunk, SnapshotHead
from shared.errors import NotFound
from shared.paging import Page

CHUNKS_AT_ONCE = 8  # a few MB each: one statement's parameters are in memory twice


class UnknownSnapshot(NotFound):
    slug = "unknown-snapshot"


async def lock_head(session: AsyncSession, source: str, as_of: date) -> SnapshotHead:
    """The head's row, made where there is none, locked until the transaction ends: pushes for one source and date go in turn."""
    key = f"{source}/{as_of}"
    values = {"key": key, "sequence": 0, "source": source, "as_of": as_of, "revision": 0, "accepted": 0}
    await session.execute(upsert(SnapshotHead).values(values).on_conflict_do_nothing())
    return (await session.execute(select(SnapshotHead).where(SnapshotHead.key == key).with_for_update())).scalar_one()


async def find_revision(session: AsyncSession, source: str, as_of: date) -> int:
    """The revision that is current; 0 where there is none."""
    found = await session.get(SnapshotHead, f"{source}/{as_of}")
    return found.revision if found else 0


async def find_snapshot_by_digest(session: AsyncSession, source: str, as_of: date, content: str) -> Snapshot | None:
    query = select(Snapshot).where(Snapshot.source == source, Snapshot.as_of == as_of, Snapshot.digest == content)
    return (await session.execute(query)).scalar_one_or_none()


async def find_snapshot(session: AsyncSession, snapshot_id: str) -> Snapshot | None:
    return await session.get(Snapshot, snapshot_id)


async def get_snapshot(session: AsyncSession, snapshot_id: str, *, lock: bool = False) -> Snapshot:
    """With `lock` it is the caller's until the transaction ends. Raises UnknownSnapshot."""
    found = await session.get(Snapshot, snapshot_id, with_for_update=True if lock else None, populate_existing=lock)
    if found is None:
        raise UnknownSnapshot(f"{snapshot_id}: no snapshot has this id")
    return found


async def list_findings(session: AsyncSession, snapshot_id: str) -> list[dict[str, Any]]:
    query = select(Snapshot.findings).where(Snapshot.id == snapshot_id)
    return list((await session.execute(query)).scalar_one())


async def list_snapshots(session: AsyncSession, page: Page) -> tuple[list[Snapshot], str | None]:
    """Newest first by their ids, which sort by time of making."""
    query = select(Snapshot).order_by(Snapshot.id.desc()).limit(page.limit + 1)
    if page.after is not None:
        query = query.where(Snapshot.id < str(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.id])


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


async def hold_rows(session: AsyncSession, snapshot_id: str) -> bool:
    """Whether the rows are there; then nobody deletes them until the transaction ends."""
    query = select(Snapshot.rows_deleted_at).where(Snapshot.id == snapshot_id).with_for_update(read=True)
    return (await session.execute(query)).scalar_one() is None


async def read_chunks(session: AsyncSession, snapshot_id: str) -> AsyncIterator[bytes]:
    """The chunks in order, one at a time."""
    query = select(SnapshotChunk.number).where(SnapshotChunk.snapshot_id == snapshot_id).order_by(SnapshotChunk.number)
    for number in (await session.execute(query)).scalars().all():
        one = select(SnapshotChunk.data).where(SnapshotChunk.snapshot_id == snapshot_id, SnapshotChunk.number == number)
        yield (await session.execute(one)).scalar_one()


async def find_head_before(session: AsyncSession, source: str, as_of: date) -> SnapshotHead | None:
    """The same source's latest snapshot of an earlier date."""
    return await _find_head(session, source, SnapshotHead.as_of < as_of)


async def find_head_until(session: AsyncSession, source: str, as_of: date) -> SnapshotHead | None:
    """The same source's latest snapshot of this date or an earlier one."""
    return await _find_head(session, source, SnapshotHead.as_of <= as_of)


async def _find_head(session: AsyncSession, source: str, when: Any) -> SnapshotHead | None:
    query = (
        select(SnapshotHead)
        .where(SnapshotHead.source == source, when, SnapshotHead.revision > 0)
        .order_by(SnapshotHead.as_of.desc())
        .limit(1)
    )
    return (await session.execute(query)).scalar_one_or_none()
