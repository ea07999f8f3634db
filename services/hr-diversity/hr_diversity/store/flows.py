"""Statements on pairs of snapshots and their flow accounts."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import DrawnMeasure, FlowAccount, SnapshotChunk, SnapshotHead
from shared.events.hr_diversity import MeasureState


async def read_chunks(session: AsyncSession, snapshot_id: str) -> list[bytes]:
    """The Parquet chunks of a snapshot in order; none where it is not there, or was deleted by retention."""
    query = select(SnapshotChunk.data).where(SnapshotChunk.snapshot_id == snapshot_id).order_by(SnapshotChunk.number)
    return list((await session.execute(query)).scalars())


async def list_released(
    session: AsyncSession, source: str, as_of: date, codes: Collection[str]
) -> dict[str, MeasureState]:
    """What is published of these measures for this day, by code."""
    query = select(DrawnMeasure.state).where(
        DrawnMeasure.source == source, DrawnMeasure.as_of == as_of, DrawnMeasure.code.in_(codes)
    )
    states = [MeasureState.model_validate(state) for state in (await session.execute(query)).scalars()]
    return {state.code: state for state in states}


async def find_day_before(session: AsyncSession, source: str, as_of: date, code: str) -> date | None:
    """The last day before `as_of` for which the measure is published."""
    query = select(DrawnMeasure.as_of).where(
        DrawnMeasure.source == source, DrawnMeasure.code == code, DrawnMeasure.as_of < as_of
    )
    return (await session.execute(query.order_by(DrawnMeasure.as_of.desc()).limit(1))).scalar_one_or_none()


async def has_later(session: AsyncSession, source: str, as_of: date, code: str) -> bool:
    chosen = DrawnMeasure.source == source, DrawnMeasure.code == code, DrawnMeasure.as_of > as_of
    return bool((await session.execute(select(exists().where(*chosen)))).scalar_one())


async def lock_account(session: AsyncSession, source: str, as_of: date) -> FlowAccount | None:
    query = select(FlowAccount).where(FlowAccount.source == source, FlowAccount.as_of == as_of)
    return (await session.execute(query.with_for_update())).scalar_one_or_none()


async def find_account(session: AsyncSession, source: str | None, as_of: date | None) -> FlowAccount | None:
    """The latest not after `as_of`; of several sources of one day the one drawn last."""
    found = await list_accounts(session, source, as_of, 1)
    return found[0] if found else None


async def list_accounts(
    session: AsyncSession, source: str | None, as_of: date | None, most: int
) -> Sequence[FlowAccount]:
    """Those not after `as_of`, the latest first."""
    query = select(FlowAccount).order_by(FlowAccount.as_of.desc(), FlowAccount.drawn_at.desc(), FlowAccount.source)
    if source is not None:
        query = query.where(FlowAccount.source == source)
    if as_of is not None:
        query = query.where(FlowAccount.as_of <= as_of)
    return (await session.execute(query.limit(most))).scalars().all()


async def find_head(session: AsyncSession, source: str, as_of: date) -> SnapshotHead | None:
    """The current snapshot of exactly this day."""
    query = select(SnapshotHead).where(
        SnapshotHead.source == source, SnapshotHead.as_of == as_of, SnapshotHead.revision > 0
    )
    return (await session.execute(query)).scalar_one_or_none()
