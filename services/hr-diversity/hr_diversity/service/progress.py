"""How far the counting of an upload is, told from a transaction of its own, since the push's own is seen by nobody before it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from hr_diversity import store
from shared.database import Database

EVERY = 1.0


@asynccontextmanager
async def telling(database: Database, upload_id: str) -> AsyncIterator[Callable[[int], None]]:
    """Give the numbers of lines to what this gives; their sum is told every second. That it cannot be told stops nothing."""
    counted, ended = 0, asyncio.Event()

    def add(lines: int) -> None:
        nonlocal counted
        counted += lines

    async def tell() -> None:
        told = 0
        while not ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), EVERY)
            if counted == told or ended.is_set():
                continue
            with suppress(DBAPIError, PoolTimeoutError, OSError):
                async with database.transaction() as session:
                    await store.uploads.tell_counted(session, upload_id, counted)
                told = counted

    task = asyncio.create_task(tell(), name="progress")
    try:
        yield add
    finally:
        ended.set()
        await task
