"""The loop that keeps a projection live: one runner per projection among all replicas, under a lease."""

import asyncio
import os
import time
from contextlib import aclosing
from datetime import datetime

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from shared import clock, leases
from shared.applying import Applier, Superseded, is_transient
from shared.bus import BusUnavailable, Delivery, EventBus, Partition, read_ahead
from shared.database import Database
from shared.projection import Projection
from shared.telemetry import Metrics, new_id
from shared.workers import Worker

log = structlog.get_logger()

BATCH = 1000
LEASE_SECONDS = 10.0
WAIT = 1.0
MEASURE_EVERY = 2.0
LONGEST_PAUSE = 5.0

_BEGIN = text("""
    INSERT INTO projection_positions (projection, topic, partition, next_offset)
    SELECT :name, topic, partition, 0 FROM unnest(CAST(:topics AS text[]), CAST(:partitions AS int[])) AS place(topic, partition)
    ON CONFLICT DO NOTHING
""")
_POSITIONS = text("SELECT topic, partition, next_offset FROM projection_positions WHERE projection = :name")
_PARKED = text("SELECT count(DISTINCT aggregate) FROM projection_parked WHERE projection = :name")


async def read_positions(database: Database, name: str) -> dict[Partition, int]:
    async with database.reading() as session:
        return {
            (row.topic, row.partition): row.next_offset for row in await session.execute(_POSITIONS, {"name": name})
        }


async def begin_positions(database: Database, name: str, partitions: list[Partition]) -> dict[Partition, int]:
    """Every partition has a position, the new ones zero; all of them."""
    async with database.transaction() as session:
        places = {
            "name": name,
            "topics": [topic for topic, _ in partitions],
            "partitions": [number for _, number in partitions],
        }
        await session.execute(_BEGIN, places)
    return await read_positions(database, name)


class Runner:
    def __init__(self, projection: Projection, database: Database, bus: EventBus, metrics: Metrics) -> None:
        self.projection, self.database, self.bus, self.metrics = projection, database, bus, metrics
        self.applier = Applier(projection, database, metrics)
        self.holder = f"{os.getpid()}-{new_id()}"
        self.parked = 0
        self.lag = 0
        self._measured = float("-inf")

    async def run(self, worker: Worker) -> None:
        name = f"projection:{self.projection.name}"
        while True:
            lease = await leases.take(self.database, name, self.holder, LEASE_SECONDS)
            if lease is None:
                self._tell(0, 0)  # the replica that holds the lease tells the figures
                worker.beat()
                await asyncio.sleep(LEASE_SECONDS / 3)
                continue
            try:
                await self._follow(worker, name)
            except Superseded:
                log.info("projection_positions_moved", projection=self.projection.name)
            except asyncio.CancelledError:
                await leases.give_back(self.database, name, self.holder)
                raise
            except BusUnavailable as error:
                worker.beat(f"the bus is away: {error}"[:300])
                await asyncio.sleep(WAIT)

    async def _follow(self, worker: Worker, lease_name: str) -> None:
        """Reads and applies while the lease is ours."""
        topics = self.projection.topics
        await self.bus.ensure_topics(topics)
        at = await begin_positions(self.database, self.projection.name, list(await self.bus.ends(topics)))
        prolong_at = time.monotonic() + LEASE_SECONDS / 3
        async with (
            self.bus.subscribe(topics, at) as subscription,
            aclosing(read_ahead(subscription, BATCH, WAIT)) as batches,
        ):
            held: list[Delivery] = []
            async for batch in batches:
                held += batch
                if held and (not batch or len(held) >= BATCH or self._concerned(batch)):
                    at = await self._apply(held, at, worker)
                    held = []
                worker.beat(f"{self.parked} aggregates are parked" if self.parked else None)
                await self._measure(at)
                if time.monotonic() > prolong_at:
                    if await leases.take(self.database, lease_name, self.holder, LEASE_SECONDS) is None:
                        return
                    prolong_at = time.monotonic() + LEASE_SECONDS / 3

    def _concerned(self, batch: list[Delivery]) -> bool:
        """Whether anything in `batch` is to be taken into effect. What is not is only passed over, and that can wait until there is,
        or until it is quiet: a transaction for each event that does not concern it made every projection slow every other one.
        """
        subscribers = self.projection.subscribers
        return any(one.envelope is None or one.envelope.type in subscribers for one in batch)

    async def _apply(self, batch: list[Delivery], at: dict[Partition, int], worker: Worker) -> dict[Partition, int]:
        """Tried until it succeeds: going on would break the order."""
        pause = 0.05
        while True:
            try:
                at = await self.applier.apply(batch, at)
            except (DBAPIError, OSError) as error:
                if isinstance(error, DBAPIError) and not is_transient(error):
                    raise
                worker.beat(f"the database does not answer: {error}"[:300])
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            else:
                self._time(batch)
                return at

    def _time(self, batch: list[Delivery]) -> None:
        envelope = batch[-1].envelope
        if envelope is not None:
            age = (clock.now() - datetime.fromisoformat(envelope.time)).total_seconds()
            self.metrics.lag_seconds.labels(self.projection.name).set(max(age, 0))

    async def _measure(self, at: dict[Partition, int]) -> None:
        if time.monotonic() - self._measured < MEASURE_EVERY:
            return
        self._measured = time.monotonic()
        ends = await self.bus.ends(self.projection.topics)
        async with self.database.reading() as session:
            parked = (await session.execute(_PARKED, {"name": self.projection.name})).scalar_one()
        self._tell(sum(max(end - at.get(place, 0), 0) for place, end in ends.items()), parked)

    def _tell(self, lag: int, parked: int) -> None:
        self.lag, self.parked = lag, parked
        self.metrics.lag_events.labels(self.projection.name).set(lag)
        self.metrics.parked.labels(self.projection.name).set(parked)
