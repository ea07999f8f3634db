"""Where the contract of the bus is put to the test: each stand gives buses of one kind, and hands that get behind them.

KafkaBus stands on librdkafka's mock cluster, which is in the confluent-kafka wheel, and on a real Apache Kafka. The mock answers
no CreateTopics request: there a topic is made by asking for it, with the mock's four partitions.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Protocol

import asyncpg
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from confluent_kafka import Consumer, Producer, TopicPartition

from shared.bus import EventBus
from shared.kafka_bus import KafkaBus
from shared.postgres_bus import PostgresBus
from shared.telemetry import new_id
from shared.testing import Postgres, wait_until

REAL = pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.timeout(400)])

Headers = Sequence[tuple[str, bytes | None]]


class Stand(Protocol):
    kind: str

    def bus(self) -> EventBus:
        """Another one on the same log."""

    def bus_at(self, port: int) -> EventBus:
        """One of the same kind whose server would be at this port of this machine."""

    async def new_topic(self) -> str:
        """The name of an empty topic."""

    async def put_raw(self, topic: str, partition: int, value: bytes, headers: Headers) -> None:
        """Writes past the bus, as a stranger would."""

    async def read_by_sdk(self, topic: str, count: int) -> list[Any]:
        """What is in the topic, as the CloudEvents SDK reads it."""


class PostgresStand:
    def __init__(self, kind: str, url: str, listen: bool) -> None:
        self.kind, self.url, self.listen = kind, url, listen

    def bus(self) -> EventBus:
        return PostgresBus(self.url, self.listen)

    def bus_at(self, port: int) -> EventBus:
        return PostgresBus(f"postgresql://nobody@127.0.0.1:{port}/log", self.listen)

    async def new_topic(self) -> str:
        topic, bus = f"apge.{new_id()}", self.bus()
        await bus.ensure_topics([topic])
        await bus.stop()
        return topic

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.url.replace("+asyncpg", ""))
        try:
            yield connection
        finally:
            await connection.close()

    async def put_raw(self, topic: str, partition: int, value: bytes, _: Headers) -> None:
        async with self._connected() as connection, connection.transaction():
            offset = await connection.fetchval(
                "UPDATE log_heads SET next_offset = next_offset + 1 WHERE topic = $1 AND partition = $2 RETURNING next_offset - 1",
                topic,
                partition,
            )
            await connection.execute(
                'INSERT INTO log (topic, partition, "offset", event) VALUES ($1, $2, $3, $4)',
                topic,
                partition,
                offset,
                value.decode("utf-8", "replace"),
            )

    async def read_by_sdk(self, topic: str, _: int) -> list[Any]:
        async with self._connected() as connection:
            rows = await connection.fetch('SELECT event FROM log WHERE topic = $1 ORDER BY partition, "offset"', topic)
        return [JSONFormat().read(CloudEvent, row["event"]) for row in rows]


class KafkaStand:
    def __init__(self, kind: str, bootstrap: str, asked: Producer | None = None) -> None:
        self.kind, self.bootstrap, self.asked = kind, bootstrap, asked

    def bus(self) -> EventBus:
        return KafkaBus(self.bootstrap)

    def bus_at(self, port: int) -> EventBus:
        return KafkaBus(f"127.0.0.1:{port}")

    async def new_topic(self) -> str:
        topic = f"apge.{new_id()}"
        if self.asked is not None:
            await ask_for(self, topic)
            return topic
        bus = self.bus()
        await bus.ensure_topics([topic])
        await bus.stop()
        return topic

    async def put_raw(self, topic: str, partition: int, value: bytes, headers: Headers) -> None:
        producer = Producer({"bootstrap.servers": self.bootstrap})
        producer.produce(topic, value, partition=partition, headers=list(headers))
        assert await asyncio.to_thread(producer.flush, 10) == 0

    async def read_by_sdk(self, topic: str, count: int) -> list[Any]:
        return await asyncio.to_thread(self._read_by_sdk, topic, count)

    def _read_by_sdk(self, topic: str, count: int) -> list[Any]:
        consumer = Consumer({"bootstrap.servers": self.bootstrap, "group.id": "judge", "auto.offset.reset": "earliest"})
        consumer.assign([TopicPartition(topic, partition, 0) for partition in range(4)])
        messages = []
        for _ in range(50):
            messages += consumer.consume(count - len(messages), 0.2)
            if len(messages) == count:
                break
        consumer.close()
        return [
            from_kafka_event(KafkaMessage(dict(message.headers()), message.key(), message.value()))
            for message in messages
        ]


async def ask_for(stand: KafkaStand, topic: str) -> None:
    """The mock cluster has this topic, with its four partitions."""

    async def there() -> bool:
        assert stand.asked is not None
        found = await asyncio.to_thread(stand.asked.list_topics, topic, 10)
        return len(found.topics[topic].partitions) == 4

    await wait_until(there)


@contextmanager
def mock_cluster() -> Iterator[KafkaStand]:
    """Three brokers of librdkafka's mock cluster; gone with its producer, which is why nobody else may hold that."""
    asked = Producer({"test.mock.num.brokers": 3, "log_level": 0})
    brokers = asked.list_topics(timeout=10).brokers.values()
    stand = KafkaStand("kafka-mock", ",".join(f"{broker.host}:{broker.port}" for broker in brokers), asked)
    try:
        yield stand
    finally:
        stand.asked = None
        del asked


@asynccontextmanager
async def postgres_log(postgres: Postgres, kind: str) -> AsyncIterator[PostgresStand]:
    async with postgres.database() as url:
        yield PostgresStand(kind, url, listen=kind == "postgres")


@contextmanager
def closed_port() -> Iterator[int]:
    """A port where nobody listens."""
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        yield holder.getsockname()[1]


@asynccontextmanager
async def silent_port() -> AsyncIterator[int]:
    """A port where connections are taken and nothing is ever answered."""
    held: list[asyncio.StreamWriter] = []

    async def hold(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(hold, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in held:
            writer.close()
        await server.wait_closed()
