"""The outbox: how a change is stated. `record` writes the event through the caller's own transaction; no other way to publish is there.

What must not break:
- `record` runs while the aggregate's row is locked (or being inserted), so positions rise with the aggregate's sequence.
- The relay drains by state (`published_at IS NULL`, in order of position), never by a cursor: under 16 writers a cursor over the
  position lost 1,583 of 4,558 events, because a lower number can become visible after a higher one.
- One relay per outbox, under a fenced lease. A relay that slept through its lease may repeat events, which readers know by their
  sequence; it cannot mark anything.
- The table has the columns of Debezium's outbox router, so an operator may put Debezium in the relay's place.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Table, Text, Uuid, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock, leases
from shared.bus import BusUnavailable, EventBus, Unpublishable
from shared.cloudevents import Envelope
from shared.database import AggregateRow, Database, platform
from shared.events.base import Event, topic_of
from shared.telemetry import Metrics, current, new_id
from shared.workers import Worker

log = structlog.get_logger()

BATCH = 500
LEASE_SECONDS = 10.0
PRUNE_EVERY = 3600.0
MEASURE_EVERY = 2.0

outbox = Table(
    "outbox",
    platform,
    Column("position", BigInteger, Identity(always=True, cache=1), primary_key=True),
    Column("id", Uuid(as_uuid=False), nullable=False, server_default=func.gen_random_uuid()),
    Column("aggregatetype", Text, nullable=False),
    Column("aggregateid", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("correlationid", Text, nullable=False),
    Column("causationid", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("traceparent", Text, nullable=False),
    Column("published_at", DateTime(timezone=True)),
    Column("refused", Text),
    Index("ix_outbox_pending", "position", postgresql_where=text("published_at IS NULL")),
    Index("ix_outbox_refused", "aggregateid", postgresql_where=text("refused IS NOT NULL")),
    Index("ix_outbox_published_at", "published_at", postgresql_where=text("published_at IS NOT NULL")),
)

_PENDING = text("""
    SELECT * FROM outbox AS waiting WHERE published_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM outbox WHERE refused IS NOT NULL AND position <= waiting.position
        AND aggregateid = waiting.aggregateid AND aggregatetype = waiting.aggregatetype)
    ORDER BY position LIMIT :limit
""")
_MARK = text("UPDATE outbox SET published_at = now() WHERE position = ANY(:positions) AND published_at IS NULL")
_REFUSE = text("UPDATE outbox SET refused = :reason WHERE id = :id")
_PRUNE = text("""
    DELETE FROM outbox WHERE position IN (
        SELECT position FROM outbox WHERE published_at < now() - make_interval(days => :days) LIMIT 5000)
""")
_BACKLOG = text(
    "SELECT count(*), coalesce(extract(epoch FROM now() - min(recorded_at)), 0) FROM outbox WHERE published_at IS NULL"
)


async def record(session: AsyncSession, event: Event, aggregate: AggregateRow) -> None:
    """`event` will be published if and only if the caller's transaction commits; `aggregate` has the next sequence.

    The row of `aggregate` must be new in this session or locked by it. Its other changes are flushed first.
    """
    aggregate.sequence = (aggregate.sequence or 0) + 1
    await record_rows(session, [outbox_row(event, aggregate.key, aggregate.sequence)])


_RECORD = text("""
    INSERT INTO outbox (id, aggregatetype, aggregateid, type, payload, sequence, recorded_at, correlationid, causationid, actor,
        traceparent)
    SELECT id, aggregatetype, aggregateid, type, payload, sequence, recorded_at, correlationid, causationid, actor, traceparent
    FROM unnest(CAST(:id AS uuid[]), CAST(:aggregatetype AS text[]), CAST(:aggregateid AS text[]), CAST(:type AS text[]),
        CAST(:payload AS text[]), CAST(:sequence AS bigint[]), CAST(:recorded_at AS timestamptz[]),
        CAST(:correlationid AS text[]), CAST(:causationid AS text[]), CAST(:actor AS text[]), CAST(:traceparent AS text[]))
        WITH ORDINALITY AS given (id, aggregatetype, aggregateid, type, payload, sequence, recorded_at, correlationid,
            causationid, actor, traceparent, place)
    ORDER BY place
""")


async def record_rows(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> None:
    """What `outbox_row` made of many events is recorded in that order, by one statement; the session's other changes are flushed first."""
    await session.flush()
    await session.execute(_RECORD, {name: [row[name] for row in rows] for name in rows[0]})
    session.info["recorded"] = True


def outbox_row(event: Event, key: str, sequence: int) -> dict[str, Any]:
    """The row that states `event`; many of them may be inserted in one statement, in order of their aggregate's sequence."""
    here = current()
    return {
        "id": new_id(),
        "aggregatetype": event.aggregate,
        "aggregateid": key,
        "type": event.type,
        "payload": event.model_dump_json(),
        "sequence": sequence,
        "recorded_at": clock.now(),
        "correlationid": here.correlation,
        "causationid": here.causation or here.correlation,
        "actor": here.actor,
        "traceparent": here.traceparent,
    }


class Relay:
    """Hands what the outbox of `service` holds to the bus, in order, at least once."""

    def __init__(
        self,
        database: Database,
        bus: EventBus,
        service: str,
        metrics: Metrics,
        *,
        poll: float = 0.25,
        retention_days: int = 30,
    ) -> None:
        self.database, self.bus, self.service, self.metrics = database, bus, service, metrics
        self.topic, self.poll, self.retention_days = topic_of(service), poll, retention_days
        self.holder = f"{os.getpid()}-{new_id()}"
        self._topic_is_there = False
        self._pruned = self._measured = float("-inf")

    async def run(self, worker: Worker) -> None:
        while True:
            lease = await leases.take(self.database, "relay", self.holder, LEASE_SECONDS)
            if lease is None:
                self._tell(0, 0)  # the replica that holds the lease tells the figures
                worker.beat()
                await asyncio.sleep(LEASE_SECONDS / 3)
                continue
            try:
                await self._drain_under(lease, worker)
            except leases.LeaseLost:
                log.warning("relay_lease_lost", service=self.service)
            except asyncio.CancelledError:
                await leases.give_back(self.database, lease.name, self.holder)
                raise

    async def _drain_under(self, lease: leases.Lease, worker: Worker) -> None:
        """Drains until the lease wants prolonging (a third of it is over)."""
        until = time.monotonic() + LEASE_SECONDS / 3
        while time.monotonic() < until:
            self.database.recorded.clear()  # before the look, so that a commit during it wakes the next wait
            try:
                published = await self.drain_once(lease)
            except BusUnavailable as error:
                self._topic_is_there = False
                await self._measure()
                worker.beat(f"the bus is away, events wait in the outbox: {error}"[:300])
                await asyncio.sleep(min(1.0, self.poll * 4))
                continue
            worker.beat()
            await self._measure()
            if published == 0:
                await self._prune()
                await self._wait()

    async def drain_once(self, lease: leases.Lease) -> int:
        """One batch, published and marked; how many. Raises BusUnavailable or LeaseLost, after which the same events come again."""
        async with self.database.reading() as session:
            rows = (await session.execute(_PENDING, {"limit": BATCH})).mappings().all()
        if not rows:
            return 0
        started = time.perf_counter()
        if not self._topic_is_there:
            await self.bus.ensure_topics([self.topic])
            self._topic_is_there = True
        try:
            await self.bus.publish(self.topic, [_envelope(self.service, row) for row in rows])
        except Unpublishable as error:
            await self._set_aside(lease, error)
            return len(rows)
        async with self.database.transaction() as session:
            await lease.fence(session)
            await session.execute(_MARK, {"positions": [row["position"] for row in rows]})
        self.metrics.relay_batch.observe(time.perf_counter() - started)
        self.metrics.published.inc(len(rows))
        return len(rows)

    async def _set_aside(self, lease: leases.Lease, error: Unpublishable) -> None:
        log.error("event_refused_by_bus", event_id=error.event_id, reason=error.reason)
        async with self.database.transaction() as session:
            await lease.fence(session)
            await session.execute(_REFUSE, {"id": error.event_id, "reason": error.reason})

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self.poll):
                await self.database.recorded.wait()
        except TimeoutError:
            return

    async def _measure(self) -> None:
        if time.monotonic() - self._measured < MEASURE_EVERY:
            return
        self._measured = time.monotonic()
        async with self.database.reading() as session:
            count, age = (await session.execute(_BACKLOG)).one()
        self._tell(count, float(age))

    def _tell(self, pending: int, age: float) -> None:
        self.metrics.outbox_pending.set(pending)
        self.metrics.outbox_age.set(age)

    async def _prune(self) -> None:
        if time.monotonic() - self._pruned < PRUNE_EVERY:
            return
        self._pruned = time.monotonic()
        async with self.database.transaction() as session:
            await session.execute(_PRUNE, {"days": self.retention_days})


def _envelope(service: str, row: Any) -> Envelope:
    recorded: datetime = row["recorded_at"]
    return Envelope(
        id=str(row["id"]),
        type=row["type"],
        source=f"/{service}",
        subject=f"{row['aggregatetype']}/{row['aggregateid']}",
        time=recorded.isoformat(),
        sequence=row["sequence"],
        data=row["payload"].encode(),
        correlationid=row["correlationid"],
        causationid=row["causationid"],
        actor=row["actor"],
        traceparent=row["traceparent"],
    )
