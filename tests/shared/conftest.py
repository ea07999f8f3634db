"""Fixtures for the tests of the plumbing: the sample service, running over a log of its own."""

from collections.abc import AsyncIterator

import pytest
from tests.shared.sample import SAMPLE_EVENTS, service

from shared.database import Database
from shared.events.base import EVENTS
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service


@pytest.fixture(autouse=True)
def sample_events(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, event in SAMPLE_EVENTS.items():
        monkeypatch.setitem(EVENTS, name, event)


@pytest.fixture
async def client(postgres: Postgres, issuer: LocalIssuer, bus_url: str) -> AsyncIterator[Client]:
    """The sample service with its relay and its projection at work."""
    async with running_service(service, postgres, issuer, bus_url) as client:
        yield client


@pytest.fixture(scope="session")
async def common(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """The same for all tests that ask and leave nothing behind which another would stumble over."""
    async with postgres.database() as bus, running_service(service, postgres, issuer, bus) as client:
        yield client


@pytest.fixture
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    """The sample service's tables, with nobody at work."""
    async with postgres.connected(service) as database:
        yield database
