"""The service on a real socket, and clients that read its live feed from it byte by byte: a transport in the process would buffer it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from reporting.live.feed import Live
from reporting.main import service
from reporting.models import changed, write_feed
from shared.app import create_app
from shared.auth import Role
from shared.database import Database, connect
from shared.issuer import LocalIssuer
from shared.testing import PATIENCE, Client, Postgres, test_settings, wait_until

LIVE = "/reporting/v1/live"
Change = tuple[str, str, dict[str, Any]]
"""(view, key, body)"""


async def until(holds: Callable[[], bool]) -> None:
    """Returns when it holds."""

    async def asked() -> bool:
        return holds()

    await wait_until(asked)


async def write(database: Database, *changes: Change) -> None:
    """These changes are on the feed, by one transaction."""
    async with database.transaction() as session:
        for view, key, body in changes:
            changed(session, view, key, body)
        await write_feed(session)


@asynccontextmanager
async def beside(server: "Listening") -> AsyncIterator[Database]:
    """The same database by connections of the test's own."""
    other = connect(server.app.state.settings.database_url.get_secret_value(), name="beside")
    try:
        yield other
    finally:
        await other.close()


@dataclass
class Told:
    """One block of the stream: an event, or a comment."""

    event: str = ""
    id: str | None = None
    data: Any = None
    retry: int | None = None
    comment: str | None = None


@dataclass
class Stream:
    """One open stream."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: int
    headers: dict[str, str]
    last_id: str | None = None
    retry: int | None = None
    _rest: bytes = b""

    async def next(self) -> Told | None:
        """The next block, None at the end of the stream."""
        while b"\n\n" not in self._rest:
            async with asyncio.timeout(PATIENCE):
                size = await self.reader.readline()
                if int(size or b"0", 16) == 0:
                    return None
                self._rest += (await self.reader.readexactly(int(size, 16) + 2))[:-2]
        block, _, self._rest = self._rest.partition(b"\n\n")
        return self._told(block)

    def _told(self, block: bytes) -> Told:
        told, data = Told(), []
        for line in block.decode().split("\n"):
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name == "":
                told.comment = value
            elif name == "retry":
                told.retry = self.retry = int(value)
            elif name == "id":
                told.id = self.last_id = value
            else:
                assert name == "event", block
                told.event = value
        told.data = json.loads("\n".join(data)) if data else None
        return told

    async def event(self) -> Told:
        """The next block that is more than a comment."""
        while told := await self.next():
            if told.event:
                return told
        raise EOFError("the stream ended")

    async def until(self, enough: Callable[[Told], bool]) -> list[Told]:
        """All events up to the first for which `enough` is true."""
        found = [await self.event()]
        while not enough(found[-1]):
            found.append(await self.event())
        return found

    async def to_position(self, position: str) -> list[Told]:
        return await self.until(lambda told: told.id == position)

    async def to_the_end(self) -> list[Told]:
        found = []
        while told := await self.next():
            found.append(told)
        return found

    def close(self) -> None:
        self.writer.transport.abort()


async def open_stream(
    port: int, query: str, token: str | None, last: str | None = None, receive_buffer: int | None = None
) -> Stream:
    connection = socket.socket()
    if receive_buffer is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=2**14 if receive_buffer else 2**20)
    lines = [f"GET {LIVE}{'?' if query else ''}{query} HTTP/1.1", "Host: test"]
    lines += [f"Authorization: Bearer {token}"] if token else []
    lines += [f"Last-Event-ID: {last}"] if last is not None else []
    writer.write("\r\n".join([*lines, "", ""]).encode())
    async with asyncio.timeout(PATIENCE):
        status = int((await reader.readline()).split()[1])
        headers = {}
        while line := (await reader.readline()).strip():
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
    return Stream(reader, writer, status, headers)


@dataclass
class Listening:
    app: FastAPI
    issuer: LocalIssuer
    uvicorn: uvicorn.Server
    port: int
    client: Client
    open: list[Stream] = field(default_factory=list)

    @property
    def live(self) -> Live:
        return self.app.state.live

    @property
    def database(self) -> Database:
        return self.app.state.database

    async def stream(
        self,
        query: str = "",
        *,
        last: str | None = None,
        role: Role | None = "reader",
        token: str | None = None,
        receive_buffer: int | None = None,
    ) -> Stream:
        """An open stream; a refusal where its status is not 200. `receive_buffer` in bytes, of the client's kernel."""
        token = token or (self.issuer.token(role) if role else None)
        found = await open_stream(self.port, query, token, last, receive_buffer)
        self.open.append(found)
        return found

    async def write(self, *changes: Change) -> str:
        """These changes are on the feed; its new position."""
        await write(self.database, *changes)
        return await self.position()

    async def write_each(self, count: int, view: str = "status") -> list[str]:
        """One change after another, each of a key of its own, and the process knows of them; their positions."""
        written = [await self.write((view, f"key-{number}", {"number": number})) for number in range(count)]
        await self.follows_up_to(written[-1])
        return written

    async def follows_up_to(self, position: str) -> None:
        await until(lambda: self.live.place == position)

    async def position(self) -> str:
        async with self.database.engine.connect() as connection:
            row = (await connection.exec_driver_sql("SELECT epoch, position FROM feed_head")).one()
        return f"{row.epoch}:{row.position}"

    def hang_up(self) -> None:
        for stream in self.open:
            stream.close()
        self.open.clear()


@asynccontextmanager
async def listening(
    postgres: Postgres, issuer: LocalIssuer, send_buffer: int | None = None, **settings: Any
) -> AsyncIterator[Listening]:
    """The service under uvicorn, on loopback, with its lifespan. `send_buffer` in bytes, of the server's kernel."""
    async with postgres.database() as log, postgres.database(service) as url:
        app = create_app(service, test_settings(service, url, log, issuer, **settings))
        config = uvicorn.Config(
            app, log_config=None, lifespan="on", ws="none", timeout_graceful_shutdown=10, timeout_keep_alive=300
        )
        served, listener = uvicorn.Server(config), socket.socket()
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        port = listener.getsockname()[1]
        serving = asyncio.create_task(served._serve([listener]))
        while not served.started:
            assert not serving.done(), serving
            await asyncio.sleep(0.01)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            server = Listening(app, issuer, served, port, Client(app, http, issuer))
            yield server
        server.hang_up()
        app.state.closing.set()
        served.should_exit = True
        await serving
