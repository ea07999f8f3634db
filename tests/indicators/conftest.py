"""The running service: one for each test process, emptied before each test, because to make a database takes longer than a test."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from tests.indicators.plan import begin, load

from indicators.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

TABLES = (
    *("units", "plans", "indicators", "result_lines", "results", "actions"),
    *("outbox", "kept_answers", "projection_sequences", "projection_parked"),
)


@pytest.fixture(scope="session")
async def running(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    async with postgres.database() as log, running_service(service, postgres, issuer, log) as client:
        yield client


async def emptied(client: Client) -> Client:
    async with client.app.state.database.transaction() as session:
        for table in TABLES:
            await session.execute(text(f"DELETE FROM {table}"))
    return client


@pytest.fixture
async def client(running: Client) -> Client:
    """Nothing is in it."""
    return await emptied(running)


@pytest.fixture(scope="module")
async def ready(running: Client) -> Client:
    """The small plan is in it, for modules whose tests change nothing."""
    await begin(await emptied(running))
    return running


@pytest.fixture(scope="module")
async def loaded(running: Client) -> Client:
    """The plan of the data file is in it, for modules whose tests change nothing."""
    await load(await emptied(running))
    return running
