"""How a change of a register is stated: its event, and its row of the trail, in one transaction.

What must not break: of every sequence of a register's aggregate there is one event and one row of the trail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Change
from shared.database import AggregateRow
from shared.events.base import Event
from shared.outbox import outbox, outbox_row
from shared.telemetry import current


@dataclass(frozen=True, slots=True)
class Stated:
    """`row` is new or locked. `kept` is what the register holds from now on, counts included: it goes to the trail only."""

    event: Event
    row: AggregateRow
    kept: dict[str, Any]


async def state_all(session: AsyncSession, stated: Sequence[Stated]) -> None:
    """Each row has the next sequence, and its event will be published if and only if the transaction commits."""
    if not stated:
        return
    events, changes = [], []
    for one in stated:
        one.row.sequence += 1
        event = outbox_row(one.event, one.row.key, one.row.sequence)
        events.append(event)
        changes.append(
            {
                "aggregate": f"{one.event.aggregate}/{one.row.key}",
                "sequence": one.row.sequence,
                "event": one.event.type,
                "kept": one.kept,
                "actor": event["actor"],
                "subject": current().subject,
                "changed_at": event["recorded_at"],
            }
        )
    await session.flush()
    await session.execute(insert(outbox), events)
    await session.execute(insert(Change), changes)
    session.info["recorded"] = True  # wakes the relay after the commit
