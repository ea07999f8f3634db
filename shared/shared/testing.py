"""What tests of every service stand on: real PostgreSQL with the real migrations, the real app with its workers, tokens, waiting.

Ships beside the code it serves, because each service's tests need it and none should build it again.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from shared import migrations
from shared.app import Service, create_app
from shared.auth import Role
from shared.database import Database, connect
from shared.issuer import LocalIssuer
from shared.runner import read_positions
from shared.settings import Settings
from shared.telemetry import new_id

PATIENCE = 20.0


async def wait_until(condition: Callable[[], Awaitable[Any]], patience: float = PATIENCE, every: float = 0.02) -> Any:
    """The first true answer of `condition`, asked `every` so many seconds. Raises TimeoutError with its last answer when patience ends."""
    until = time.monotonic() + patience
    while True:
        answer = await condition()
        if answer:
            return answer
        if time.monotonic() > until:
            raise TimeoutError(f"still {answer!r} after {patience} s")
        await asyncio.sleep(every)


@dataclass(frozen=True)
class Postgres:
    """A running server. `url` is of its administrator and names no database."""

    user: str
    host: str
    port: int | None = None
    password: str = ""

    def url(self, database: str) -> str:
        login = f"{self.user}:{self.password}" if self.password else self.user
        if self.host.startswith("/"):
            return f"postgresql+asyncpg://{login}@/{database}?host={self.host}"
        return f"postgresql+asyncpg://{login}@{self.host}:{self.port or 5432}/{database}"

    def plain_url(self, database: str) -> str:
        return self.url(database).replace("+asyncpg", "")

    async def execute(self, *statements: str, database: str = "postgres") -> None:
        connection = await asyncpg.connect(self.plain_url(database))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()

    async def template(self, service: Service) -> str:
        """The name of a database of this test process, migrated by the service's own migrations, to be copied."""
        name = f"template_{service.name.replace('-', '_')}_{os.getpid()}"
        if (self, name) not in _templates:
            await self.execute(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
            await migrations.upgrade(self.url(name), service.migrations)
            _templates.add((self, name))
        return name

    @asynccontextmanager
    async def database(self, service: Service | None = None) -> AsyncIterator[str]:
        """The URL of a database of its own, with the service's tables, dropped afterwards."""
        name = f"test_{new_id().replace('-', '')}"
        template = f' TEMPLATE "{await self.template(service)}"' if service else ""
        await self.execute(f'CREATE DATABASE "{name}"{template}')
        try:
            yield self.url(name)
        finally:
            await self.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @asynccontextmanager
    async def connected(self, service: Service) -> AsyncIterator[Database]:
        async with self.database(service) as url:
            database = connect(url)
            try:
                yield database
            finally:
                await database.close()


_templates: set[tuple[Postgres, str]] = set()


def test_settings(service: Service, database_url: str, bus_url: str, issuer: LocalIssuer, **more: Any) -> Settings:
    """The service's settings over the PostgreSQL log; `more` overrides, e.g. bus="kafka", kafka_bootstrap=..."""
    given: dict[str, Any] = {
        "database_url": SecretStr(database_url),
        "bus": "postgres",
        "bus_url": SecretStr(bus_url),
        "auth_jwks_file": str(issuer.jwks_file),
        "log_level": "WARNING",
        "relay_poll_seconds": 0.05,
    }
    return service.settings(**{**given, **more})


test_settings.__test__ = False  # type: ignore[attr-defined]  # a function for tests, not a test


@dataclass
class Client:
    """Calls one app as one caller after another: `await client.get(path, role="custodian", units=["HRD"])`."""

    app: FastAPI
    http: httpx.AsyncClient
    issuer: LocalIssuer

    async def request(
        self, method: str, path: str, *, role: Role | None = None, units: Sequence[str] = (), **rest: Any
    ) -> httpx.Response:
        headers = dict(rest.pop("headers", {}))
        if role is not None:
            headers["Authorization"] = f"Bearer {self.issuer.token(role, units)}"
        return await self.http.request(method, path, headers=headers, **rest)

    async def get(self, path: str, **rest: Any) -> httpx.Response:
        return await self.request("GET", path, **rest)

    async def post(self, path: str, **rest: Any) -> httpx.Response:
        return await self.request("POST", path, **rest)

    async def put(self, path: str, **rest: Any) -> httpx.Response:
        return await self.request("PUT", path, **rest)

    async def patch(self, path: str, **rest: Any) -> httpx.Response:
        return await self.request("PATCH", path, **rest)

    async def caught_up(self) -> None:
        """Returns when the outbox is empty and every projection of the app has applied all that is on the bus."""
        await wait_until(lambda: caught_up(self.app))


async def caught_up(app: FastAPI) -> bool:
    database: Database = app.state.database
    async with database.engine.connect() as connection:
        waiting = (
            await connection.exec_driver_sql("SELECT count(*) FROM outbox WHERE published_at IS NULL")
        ).scalar_one()
    if waiting:
        return False
    for name, runner in app.state.runners.items():
        at = await read_positions(database, name)
        ends = await app.state.bus.ends(runner.projection.topics)
        if not ends or any(at.get(place, 0) < end for place, end in ends.items()):
            return False
    return True


@asynccontextmanager
async def running(app: FastAPI, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """The app with its lifespan (relay, projections and all), called without a socket."""
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield Client(app, http, issuer)


@asynccontextmanager
async def running_service(
    service: Service, postgres: Postgres, issuer: LocalIssuer, bus_url: str, **more: Any
) -> AsyncIterator[Client]:
    """The service on a database of its own and the PostgreSQL log at `bus_url`."""
    async with postgres.database(service) as url:
        app = create_app(service, test_settings(service, url, bus_url, issuer, **more))
        async with running(app, issuer) as client:
            yield client
