"""The event bus as a log in PostgreSQL: (topic, partition, gapless offset), Kafka's contract without a broker.

What must not break: the offset comes from a head row that the writer locks until it commits, so a reader that saw offset n has
seen all before it. An identity column would not do: with several writers a later number can be visible before an earlier one.
NOTIFY is sent once per batch and only shortens the wait; polling is the guarantee.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress

import asyncpg

from shared.bus import PARTITIONS, BusUnavailable, Delivery, Partition, Positions, Subscription, partition_of
from shared.cloudevents import Envelope, from_structured, to_structured

CHANNEL = "apge_log"
TIMEOUT = 15.0
STOP_TIMEOUT = 3.0
POLL = 0.5

SCHEMA = """
    CREATE TABLE IF NOT EXISTS log_heads (
        topic text NOT NULL, partition int NOT NULL, next_offset bigint NOT NULL, PRIMARY KEY (topic, partition)
    );
    CREATE TABLE IF NOT EXISTS log (
        topic text NOT NULL, partition int NOT NULL, "offset" bigint NOT NULL, event text NOT NULL,
        appended_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (topic, partition, "offset")
    );
"""

APPEND = """
    WITH head AS (
        UPDATE log_heads SET next_offset = next_offset + cardinality($3::text[])
        WHERE topic = $1 AND partition = $2 RETURNING next_offset - cardinality($3::text[]) AS first
    ), appended AS (
        INSERT INTO log (topic, partition, "offset", event)
        SELECT $1, $2, first + place - 1, event FROM head, unnest($3::text[]) WITH ORDINALITY AS given(event, place)
    )
    SELECT pg_notify($4, $1) FROM head
"""

READ = """
    SELECT partition, "offset", event FROM log
    WHERE topic = $1 AND partition = $2 AND "offset" >= $3 ORDER BY "offset" LIMIT $4
"""

_AWAY = (OSError, asyncpg.InterfaceError, asyncio.TimeoutError)
# classes of SQLSTATE: connection, read-only, authorisation, no such database, in the way of another, resources, state, operator
_UNUSABLE = {"08", "25", "28", "3D", "40", "53", "55", "57"}


@asynccontextmanager
async def _answering() -> AsyncIterator[None]:
    try:
        yield
    except (*_AWAY, asyncpg.PostgresError) as error:
        if isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] not in _UNUSABLE:
            raise
        raise BusUnavailable(f"the event log does not answer: {type(error).__name__} {error}") from error


class PostgresBus:
    def __init__(self, url: str, listen: bool = True) -> None:
        self.url = url.replace("postgresql+asyncpg://", "postgresql://")
        self.listen = listen
        self._pool: asyncpg.Pool | None = None
        self._lock = asyncio.Lock()

    async def start(self) -> None:
        """Connects at first use, not here."""

    async def stop(self) -> None:
        if self._pool is not None:
            pool, self._pool = self._pool, None
            with suppress(*_AWAY, asyncpg.PostgresError):
                await asyncio.wait_for(pool.close(), STOP_TIMEOUT)

    async def _connections(self) -> asyncpg.Pool:
        async with self._lock:
            if self._pool is None:
                # none kept open by force: the pool would go on connecting in the background while the server is away
                pool = await asyncpg.create_pool(
                    self.url, min_size=0, max_size=8, command_timeout=TIMEOUT, timeout=TIMEOUT
                )
                try:
                    async with pool.acquire() as connection, connection.transaction():
                        await connection.execute("SELECT pg_advisory_xact_lock(hashtext('apge_log_schema'))")
                        await connection.execute(SCHEMA)
                except BaseException:
                    pool.terminate()
                    raise
                self._pool = pool
            return self._pool

    async def ensure_topics(self, topics: Sequence[str]) -> None:
        async with _answering():
            pool = await self._connections()
            rows = [(topic, partition, 0) for topic in topics for partition in range(PARTITIONS)]
            await pool.executemany("INSERT INTO log_heads VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", rows)

    async def publish(self, topic: str, envelopes: Sequence[Envelope]) -> None:
        by_partition: dict[int, list[str]] = {}
        for envelope in envelopes:
            by_partition.setdefault(partition_of(envelope.subject), []).append(to_structured(envelope).decode())
        async with _answering():
            pool = await self._connections()
            one = len(by_partition) == 1  # then the statement is a transaction by itself
            async with (
                pool.acquire(timeout=TIMEOUT) as connection,
                nullcontext() if one else connection.transaction(),
            ):
                # in one order, or two writers could wait for each other
                for partition, events in sorted(by_partition.items()):
                    if not await connection.fetch(APPEND, topic, partition, events, CHANNEL):
                        raise BusUnavailable(f"the topic {topic} does not exist yet")

    async def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        async with _answering():
            pool = await self._connections()
            rows = await pool.fetch(
                "SELECT topic, partition, next_offset FROM log_heads WHERE topic = ANY($1)", list(topics)
            )
        return {(row["topic"], row["partition"]): row["next_offset"] for row in rows}

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], positions: Positions) -> AsyncIterator[Subscription]:
        async with _answering():
            connection = await asyncpg.connect(self.url, command_timeout=TIMEOUT, timeout=TIMEOUT)
        try:
            await self._connections_ready()
            subscription = PostgresSubscription(connection, topics, positions)
            if self.listen:
                async with _answering():
                    await connection.add_listener(CHANNEL, subscription.wake)
            yield subscription
        finally:
            connection.terminate()  # at once: a polite close would wait for a server that may be gone

    async def _connections_ready(self) -> None:
        async with _answering():
            await self._connections()


class PostgresSubscription:
    def __init__(self, connection: asyncpg.Connection, topics: Sequence[str], positions: Positions) -> None:
        self.connection, self.topics = connection, set(topics)
        self.positions = {
            (topic, partition): positions.get((topic, partition), 0)
            for topic in topics
            for partition in range(PARTITIONS)
        }
        self._woken = asyncio.Event()

    def wake(self, _connection: object, _pid: int, _channel: str, topic: object) -> None:
        if topic in self.topics:
            self._woken.set()

    async def read(self, limit: int, wait: float) -> list[Delivery]:
        deadline = asyncio.get_running_loop().time() + wait
        while True:
            self._woken.clear()
            found = await self._read_now(limit)
            left = deadline - asyncio.get_running_loop().time()
            if found or left <= 0:
                return found
            with suppress(TimeoutError):
                async with asyncio.timeout(min(left, POLL)):
                    await self._woken.wait()

    async def _read_now(self, limit: int) -> list[Delivery]:
        found: list[Delivery] = []
        async with _answering():
            for (topic, partition), position in await self._behind():
                rows = await self.connection.fetch(READ, topic, partition, position, limit - len(found))
                found += [_delivery(topic, row) for row in rows]
                if rows:
                    self.positions[topic, partition] = rows[-1]["offset"] + 1
                if len(found) >= limit:
                    break
        return found

    async def _behind(self) -> list[tuple[Partition, int]]:
        heads = await self.connection.fetch(
            "SELECT topic, partition, next_offset FROM log_heads WHERE topic = ANY($1)", list(self.topics)
        )
        return [
            (place, self.positions.get(place, 0))
            for place, end in (((head["topic"], head["partition"]), head["next_offset"]) for head in heads)
            if end > self.positions.get(place, 0)
        ]


def _delivery(topic: str, row: asyncpg.Record) -> Delivery:
    try:
        return Delivery(topic, row["partition"], row["offset"], from_structured(row["event"]))
    except (ValueError, TypeError) as error:
        return Delivery(topic, row["partition"], row["offset"], None, str(error), row["event"].encode())
