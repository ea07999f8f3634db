"""Statements on what two snapshots are compared by."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import SnapshotChunk


async def read_chunks(session: AsyncSession, snapshot_id: str) -> list[bytes]:
    """The Parquet chunks of a snapshot in order; none where it is not there, or was deleted by retention."""
    query = select(SnapshotChunk.data).where(SnapshotChunk.snapshot_id == snapshot_id).order_by(SnapshotChunk.number)
    return list((await session.execute(query)).scalars())
