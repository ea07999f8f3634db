"""Which answers on published measures are kept as ready bytes (`shared.documents`), and for how long.

They rest on the measures and on the units' names, and of these the database has one version, which every transaction that changes
either changes with it (migration 0012). What must not break:
- Nobody gets a kept answer that is older than what was committed, here or in another replica, before they asked: for each who asks,
  the version is read after that. Those who ask while it is being read share the next reading, so that it costs the less, the more ask.
- While this process cannot read the version, nothing that is kept is handed out.
- Only what every role may read is kept, and it takes no more than MOST_BYTES.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from fastapi import FastAPI
from starlette.types import ASGIApp

from hr_diversity.store.measures import VERSION
from shared.database import Database
from shared.documents import Address, Document, Kept, ReadyBytes, document, make_once
from shared.workers import Worker

MOST_BYTES = 32 * 1024 * 1024
OVERHEAD = 700  # bytes of an empty document with its address, measured: 600
READ_TIMEOUT = 5.0  # then those who wait are answered by the framework, which says what is wrong
IDLE = 5.0


class Version:
    """The version as the database has it, read on a connection of its own for all who ask."""

    def __init__(self) -> None:
        self.readable = False
        self._woken = asyncio.Event()
        self._asking: list[asyncio.Future[int | None]] = []
        self._reading: list[asyncio.Future[int | None]] = []

    async def read(self) -> int | None:
        """What it was at a moment after the call; None where it cannot be read."""
        if not self.readable:
            return None
        asked: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()
        self._asking.append(asked)
        self._woken.set()
        return await asked

    async def follow(self, database: Database, worker: Worker) -> None:
        """Reads it whenever somebody asks, and now and then where nobody does; until an error ends it."""
        connection = await _connect(database)
        try:
            self.readable = True
            while True:
                worker.beat()
                if not self._asking:
                    with suppress(TimeoutError):
                        async with asyncio.timeout(IDLE):
                            await self._woken.wait()
                self._woken.clear()
                self._reading, self._asking = self._asking, []
                self._tell(await connection.fetchval(VERSION))
        finally:
            self.readable = False
            self._reading += self._asking
            self._asking = []
            self._tell(None)
            connection.terminate()

    def _tell(self, version: int | None) -> None:
        for asked in self._reading:
            if not asked.done():  # who asked may have gone
                asked.set_result(version)
        self._reading = []


async def _connect(database: Database) -> asyncpg.Connection:
    """Outside of the pool, so that requests that have taken every connection of it do not hold up those that need none."""
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    named = {"application_name": "apge-hr-diversity-version"}
    return await asyncpg.connect(url, timeout=READ_TIMEOUT, command_timeout=READ_TIMEOUT, server_settings=named)


@dataclass
class Documents:
    """All that is kept is of one version."""

    version: Version = field(default_factory=Version)
    kept: dict[Address, Kept] = field(default_factory=dict)
    making: "dict[tuple[Address, int], asyncio.Task[Document]]" = field(default_factory=dict)
    size: int = 0
    _of: int | None = None

    async def find(self, address: Address) -> Kept | None:
        version = await self.version.read()
        return self.kept.get(address) if version is not None and version == self._of else None

    async def get(
        self, address: Address, make: Callable[[], Awaitable[tuple[int | None, bytes]]], route: Any = None
    ) -> Document:
        """What is kept, or what `make` composes from one snapshot of the database, with the version there. Raises what `make` raises."""
        version = await self.version.read()
        if version is None:
            return document((await make())[1])
        if version == self._of and address in self.kept:
            return self.kept[address].document
        # whoever finds this version may join one who found it earlier: what that one makes is not older
        return await make_once(self.making, (address, version), lambda: self._make(address, make, route))

    def forget(self) -> None:
        self.kept, self.size, self._of = {}, 0, None

    async def _make(
        self, address: Address, make: Callable[[], Awaitable[tuple[int | None, bytes]]], route: Any
    ) -> Document:
        version, body = await make()
        made = document(body)
        if version != self._of:
            self.forget()
            self._of = version
        self._drop(address)
        if _bytes(address, made) <= MOST_BYTES:
            while self.size + _bytes(address, made) > MOST_BYTES:
                self._drop(next(iter(self.kept)))
            self.kept[address] = Kept(made, route)
            self.size += _bytes(address, made)
        return made

    def _drop(self, address: Address) -> None:
        found = self.kept.pop(address, None)
        if found is not None:
            self.size -= _bytes(address, found.document)


def _bytes(address: Address, made: Document) -> int:
    path, query = address
    return OVERHEAD + len(path) + len(query) + len(made.body)


def follow(app: FastAPI) -> Worker:
    documents: Documents = app.state.documents

    async def run(worker: Worker) -> None:
        documents.forget()  # the database may be another: one from before, put back, may give a number a second time
        await documents.version.follow(app.state.database, worker)

    return Worker("version", run, app.state.metrics)


def prepare(app: FastAPI) -> None:
    app.state.documents = Documents()


def wrap(app: ASGIApp, service: FastAPI) -> ASGIApp:
    state = service.state
    return ReadyBytes(app, state.documents, state.verifier, state.settings)
