"""A staffing snapshot is taken in, its measures are drawn, and both are stated in one transaction.

What must not break: the same content for the same source and date has one effect, however often and at once it is pushed (the
head's row is the lock); what is stored as a figure, stated or answered went through `rules`.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import Format, Taken, take_in
from hr_diversity.measures.composition import BY_GRADE
from hr_diversity.models import Snapshot, SnapshotHead
from hr_diversity.rules.suppression import Figures
from hr_diversity.schemas.snapshots import HeadcountJump, MeasureLine, Receipt, RefusedValue, Warnings
from hr_diversity.service.releases import Drawn, draw, state_measures
from hr_diversity.settings import HrSettings
from shared import clock, outbox
from shared.errors import FieldError, Unprocessable
from shared.events.hr_diversity import SnapshotAccepted, SnapshotState
from shared.figures import round_half_up
from shared.telemetry import new_id

MOST_UNITS = 2000  # one event carries a cell per unit, and a bus takes about one megabyte
MOST_WARNED = 100


class FutureSnapshot(Unprocessable):
    slug = "future-snapshot"


class TooManyRefused(Unprocessable):
    slug = "too-many-refused"


class TooManyUnits(Unprocessable):
    slug = "too-many-units"


async def push_snapshot(
    session: AsyncSession,
    pieces: AsyncIterator[bytes],
    form: Format,
    *,
    packed: bool,
    source: str,
    as_of: date,
    settings: HrSettings,
) -> tuple[Receipt, bool]:
    """The receipt, and whether anything was done: a content that this source and date had before gets its first receipt again.

    Raises Problems of `intake`, FutureSnapshot, TooManyRefused or TooManyUnits; then nothing is stored.
    """
    if as_of > clock.today() + timedelta(days=1):  # it is tomorrow somewhere
        detail = "a snapshot tells what is, not what will be"
        raise FutureSnapshot(
            f"as_of {as_of}: {detail}", errors=[FieldError(parameter="as_of", value=str(as_of), detail=detail)]
        )
    taken = await take_in(pieces, form, packed=packed, as_of=as_of, settings=settings)
    cube = check_worth(taken, settings.refused_share)
    drawn = await asyncio.to_thread(draw, cube, settings.suppression_threshold)
    head = await store.snapshots.lock_head(session, source, as_of)
    known = await store.snapshots.find_snapshot_by_digest(session, source, as_of, taken.digest)
    if known is not None:
        return Receipt.model_validate(known.receipt), False
    units = cube["unit"].unique().sort().to_list()
    warnings = await _warn(session, head, taken.accepted, units, settings.headcount_jump_percent)
    receipt = make_receipt(new_id(), head, taken, drawn, warnings)
    await _state_snapshot(session, head, receipt, taken, drawn)
    await state_measures(session, receipt, drawn)
    return receipt, True


def check_worth(taken: Taken, refused_share: float) -> pl.DataFrame:
    """The cube of a file that is good enough to count. Raises TooManyRefused or TooManyUnits."""
    if taken.cube is None or taken.findings.rows / taken.rows > refused_share:
        rules_broken = ", ".join(f"{rule} {count}" for rule, count in taken.findings.by_rule.most_common(10))
        raise TooManyRefused(
            f"{taken.findings.rows} of {taken.rows} rows are refused: {rules_broken}",
            errors=[
                FieldError(pointer=f"#/{one.line}/{one.column}".rstrip("/"), value=one.value, detail=one.rule)
                for one in taken.findings.shown
            ],
        )
    if taken.cube["unit"].n_unique() > MOST_UNITS:
        raise TooManyUnits(f"more than {MOST_UNITS} different units; is the column unit mixed up with another?")
    return taken.cube


def make_receipt(snapshot_id: str, head: SnapshotHead, taken: Taken, drawn: list[Drawn], warnings: Warnings) -> Receipt:
    return Receipt(
        id=snapshot_id,
        source=head.source,
        as_of=head.as_of,
        revision=head.revision + 1,
        rows=taken.rows,
        accepted=taken.accepted,
        refused=[RefusedValue(**asdict(one)) for one in taken.findings.shown],
        refused_total=taken.findings.rows,
        refused_by_rule=dict(sorted(taken.findings.by_rule.items())),
        measures=[MeasureLine(code=one.measure.code, **asdict(one.total)) for one in drawn],
        warnings=warnings,
    )


def make_state(receipt: Receipt, taken: Taken, headcount: Figures) -> SnapshotState:
    """`headcount` is the total line: where its total is withheld, the numbers of rows are too."""
    open_ = headcount.total is not None
    return SnapshotState(
        id=receipt.id,
        source=receipt.source,
        as_of=receipt.as_of,
        revision=receipt.revision,
        rows=taken.rows if open_ else None,
        accepted=taken.accepted if open_ else None,
        refused=taken.findings.rows,
        digest=taken.digest,
    )


async def _warn(
    session: AsyncSession, head: SnapshotHead, accepted: int, units: list[str], most_percent: float
) -> Warnings:
    known = await store.units.list_unit_names(session)
    unknown = [unit for unit in units if unit not in known] if known else []
    before = await store.snapshots.find_head_before(session, head.source, head.as_of)
    jump = None
    if before is not None and abs(accepted - before.accepted) * 100 > most_percent * before.accepted:
        percent = round_half_up(Decimal(accepted - before.accepted) * 100 / before.accepted)
        jump = HeadcountJump(before=before.accepted, after=accepted, percent=percent, compared_with=before.as_of)
    return Warnings(unknown_units=unknown[:MOST_WARNED], headcount_jump=jump)


async def _state_snapshot(
    session: AsyncSession, head: SnapshotHead, receipt: Receipt, taken: Taken, drawn: list[Drawn]
) -> None:
    headcount = next(one.total for one in drawn if one.measure is BY_GRADE)
    state = make_state(receipt, taken, headcount)
    snapshot = Snapshot(
        id=receipt.id,
        source=receipt.source,
        as_of=receipt.as_of,
        revision=receipt.revision,
        digest=taken.digest,
        receipt=receipt.model_dump(mode="json"),
        state=state.model_dump(mode="json"),
        taken_at=clock.now(),
    )
    head.snapshot_id, head.revision, head.accepted = receipt.id, receipt.revision, taken.accepted
    await store.snapshots.add_snapshot(session, snapshot, [(chunk.rows, chunk.data) for chunk in taken.chunks])
    await outbox.record(session, SnapshotAccepted(**dict(state)), head)
