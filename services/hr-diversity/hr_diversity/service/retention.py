"""Rows of people are deleted when their time is over or somebody asks for it; the measures that were drawn from them stay.

What must not break: what is deleted is deleted in the database, chunks and refused values alike, and the trail says so; no event and
no log line tells of it more than that. The storage of deleted rows is free for others after PostgreSQL's vacuum, which runs by itself.
"""

import asyncio
from datetime import date, datetime, timedelta

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import Erasure, Snapshot
from hr_diversity.schemas.retention import ErasedRows, Policy, Reason, RetentionRun
from hr_diversity.schemas.snapshots import Erased
from hr_diversity.service.uploads import forget_abandoned
from hr_diversity.settings import HrSettings
from shared import clock
from shared.database import Database
from shared.telemetry import current
from shared.workers import Worker

AT_ONCE = 20
BY_ITSELF = 2
LOOK_EVERY, BEAT_EVERY = 300.0, 5.0


def policy_of(settings: HrSettings) -> Policy:
    return Policy(
        rows_kept_years=settings.rows_kept_years,
        superseded_kept_days=settings.superseded_kept_days,
        uploads_kept_hours=settings.uploads_kept_hours,
    )


def _limits(settings: HrSettings) -> tuple[date | None, datetime | None]:
    """Days before the first, and revisions replaced before the second, are not kept."""
    years, days = settings.rows_kept_years, settings.superseded_kept_days
    today = clock.today()
    last = None
    if years is not None:
        last = date(today.year - years, today.month, min(today.day, 28) if today.month == 2 else today.day)  # noqa: PLR2004 (February)
    return last, None if days is None else clock.now() - timedelta(days=days)


async def run_retention(
    session: AsyncSession, settings: HrSettings, *, dry_run: bool = False, most: int = AT_ONCE
) -> RetentionRun:
    """The rows of `most` snapshots at the most that are due are deleted, or in a dry run named."""
    before, superseded_before = _limits(settings)
    due = await store.retention.list_due(session, before, superseded_before, most, lock=not dry_run)
    reasons: list[tuple[Snapshot, Reason]] = [
        (one, "old" if before is not None and one.as_of < before else "superseded") for one in due
    ]
    if dry_run:
        done = [_told(one, one.headcount, reason) for one, reason in reasons]
    else:
        done = [show(await _erase(session, one, reason)) for one, reason in reasons]
    total = await store.retention.count_due(session, before, superseded_before)
    return RetentionRun(
        dry_run=dry_run,
        policy=policy_of(settings),
        snapshots=done,
        rows=sum(one.rows for one in done),
        left=total - len(done) if dry_run else total,
    )


async def erase_rows(session: AsyncSession, snapshot_id: str) -> Erased:
    """The rows of this snapshot are deleted, now or before. Raises UnknownSnapshot."""
    snapshot = await store.snapshots.get_snapshot(session, snapshot_id, lock=True)
    erasure = await store.retention.find_erasure(session, snapshot_id)
    if erasure is None:
        erasure = await _erase(session, snapshot, "asked")
    carried = await store.retention.list_carrying(session, snapshot_id)
    return Erased(snapshot=snapshot_id, rows=erasure.rows, rows_deleted_at=erasure.erased_at, carried_by=carried)


async def _erase(session: AsyncSession, snapshot: Snapshot, reason: Reason) -> Erasure:
    """`snapshot` is locked. Refused values go too: beside their line they tell of somebody."""
    rows, here = await store.retention.delete_rows(session, snapshot.id), current()
    snapshot.rows_deleted_at, snapshot.findings = clock.now(), []
    warnings = {**snapshot.receipt["warnings"], "unknown_units": []}
    snapshot.receipt = {**snapshot.receipt, "refused": [], "unknown_codes": None, "warnings": warnings}
    erasure = Erasure(
        snapshot_id=snapshot.id,
        source=snapshot.source,
        as_of=snapshot.as_of,
        revision=snapshot.revision,
        rows=rows,
        reason=reason,
        actor=here.actor,
        subject=here.subject,
        erased_at=snapshot.rows_deleted_at,
    )
    session.add(erasure)
    await session.flush()
    return erasure


def show(erasure: Erasure) -> ErasedRows:
    shown = {name: getattr(erasure, name) for name in ErasedRows.model_fields if name != "snapshot"}
    return ErasedRows(snapshot=erasure.snapshot_id, **shown)


def _told(one: Snapshot, rows: int, reason: Reason) -> ErasedRows:
    return ErasedRows(
        snapshot=one.id, source=one.source, as_of=one.as_of, revision=one.revision, rows=rows, reason=reason
    )


def keep_house(app: FastAPI) -> Worker:
    """Deletes what is due, a few snapshots and uploads in one transaction each time, and looks again after five minutes."""
    settings: HrSettings = app.state.settings

    async def run(worker: Worker) -> None:
        database: Database = app.state.database
        while True:
            forgotten = await forget_abandoned(database, settings.uploads_kept_hours)
            async with database.transaction() as session:
                done = await run_retention(session, settings, most=BY_ITSELF)
            worker.beat()
            pause = 0.0 if forgotten or done.snapshots else LOOK_EVERY
            while pause > 0:
                await asyncio.sleep(BEAT_EVERY)
                worker.beat()
                pause -= BEAT_EVERY

    return Worker("retention", run, app.state.metrics)
