"""Alembic, one script folder and one history per service; the plumbing's tables are migrated with each service's own.

Called by an operator's job or by the launcher, never by a service that starts: several replicas would race.
"""

import asyncio
import os
from functools import cache
from pathlib import Path

from alembic import command, context
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from shared import idempotency, leases, outbox, projection
from shared.database import platform

PLUMBING = (
    idempotency.answers,
    leases.leases,
    outbox.outbox,
    projection.positions,
    projection.sequences,
    projection.parked,
)
"""Declared on `platform` by being imported here, so that a migration is complete whatever the service itself imports."""

LOCK = "SELECT pg_advisory_lock(hashtext('apge_migrations'))"


def configuration(folder: Path, connection: Connection | None = None) -> Config:
    settings = Config()
    settings.set_main_option("script_location", str(folder))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


@cache
def head(folder: Path) -> str | None:
    return ScriptDirectory.from_config(configuration(folder)).get_current_head()


@cache
def revisions(folder: Path) -> frozenset[str]:
    """Every revision that this release knows."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(configuration(folder)).walk_revisions())


async def upgrade(url: str, folder: Path, revision: str = "head") -> None:
    """The database is at `revision`. Two callers wait for each other."""
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.execute(text(LOCK))
            await connection.run_sync(lambda sync: command.upgrade(configuration(folder, sync), revision))
            await connection.commit()
    finally:
        await engine.dispose()


def run(metadata: MetaData) -> None:
    """The whole of a service's `env.py`."""
    connection: Connection | None = context.config.attributes.get("connection")
    targets = [metadata, platform]
    if connection is None:
        asyncio.run(_run_alone(targets))
        return
    _migrate(connection, targets)


def _migrate(connection: Connection, targets: list[MetaData]) -> None:
    context.configure(connection=connection, target_metadata=targets, compare_type=True, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()


async def _run_alone(targets: list[MetaData]) -> None:
    """For the alembic command line: DATABASE_URL names the database."""
    engine = create_async_engine(os.environ["DATABASE_URL"])
    async with engine.connect() as connection:
        await connection.run_sync(_migrate, targets)
        await connection.commit()
    await engine.dispose()
