"""A view made anew from the events while the old one serves: into shadow tables, caught up, then put in place in one transaction.

The rows are put in place by DELETE and INSERT, not by renaming tables: a reader that took its snapshot before sees all old rows, one
that takes it after sees all new ones, and nobody ever waits for a lock on the view (a renamed table would look empty to the former).
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

import structlog
from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import leases
from shared.applying import Applier
from shared.bus import EventBus, Partition, read_ahead
from shared.database import Database
from shared.errors import Conflict, NotFound
from shared.projection import Projection
from shared.runner import begin_positions
from shared.telemetry import Metrics, new_id

log = structlog.get_logger()

BATCH = 2000
LEASE_SECONDS = 60.0
SHADOW = "~rebuild"

Progress = Callable[[int, int], Awaitable[None]]
Announce = Callable[[AsyncSession, str], Awaitable[None]]


class NothingToRebuild(NotFound):
    slug = "no-such-view"


class RebuildRuns(Conflict):
    slug = "rebuild-runs"


@dataclass(frozen=True, slots=True)
class Rebuilt:
    view: str
    events: int
    rows: dict[str, int]


async def rebuild(
    projection: Projection, database: Database, bus: EventBus, metrics: Metrics, progress: Progress, announce: Announce
) -> Rebuilt:
    """The view equals what its events say. `progress(done, total)` after each batch; `announce(session, view)` runs in the
    transaction that puts it in place. Raises RebuildRuns, NothingToRebuild, BusUnavailable; the old view then stays.
    """
    if not projection.tables:
        raise NothingToRebuild(f"{projection.name} calls the service's commands and keeps no view of its own")
    async with _alone(projection, database) as lease:
        shadow = projection.name + SHADOW
        schema = f"rebuild_{projection.name.replace('-', '_')}"
        await _clear(database, projection, shadow, schema)
        applier = Applier(projection, database, metrics, shadow, schema)
        await bus.ensure_topics(projection.topics)
        at = await begin_positions(database, shadow, list(await bus.ends(projection.topics)))
        events = 0
        async with (
            bus.subscribe(projection.topics, at) as subscription,
            aclosing(read_ahead(subscription, BATCH, 1.0)) as batches,
        ):
            while True:
                ends = await bus.ends(projection.topics)
                while _behind(at, ends):
                    await _prolong(database, lease)
                    batch = await anext(batches)
                    if batch:
                        at = await applier.apply(batch, at)
                        events += len(batch)
                    await progress(sum(at.values()), sum(ends.values()))
                rows = await _put_in_place(database, lease, projection, shadow, schema, announce)
                if rows is not None:
                    break
        await _clear(database, projection, shadow, schema)
        log.info("view_rebuilt", view=projection.name, events=events, rows=rows)
        return Rebuilt(projection.name, events, rows)


@asynccontextmanager
async def _alone(projection: Projection, database: Database) -> AsyncIterator[leases.Lease]:
    name, holder = f"rebuild:{projection.name}", new_id()
    try:
        lease = await leases.take(database, name, holder, LEASE_SECONDS)
        if lease is None:
            raise RebuildRuns(f"a rebuild of {projection.name} is under way")
        yield lease
    finally:
        await leases.give_back(database, name, holder)


async def _prolong(database: Database, lease: leases.Lease) -> None:
    """With each batch, so that a rebuild whose process was killed bars the next one for LEASE_SECONDS and no longer."""
    if await leases.take(database, lease.name, lease.holder, LEASE_SECONDS) != lease:
        raise RebuildRuns(f"another {lease.name} took over from this one")


def _behind(at: dict[Partition, int], ends: dict[Partition, int]) -> bool:
    return any(at.get(place, 0) < end for place, end in ends.items())


async def _clear(database: Database, projection: Projection, shadow: str, schema: str) -> None:
    async with database.transaction() as session:
        await session.execute(text(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE'))
        for table in ("projection_positions", "projection_sequences", "projection_parked"):
            await session.execute(text(f"DELETE FROM {table} WHERE projection = :name"), {"name": shadow})
        await session.execute(text(f'CREATE SCHEMA "{schema}"'))
        metadata = MetaData(schema=schema)
        connection = await session.connection()
        copies = [table.to_metadata(metadata, schema=schema) for table in projection.tables]
        await connection.run_sync(metadata.create_all, tables=copies, checkfirst=False)


async def _put_in_place(
    database: Database, lease: leases.Lease, projection: Projection, shadow: str, schema: str, announce: Announce
) -> dict[str, int] | None:
    """Rows per table; None where the live view has meanwhile gone further than the rebuilt one."""
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL statement_timeout = 0"))
        await lease.fence(session)
        places = {}
        for name in (projection.name, shadow):
            found = await session.execute(
                text(
                    "SELECT topic, partition, next_offset FROM projection_positions WHERE projection = :name ORDER BY 1, 2 FOR UPDATE"
                ),
                {"name": name},
            )
            places[name] = {(row.topic, row.partition): row.next_offset for row in found}
        if _behind(places[shadow], places[projection.name]):
            return None
        rows = {}
        for table in projection.tables:
            columns = ", ".join(f'"{column.name}"' for column in table.columns if column.computed is None)
            await session.execute(text(f'DELETE FROM public."{table.name}"'))
            done = await session.execute(
                text(f'INSERT INTO public."{table.name}" ({columns}) SELECT {columns} FROM "{schema}"."{table.name}"')
            )
            rows[table.name] = done.rowcount  # type: ignore[attr-defined]  # a CursorResult, as of any INSERT
        for state in ("projection_positions", "projection_sequences", "projection_parked"):
            await session.execute(text(f"DELETE FROM {state} WHERE projection = :name"), {"name": projection.name})
            await session.execute(
                text(f"UPDATE {state} SET projection = :name WHERE projection = :shadow"),
                {"name": projection.name, "shadow": shadow},
            )
        await announce(session, projection.name)
        return rows
