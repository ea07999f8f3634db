"""Version and digest of every aggregate, for the comparison with what others keep of it."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import DrawnMeasure, ScorecardIssue, Snapshot, SnapshotHead, Vacancy
from shared.events.hr_diversity import MeasureState, SnapshotState
from shared.operations import Head, digest


async def list_heads(session: AsyncSession) -> AsyncIterator[Head]:
    """Every snapshot, measure, vacancy and scorecard that this service states."""
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
    for vacancy in (await session.execute(select(Vacancy).order_by(Vacancy.key))).scalars():
        yield Head(aggregate=f"vacancy/{vacancy.key}", sequence=vacancy.sequence, digest=digest(vacancy.state()))
    for card in (await session.execute(select(ScorecardIssue).order_by(ScorecardIssue.key))).scalars():
        yield Head(aggregate=f"scorecard/{card.key}", sequence=card.sequence, digest=digest(card.state()))
