"""How a change is stated: its event and its row of the audit trail, in one transaction. The service has no other way to state one.

What must not break: `changes` and the outbox hold the same changes, sequence by sequence. An import contract keeps `shared.outbox`
out of every other module of the service.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Change
from shared.database import AggregateRow
from shared.events.base import Event
from shared.outbox import outbox, outbox_row
from shared.telemetry import current


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
    rows = [outbox_row(one.event, one.key, one.sequence) for one in stated]
    await session.flush()
    await session.execute(insert(outbox), rows)
    await session.execute(insert(Change), [_change(one, row) for one, row in zip(stated, rows, strict=True)])
    session.info["recorded"] = True  # wakes the relay after the commit


def _change(stated: Stated, row: dict[str, Any]) -> dict[str, Any]:
    """The trail's row beside the outbox's, so that both say the same of the change."""
    return {
        "aggregate": f"{stated.event.aggregate}/{stated.key}",
        "sequence": stated.sequence,
        "event": stated.event.type,
        "state": orjson.loads(row["payload"]),
        "reason": stated.reason,
        "actor": row["actor"],
        "subject": current().subject,
        "changed_at": row["recorded_at"],
    }
