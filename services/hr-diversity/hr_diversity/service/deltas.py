"""A delta is laid on its base, which gives a snapshot of the whole staff like any other.

What must not break: the same delta again is the same push. Without a named base its identity is the content alone, because the base
that it would get the second time is the snapshot that it made the first time; with one it is that base's revision and the content.
"""

import asyncio
import hashlib
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import Taken
from hr_diversity.intake.merging import Merged, Merging
from hr_diversity.models import Snapshot
from hr_diversity.schemas.snapshots import Mode
from shared.errors import Conflict, FieldError, NotFound, Unprocessable


class NoBase(Conflict):
    slug = "no-base"


class UnknownBase(NotFound):
    slug = "unknown-base"


class ImpossibleBase(Unprocessable):
    slug = "impossible-base"


class RowsDeleted(Conflict):
    slug = "rows-deleted"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the caller says of a file. `base` is the day of the snapshot that a delta stands on, None: the latest one not after it."""

    source: str
    as_of: date
    mode: Mode = "full"
    base: date | None = None
    dry_run: bool = False

    @property
    def delta(self) -> bool:
        return self.mode == "delta"


def check_base(asked: Asked) -> None:
    """Raises ImpossibleBase where the base that is named cannot be one."""
    detail = None
    if asked.base is not None and not asked.delta:
        detail = "only a delta has a base (mode=delta)"
    elif asked.base is not None and asked.base > asked.as_of:
        detail = f"the base is a snapshot of {asked.as_of} or before"
    if detail is not None:
        errors = [FieldError(parameter="base", value=str(asked.base), detail=detail)]
        raise ImpossibleBase(f"base {asked.base}: {detail}", errors=errors)


async def find_base(session: AsyncSession, asked: Asked) -> Snapshot | None:
    """The current snapshot that a delta stands on. Raises UnknownBase where one is named and there is none."""
    head = await store.snapshots.find_head_until(session, asked.source, asked.base or asked.as_of)
    if asked.base is not None and (head is None or head.as_of != asked.base):
        detail = f"{asked.source} has no snapshot of this day"
        errors = [FieldError(parameter="base", value=str(asked.base), detail=detail)]
        raise UnknownBase(f"base {asked.base}: {detail}", errors=errors)
    if head is None or head.snapshot_id is None:
        return None
    return await store.snapshots.find_snapshot(session, head.snapshot_id)


def identify(asked: Asked, base: Snapshot | None, content: str) -> str:
    """What tells equal pushes of one source and date, in hex; `content` is the SHA-256 of the file."""
    if not asked.delta:
        return content
    named = "" if asked.base is None or base is None else base.id
    return hashlib.sha256(f"delta {named} {content}".encode()).hexdigest()


async def merge(session: AsyncSession, asked: Asked, base: Snapshot | None, taken: Taken) -> Merged:
    """The delta on `base`, whose rows cannot be deleted meanwhile. Raises NoBase or RowsDeleted."""
    if base is None:
        raise NoBase(
            f"{asked.source} has no snapshot of {asked.as_of} or before that a delta could stand on; push a full one first"
        )
    if not await store.snapshots.hold_rows(session, base.id):
        raise RowsDeleted(
            f"the rows of snapshot {base.id} ({base.as_of}) are deleted, so no delta can stand on it; push a full snapshot"
        )
    merging = await asyncio.to_thread(Merging, taken, asked.as_of.year)
    async for data in store.snapshots.read_chunks(session, base.id):
        await asyncio.to_thread(merging.meet, data)
    return await asyncio.to_thread(merging.finish)
