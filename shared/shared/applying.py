"""One batch of events into effect: the transaction of `shared.projection`, used by the live runner and by a rebuild alike."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.bus import Delivery, Partition
from shared.cloudevents import from_structured, to_structured
from shared.database import Database
from shared.events.base import EVENTS
from shared.projection import Fact, Handler, Projection
from shared.telemetry import Metrics

log = structlog.get_logger()

_LOCK = text(
    "SELECT topic, partition, next_offset FROM projection_positions WHERE projection = :name ORDER BY 1, 2 FOR UPDATE"
)
_KNOWN = text("""
    SELECT aggregate, sequence FROM projection_sequences WHERE projection = :name AND aggregate = ANY(:aggregates)
    UNION ALL SELECT DISTINCT aggregate, CAST(NULL AS bigint) FROM projection_parked WHERE projection = :name AND aggregate = ANY(:aggregates)
""")
"""Sequences seen; an aggregate that is parked has a row without one."""
_NOTE = text("""
    WITH seen AS (
        INSERT INTO projection_sequences AS s (projection, aggregate, sequence)
        SELECT :name, aggregate, sequence FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[])) AS seen(aggregate, sequence)
        ON CONFLICT (projection, aggregate) DO UPDATE SET sequence = excluded.sequence WHERE s.sequence < excluded.sequence
    )
    UPDATE projection_positions AS p SET next_offset = moved.next_offset
    FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[]), CAST(:offsets AS bigint[])) AS moved(topic, partition, next_offset)
    WHERE p.projection = :name AND p.topic = moved.topic AND p.partition = moved.partition
""")
"""The sequences seen and the positions reached, in one statement: a batch of one event pays for every turn to the database."""
_PARK = text("""
    INSERT INTO projection_parked (projection, aggregate, topic, partition, "offset", event, reason)
    VALUES (:name, :aggregate, :topic, :partition, :offset, :event, :reason) ON CONFLICT DO NOTHING
""")
_TAKE_PARKED = text("""
    DELETE FROM projection_parked WHERE projection = :name AND aggregate = :aggregate RETURNING topic, partition, "offset", event
""")


WAITS = "an earlier event of this aggregate is parked"


class Superseded(Exception):  # noqa: N818 (a state, not a mistake)
    """The positions are not where this runner left them: another one, or a rebuild, moved them. Read them anew."""


@dataclass
class Batch:
    """What a batch comes to before anything is written."""

    fresh: list[Delivery] = field(default_factory=list)
    aside: list[tuple[Delivery, str, str]] = field(default_factory=list)
    """(delivery, aggregate, reason)"""
    seen: dict[str, int] = field(default_factory=dict)
    repeated: int = 0
    gaps: int = 0
    unknown: int = 0


class Applier:
    """Applies batches for `projection` under the position name `name` (the projection's own, or its rebuild's).

    `schema` puts a shadow schema before the public one, so that the same handlers fill other tables; `finish` is then left out.
    """

    def __init__(
        self, projection: Projection, database: Database, metrics: Metrics, name: str = "", schema: str = ""
    ) -> None:
        self.projection, self.database, self.metrics = projection, database, metrics
        self.name, self.schema = name or projection.name, schema

    async def apply(self, deliveries: Sequence[Delivery], expected: dict[Partition, int]) -> dict[Partition, int]:
        """The new positions, after one transaction. Raises Superseded, or the transient error of the database."""
        moved = {**expected}
        for delivery in deliveries:
            moved[delivery.topic, delivery.partition] = delivery.offset + 1
        try:
            await self._transaction(deliveries, expected, moved, one_by_one=False)
        except DBAPIError as error:
            if is_transient(error):
                raise
            await self._transaction(deliveries, expected, moved, one_by_one=True)
        except (Superseded, OSError):
            raise
        except Exception as error:  # noqa: BLE001 (a bug in a handler must not stop the other aggregates)
            log.warning("batch_failed", projection=self.name, error=f"{type(error).__name__}: {error}")
            await self._transaction(deliveries, expected, moved, one_by_one=True)
        return moved

    async def _transaction(
        self,
        deliveries: Sequence[Delivery],
        expected: dict[Partition, int],
        moved: dict[Partition, int],
        *,
        one_by_one: bool,
    ) -> None:
        async with self.database.transaction() as session:
            await self._enter(session)
            found = {
                (row.topic, row.partition): row.next_offset for row in await session.execute(_LOCK, {"name": self.name})
            }
            if found != expected:
                raise Superseded(self.name)
            batch = await self._sort(session, deliveries)
            await self._handle(session, batch, one_by_one=one_by_one)
            await self._note(session, batch, moved)
            if self.projection.finish is not None and not self.schema:
                await self.projection.finish(session)
        self._count(batch)

    async def replay(self, aggregate: str) -> int:
        """What was parked for `aggregate`, applied again in order; how many. Raises the handler's own error, and then all stay parked."""
        async with self.database.transaction() as session:
            await self._enter(session)
            await session.execute(_LOCK, {"name": self.name})
            rows = (await session.execute(_TAKE_PARKED, {"name": self.name, "aggregate": aggregate})).all()
            deliveries = [Delivery(row.topic, row.partition, row.offset, from_structured(row.event)) for row in rows]
            deliveries.sort(key=lambda d: d.envelope.sequence if d.envelope else 0)
            batch = await self._sort(session, deliveries)
            for handle, facts in self._calls(batch.fresh):
                await handle(session, facts)
            await self._note(session, batch, {})
            if self.projection.finish is not None:
                await self.projection.finish(session)
        self._count(batch)
        return len(deliveries)

    async def _enter(self, session: AsyncSession) -> None:
        if self.schema:
            session.info["silent"] = (
                True  # a rebuild tells nobody of each change, so handlers need not compose what to tell
            )
            await session.execute(text(f'SET LOCAL search_path TO "{self.schema}", public'))

    async def _sort(self, session: AsyncSession, deliveries: Sequence[Delivery]) -> Batch:
        subjects = list({d.envelope.subject for d in deliveries if d.envelope is not None})
        rows = (await session.execute(_KNOWN, {"name": self.name, "aggregates": subjects})).all()
        known = {row.aggregate: row.sequence for row in rows if row.sequence is not None}
        waiting = {row.aggregate for row in rows if row.sequence is None}
        batch = Batch()
        for delivery in deliveries:
            if delivery.envelope is None:
                place = f"{delivery.topic}/{delivery.partition}/{delivery.offset}"
                batch.aside.append((delivery, place, delivery.error or "unreadable"))
                continue
            subject, sequence = delivery.envelope.subject, delivery.envelope.sequence
            before = batch.seen.get(subject, known.get(subject, 0))
            if subject in waiting:
                batch.aside.append((delivery, subject, WAITS))
            elif sequence <= before:
                batch.repeated += 1
            else:
                batch.gaps += sequence > before + 1
                batch.unknown += delivery.envelope.type not in EVENTS
                batch.seen[subject] = sequence
                if delivery.envelope.type in self.projection.subscribers:
                    batch.fresh.append(delivery)
        return batch

    async def _handle(self, session: AsyncSession, batch: Batch, *, one_by_one: bool) -> None:
        if not one_by_one:
            for handle, facts in self._calls(batch.fresh):
                await handle(session, facts)
            return
        by_subject: dict[str, list[Delivery]] = {}
        for delivery in batch.fresh:
            by_subject.setdefault(delivery.envelope.subject, []).append(delivery)  # type: ignore[union-attr]  # fresh ones have one
        for subject, deliveries in by_subject.items():
            for place, delivery in enumerate(deliveries):
                reason = await self._fault_of(session, delivery)
                if reason is None:
                    continue
                log.error("aggregate_parked", projection=self.name, aggregate=subject, reason=reason)
                reasons = [reason, *[WAITS] * (len(deliveries) - place - 1)]
                batch.aside += [(late, subject, why) for late, why in zip(deliveries[place:], reasons, strict=True)]
                batch.fresh = [one for one in batch.fresh if one not in deliveries[place:]]
                del batch.seen[subject]
                if place:
                    batch.seen[subject] = deliveries[place - 1].envelope.sequence  # type: ignore[union-attr]
                break

    async def _fault_of(self, session: AsyncSession, delivery: Delivery) -> str | None:
        """Why `delivery` cannot be taken into effect; None where it was."""
        try:
            async with session.begin_nested():
                for handle, facts in self._calls([delivery]):
                    await handle(session, facts)
        except Exception as error:
            if isinstance(error, DBAPIError) and is_transient(error):
                raise
            return f"{type(error).__name__}: {error}"[:2000]
        return None

    def _calls(self, deliveries: Sequence[Delivery]) -> list[tuple[Handler, list[Fact[Any]]]]:
        """Folded on the envelope, then decoded: what is overwritten within the batch costs no decoding. Raises ValidationError."""
        last = {d.envelope.subject: d.offset for d in deliveries if d.envelope is not None}
        calls: dict[Handler, list[Fact[Any]]] = {}
        for delivery in deliveries:
            envelope = delivery.envelope
            if envelope is None:
                continue
            subscriber = self.projection.subscribers[envelope.type]
            if subscriber.fold and last[envelope.subject] != delivery.offset:
                continue
            event = subscriber.event.model_validate_json(envelope.data)
            calls.setdefault(subscriber.handle, []).append(Fact(event, envelope))
        return list(calls.items())

    async def _note(self, session: AsyncSession, batch: Batch, moved: dict[Partition, int]) -> None:
        noted = {
            "aggregates": list(batch.seen),
            "sequences": list(batch.seen.values()),
            "topics": [topic for topic, _ in moved],
            "partitions": [partition for _, partition in moved],
            "offsets": list(moved.values()),
        }
        await session.execute(_NOTE, {"name": self.name, **noted})
        for delivery, aggregate, reason in batch.aside:
            event = (
                to_structured(delivery.envelope).decode("utf-8", "replace")
                if delivery.envelope
                else delivery.raw.decode("utf-8", "replace")
            )
            await session.execute(
                _PARK,
                {
                    "name": self.name,
                    "aggregate": aggregate,
                    "topic": delivery.topic,
                    "partition": delivery.partition,
                    "offset": delivery.offset,
                    "event": event.replace("\x00", "�"),
                    "reason": reason,
                },
            )

    def _count(self, batch: Batch) -> None:
        self.metrics.applied.labels(self.name).inc(len(batch.fresh))
        self.metrics.repeated.labels(self.name).inc(batch.repeated)
        self.metrics.gaps.labels(self.name).inc(batch.gaps)
        self.metrics.unknown.labels(self.name).inc(batch.unknown)


def is_transient(error: DBAPIError) -> bool:
    """Trying the same again may help: the connection went, another transaction was in the way, or the tables are not as this
    release needs them (class 42): whatever it is, it is no fault of the event.
    """
    state = getattr(error.orig, "sqlstate", None) or ""
    return (
        error.connection_invalidated
        or state[:2] in {"08", "28", "3D", "40", "42", "53", "55", "57", "58"}
        or isinstance(error.orig, OSError)
    )
