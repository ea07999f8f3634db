"""Fixtures for the contracts: one stand per kind of bus. Tests that take `stand` run on all of them."""

from collections.abc import AsyncIterator, Iterator

import pytest
from tests.contracts.stands import REAL, KafkaStand, Stand, mock_cluster, postgres_log
from tests.kafka import require_kafka, running_kafka
from tests.shared.sample import SAMPLE_EVENTS, service

from shared.bus import EventBus
from shared.database import Database
from shared.events.base import EVENTS
from shared.testing import Postgres

KINDS = ["postgres", "postgres-polling", "kafka-mock", REAL]


@pytest.fixture(autouse=True)
def sample_events(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, event in SAMPLE_EVENTS.items():
        monkeypatch.setitem(EVENTS, name, event)


@pytest.fixture(scope="session")
def mock_kafka() -> Iterator[KafkaStand]:
    with mock_cluster() as stand:
        yield stand


@pytest.fixture(scope="session")
def real_kafka() -> Iterator[KafkaStand]:
    require_kafka()
    with running_kafka() as bootstrap:
        yield KafkaStand("kafka", bootstrap)


@pytest.fixture(params=KINDS)
async def stand(request: pytest.FixtureRequest, postgres: Postgres) -> AsyncIterator[Stand]:
    if request.param.startswith("postgres"):
        async with postgres_log(postgres, request.param) as stand:
            yield stand
    elif request.param == "kafka-mock":
        yield request.getfixturevalue("mock_kafka")
    else:
        yield request.getfixturevalue("real_kafka")


@pytest.fixture
async def bus(stand: Stand) -> AsyncIterator[EventBus]:
    bus = stand.bus()
    await bus.start()
    yield bus
    await bus.stop()


@pytest.fixture
async def topic(stand: Stand) -> str:
    return await stand.new_topic()


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    """The sample service's tables, with nobody at work."""
    async with postgres.connected(service) as database:
        yield database
