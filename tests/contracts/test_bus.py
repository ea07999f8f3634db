"""The contract of `shared.bus`, one suite for every kind of bus: the PostgreSQL log, woken or polling, and Kafka, mock and real."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tests.contracts.stands import Stand, closed_port, mock_cluster, postgres_log, silent_port

from shared import kafka_bus, postgres_bus
from shared.bus import BusUnavailable, Delivery, EventBus, Unpublishable
from shared.cloudevents import Envelope
from shared.telemetry import new_id

# written down, not computed: a subject that moved to another partition would lose its order
PARTITION_OF = {
    "unit/a": 3,
    "unit/b": 1,
    "unit/d": 0,
    "unit/e": 2,
    "result/apge-2018-21:1.1:2020-21:global": 3,
}


def event(number: int = 1, subject: str = "unit/a", **more: Any) -> Envelope:
    given: dict[str, Any] = {
        "id": new_id(),
        "type": "sample.note-written.v1",
        "source": "/sample",
        "subject": subject,
        "time": "2026-11-22T10:00:00+00:00",
        "sequence": number,
        "data": b'{"number":%d}' % number,
    }
    return Envelope(**{**given, **more})


async def read(bus: EventBus, topics: list[str], count: int, positions: Any = None, limit: int = 100) -> list[Delivery]:
    """The first `count` deliveries; fewer where no more come."""
    async with bus.subscribe(topics, positions or {}) as subscription:
        found: list[Delivery] = []
        for _ in range(count + 10):
            found += await subscription.read(limit, 1.0)
            if len(found) >= count:
                break
        return found


def numbers(deliveries: list[Delivery], subject: str = "unit/a") -> list[int]:
    return [d.envelope.sequence for d in deliveries if d.envelope is not None and d.envelope.subject == subject]


async def test_an_event_comes_back_with_every_attribute(bus: EventBus, topic: str) -> None:
    sent = event(
        7,
        "unit/\u00e9\u4e2d\U0001f600 %2F",
        data='{"text":"\u00e9\u4e2d\U0001f600","more":[1,2.5,null]}'.encode(),
        correlationid="c-1",
        causationid="c-0",
        actor="custodian:HRD+GENDER",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    await bus.publish(topic, [sent])
    [delivery] = await read(bus, [topic], 1)
    assert delivery.envelope == sent
    assert (delivery.topic, delivery.offset, delivery.error) == (topic, 0, None)


async def test_the_sdk_reads_what_is_on_the_wire(stand: Stand, bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(1, actor="reader", data=b'{"text":"\xc3\xa9"}'), event(2, data=b'{"text":"b"}')])
    first, second = await stand.read_by_sdk(topic, 2)
    assert first.get_specversion() == "1.0"
    assert first.get_type() == "sample.note-written.v1"
    assert first.get_source() == "/sample"
    assert first.get_subject() == "unit/a"
    assert first.get_time().isoformat() == "2026-11-22T10:00:00+00:00"
    assert first.get_datacontenttype() == "application/json"
    assert str(first.get_extension("sequence")) == "1"
    assert first.get_extension("actor") == "reader"
    assert first.get_data() == {"text": "\u00e9"}
    assert second.get_data() == {"text": "b"}
    assert second.get_extension("actor") is None


async def test_the_events_of_a_subject_keep_their_order(bus: EventBus, topic: str) -> None:
    for first in range(1, 301, 60):
        await bus.publish(topic, [event(number) for number in range(first, first + 60)])
    assert numbers(await read(bus, [topic], 300)) == list(range(1, 301))


async def test_an_event_goes_to_the_partition_of_its_subject(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(1, subject) for subject in PARTITION_OF])
    found = await read(bus, [topic], len(PARTITION_OF))
    assert {d.envelope.subject: d.partition for d in found if d.envelope} == PARTITION_OF


async def test_the_offsets_of_a_partition_rise_by_one_from_zero(bus: EventBus, topic: str) -> None:
    for number in range(1, 5):
        await bus.publish(topic, [event(number, subject) for subject in PARTITION_OF])
    found = await read(bus, [topic], 20)
    by_partition: dict[int, list[int]] = {}
    for delivery in found:
        by_partition.setdefault(delivery.partition, []).append(delivery.offset)
    assert by_partition == {0: [0, 1, 2, 3], 1: [0, 1, 2, 3], 2: [0, 1, 2, 3], 3: [*range(8)]}


async def test_many_partitions_in_one_publish_keep_each_subject_in_order(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(number, subject) for number in range(1, 21) for subject in PARTITION_OF])
    found = await read(bus, [topic], 100)
    for subject in PARTITION_OF:
        assert numbers(found, subject) == [*range(1, 21)]


async def test_publishing_nothing_is_no_mistake(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [])
    assert set((await bus.ends([topic])).values()) == {0}


async def test_an_event_published_twice_comes_twice(bus: EventBus, topic: str) -> None:
    same = event(1)
    await bus.publish(topic, [same])
    await bus.publish(topic, [same])
    assert [d.envelope for d in await read(bus, [topic], 2)] == [same, same]


async def test_a_reader_goes_on_from_the_position_that_it_names(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(number) for number in range(1, 11)])
    found = await read(bus, [topic], 4, {(topic, 3): 6})
    assert [d.offset for d in found] == [6, 7, 8, 9]
    assert numbers(found) == [7, 8, 9, 10]


async def test_a_partition_that_is_not_named_is_read_from_its_beginning(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(number, subject) for number in (1, 2) for subject in ("unit/a", "unit/b")])
    found = await read(bus, [topic], 3, {(topic, 3): 1})
    assert (numbers(found, "unit/a"), numbers(found, "unit/b")) == ([2], [1, 2])


async def test_a_position_at_the_end_gives_only_what_comes_later(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(number) for number in (1, 2)])
    async with bus.subscribe([topic], await bus.ends([topic])) as subscription:
        assert await subscription.read(10, 0.3) == []
        await bus.publish(topic, [event(3)])
        found: list[Delivery] = []
        for _ in range(20):
            found += await subscription.read(10, 0.5)
            if found:
                break
        assert numbers(found) == [3]


async def test_reading_where_nothing_is_gives_an_empty_list(bus: EventBus, topic: str) -> None:
    async with asyncio.timeout(10), bus.subscribe([topic], {}) as subscription:
        assert await subscription.read(10, 0.2) == []
        assert await subscription.read(10, 0) == []


async def test_no_read_gives_more_than_its_limit_and_small_reads_lose_nothing(bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(number, subject) for number in range(1, 11) for subject in ("unit/a", "unit/b")])
    async with bus.subscribe([topic], {}) as subscription:
        found: list[Delivery] = []
        for _ in range(60):
            batch = await subscription.read(3, 1.0)
            assert len(batch) <= 3
            found += batch
            if len(found) == 20:
                break
    assert (numbers(found, "unit/a"), numbers(found, "unit/b")) == ([*range(1, 11)], [*range(1, 11)])


async def test_a_waiting_reader_gets_what_is_published_meanwhile(bus: EventBus, topic: str) -> None:
    async with bus.subscribe([topic], {}) as subscription:
        reading = asyncio.ensure_future(subscription.read(10, 15))
        await bus.publish(topic, [event(1)])
        assert numbers(await reading) == [1]


async def test_two_readers_do_not_take_events_from_each_other(stand: Stand, bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(number) for number in range(1, 6)])
    other = stand.bus()
    try:
        found = await asyncio.gather(read(bus, [topic], 5), read(bus, [topic], 5), read(other, [topic], 5))
    finally:
        await other.stop()
    assert [numbers(one) for one in found] == [[1, 2, 3, 4, 5]] * 3


async def test_two_topics_in_one_subscription_keep_their_own_positions(stand: Stand, bus: EventBus, topic: str) -> None:
    other = await stand.new_topic()
    await bus.publish(topic, [event(number) for number in (1, 2, 3)])
    await bus.publish(other, [event(number) for number in (11, 12)])
    found = await read(bus, [topic, other], 3, {(topic, 3): 2})
    assert sorted((d.topic == other, d.offset) for d in found) == [(False, 2), (True, 0), (True, 1)]


async def test_a_reader_sees_nothing_of_a_topic_that_it_did_not_name(stand: Stand, bus: EventBus, topic: str) -> None:
    other = await stand.new_topic()
    await bus.publish(other, [event(1)])
    await bus.publish(topic, [event(2)])
    assert numbers(await read(bus, [topic], 1)) == [2]


async def test_two_writers_at_once_lose_nothing_and_keep_their_own_order(stand: Stand, topic: str) -> None:
    writers = [stand.bus() for _ in range(3)]

    async def write(writer: EventBus, name: str) -> None:
        for number in range(1, 16):
            await writer.publish(topic, [event(number, "unit/a", actor=name), event(number, "unit/b", actor=name)])

    try:
        await asyncio.gather(*(write(writer, str(place)) for place, writer in enumerate(writers)))
        found = await read(writers[0], [topic], 90)
    finally:
        await asyncio.gather(*(writer.stop() for writer in writers))
    for name in "012":
        own = [d for d in found if d.envelope is not None and d.envelope.actor == name]
        assert numbers(own, "unit/a") == numbers(own, "unit/b") == [*range(1, 16)]
    assert sorted(d.offset for d in found if d.partition == 3) == [*range(45)]


RAW: dict[str, tuple[bytes, list[tuple[str, bytes | None]]]] = {
    "nothing at all": (b"", []),
    "no JSON": (b"{", []),
    "no event": (b'{"a": 1}', [("a", b"1")]),
    "no UTF-8": (b"\xff\xfe", [("ce_specversion", b"\xff")]),
    "an event without a sequence": (
        b'{"specversion":"1.0","id":"i","type":"t","source":"s","subject":"u/a","time":"2026-01-01T00:00:00Z"}',
        [("ce_specversion", b"1.0"), ("ce_id", b"i")],
    ),
    "attributes that are null": (
        b'{"specversion":"1.0","id":null,"type":null,"source":null,"subject":null,"time":null,"sequence":null}',
        [("ce_specversion", b"1.0"), ("ce_id", None), ("ce_type", None), ("ce_subject", None), ("ce_sequence", None)],
    ),
}


@pytest.mark.parametrize("kind", RAW)
async def test_bytes_that_are_no_event_are_delivered_with_an_error(
    stand: Stand, bus: EventBus, topic: str, kind: str
) -> None:
    await bus.publish(topic, [event(1)])
    value, headers = RAW[kind]
    await stand.put_raw(topic, 3, value, headers)
    await bus.publish(topic, [event(2)])
    before, strange, after = await read(bus, [topic], 3)
    assert (numbers([before]), numbers([after])) == ([1], [2])
    assert strange.envelope is None
    assert strange.error
    assert (strange.partition, strange.offset) == (3, 1)
    assert strange.raw.decode("utf-8", "replace") == value.decode("utf-8", "replace")


async def test_a_new_topic_ends_at_zero_in_each_of_four_partitions(bus: EventBus, topic: str) -> None:
    assert await bus.ends([topic]) == {(topic, partition): 0 for partition in (0, 1, 2, 3)}


async def test_the_ends_are_the_next_offsets(stand: Stand, bus: EventBus, topic: str) -> None:
    other = await stand.new_topic()
    await bus.publish(topic, [event(1), event(2), event(1, "unit/b")])
    assert await bus.ends([topic, other]) == {
        (topic, 0): 0,
        (topic, 1): 1,
        (topic, 2): 0,
        (topic, 3): 2,
        **{(other, partition): 0 for partition in (0, 1, 2, 3)},
    }


async def test_ensuring_a_topic_again_changes_nothing(stand: Stand, bus: EventBus, topic: str) -> None:
    await bus.publish(topic, [event(1)])
    others = [stand.bus() for _ in range(3)]
    await asyncio.gather(*(one.ensure_topics([topic, topic]) for one in (bus, *others)))
    await asyncio.gather(*(one.stop() for one in others))
    assert numbers(await read(bus, [topic], 1)) == [1]
    assert (await bus.ends([topic]))[topic, 3] == 1


async def test_a_topic_made_by_several_at_once_is_made_once(stand: Stand, bus: EventBus) -> None:
    if stand.kind == "kafka-mock":
        pytest.skip("the mock cluster answers no CreateTopics request")
    new = f"apge.{new_id()}"
    others = [stand.bus() for _ in range(3)]
    await asyncio.gather(*(one.ensure_topics([new]) for one in (bus, *others)))
    await asyncio.gather(*(one.stop() for one in others))
    await bus.publish(new, [event(1)])
    assert await bus.ends([new]) == {(new, 0): 0, (new, 1): 0, (new, 2): 0, (new, 3): 1}


async def test_a_large_event_arrives_whole(bus: EventBus, topic: str) -> None:
    text = "\u00e9" * 400_000
    await bus.publish(topic, [event(1), event(2, data=json.dumps({"text": text}).encode()), event(3)])
    found = await read(bus, [topic], 3)
    assert numbers(found) == [1, 2, 3]
    assert found[1].envelope is not None
    assert json.loads(found[1].envelope.data) == {"text": text}


TOO_LARGE = {
    "what the client refuses": 8 * 1024 * 1024 + 1000,
    "what only the broker refuses": 8 * 1024 * 1024 - 400,
}


@pytest.mark.parametrize("size", TOO_LARGE)
async def test_an_event_that_is_too_large_is_refused_by_name_and_the_rest_can_be_published(
    stand: Stand, bus: EventBus, topic: str, size: str
) -> None:
    if stand.kind.startswith("postgres"):
        pytest.skip("the PostgreSQL log takes events of any size that an outbox holds")
    if stand.kind == "kafka-mock" and "broker" in size:
        pytest.skip("the mock cluster refuses nothing")
    large = event(1, "unit/b", data=b'"' + b"x" * TOO_LARGE[size] + b'"', actor="x" * 600)
    with pytest.raises(Unpublishable) as raised:
        await bus.publish(topic, [event(1), large, event(2)])
    assert raised.value.event_id == large.id
    await bus.publish(topic, [event(2)])
    found = numbers(await read(bus, [topic], 2))
    assert found[0] == 1
    assert set(found) == {1, 2}


async def test_a_cancelled_publish_leaves_a_bus_that_works(bus: EventBus, topic: str) -> None:
    for patience in (0.0, 0.001, 0.01):
        task = asyncio.ensure_future(bus.publish(topic, [event(1)]))
        await asyncio.wait([task], timeout=patience)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await bus.publish(topic, [event(2)])
    written = sum((await bus.ends([topic])).values())
    assert numbers(await read(bus, [topic], written))[-1] == 2


async def test_stopping_twice_and_stopping_what_was_never_used_is_no_mistake(stand: Stand, topic: str) -> None:
    bus = stand.bus()
    await bus.stop()
    await bus.start()
    await bus.publish(topic, [event(1)])
    await bus.stop()
    await bus.stop()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_bus, "TIMEOUT", 1.0)
    monkeypatch.setattr(kafka_bus, "STOP_TIMEOUT", 0.5)
    monkeypatch.setattr(postgres_bus, "TIMEOUT", 1.0)
    monkeypatch.setattr(postgres_bus, "STOP_TIMEOUT", 0.5)


async def _subscribe(bus: EventBus) -> None:
    async with bus.subscribe(["apge.x"], {}) as subscription:
        await subscription.read(1, 0.1)


USES: dict[str, Callable[[EventBus], Awaitable[Any]]] = {
    "publish": lambda bus: bus.publish("apge.x", [event(1)]),
    "ends": lambda bus: bus.ends(["apge.x"]),
    "ensure_topics": lambda bus: bus.ensure_topics(["apge.x"]),
    "subscribe": _subscribe,
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("use", USES)
async def test_with_nobody_there_every_use_says_so_and_nothing_hangs(stand: Stand, use: str) -> None:
    with closed_port() as port:
        bus = stand.bus_at(port)
        async with asyncio.timeout(20):
            await bus.start()
            for _ in range(2):
                with pytest.raises(BusUnavailable):
                    await USES[use](bus)
            await bus.stop()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("use", USES)
async def test_with_a_server_that_never_answers_every_use_says_so_and_nothing_hangs(stand: Stand, use: str) -> None:
    async with silent_port() as port:
        bus = stand.bus_at(port)
        async with asyncio.timeout(20):
            await bus.start()
            with pytest.raises(BusUnavailable):
                await USES[use](bus)
            await bus.stop()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("kind", ["postgres", "postgres-polling", "kafka-mock"])
async def test_a_bus_whose_server_goes_away_says_so_everywhere_and_stops(kind: str, postgres: Any) -> None:
    """The same with a real broker: tests/contracts/test_outbox.py, which kills one."""
    if kind == "kafka-mock":
        cluster = mock_cluster()
        stand: Stand = cluster.__enter__()
    else:
        log = postgres_log(postgres, kind)
        stand = await log.__aenter__()
    bus = stand.bus()
    topic = await stand.new_topic()
    await bus.publish(topic, [event(1)])
    await bus.ends([topic])

    async def gone() -> None:
        if kind == "kafka-mock":
            await asyncio.to_thread(cluster.__exit__, None, None, None)
        else:
            await log.__aexit__(None, None, None)

    async def read_and_write_on() -> None:
        async with bus.subscribe([topic], {}) as subscription:
            assert numbers(await subscription.read(10, 5)) == [1]
            await gone()
            await bus.publish(topic, [event(2)])

    async with asyncio.timeout(40):
        with pytest.raises(BusUnavailable):
            await read_and_write_on()
        for use in (bus.publish(topic, [event(2)]), bus.ends([topic]), bus.ensure_topics([topic])):
            with pytest.raises(BusUnavailable):
                await use
        await bus.stop()
