"""The running service on a database and an event log of its own: called without a socket, or listening on loopback."""

from collections.abc import AsyncIterator

import pytest
from tests.reporting.facts import WORLD, in_time, tell
from tests.reporting.sse import Listening, listening

from reporting.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service


@pytest.fixture(scope="module")
async def client(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """One for all tests of a module. Each states events of its own plans."""
    async with postgres.database() as log, running_service(service, postgres, issuer, log) as running:
        yield running


@pytest.fixture(scope="module")
async def reading(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """The small world, in which nothing changes."""
    async with postgres.database() as log, running_service(service, postgres, issuer, log) as running:
        await tell(running, *in_time(WORLD))
        yield running


@pytest.fixture(scope="module")
async def shared_server(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Listening]:
    """One for all tests of a module, over a real socket."""
    async with listening(postgres, issuer) as server:
        yield server


@pytest.fixture
async def server(shared_server: Listening) -> AsyncIterator[Listening]:
    """The shared one; what a test leaves open is closed."""
    yield shared_server
    shared_server.hang_up()


@pytest.fixture
async def fresh(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Listening]:
    """A server of its own, whose feed has no change yet."""
    async with listening(postgres, issuer) as server:
        yield server
