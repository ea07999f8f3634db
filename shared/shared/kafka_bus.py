"""The event bus over Kafka, through aiokafka: binary CloudEvents, idempotent producer, acks=all.

What must not break: every call into aiokafka has a timeout (`start`, `send` and `stop` hang while the broker is away) and is a task
of its own (`stop` lets the cancellation of its own fetchers out, which would end the loop that called it), and a producer or
consumer that failed is thrown away, not repaired (after OutOfOrderSequence an idempotent producer stays broken).
Consumers are assigned, not grouped: reading positions are in our database, so there is no rebalance and nothing to commit.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, RecordListTooLargeError, TopicAlreadyExistsError

from shared.bus import (
    PARTITIONS,
    BusUnavailable,
    Delivery,
    Partition,
    Positions,
    Subscription,
    Unpublishable,
    partition_of,
)
from shared.cloudevents import Envelope, from_headers, to_headers

log = structlog.get_logger()

TIMEOUT = 10.0
STOP_TIMEOUT = 3.0
LARGEST_EVENT = 8 * 1024 * 1024
TOO_LARGE = (MessageSizeTooLargeError, RecordListTooLargeError)
LOOK_AGAIN = 0.1

T = TypeVar("T")


async def _apart(seconds: float, call: Coroutine[Any, Any, T], grace: float = 0.0) -> T:
    """What `call` gives. Raises TimeoutError even where it ignores its cancellation, and KafkaError where it cancelled itself.

    Where the caller is cancelled, `call` has `grace` seconds to end: a client cancelled while it connects leaves its socket open.
    """
    task = asyncio.create_task(call)
    task.add_done_callback(lambda done: done.cancelled() or done.exception())  # an abandoned one complains to nobody
    try:
        await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=grace)
        raise
    finally:
        task.cancel()
    if not task.done():
        raise TimeoutError(f"not within {seconds:.0f} s")
    if task.cancelled():
        raise KafkaError("the client gave up by itself")
    return task.result()


async def _within(seconds: float, call: Coroutine[Any, Any, T], what: str, grace: float = 0.0) -> T:
    try:
        return await _apart(seconds, call, grace)
    except (TimeoutError, KafkaError, OSError) as error:
        raise BusUnavailable(f"Kafka did not {what}: {type(error).__name__} {error}") from error


async def _discard(stop: Coroutine[Any, Any, None]) -> None:
    """Stops a client that may be broken; whatever comes of it, the client is not used again."""
    try:
        await _apart(STOP_TIMEOUT, stop)
    except (TimeoutError, KafkaError, OSError, RuntimeError, AssertionError) as error:
        log.info("kafka_client_abandoned", error=type(error).__name__)


async def _end(producer: AIOKafkaProducer) -> None:
    """Nothing of it goes on. Its own `stop` waits for what was not sent and, given up, leaves the sender trying for ever: after each
    outage there was one more, with a connection of its own, and it said old events again.
    """
    producer._closed = True  # noqa: SLF001 (as `stop` does: else its end is complained of)
    await producer._sender.close()  # noqa: SLF001 (nothing public ends it)
    await producer.client.close()


class KafkaBus:
    def __init__(self, bootstrap: str, replication: int = 1, client_id: str = "apge") -> None:
        self.bootstrap, self.replication, self.client_id = bootstrap, replication, client_id
        self._producer: AIOKafkaProducer | None = None
        self._observer: AIOKafkaConsumer | None = None
        self._producing, self._observing = asyncio.Lock(), asyncio.Lock()

    async def start(self) -> None:
        """Connects at first use, not here."""

    async def stop(self) -> None:
        for client in (self._producer, self._observer):
            if client is not None:
                await _discard(client.stop())
        self._producer = self._observer = None

    async def ensure_topics(self, topics: Sequence[str]) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap, client_id=self.client_id)
        try:
            await _within(TIMEOUT, admin.start(), "answer", STOP_TIMEOUT)
            await _within(TIMEOUT, self._ensure(admin, set(topics)), "create its topics")
        finally:
            await _discard(admin.close())

    async def _ensure(self, admin: AIOKafkaAdminClient, topics: set[str]) -> None:
        # All topics are listed, none is asked for by name: a broker with auto.create.topics.enable would make it, in its own
        # way. Only what is missing is created, so a reader needs no right to create where the topics are there.
        missing = topics - (await _partitions(admin)).keys()
        if missing:
            await self._create(admin, missing)
        while missing:
            await asyncio.sleep(LOOK_AGAIN)  # a new topic is known to all brokers a moment after it was created
            missing -= (await _partitions(admin)).keys()
        for topic, number in (await _partitions(admin)).items():
            if topic in topics and number != PARTITIONS:
                raise BusUnavailable(f"the topic {topic} has {number} partitions instead of {PARTITIONS}")

    async def _create(self, admin: AIOKafkaAdminClient, topics: set[str]) -> None:
        # kept for ever: every view of reporting is rebuilt from the topic's beginning
        settings = {"retention.ms": "-1", "retention.bytes": "-1", "max.message.bytes": str(LARGEST_EVENT)}
        new = [NewTopic(topic, PARTITIONS, self.replication, topic_configs=settings) for topic in sorted(topics)]
        try:
            answer = await admin.create_topics(new)
        except AttributeError as error:  # aiokafka asks None for its id while the cluster has no controller
            raise BusUnavailable(f"Kafka has no controller to create {', '.join(sorted(topics))}") from error
        for topic, code, *reason in answer.topic_errors:  # aiokafka raises nothing of this
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise BusUnavailable(f"Kafka did not create {topic}: error {code} {' '.join(map(str, reason))}")

    async def publish(self, topic: str, envelopes: Sequence[Envelope]) -> None:
        async with self._producing:
            try:
                await _apart(TIMEOUT, self._send(topic, envelopes), STOP_TIMEOUT)
            except Unpublishable:
                await self._throw_producer_away()
                raise
            except (TimeoutError, KafkaError, OSError) as error:
                await self._throw_producer_away()
                raise BusUnavailable(f"Kafka did not take the events: {type(error).__name__} {error}") from error

    async def _send(self, topic: str, envelopes: Sequence[Envelope]) -> None:
        """Events before a too large one are on the bus. The client refuses some, the broker others (it counts headers as well)."""
        producer = await self._ready_producer()
        sent: list[Awaitable[Any]] = []
        refused: Exception | None = None
        for envelope in envelopes:
            try:
                sent.append(
                    await producer.send(
                        topic,
                        envelope.data,
                        key=envelope.subject.encode(),
                        partition=partition_of(envelope.subject),
                        headers=to_headers(envelope),
                    )
                )
            except MessageSizeTooLargeError as error:
                refused = error
                break
        answers = [*await asyncio.gather(*sent, return_exceptions=True), *([refused] if refused else [])]
        failed = [
            (envelope, answer)
            for envelope, answer in zip(envelopes, answers, strict=False)
            if isinstance(answer, BaseException)
        ]
        for envelope, failure in failed:
            if isinstance(failure, TOO_LARGE):
                raise Unpublishable(envelope.id, f"{type(failure).__name__} {failure}") from failure
        for _, failure in failed:
            raise failure

    async def _ready_producer(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(
                bootstrap_servers=self.bootstrap,
                client_id=self.client_id,
                acks="all",
                enable_idempotence=True,
                max_request_size=LARGEST_EVENT,
                request_timeout_ms=int(TIMEOUT * 1000),
            )
            try:
                await producer.start()
            except BaseException:
                await _discard(producer.stop())
                raise
            self._producer = producer
        return self._producer

    async def _throw_producer_away(self) -> None:
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await _discard(_end(producer))

    async def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        places = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
        async with self._observing:
            try:
                if self._observer is None:
                    self._observer = await self._started_consumer()
                found = await _within(TIMEOUT, self._observer.end_offsets(places), "tell its offsets")
            except BusUnavailable:
                if self._observer is not None:
                    observer, self._observer = self._observer, None
                    await _discard(observer.stop())
                raise
        return {(place.topic, place.partition): offset for place, offset in found.items()}

    async def _started_consumer(self) -> AIOKafkaConsumer:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.bootstrap,
            client_id=self.client_id,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=250,
            max_partition_fetch_bytes=LARGEST_EVENT,
        )
        try:
            await _within(TIMEOUT, consumer.start(), "answer", STOP_TIMEOUT)
        except BaseException:
            await _discard(consumer.stop())
            raise
        return consumer

    @asynccontextmanager
    async def subscribe(self, topics: Sequence[str], positions: Positions) -> AsyncIterator[Subscription]:
        await self.ensure_topics(topics)  # so that a reader may start before the first writer
        consumer = await self._started_consumer()
        try:
            places = [TopicPartition(topic, partition) for topic in topics for partition in range(PARTITIONS)]
            consumer.assign(places)
            for place in places:
                consumer.seek(place, positions.get((place.topic, place.partition), 0))
            yield KafkaSubscription(consumer)
        finally:
            await _discard(consumer.stop())


class KafkaSubscription:
    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self.consumer = consumer

    async def read(self, limit: int, wait: float) -> list[Delivery]:
        reading = self.consumer.getmany(timeout_ms=int(wait * 1000), max_records=limit)
        batches = await _within(wait + TIMEOUT, reading, "hand out events")
        return [_delivery(record) for batch in batches.values() for record in batch]


def _delivery(record: Any) -> Delivery:
    try:
        envelope = from_headers(record.headers, record.value or b"")
    except (ValueError, TypeError) as error:
        return Delivery(record.topic, record.partition, record.offset, None, str(error), record.value or b"")
    return Delivery(record.topic, record.partition, record.offset, envelope)


async def _partitions(admin: AIOKafkaAdminClient) -> dict[str, int]:
    return {topic["topic"]: len(topic["partitions"]) for topic in await admin.describe_topics()}
