"""Statements that delete the rows of snapshots, and on the trail of it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from hr_diversity.models import DrawnMeasure, Erasure, Snapshot, SnapshotChunk
from shared.paging import Page


def _due(before: date | None, superseded_before: datetime | None) -> ColumnElement[bool]:
    reasons: list[ColumnElement[bool]] = [] if before is None else [Snapshot.as_of < before]
    if superseded_before is not None:
        newer = aliased(Snapshot)
        replaced = select(newer.id).where(
            newer.source == Snapshot.source,
            newer.as_of == Snapshot.as_of,
            newer.revision > Snapshot.revision,
            newer.taken_at < superseded_before,
        )
        # a later revision may be held; what is published is weighed on the rows that it was drawn from
        shown = select(DrawnMeasure.state["snapshot"].as_string())
        reasons.append(and_(replaced.exists(), Snapshot.id.not_in(shown)))
    return and_(Snapshot.rows_deleted_at.is_(None), or_(false(), *reasons))


async def list_due(
    session: AsyncSession, before: date | None, superseded_before: datetime | None, limit: int, *, lock: bool
) -> list[Snapshot]:
    """Snapshots of days before `before`, and revisions that were replaced before `superseded_before`, whose rows are there; the oldest
    first. With `lock` they are the caller's, and those that a delta is being laid on are left out.
    """
    query = select(Snapshot).where(_due(before, superseded_before)).order_by(Snapshot.as_of, Snapshot.id).limit(limit)
    if lock:
        query = query.with_for_update(skip_locked=True, of=Snapshot)
    return list((await session.execute(query)).scalars())


async def count_due(session: AsyncSession, before: date | None, superseded_before: datetime | None) -> int:
    query = select(func.count()).select_from(Snapshot).where(_due(before, superseded_before))
    return int((await session.execute(query)).scalar_one())


async def delete_rows(session: AsyncSession, snapshot_id: str) -> int:
    """How many rows of people there were."""
    gone = await session.execute(
        delete(SnapshotChunk).where(SnapshotChunk.snapshot_id == snapshot_id).returning(SnapshotChunk.rows)
    )
    return sum(gone.scalars())


async def find_erasure(session: AsyncSession, snapshot_id: str) -> Erasure | None:
    return await session.get(Erasure, snapshot_id)


async def list_erasures(session: AsyncSession, page: Page) -> tuple[list[Erasure], str | None]:
    """The newest first."""
    query = select(Erasure).order_by(Erasure.erased_at.desc(), Erasure.snapshot_id.desc()).limit(page.limit + 1)
    if page.after is not None:
        at, snapshot = page.after
        query = query.where(
            or_(
                Erasure.erased_at < datetime.fromisoformat(at),
                and_(Erasure.erased_at == datetime.fromisoformat(at), Erasure.snapshot_id < snapshot),
            )
        )
    rows: Sequence[Any] = (await session.execute(query)).scalars().all()
    return page.cut(list(rows), lambda row: [row.erased_at.isoformat(), row.snapshot_id])


async def list_carrying(session: AsyncSession, snapshot_id: str) -> list[str]:
    """Snapshots that deltas made of this one, and deltas of those."""
    tree = select(Snapshot.id).where(Snapshot.base_id == snapshot_id).cte("tree", recursive=True)
    tree = tree.union(select(Snapshot.id).join(tree, Snapshot.base_id == tree.c.id))
    rows = select(Snapshot.id).join(tree, tree.c.id == Snapshot.id).where(Snapshot.rows_deleted_at.is_(None))
    return list((await session.execute(rows.order_by(Snapshot.id))).scalars())
