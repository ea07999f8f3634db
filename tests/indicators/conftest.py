"""The running service: one for each test process, emptied before each test, because to make a database takes longer than a test."""

from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import ClassVar

import pytest
from sqlalchemy import text
from tests.indicators.plan import DATA, begin, load

from apge import sources
from indicators.main import service
from shared.auth import Role
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

TABLES = (
    *("units", "plans", "indicators", "result_lines", "results", "actions", "documents", "document_contents"),
    *("resources", "markers", "claims", "rules", "changes"),
    *("outbox", "kept_answers", "projection_sequences", "projection_parked"),
)


class RememberingIssuer(LocalIssuer):
    """Signs a token for a caller once: signing and checking anew was a third of the time of a request."""

    _known: ClassVar[dict[tuple[str, ...], str]] = {}

    def token(self, role: Role, units: Sequence[str] = (), *, subject: str = "", hours: float = 24) -> str:
        key = (str(self.folder), role, subject, str(hours), *units)
        if key not in self._known:
            self._known[key] = super().token(role, units, subject=subject, hours=hours)
        return self._known[key]


@pytest.fixture(scope="session")
def issuer(issuer: LocalIssuer) -> LocalIssuer:
    return RememberingIssuer(issuer.folder)


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


@pytest.fixture(scope="module")
async def documents(running: Client) -> Client:
    """Everything that the data files hold for this service is in it, through its API, for modules whose tests change nothing."""
    client = await emptied(running)
    items = [item for item in sources.read(DATA) if item.path.startswith("/indicators/")]
    for (path, kind), group in groupby(items, key=lambda item: (item.path, item.kind)):
        for item in [] if kind == "result" else group:
            done = await client.put(path, json=item.body, params=item.params, role=item.role)
            assert done.status_code in (200, 201), (item, done.text)
        if kind == "result":
            rows = list(group)
            params = {**rows[0].params, "published": "true"}
            done = await client.post(path, json={"results": [row.body for row in rows]}, params=params, role="operator")
            assert done.status_code == 200, done.text
    return client
