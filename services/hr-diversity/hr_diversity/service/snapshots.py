"""A staffing snapshot is taken in, its measures are drawn, and both are stated in one transaction.

What must not break: the same push for the same source and date has one effect, however often and at once it comes (the head's row is
the lock); what is stored as a figure, stated or answered went through `rules`; a dry run stores and states nothing.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import OWN, Format, Layout, Refused, Taken, take_in
from hr_diversity.measures.nationalities import of_cubes
from hr_diversity.models import Snapshot, SnapshotHead
from hr_diversity.schemas.snapshots import DryRun, Receipt
from hr_diversity.service import representation
from hr_diversity.service.deltas import Asked, check_base, find_base, identify, merge
from hr_diversity.service.flows import state_flows
from hr_diversity.service.receipts import Content, describe, make_state, warn
from hr_diversity.service.releases import Weighed, state_measures, weigh
from hr_diversity.settings import HrSettings
from shared import clock, outbox
from shared.errors import FieldError, Unprocessable
from shared.events.hr_diversity import SnapshotAccepted
from shared.telemetry import new_id

MOST_UNITS = 2000  # one event carries a cell per unit, and a bus takes about one megabyte


class FutureSnapshot(Unprocessable):
    slug = "future-snapshot"


class TooManyRefused(Unprocessable):
    slug = "too-many-refused"


class TooManyUnits(Unprocessable):
    slug = "too-many-units"


class NobodyLeft(Unprocessable):
    slug = "nobody-left"


def ignore(_: int) -> None:
    """Of a push that nobody follows."""


async def push_snapshot(
    session: AsyncSession,
    pieces: AsyncIterator[bytes],
    form: Format,
    *,
    packed: bool,
    asked: Asked,
    settings: HrSettings,
    layout: Layout = OWN,
    counted: Callable[[int], None] = ignore,
) -> tuple[Receipt | DryRun, bool]:
    """The receipt, and whether anything was done: a push that this source and date had before gets its first receipt again.

    `counted` is told of every few lines that were read. Raises Problems of `intake` and `deltas`, FutureSnapshot, TooManyRefused,
    NobodyLeft or TooManyUnits; then nothing is stored.
    """
    check_day(asked.as_of)
    check_base(asked)
    taken = await take_in(
        pieces,
        form,
        packed=packed,
        as_of=asked.as_of,
        settings=settings,
        delta=asked.delta,
        layout=layout,
        counted=counted,
    )
    head = None if asked.dry_run else await store.snapshots.lock_head(session, asked.source, asked.as_of)
    base = await find_base(session, asked) if asked.delta else None
    digest = identify(asked, base, taken.digest)
    known = await store.snapshots.find_snapshot_by_digest(session, asked.source, asked.as_of, digest)
    if known is not None:
        return _answer_again(known, asked), False
    content = await _make_content(session, asked, base, taken, digest)
    check_worth(content, settings.refused_share)
    rows, k = content.rows(), settings.suppression_threshold
    weighed = await weigh(session, asked.as_of, content.cubes, rows, k)
    warnings = await warn(session, asked, content, settings.headcount_jump_percent)
    if head is None:
        revision = await store.snapshots.find_revision(session, asked.source, asked.as_of)
        return DryRun(**describe(asked, revision + 1, content, weighed, warnings)), False
    receipt = Receipt(id=new_id(), **describe(asked, head.revision + 1, content, weighed, warnings))
    await _state_snapshot(session, head, receipt, content, weighed)
    if weighed is not None:
        await _publish(session, receipt, content, weighed, k)
    return receipt, True


async def _publish(session: AsyncSession, receipt: Receipt, content: Content, weighed: Weighed, k: int) -> None:
    await state_measures(session, receipt, weighed.drawn)
    await state_flows(session, receipt, content.rows(), k, weighed.compared)
    day = representation.Day(receipt.id, receipt.source, receipt.as_of, receipt.revision)
    await representation.draw(session, day, of_cubes(content.cubes), k, content.rows(), weighed.compared)


def _answer_again(known: Snapshot, asked: Asked) -> Receipt | DryRun:
    kind = DryRun if asked.dry_run else Receipt
    return kind.model_validate({**known.receipt, "id": None if asked.dry_run else known.id, "dry_run": asked.dry_run})


def check_day(as_of: date) -> None:
    if as_of > clock.today() + timedelta(days=1):  # it is tomorrow somewhere
        detail = "a snapshot tells what is, not what will be"
        raise FutureSnapshot(
            f"as_of {as_of}: {detail}", errors=[FieldError(parameter="as_of", value=str(as_of), detail=detail)]
        )


async def _make_content(
    session: AsyncSession, asked: Asked, base: Snapshot | None, taken: Taken, digest: str
) -> Content:
    """Raises TooManyRefused where nothing is left of a file, NobodyLeft where a delta leaves nobody, and as `merge` does."""
    if not asked.delta:
        if taken.cubes is None:
            raise _too_many_refused(taken)
        return Content(taken, digest, taken.accepted, taken.cubes, taken.chunks)
    merged = await merge(session, asked, base, taken)
    taken.findings.add(taken.layout.tell_ids(merged.not_in_base))
    if taken.findings.rows == taken.rows:
        raise _too_many_refused(taken)
    if merged.cubes is None:
        raise NobodyLeft(f"everybody of the base is gone, all {merged.gone}; a snapshot is of somebody")
    return Content(taken, digest, merged.headcount, merged.cubes, merged.chunks, base, merged)


def check_worth(content: Content, refused_share: float) -> None:
    """Raises TooManyRefused or TooManyUnits."""
    taken = content.taken
    if taken.findings.rows / taken.rows > refused_share:
        raise _too_many_refused(taken)
    if content.cubes.units["unit"].n_unique() > MOST_UNITS:
        raise TooManyUnits(f"more than {MOST_UNITS} different units; is the column unit mixed up with another?")


def _too_many_refused(taken: Taken) -> TooManyRefused:
    rules_broken = ", ".join(f"{rule} {count}" for rule, count in taken.findings.by_rule.most_common(10))
    return TooManyRefused(
        f"{taken.findings.rows} of {taken.rows} rows are refused: {rules_broken}",
        errors=[FieldError(pointer=_pointer(one), value=one.value, detail=one.rule) for one in taken.findings.shown],
    )


def _pointer(found: Refused) -> str:
    column = found.column.replace("~", "~0").replace("/", "~1")
    return f"#/{found.line}/{column}".rstrip("/")


async def _state_snapshot(
    session: AsyncSession, head: SnapshotHead, receipt: Receipt, content: Content, weighed: Weighed | None
) -> None:
    state = make_state(receipt, content, weighed)
    snapshot = Snapshot(
        id=receipt.id,
        source=receipt.source,
        as_of=receipt.as_of,
        revision=receipt.revision,
        digest=content.digest,
        receipt=receipt.model_dump(mode="json"),
        state=state.model_dump(mode="json"),
        taken_at=clock.now(),
        mode=receipt.mode,
        base_id=content.base.id if content.base else None,
        headcount=content.headcount,
        released=receipt.released,
        covering=[list(line) for line in weighed.covering] if weighed else [],
        told=[list(line) for line in weighed.told] if weighed else [],
        told_others=[list(line) for line in weighed.told_others] if weighed else [],
        findings=[asdict(one) for one in content.taken.findings.first],
    )
    head.snapshot_id, head.revision, head.accepted = receipt.id, receipt.revision, content.headcount
    await store.snapshots.add_snapshot(session, snapshot, [(chunk.rows, chunk.data) for chunk in content.chunks])
    await outbox.record(session, SnapshotAccepted(**dict(state)), head)
