"""From a committed change to its event at ten live clients, over the PostgreSQL log and over real Kafka, beside the bus's own time.

A change's clock starts at the instant of its commit, which PostgreSQL keeps (track_commit_timestamp), and ends when a client has read
the event's line. Everything runs on one machine, so there is one clock.
"""

import asyncio
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from pathlib import Path

import asyncpg
import httpx
import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from benchmarks.measuring import PLAN, ROOT, Embedded, Row, free_port, loaded, percentiles, postgres, start_embedded

CHANGES, CLIENTS = 200, 10
FIRST_DAY = date(2021, 1, 1)
COMMAND = "python -m benchmarks latency"
TARGET = f"/indicators/v1/indicators/turin-women/results?plan={PLAN}"


COMMITS = """
    SELECT o.id::text AS id, pg_xact_commit_timestamp(c.xmin) AS at
    FROM outbox AS o JOIN changes AS c ON c.aggregate = concat_ws('/', o.aggregatetype, o.aggregateid) AND c.sequence = o.sequence
"""
"""The outbox's own row is another one once it is published; the audit trail's stays the one that was committed with it."""


async def _listen(url: str, opened: asyncio.Event, arrivals: list[tuple[str, float]]) -> None:
    """Every change of `turin-women` in the view `status`: its event's id, and when it was here."""
    async with (
        httpx.AsyncClient(timeout=None) as http,
        http.stream("GET", f"{url}/reporting/v1/live?view=status") as stream,
    ):
        async for line in stream.aiter_lines():
            if line.startswith(":"):
                opened.set()
            elif line.startswith("data:"):
                arrived, change = time.time(), orjson.loads(line[5:])
                if change.get("indicator") == "turin-women" and "event" in change:
                    arrivals.append((change["event"], arrived))


async def chain(embedded: Embedded, database: str) -> list[float]:
    """Seconds from commit to client, of each change at each client."""
    arrivals: list[tuple[str, float]] = []
    opened = [asyncio.Event() for _ in range(CLIENTS)]
    listeners = [asyncio.create_task(_listen(embedded.url, event, arrivals)) for event in opened]
    await asyncio.gather(*(event.wait() for event in opened))
    headers = {"Authorization": f"Bearer {embedded.token('custodian', 'TURIN')}"}
    async with httpx.AsyncClient(base_url=embedded.url, headers=headers) as http:
        for number in range(CHANGES):
            body = {
                "phase": "2020-21",
                "numerator": number,
                "denominator": 1000,
                "as_of": str(FIRST_DAY + timedelta(number)),
            }
            (await http.post(TARGET, json=body)).raise_for_status()
            await asyncio.sleep(0.02)
        for _ in range(500):
            if len(arrivals) >= CHANGES * CLIENTS:
                break
            await asyncio.sleep(0.02)
    for listener in listeners:
        listener.cancel()
    if len(arrivals) < CHANGES * CLIENTS:
        raise RuntimeError(f"only {len(arrivals)} of {CHANGES * CLIENTS} events arrived")
    commits = await _commits(embedded.folder, database)
    return [arrived - commits[event] for event, arrived in arrivals]


async def _commits(folder: Path, database: str) -> dict[str, float]:
    """When each event of the outbox was committed."""
    connection = await asyncpg.connect(f"postgresql://postgres@/{database}?host={_socket(folder)}")
    rows = await connection.fetch(COMMITS)
    await connection.close()
    return {row["id"]: row["at"].timestamp() for row in rows if row["at"] is not None}  # none of before it was kept


def _socket(folder: Path) -> str:
    """The folder of the server's socket, as the server itself wrote it down."""
    return next(folder.rglob("postmaster.pid")).read_text().splitlines()[4]


async def kafka_alone(bootstrap: str) -> list[float]:
    """The broker's own time: one event of 500 bytes produced (acks=all, idempotent) and consumed, one after another."""
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False)
    await producer.start()
    await consumer.start()
    place = TopicPartition("apge.indicators", 0)
    consumer.assign([place])
    await consumer.seek_to_end(place)
    delays = []
    try:
        for _ in range(CHANGES):
            started = time.perf_counter()
            sending = asyncio.ensure_future(producer.send_and_wait("apge.indicators", b"x" * 500, partition=0))
            while not await consumer.getmany(timeout_ms=1000):
                continue
            delays.append(time.perf_counter() - started)
            await sending
            await asyncio.sleep(0.01)
    finally:
        await producer.stop()
        await consumer.stop()
    return delays


async def notify_alone() -> list[float]:
    """PostgreSQL's own time: NOTIFY sent in a transaction, LISTEN woken."""
    with postgres() as server:
        listener, sender = [await asyncpg.connect(server.plain_url("postgres")) for _ in range(2)]
        woken = asyncio.Event()
        await listener.add_listener("bench", lambda *_: woken.set())
        delays = []
        for _ in range(CHANGES):
            woken.clear()
            started = time.perf_counter()
            await sender.execute("NOTIFY bench")
            await woken.wait()
            delays.append(time.perf_counter() - started)
            await asyncio.sleep(0.005)
        await listener.close()
        await sender.close()
    return delays


@asynccontextmanager
async def _embedded(folder: Path, **environment: str) -> AsyncIterator[Embedded]:
    """Loaded, and started anew with a server that keeps the instant of each commit."""
    first = await asyncio.to_thread(start_embedded, folder, **environment)
    try:
        await asyncio.to_thread(loaded, first)
        connection = await asyncpg.connect(f"postgresql://postgres@/postgres?host={_socket(folder)}")
        await connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        await connection.close()
    finally:
        await asyncio.to_thread(first.stop)
    embedded = await asyncio.to_thread(start_embedded, folder, **environment)
    try:
        yield embedded
    finally:
        await asyncio.to_thread(embedded.stop)


async def measure() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="apge-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        async with _embedded(Path(folder) / "log", BUS="postgres") as embedded:
            over_log, notify = await chain(embedded, "apge_indicators"), await notify_alone()
        rows = [_row("PostgreSQL log", over_log, "LISTEN/NOTIFY wake-up", notify, "median 10 ms")]
        port = free_port()
        broker = subprocess.Popen(
            [str(ROOT / "deploy" / "kafka" / "run"), "--ephemeral", "--attached", "--port", str(port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        try:
            await asyncio.to_thread(broker.stdout.readline)  # type: ignore[union-attr]  # a pipe
            bootstrap = f"127.0.0.1:{port}"
            async with _embedded(Path(folder) / "kafka", BUS="kafka", KAFKA_BOOTSTRAP=bootstrap) as embedded:
                over_kafka = await chain(embedded, "apge_indicators_kafka")
                alone = await kafka_alone(bootstrap)
            rows.append(
                _row("Kafka", over_kafka, "produce to consume", alone, "median 15 ms, p99 50 ms; at most 3 times")
            )
        finally:
            broker.terminate()
            broker.wait(30)
    return rows


def _row(bus: str, seen: list[float], limit: str, alone: list[float], goal: str) -> Row:
    ratio = sorted(seen)[len(seen) // 2] / sorted(alone)[len(alone) // 2]
    return Row(
        f"change -> live client over {bus}",
        percentiles(seen),
        f"{limit}: {percentiles(alone)}",
        f"{ratio:.1f} times",
        goal,
        COMMAND,
    )


def run() -> list[Row]:
    return asyncio.run(measure())
