"""Worlds that the tests of this folder break one after the other; each test finds both services alive again."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from tests.faults.world import World, new_world
from tests.kafka import RunningKafka, require_kafka

from shared.issuer import LocalIssuer
from shared.testing import Postgres


@pytest.fixture(scope="session")
async def log_world(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[World]:
    async with new_world(postgres, issuer) as world:
        yield world


@pytest.fixture
async def world(log_world: World) -> World:
    """Over the log in PostgreSQL."""
    await log_world.stand_up()
    return log_world


@pytest.fixture(scope="session")
def kafka() -> Iterator[RunningKafka]:
    """A broker of our own, because it is killed."""
    require_kafka()
    if "KAFKA_BOOTSTRAP" in os.environ:
        pytest.skip("a broker of others is not killed")
    with RunningKafka() as node:
        yield node


@pytest.fixture(scope="session")
async def all_kafka_world(postgres: Postgres, issuer: LocalIssuer, kafka: RunningKafka) -> AsyncIterator[World]:
    async with new_world(postgres, issuer, kafka.bootstrap) as world:
        yield world


@pytest.fixture
async def kafka_world(all_kafka_world: World) -> World:
    """Over a real Apache Kafka broker."""
    await all_kafka_world.stand_up()
    return all_kafka_world
