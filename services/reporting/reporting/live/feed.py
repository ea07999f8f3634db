"""The process's one follower of the feed: reads new rows, forgets the documents they concern, and offers them to the subscribers.

It reads on the connection that it listens on, which is its own: requests that have taken every connection of the pool do not hold
up the feed.
"""

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import structlog
from fastapi import FastAPI
from sqlalchemy import text

from reporting.documents import Documents
from reporting.models import FEED_CHANNEL
from shared.database import Database
from shared.telemetry import Metrics
from shared.workers import Worker

log = structlog.get_logger()

MOST_WAITING = 1000  # changes that may wait for one client before it is told to load anew
MOST_MISSED = 10_000  # changes that a client may have missed and still be given
KEEP = 100_000  # rows of the feed that are kept
POLL = 0.5
READ_TIMEOUT = 10.0  # a database that does not answer must not leave the documents trusted
PRUNE_EVERY = 600.0

_ID = re.compile(r"([0-9a-f]{12}|-):([0-9]{1,18})")
_NEWS = """
    SELECT head.epoch, head.position AS last, feed.position, kind, view, key, body
    FROM feed_head AS head LEFT JOIN feed ON feed.position > $1 ORDER BY feed.position LIMIT 1000
"""
_HEAD = text("SELECT epoch, position FROM feed_head")
_AFTER = text("SELECT position, kind, view, key, body FROM feed WHERE position > :after ORDER BY position LIMIT :limit")
_PRUNE = text("DELETE FROM feed WHERE position <= :upto")

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Frame:
    """One change as it goes over the wire."""

    position: int
    view: str
    key: Key
    wire: bytes


def frame(epoch: str, row: Any) -> Frame:
    """The data of a change is its body with the view and the key in front."""
    position, view, key = row["position"], row["view"], row["key"]
    name = b'{"view":%b,"key":%b,' % (orjson.dumps(view), orjson.dumps(key))
    data = name + row["body"].encode()[1:]
    wire = b"id: %b:%d\nevent: %b\ndata: %b\n\n" % (epoch.encode(), position, row["kind"].encode(), data)
    return Frame(position, view, (view, key or str(position)), wire)


def reset(epoch: str, position: int, reason: str) -> bytes:
    return b'id: %b:%d\nevent: reset\ndata: {"reason":"%b"}\n\n' % (epoch.encode(), position, reason.encode())


@dataclass(eq=False)
class Subscriber:
    """One open stream. `waiting` holds the newest frame of each key, in order of the newest."""

    views: frozenset[str]
    after: int = 0
    """What the client has already, where that is more than was told here when it joined."""
    waiting: OrderedDict[Key, Frame] = field(default_factory=OrderedDict)
    overflowed: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def wants(self, view: str) -> bool:
        return not self.views or view in self.views

    def offer(self, new: Frame) -> None:
        if not self.wants(new.view):
            return
        self.waiting.pop(new.key, None)
        self.waiting[new.key] = new
        if len(self.waiting) > MOST_WAITING:
            self.waiting.clear()
            self.overflowed = True
        self.woken.set()

    def take(self) -> tuple[list[Frame], bool]:
        """What waits, and whether more did than may: then the client must load anew."""
        taken = [frame for frame in self.waiting.values() if frame.position > self.after], self.overflowed
        self.waiting.clear()
        self.overflowed = False
        self.woken.clear()
        return taken


class Live:
    """The process's one follower of the feed and all its subscribers."""

    def __init__(self, metrics: Metrics, documents: Documents, closing: asyncio.Event) -> None:
        self.metrics, self.documents, self.closing = metrics, documents, closing
        self.epoch, self.position = "-", 0
        self.begun = asyncio.Event()
        self.subscribers: set[Subscriber] = set()
        self._database: Database | None = None

    @property
    def place(self) -> str:
        return f"{self.epoch}:{self.position}"

    async def follow(self, database: Database, worker: Worker) -> None:
        """Reads new rows of the feed, forgets the documents they concern, then tells the subscribers; until an error ends it."""
        self._database = database
        connection = await _connect(database)
        woken, pruned = asyncio.Event(), time.monotonic()
        try:
            connection.add_termination_listener(lambda _: woken.set())  # reading then fails, and this begins again
            await connection.add_listener(FEED_CHANNEL, lambda *_: woken.set())
            while True:
                woken.clear()
                while self._take_in(await connection.fetch(_NEWS, self.position)):
                    worker.beat()
                self.begun.set()
                self.documents.trust()
                worker.beat()
                if time.monotonic() - pruned > PRUNE_EVERY:
                    pruned = time.monotonic()
                    await self._prune(database)
                with suppress(TimeoutError):
                    async with asyncio.timeout(POLL):
                        await woken.wait()
        finally:
            self.documents.distrust()
            connection.terminate()

    def _take_in(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Whether there may be more. What was before the process began is passed over: nobody here was told less."""
        if not rows:
            return False
        epoch, last = rows[0]["epoch"], rows[0]["last"]
        if not self.begun.is_set():
            self.epoch, self.position = epoch, last
            return False
        if self.epoch not in {"-", epoch} or self.position > last:
            self._begin_anew(epoch, last, "history was lost")
            return True
        self.epoch = epoch
        if rows[0]["position"] is None:
            return False
        if rows[0]["position"] > self.position + 1:  # another process threw away what was not read here yet
            self._begin_anew(epoch, last, "too much was missed")
            return True
        self.position = rows[-1]["position"]
        self.documents.forget((row["view"] for row in rows), self.place)
        frames = [frame(epoch, row) for row in rows]
        for subscriber in self.subscribers:
            for new in frames:
                subscriber.offer(new)
        return True

    def _begin_anew(self, epoch: str, position: int, reason: str) -> None:
        """What came between cannot be told: every client is told to load."""
        self.epoch, self.position = epoch, position
        self.documents.distrust()
        wire = reset(epoch, position, reason)
        for subscriber in self.subscribers:
            subscriber.waiting.clear()
            subscriber.after = -1
            subscriber.offer(Frame(position, next(iter(subscriber.views), ""), ("", "reset"), wire))

    async def _prune(self, database: Database) -> None:
        async with database.transaction() as session:
            await session.execute(_PRUNE, {"upto": self.position - KEEP})

    @contextmanager
    def joined(self, views: frozenset[str]) -> Iterator[Subscriber]:
        subscriber = Subscriber(views)
        self.subscribers.add(subscriber)
        self.metrics.live_clients.set(len(self.subscribers))
        try:
            yield subscriber
        finally:
            self.subscribers.discard(subscriber)
            self.metrics.live_clients.set(len(self.subscribers))

    async def missed(self, since: str, upto: int, subscriber: Subscriber) -> list[bytes] | str:
        """What came after `since` up to `upto`, on the wire; a reason where it cannot be told. Raises the database's errors."""
        found = _ID.fullmatch(since)
        if found is None:
            return "this is not an id of the feed"
        epoch, position = found.group(1), int(found.group(2))
        if (epoch, position) != ("-", 0) and (epoch != self.epoch or position > upto):
            return await self._ahead(epoch, position, subscriber)
        if upto - position > MOST_MISSED:
            return "too much was missed"
        if position == upto or self._database is None:
            return []
        async with self._database.reading() as session:
            rows = (await session.execute(_AFTER, {"after": position, "limit": upto - position})).mappings().all()
        if len(rows) < upto - position:
            return "the id is too old"
        return [frame(self.epoch, row).wire for row in rows if subscriber.wants(row["view"])]

    async def _ahead(self, epoch: str, position: int, subscriber: Subscriber) -> list[bytes] | str:
        """The id is none that was told here yet. Who has just read the database, or another process, may be ahead of this one."""
        head = None
        if self._database is not None:
            async with self._database.reading() as session:
                head = (await session.execute(_HEAD)).first()
        if head is None or head.epoch != epoch:
            return "the id is of another history"
        if position > head.position:
            return "the id is of the future"
        subscriber.after = position
        return []


async def _connect(database: Database) -> asyncpg.Connection:
    url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    named = {"application_name": "apge-reporting-live"}
    return await asyncpg.connect(url, timeout=READ_TIMEOUT, command_timeout=READ_TIMEOUT, server_settings=named)


def follow(app: FastAPI) -> Worker:
    live: Live = app.state.live
    return Worker("live", lambda worker: live.follow(app.state.database, worker), app.state.metrics)


def prepare(app: FastAPI) -> None:
    app.state.documents = Documents()
    app.state.live = Live(app.state.metrics, app.state.documents, app.state.closing)
