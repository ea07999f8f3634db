"""Events per second that a projection applies from a full log, beside plain `unnest` batches of 1,000 into the same table."""

import asyncio
import time
from contextlib import aclosing

import asyncpg
import orjson

from benchmarks.measuring import Row, postgres
from reporting.main import service
from reporting.projections.status import status
from shared.applying import Applier
from shared.bus import read_ahead
from shared.cloudevents import Envelope
from shared.database import connect
from shared.events.results import Result, ResultRecorded
from shared.postgres_bus import PostgresBus
from shared.rebuild import rebuild
from shared.runner import begin_positions
from shared.telemetry import Metrics, new_id
from shared.testing import Postgres

EVENTS, TARGETS, BATCH = 100_000, 20_000, 1000
COMMAND = "python -m benchmarks projection"

PLAIN = """
    INSERT INTO target_states (aggregate, sequence, plan, indicator, status, at, state, type, cause)
    SELECT a, s, 'p', 'i', 'on_track', now(), j, 't', '{}'::jsonb FROM unnest($1::text[], $2::bigint[], $3::jsonb[]) AS x(a, s, j)
    ON CONFLICT DO NOTHING
"""


def envelopes() -> list[Envelope]:
    """Results of 20,000 targets, five each, as the indicators service states them."""
    made = []
    for number in range(EVENTS):
        target, sequence = number % TARGETS, number // TARGETS + 1
        result = Result.model_validate(
            {"number": sequence, "as_of": "2021-06-30", "value": 40 + sequence, "review": "submitted", "recorded_at": "2021-07-01T00:00:00Z", "recorded_by": "custodian:HRD"}
        )  # fmt: skip
        event = ResultRecorded(
            plan="bench",
            indicator=f"i-{target}",
            phase="2020-21",
            place="global",
            status="on_track",
            standing=result,
            changed=result,
        )
        made.append(
            Envelope(new_id(), event.type, "/indicators", f"result/bench/i-{target}/2020-21/global", "2021-07-01T00:00:00+00:00", sequence, event.model_dump_json().encode(), new_id(), new_id(), "custodian:HRD")
        )  # fmt: skip
    return made


async def plain(server: Postgres, given: list[Envelope]) -> float:
    """Events per second of nothing but batches into a table of the same shape."""
    async with server.database(service) as url:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""))
        started = time.perf_counter()
        for first in range(0, len(given), BATCH):
            batch = given[first : first + BATCH]
            await connection.execute(
                PLAIN, [e.subject for e in batch], [e.sequence for e in batch], [e.data.decode() for e in batch]
            )
        seconds = time.perf_counter() - started
        await connection.close()
    return len(given) / seconds


async def applied(server: Postgres, bus: PostgresBus) -> tuple[float, float]:
    """Events per second: the live runner's applying from position 0, and a rebuild of the same view."""
    async with server.database(service) as url:
        database, metrics = connect(url), Metrics()
        applier = Applier(status, database, metrics)
        at = await begin_positions(database, status.name, list(await bus.ends(status.topics)))
        started, done = time.perf_counter(), 0
        async with (
            bus.subscribe(status.topics, at) as subscription,
            aclosing(read_ahead(subscription, BATCH, 1)) as batches,
        ):
            while done < EVENTS:
                batch = await anext(batches)
                at = await applier.apply(batch, at)
                done += len(batch)
        live = EVENTS / (time.perf_counter() - started)
        started = time.perf_counter()
        await rebuild(status, database, bus, metrics, _quiet, _nobody)
        anew = EVENTS / (time.perf_counter() - started)
        await database.close()
    return live, anew


async def _quiet(_: int, __: int) -> None:
    """No progress bar inside a measurement."""


async def _nobody(_: object, __: str) -> None:
    """Nobody listens."""


async def measure() -> list[Row]:
    with postgres() as server:
        given = envelopes()
        assert orjson.loads(given[0].data)["status"] == "on_track"
        async with server.database() as bus_url:
            bus = PostgresBus(bus_url)
            await bus.ensure_topics(status.topics)
            for first in range(0, EVENTS, BATCH):
                await bus.publish(status.topics[0], given[first : first + BATCH])
            limit = await plain(server, given)
            given.clear()  # a heap full of events would slow the collector down for the measured part
            live, anew = await applied(server, bus)
            await bus.stop()
    said = f"plain unnest batches of {BATCH:,}: {limit:,.0f} events/s"
    return [
        Row("projection, full log", f"{live:,.0f} events/s", said, f"{live / limit:.2f}", "0.5", COMMAND),
        Row("rebuild of the same view", f"{anew:,.0f} events/s", said, f"{anew / limit:.2f}", "0.5", COMMAND),
    ]


def run() -> list[Row]:
    return asyncio.run(measure())
