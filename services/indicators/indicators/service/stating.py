"""How a change is stated: its event and its row of the audit trail, in one transaction. The service has no other way to state one.

What must not break: `changes` and the outbox hold the same changes, sequence by sequence. An import contract keeps `shared.outbox`
out of every other module of the service.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import store
from shared.database import AggregateRow
from shared.events.base import Event
from shared.outbox import outbox_row, record_rows
from shared.telemetry import current

MANY = 200
"""Of more changes the rows are made in a thread, so that other requests are answered meanwhile."""


async def state(session: AsyncSession, event: Event, row: AggregateRow, reason: str | None = None) -> None:
    """`event` will be published, and the trail says who changed `row`, when and why, if and only if the transaction commits.

    `row` is new in this session or locked by it, and has the next sequence afterwards.
    """
    row.sequence = (row.sequence or 0) + 1  # a new row has none yet
    await state_all(session, [Stated(event, row.key, row.sequence, reason)])


@dataclass(frozen=True)
class Stated:
    """A change of many: `sequence` is the one that the row of `key` has from it on."""

    event: Event
    key: str
    sequence: int
    reason: str | None = None


async def state_all(session: AsyncSession, stated: Sequence[Stated]) -> None:
    """As `state` for many changes at once, in order. The rows are locked, stored and numbered by the caller."""
    if not stated:
        return
    rows = await asyncio.to_thread(_rows, stated) if len(stated) > MANY else _rows(stated)
    await record_rows(session, rows)
    await store.changes.add_changes(session, rows, [one.reason for one in stated], current().subject)


def _rows(stated: Sequence[Stated]) -> list[dict[str, Any]]:
    return [outbox_row(one.event, one.key, one.sequence) for one in stated]
