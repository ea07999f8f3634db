"""What is committed is published: nothing lost, nothing that was not committed, each aggregate in order; whatever the bus does.

The workload is the hard one that decided the relay's design: 16 writers, rollbacks, pauses between the event and the commit,
transactions that wrote something before, contended aggregates.
"""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import text
from tests.contracts.stands import REAL, KafkaStand, Stand, ask_for
from tests.kafka import RunningKafka, require_kafka
from tests.shared.sample import execute, marks, rewrite, scalar, service

from shared import kafka_bus, leases, outbox
from shared.app import create_app
from shared.bus import BusUnavailable, EventBus, Unpublishable
from shared.cloudevents import Envelope
from shared.database import Database, connect
from shared.issuer import LocalIssuer
from shared.leases import Lease, LeaseLost
from shared.outbox import Relay
from shared.postgres_bus import PostgresBus
from shared.telemetry import Metrics
from shared.testing import Postgres, running, test_settings, wait_until
from shared.workers import Worker

TOPIC = "apge.sample"
WRITERS = 16
COMMITS = {"postgres": 2000, "kafka-mock": 1000, "kafka": 1000}
# the log's readers differ in how they wait, which is nothing to the relay: one kind of them is enough here
ON_BOTH = pytest.mark.parametrize("stand", ["postgres", "kafka-mock"], indirect=True)
ON_ALL = pytest.mark.parametrize("stand", ["postgres", "kafka-mock", REAL], indirect=True)
NOTES = [f"note-{number}" for number in range(50)]


class Rollback(Exception):  # noqa: N818 (what a writer decides, no mistake)
    pass


@dataclass
class History:
    """What the writers know of their transactions and the reader of its deliveries; `faults` compares the two afterwards."""

    committed: set[tuple[str, str]] = field(default_factory=set)
    rolled_back: set[tuple[str, str]] = field(default_factory=set)
    delivered: list[Envelope] = field(default_factory=list)

    def faults(self) -> list[str]:
        came = {(envelope.subject, envelope.data.decode()) for envelope in self.delivered}
        found = [f"lost: {one}" for one in sorted(self.committed - came)]
        found += [f"never committed: {one}" for one in sorted(came - self.committed)]
        seen: dict[str, int] = {}
        for envelope in self.delivered:
            before = seen.get(envelope.subject, 0)
            if envelope.sequence > before + 1:
                found.append(f"out of order: {envelope.subject} {envelope.sequence} after {before}")
            seen[envelope.subject] = max(before, envelope.sequence)
        return found


async def lay_notes(database: Database, *keys: str) -> None:
    for key in keys:
        await execute(database, "INSERT INTO notes (key, sequence, text) VALUES (:key, 0, '')", key=key)


def words(said: str) -> str:
    """The payload that a note's text becomes."""
    return f'{{"text":"{said}"}}'


async def write(database: Database, history: History, chance: random.Random, number: int) -> None:
    key, said = chance.choice(NOTES), f"said {number}"
    fate = chance.random()
    try:
        async with database.transaction() as session:
            if chance.random() < 0.3:
                await session.execute(marks.insert().values(id=f"mark {number}"))
            await rewrite(session, key, said)
            await asyncio.sleep(chance.random() * 0.01)
            if fate < 0.05:
                raise Rollback
    except Rollback:
        history.rolled_back.add((f"unit/{key}", words(said)))
    else:
        history.committed.add((f"unit/{key}", words(said)))


async def write_all(database: Database, history: History, commits: int) -> None:
    numbers = iter(range(10**9))

    async def writer(seed: int) -> None:
        chance = random.Random(seed)
        while len(history.committed) < commits:
            await write(database, history, chance, next(numbers))

    await asyncio.gather(*(writer(seed) for seed in range(WRITERS)))


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[Worker]:
    worker = Worker("relay", relay.run, relay.metrics)
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def pending(database: Database) -> int:
    return await scalar(database, "SELECT count(*) FROM outbox WHERE published_at IS NULL")


async def drained(database: Database, patience: float = 60) -> None:
    async def nothing_pending() -> bool:
        return await pending(database) == 0

    await wait_until(nothing_pending, patience)


async def read_everything(bus: EventBus, topic: str) -> list[Envelope]:
    found: list[Envelope] = []
    left = sum((await bus.ends([topic])).values())
    async with bus.subscribe([topic], {}) as subscription:
        for _ in range(left + 10):
            batch = await subscription.read(1000, 1.0)
            found += [delivery.envelope for delivery in batch if delivery.envelope is not None]
            if len(found) >= left:
                break
    return found


@pytest.fixture
async def topic(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> str:
    """A topic of this test's own, under which the sample service's relay publishes."""
    new = await stand.new_topic()
    monkeypatch.setattr(outbox, "topic_of", lambda _: new)
    return new


@ON_ALL
async def test_sixteen_writers_lose_nothing_invent_nothing_and_keep_the_order(
    stand: Stand, database: Database, bus: EventBus, topic: str
) -> None:
    wide = connect(database.engine.url.render_as_string(hide_password=False), pool=WRITERS)
    history = History()
    await lay_notes(wide, *NOTES)
    async with relaying(Relay(database, bus, "sample", Metrics(), poll=0.02)):
        await write_all(wide, history, COMMITS[stand.kind])
        await drained(database)
    await wide.close()
    history.delivered = await read_everything(bus, topic)
    assert len(history.committed) >= COMMITS[stand.kind]
    assert history.rolled_back
    assert history.faults() == []


class CursorRelay(Relay):
    """The mistake that the relay must not make: it goes on after the last position that it saw, as a reader of a log would."""

    last = 0

    async def drain_once(self, lease: Lease) -> int:
        async with self.database.reading() as session:
            query = text("SELECT * FROM outbox WHERE position > :last ORDER BY position")
            rows = (await session.execute(query, {"last": self.last})).mappings().all()
        if rows:
            self.last = rows[-1]["position"]
            await self.bus.publish(self.topic, [outbox._envelope(self.service, row) for row in rows])
        return len(rows)


@pytest.mark.parametrize(
    ("kind", "faults"), [(Relay, []), (CursorRelay, ["lost: ('unit/slow', '{\"text\":\"slow\"}')"])]
)
async def test_a_slow_transaction_is_published_by_the_relay_and_lost_by_one_that_keeps_a_cursor(
    database: Database, bus: EventBus, topic: str, kind: type[Relay], faults: list[str]
) -> None:
    history = History()
    await bus.ensure_topics([topic])
    await lay_notes(database, "slow", "quick")
    relay = kind(database, bus, "sample", Metrics())
    lease = await leases.take(database, "relay", relay.holder, 60)
    assert lease is not None
    async with database.transaction() as slow:
        await rewrite(slow, "slow", "slow")  # its position is the lower one, and nobody sees it yet
        async with database.transaction() as quick:
            await rewrite(quick, "quick", "quick")
        assert await relay.drain_once(lease) == 1
    await relay.drain_once(lease)
    history.committed = {("unit/slow", words("slow")), ("unit/quick", words("quick"))}
    history.delivered = await read_everything(bus, topic)
    assert history.faults() == faults


def test_the_checker_finds_what_it_is_there_to_find() -> None:
    def delivered(number: int, said: str) -> Envelope:
        return Envelope("i", "t", "/s", "unit/a", "2026-01-01T00:00:00Z", number, words(said).encode())

    committed = {("unit/a", words(said)) for said in "xyz"}
    whole = [delivered(1, "x"), delivered(2, "y"), delivered(3, "z")]
    assert History(committed, set(), whole).faults() == []
    assert History(committed, set(), [*whole, *whole]).faults() == []
    assert History(committed, set(), whole[:2]).faults() == ["lost: ('unit/a', '{\"text\":\"z\"}')"]
    assert History(committed, set(), [*whole, delivered(4, "ghost")]).faults() == [
        "never committed: ('unit/a', '{\"text\":\"ghost\"}')"
    ]
    assert History(committed, set(), [whole[0], whole[2], whole[1]]).faults() == ["out of order: unit/a 3 after 1"]


async def test_a_rolled_back_transaction_leaves_no_event(database: Database) -> None:
    await lay_notes(database, "a")

    async def fail() -> None:
        async with database.transaction() as session:
            await rewrite(session, "a", "never")
            raise Rollback

    with pytest.raises(Rollback):
        await fail()
    assert await pending(database) == 0
    assert await scalar(database, "SELECT sequence FROM notes") == 0


class Gate:
    """A bus in front of another one: holds a publish until it is opened, or refuses what it is told to."""

    def __init__(self, inner: EventBus) -> None:
        self.inner, self.waiting, self.open = inner, asyncio.Event(), asyncio.Event()
        self.refused: set[str] = set()
        self.open.set()

    async def publish(self, topic: str, envelopes: list[Envelope]) -> None:
        self.waiting.set()
        await self.open.wait()
        for envelope in envelopes:
            if envelope.data.decode() in self.refused:
                raise Unpublishable(envelope.id, "too large")
            await self.inner.publish(topic, [envelope])

    async def ensure_topics(self, topics: list[str]) -> None:
        await self.inner.ensure_topics(topics)


@ON_BOTH
async def test_a_relay_that_lost_its_lease_while_it_slept_marks_nothing(
    database: Database, bus: EventBus, topic: str
) -> None:
    history = History()
    await lay_notes(database, *NOTES)
    chance = random.Random(3)
    for number in range(30):
        await write(database, history, chance, number)
    gate = Gate(bus)
    sleeper, successor = (Relay(database, one, "sample", Metrics()) for one in (gate, bus))
    lease = await leases.take(database, "relay", sleeper.holder, 60)
    assert lease is not None
    gate.open.clear()
    asleep = asyncio.ensure_future(sleeper.drain_once(lease))
    await gate.waiting.wait()
    await execute(database, "UPDATE leases SET expires_at = now() - interval '1 second'")
    following = await leases.take(database, "relay", successor.holder, 60)
    assert following is not None
    half = await scalar(database, "SELECT array_agg(position ORDER BY position) FROM outbox")
    async with database.transaction() as session:  # the successor is only half way when the sleeper wakes
        await following.fence(session)
        await session.execute(outbox._MARK, {"positions": half[:10]})
    gate.open.set()
    with pytest.raises(LeaseLost):
        await asleep
    assert await pending(database) == len(half) - 10
    assert await successor.drain_once(following) == len(half) - 10
    assert await pending(database) == 0
    history.delivered = await read_everything(bus, topic)
    assert history.faults() == []


@ON_BOTH
async def test_two_relays_at_once_with_leases_that_keep_running_out_still_lose_nothing(
    database: Database, bus: EventBus, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE_SECONDS", 0.15)
    history = History()
    await lay_notes(database, *NOTES)
    relays = [Relay(database, bus, "sample", Metrics(), poll=0.02) for _ in range(2)]
    stolen = asyncio.Event()

    async def thief() -> None:
        while not stolen.is_set():
            await execute(database, "UPDATE leases SET expires_at = '-infinity' WHERE name = 'relay'")
            await asyncio.sleep(0.03)

    stealing = asyncio.ensure_future(thief())
    async with relaying(relays[0]), relaying(relays[1]):
        await write_all(database, history, 150)
        await drained(database)
        stolen.set()
        await stealing
    history.delivered = await read_everything(bus, topic)
    assert history.faults() == []
    assert await scalar(database, "SELECT token FROM leases WHERE name = 'relay'") > 2


@ON_BOTH
async def test_an_event_that_the_bus_refuses_sets_aside_the_later_ones_of_its_aggregate_and_no_other(
    database: Database, bus: EventBus, topic: str
) -> None:
    await lay_notes(database, "bad", "good")
    for said in ("one", "two, refused", "three"):
        for key in ("bad", "good"):
            async with database.transaction() as session:
                await rewrite(session, key, f"{key} {said}")
    gate = Gate(bus)
    gate.refused = {words("bad two, refused")}
    metrics = Metrics()
    relay = Relay(database, gate, "sample", metrics)
    lease = await leases.take(database, "relay", relay.holder, 60)
    assert lease is not None

    async def settled() -> bool:
        return await relay.drain_once(lease) == 0

    await wait_until(settled)
    delivered = await read_everything(bus, topic)
    said_by = {
        key: list(dict.fromkeys(one.data.decode() for one in delivered if one.subject == f"unit/{key}"))
        for key in ("bad", "good")
    }
    assert said_by == {
        "bad": [words("bad one")],
        "good": [words("good one"), words("good two, refused"), words("good three")],
    }
    assert await pending(database) == 2
    assert await scalar(database, "SELECT refused FROM outbox WHERE refused IS NOT NULL") == "too large"
    await execute(database, "UPDATE outbox SET refused = NULL")
    gate.refused = set()
    await wait_until(settled)
    delivered = [one for one in await read_everything(bus, topic) if one.subject == "unit/bad"]
    assert list(dict.fromkeys(one.sequence for one in delivered)) == [1, 2, 3]


@ON_BOTH
async def test_what_was_recorded_before_a_refused_event_is_published_even_if_the_bus_took_none_of_the_batch(
    database: Database, bus: EventBus, topic: str
) -> None:
    await lay_notes(database, "a")
    for said in ("one", "two"):
        async with database.transaction() as session:
            await rewrite(session, "a", said)

    class AllOrNothing(Gate):
        async def publish(self, topic: str, envelopes: list[Envelope]) -> None:
            for envelope in envelopes:
                if envelope.data.decode() in self.refused:
                    raise Unpublishable(envelope.id, "too large")
            await self.inner.publish(topic, envelopes)

    gate = AllOrNothing(bus)
    gate.refused = {words("two")}
    relay = Relay(database, gate, "sample", Metrics())
    lease = await leases.take(database, "relay", relay.holder, 60)
    assert lease is not None
    for _ in range(3):
        await relay.drain_once(lease)
    assert [one.data.decode() for one in await read_everything(bus, topic)] == [words("one")]


async def test_old_published_events_are_pruned_and_pending_ones_never(database: Database) -> None:
    await lay_notes(database, "a")
    for number in range(4):
        async with database.transaction() as session:
            await rewrite(session, "a", str(number))
    await execute(database, "UPDATE outbox SET recorded_at = now() - interval '99 days'")
    await execute(database, "UPDATE outbox SET published_at = now() - interval '31 days' WHERE sequence = 1")
    await execute(database, "UPDATE outbox SET published_at = now() - interval '29 days' WHERE sequence = 2")
    await Relay(database, PostgresBus("postgresql://x/y"), "sample", Metrics())._prune()
    assert await scalar(database, "SELECT array_agg(sequence ORDER BY sequence) FROM outbox") == [2, 3, 4]


async def post(client: object, said: str) -> None:
    answer = await client.post("/sample/v1/notes", role="custodian", json={"text": said})  # type: ignore[attr-defined]
    assert answer.status_code == 201


def gauge(metrics: Metrics, name: str) -> float:
    return metrics.registry.get_sample_value(name) or 0.0


@pytest.mark.parametrize("kind", ["postgres", "kafka-mock"])
async def test_with_the_bus_away_from_the_start_the_api_goes_on_and_all_arrives_when_it_is_back(
    kind: str, postgres: Postgres, issuer: LocalIssuer, mock_kafka: KafkaStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MEASURE_EVERY", 0.0)
    monkeypatch.setattr(kafka_bus, "TIMEOUT", 2.0)
    async with postgres.database(service) as url, postgres.database() as log:
        monkeypatch.setattr("shared.app.make_bus", lambda *_: bus)
        bus: PostgresBus | kafka_bus.KafkaBus = PostgresBus("postgresql://nobody@127.0.0.1:1/nothing")
        if kind == "kafka-mock":
            await ask_for(mock_kafka, TOPIC)
            bus = kafka_bus.KafkaBus("127.0.0.1:1")
        app = create_app(service, test_settings(service, url, log, issuer))
        async with running(app, issuer) as client:
            for number in range(20):
                await post(client, f"while away {number}")

            async def seen() -> bool:
                ready = (await client.get("/sample/health/ready")).json()
                metrics: Metrics = app.state.metrics
                return (
                    ready["status"] == "degraded"
                    and "the bus is away" in ready["parts"]["relay"]
                    and "the bus is away" in ready["parts"]["projection:note-views"]
                    and gauge(metrics, "apge_outbox_pending_events") == 20
                    and gauge(metrics, "apge_outbox_oldest_pending_seconds") > 0
                )

            await wait_until(seen, 40)
            if isinstance(bus, PostgresBus):
                bus.url = PostgresBus(log).url
            else:
                bus.bootstrap = mock_kafka.bootstrap
            await wait_until(lambda: arrived(app.state.database, 20), 40)

            async def well() -> bool:
                return (await client.get("/sample/health/ready")).json()["status"] == "ok" and gauge(
                    app.state.metrics, "apge_outbox_pending_events"
                ) == 0

            await wait_until(well, 20)


async def arrived(database: Database, count: int) -> bool:
    return await scalar(database, "SELECT count(*) FROM note_views") == count


@pytest.mark.kafka
@pytest.mark.timeout(400)
async def test_a_real_broker_killed_under_load_and_started_again_loses_nothing(
    postgres: Postgres, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_kafka()
    monkeypatch.setattr(outbox, "MEASURE_EVERY", 0.0)
    monkeypatch.setattr(kafka_bus, "TIMEOUT", 4.0)
    node = await asyncio.to_thread(RunningKafka)
    try:
        async with postgres.database(service) as url:
            settings = test_settings(service, url, "", issuer, bus="kafka", kafka_bootstrap=node.bootstrap)
            app = create_app(service, settings)
            async with running(app, issuer) as client:
                for number in range(10):
                    await post(client, f"before {number}")
                await wait_until(lambda: arrived(app.state.database, 10), 60)
                writing = asyncio.ensure_future(write_on(client, 200))
                await asyncio.to_thread(node.kill)
                await writing

                async def degraded() -> bool:
                    ready = (await client.get("/sample/health/ready")).json()
                    return "the bus is away" in ready["parts"]["relay"]

                await wait_until(degraded, 60)
                assert await pending(app.state.database) > 0
                await asyncio.to_thread(node.restart)
                await wait_until(lambda: arrived(app.state.database, 210), 120)
                await drained(app.state.database)
                delivered = await read_everything(app.state.bus, TOPIC)
                assert len({one.subject for one in delivered}) == 210
                assert {one.sequence for one in delivered} == {1}
                assert all(not worker._task.done() for worker in app.state.workers)
    finally:
        await asyncio.to_thread(node.stop)


async def write_on(client: object, count: int) -> None:
    for number in range(count):
        await post(client, f"meanwhile {number}")


@ON_ALL
async def test_a_bus_that_fails_now_and_then_loses_nothing_and_keeps_the_order(
    database: Database, bus: EventBus, topic: str
) -> None:
    chance = random.Random(7)

    class Moody(Gate):
        async def publish(self, topic: str, envelopes: list[Envelope]) -> None:
            """Fails before, in the middle of, or after the batch: the caller cannot tell which."""
            mood = chance.random()
            if mood < 0.2:
                raise BusUnavailable("before")
            if mood < 0.4:
                await self.inner.publish(topic, envelopes[: len(envelopes) // 2])
                raise BusUnavailable("half way")
            await self.inner.publish(topic, envelopes)
            if mood < 0.6:
                raise BusUnavailable("after")

    history = History()
    await lay_notes(database, *NOTES)
    async with relaying(Relay(database, Moody(bus), "sample", Metrics(), poll=0.01)):
        await write_all(database, history, 200)
        await drained(database)
    history.delivered = await read_everything(bus, topic)
    assert history.faults() == []
