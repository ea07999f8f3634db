"""Events that come again, come late behind a slow transaction, or meet a view that cannot take them.

What is proven: repeats of any size change nothing anywhere, a transaction that stays open while later ones commit loses nothing,
and an aggregate whose event fails waits aside, alone, until its replay heals it.
"""

import time
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.faults.workload import load
from tests.faults.world import MEASURES, TOPIC, UNIT, World

from indicators.schemas.results import NewResult
from indicators.service import results
from reporting.main import service as reporting
from shared.auth import Principal
from shared.bus import partition_of
from shared.testing import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

HELD_SECONDS = 4.0
REPEATED = "apge_projection_repeated_events_total"
TABLES = ("definitions", "target_states", "actions", "measures", "snapshots", "feed_head", "projection_sequences")


async def everything(world: World) -> dict[str, Any]:
    """All that events can change: every row of every view, the end of the feed, every aggregate of the source."""
    found: dict[str, Any] = {"source": await world.heads(world.indicators), "views": await world.heads(world.reporting)}
    for table in TABLES:
        statement = (
            f"SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, ' ' ORDER BY t::text), '')) FROM {table} t"
        )
        found[table] = await world.number(statement, world.views)
    return found


async def repeat_everything(world: World) -> None:
    code = f"measure-{world.grounds}"
    fed = await world.ground(1, fed_by=code)
    await world.measure(code, 1)
    ground = await world.ground()
    async with load(world, ground) as work:
        await work.progress(60)
    before = await everything(world)
    assert (await world.evidence(fed)).source, "the measure is no result"
    ignored = await world.reporting.metric(REPEATED)
    said = 0
    for topic, subject in ((TOPIC, ground.aggregates[0]), (MEASURES, f"measure/{code}/2021-06-30/staff")):
        log = [delivery.envelope for delivery in await world.log(topic) if delivery.envelope is not None]
        twice = [envelope for envelope in log for _ in range(2)]
        partition = [envelope for envelope in log if partition_of(envelope.subject) == partition_of(subject)]
        for again in (twice, partition):
            said += len(again) * sum(topic in projection.topics for projection in reporting.projections)
            for start in range(0, len(again), 1000):
                await world.bus.publish(topic, again[start : start + 1000])
    await world.settle()
    assert await everything(world) == before
    assert await world.reporting.metric(REPEATED) - ignored == said


async def test_every_event_twice_and_a_whole_partition_again_change_nothing(world: World) -> None:
    await repeat_everything(world)


@pytest.mark.kafka
async def test_every_event_twice_and_a_whole_partition_again_change_nothing_over_kafka(kafka_world: World) -> None:
    await repeat_everything(kafka_world)


async def test_a_transaction_open_for_seconds_while_others_commit_loses_nothing(world: World) -> None:
    ground = await world.ground()
    *others, held = ground.aggregates
    _, plan, code, phase, place = held.split("/")
    principal = Principal("slow", frozenset({"custodian"}), frozenset({UNIT}), time.time() + 3600)
    async with load(world, ground, aggregates=others) as work:
        await work.progress(10)
        call = work.history.invoke("slow", held)
        async with world.source.transaction() as session:
            given = NewResult(phase=phase, place=place, value=70, comment="slow")
            recorded, _ = await results.record_result(session, plan, code, given, principal, [UNIT])
            position = (await session.execute(text("SELECT max(position) FROM outbox WHERE aggregateid = :key"), {"key": held.removeprefix("result/")})).scalar_one()  # fmt: skip
            until = time.monotonic() + HELD_SECONDS

            async def passed() -> bool:
                """Later events are out, and it is late."""
                later = f"SELECT count(*) FROM outbox WHERE published_at IS NOT NULL AND position > {position}"
                return await world.number(later) > 50 and time.monotonic() > until

            await wait_until(passed, 60)
        work.history.complete(call, "acknowledged", recorded.changed.number)
        await work.progress(10)


POISON = (
    "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a bug'; END $$",
    "CREATE TRIGGER poison BEFORE INSERT ON target_states FOR EACH ROW WHEN (NEW.aggregate = '{}') EXECUTE FUNCTION poison()",
)
ANTIDOTE = ("DROP TRIGGER poison ON target_states", "DROP FUNCTION poison()")


async def execute(world: World, *statements: str) -> None:
    async with world.views.transaction() as session:
        for statement in statements:
            await session.execute(text(statement))


async def test_an_event_that_fails_parks_its_aggregate_alone_and_replay_heals_it(world: World) -> None:
    ground = await world.ground()
    poisoned = ground.aggregates[0]
    async with load(world, ground) as work:
        await work.progress(10)
        await execute(world, *(statement.format(poisoned) for statement in POISON))

        async def parked() -> Any:
            return await world.call("GET", world.reporting, "/parked")

        entries = await wait_until(parked)
        await work.progress()
        assert [entry["aggregate"] for entry in await parked()] == [poisoned]
        assert "a bug" in entries[0]["reason"]

        async def told() -> bool:
            health = await world.reporting.health()
            assert health["code"] == 200, health
            return "parked" in health["parts"]["projection:status"]

        await wait_until(told)
        assert (await replay(world, poisoned)).status_code == 409
        await execute(world, *ANTIDOTE)
        healed = await replay(world, poisoned)
        assert healed.status_code == 200, healed.text
        assert healed.json()["events"] > 0
        assert await parked() == []
        await work.progress()


async def replay(world: World, aggregate: str) -> httpx.Response:
    url = f"{world.reporting.url}/v1/parked/status/{aggregate}/replay"
    return await world.http.post(url, headers=world.headers("operator"), timeout=30)
