"""The databases of the embedded shape: one for each service and one for the event log, brought to this release."""

import asyncio
from collections.abc import Sequence
from typing import Literal

import asyncpg
from alembic.util import CommandError
from sqlalchemy import URL

from apge.trouble import Trouble
from shared import migrations
from shared.app import Service

CONNECT_SECONDS = 10


Bus = Literal["postgres", "kafka"]


def database_of(part: str, bus: Bus) -> str:
    """The database of a service, or of the event log ("bus"). Over Kafka it is another one: views remember how far they have read
    the log, and a place in one log means nothing in the other.
    """
    return f"apge_{part.replace('-', '_')}" + ("" if bus == "postgres" else f"_{bus}")


async def prepare(server: URL, services: Sequence[Service], bus: Bus) -> None:
    """Every database exists and is at the head of its service's migrations. Raises Trouble."""
    names = [database_of(service.name, bus) for service in services]
    try:
        await _create_missing(server, [*names, database_of("bus", bus)])
        at = await asyncio.gather(*(_revision(server, name) for name in names))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        where = server.render_as_string(hide_password=True)
        raise Trouble(
            f"the database server {where} does not serve: {type(error).__name__} {error}".rstrip() + "."
        ) from error
    for service, name, revision in zip(services, names, at, strict=True):
        await _migrate(service, server.set(database=name), revision)


async def _create_missing(server: URL, names: Sequence[str]) -> None:
    connection = await asyncpg.connect(
        plain(server.set(database=server.database or "postgres")), timeout=CONNECT_SECONDS
    )
    try:
        there = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for name in names:
            if name not in there:
                await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _revision(server: URL, database: str) -> str | None:
    connection = await asyncpg.connect(plain(server.set(database=database)), timeout=CONNECT_SECONDS)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return found


async def _migrate(service: Service, database: URL, revision: str | None) -> None:
    """One after the other: Alembic keeps its context in the module."""
    if revision is not None and revision == migrations.head(service.migrations):
        return
    try:
        await migrations.upgrade(database.render_as_string(hide_password=False), service.migrations)
    except CommandError as error:
        raise Trouble(f"the database of {service.name} does not fit this release: {error}.") from error


def plain(url: URL) -> str:
    """As asyncpg itself takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
