"""The Kafka that `make kafka` starts is a real one: it keeps what it acknowledged, also over SIGKILL, and says what stops it."""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from tests.kafka import RUN, RunningKafka, require_kafka, running_kafka

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(600)]

MESSAGES = [f"message {number}".encode() for number in range(100)]


@pytest.fixture(autouse=True)
def _kafka_is_required() -> None:
    require_kafka()


@pytest.fixture
def node() -> Iterator[RunningKafka]:
    if "KAFKA_BOOTSTRAP" in os.environ:
        pytest.skip("a broker of others is not killed")
    with RunningKafka() as running:
        yield running


async def create_topic(bootstrap: str, topic: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await asyncio.wait_for(admin.start(), 30)
    try:
        await asyncio.wait_for(admin.create_topics([NewTopic(topic, num_partitions=1, replication_factor=1)]), 30)
    finally:
        await asyncio.wait_for(admin.close(), 30)


async def send(bootstrap: str, topic: str, messages: list[bytes]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, enable_idempotence=True, acks="all")
    await asyncio.wait_for(producer.start(), 30)
    try:
        for message in messages:
            await asyncio.wait_for(producer.send_and_wait(topic, message, key=b"one", partition=0), 30)
    finally:
        await asyncio.wait_for(producer.stop(), 30)


async def receive(bootstrap: str, topic: str, count: int) -> list[bytes]:
    """The first `count` messages; fewer where they do not come within 30 s."""
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
    await asyncio.wait_for(consumer.start(), 30)
    partition = TopicPartition(topic, 0)
    received: list[bytes] = []
    until = time.monotonic() + 30
    try:
        consumer.assign([partition])
        consumer.seek(partition, 0)
        while len(received) < count and time.monotonic() < until:
            batches = await asyncio.wait_for(consumer.getmany(partition, timeout_ms=500), 30)
            received += [message.value for batch in batches.values() for message in batch]
    finally:
        await asyncio.wait_for(consumer.stop(), 30)
    return received


async def test_a_hundred_messages_come_back_in_order() -> None:
    with running_kafka() as bootstrap:
        topic = f"round-trip-{time.time_ns()}"
        await create_topic(bootstrap, topic)
        await send(bootstrap, topic, MESSAGES)
        assert await receive(bootstrap, topic, 100) == MESSAGES


async def test_a_killed_node_comes_back_at_its_address_with_every_acknowledged_message(node: RunningKafka) -> None:
    address = node.bootstrap
    await create_topic(address, "survives")
    await send(address, "survives", MESSAGES)
    await asyncio.to_thread(node.kill)
    await asyncio.to_thread(node.restart)
    assert node.bootstrap == address
    await send(address, "survives", [b"after"])
    assert await receive(address, "survives", 101) == [*MESSAGES, b"after"]


def test_an_ephemeral_node_stops_cleanly_on_sigterm_and_leaves_no_folder(tmp_path) -> None:
    process = subprocess.Popen(
        [RUN, "--ephemeral", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    with process:
        assert process.stdout.readline().startswith("kafka ready on 127.0.0.1:")
        assert len(list(tmp_path.iterdir())) == 1
        process.terminate()
        assert process.wait(30) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_node_stops_when_the_process_that_started_it_is_gone(node: RunningKafka) -> None:
    host, port = node.bootstrap.split(":")
    node._process.stdin.close()
    assert node._process.wait(30) == 0
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def refusal(*arguments: object, **environment: str) -> str:
    ended = subprocess.run(
        [sys.executable, RUN, *map(str, arguments)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    return ended.stderr


def test_a_port_in_use_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is in use" in refusal("--ephemeral", "--port", port)


def test_a_folder_of_a_running_node_is_refused_in_one_sentence(node: RunningKafka) -> None:
    assert "is in use by another node" in refusal("--port", "0", "--data", node._folder / "data")


def test_a_missing_java_is_said_in_one_sentence(tmp_path) -> None:
    assert "no java found" in refusal("--ephemeral", "--port", "0", PATH=str(tmp_path), JAVA_HOME=str(tmp_path))


def test_a_word_in_place_of_a_port_is_refused_in_one_sentence() -> None:
    assert "'ninety' is no port" in refusal("--ephemeral", KAFKA_PORT="ninety")
