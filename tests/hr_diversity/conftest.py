"""The running service, on a database and an event log of its own."""

from collections.abc import AsyncIterator

import pytest

from hr_diversity.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

KEY = "a key for tests, thirty-two characters and more"


@pytest.fixture
async def client(postgres: Postgres, issuer: LocalIssuer, bus_url: str) -> AsyncIterator[Client]:
    async with running_service(service, postgres, issuer, bus_url, pseudonym_key=KEY) as running:
        yield running


@pytest.fixture(scope="module")
async def reading(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """One for all tests of a module that change nothing in it."""
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, pseudonym_key=KEY) as running,
    ):
        yield running
