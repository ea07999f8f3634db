"""The live feed: every change of a view, to every connected client, as server-sent events.

One reader per process follows the feed table and fans out. A change is encoded once, whatever the number of clients. What must not
break:
- `id:` is `<epoch>:<position>`. A client that comes back with the last id it saw gets all that came after, in order; where that is
  not possible (unknown, of another epoch, too old, not an id of ours) it is told `reset` and loads anew.
- A client joins first and reads what it missed after, so nothing falls between the two.
- A slow client holds nobody up: its changes are coalesced by key, past a bound it is told `reset`, and a send that takes too long
  ends its stream. No stream holds a database session, outlives its token, or the server's closing.
"""

import asyncio
import random
import re
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import orjson
import structlog
from fastapi import FastAPI
from fastapi.responses import Response
from sqlalchemy import text
from starlette.types import Receive, Scope, Send

from reporting.documents import Documents
from reporting.models import FEED_CHANNEL
from shared.database import Database
from shared.telemetry import Metrics
from shared.workers import Worker

log = structlog.get_logger()

HEARTBEAT = 15.0
SEND_TIMEOUT = 10.0
MOST_WAITING = 1000  # changes that may wait for one client before it is told to load anew
MOST_MISSED = 10_000  # changes that a client may have missed and still be given
KEEP = 100_000  # rows of the feed that are kept
POLL = 0.5
PRUNE_EVERY = 600.0

_ID = re.compile(r"^([0-9a-f]{12}|-):(\d{1,18})$")
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
    name = b'{"view":%b,"key":%b,' % (orjson.dumps(row.view), orjson.dumps(row.key))
    data = name + row.body.encode()[1:]
    wire = b"id: %b:%d\nevent: %b\ndata: %b\n\n" % (epoch.encode(), row.position, row.kind.encode(), data)
    return Frame(row.position, row.view, (row.view, row.key or str(row.position)), wire)


def reset(epoch: str, position: int, reason: str) -> bytes:
    return b'id: %b:%d\nevent: reset\ndata: {"reason":"%b"}\n\n' % (epoch.encode(), position, reason.encode())


@dataclass(eq=False)
class Subscriber:
    """One open stream. `waiting` holds the newest frame of each key, in order of the newest."""

    views: frozenset[str]
    waiting: OrderedDict[Key, Frame] = field(default_factory=OrderedDict)
    overflowed: bool = False
    woken: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, new: Frame) -> None:
        if self.views and new.view not in self.views:
            return
        self.waiting.pop(new.key, None)
        self.waiting[new.key] = new
        if len(self.waiting) > MOST_WAITING:
            self.waiting.clear()
            self.overflowed = True
        self.woken.set()

    def take(self) -> list[Frame]:
        frames = list(self.waiting.values())
        self.waiting.clear()
        self.woken.clear()
        return frames


class Live:
    """The process's one follower of the feed and all its subscribers."""

    def __init__(self, metrics: Metrics, documents: Documents, closing: asyncio.Event) -> None:
        self.metrics, self.documents, self.closing = metrics, documents, closing
        self.epoch, self.position = "-", 0
        self.subscribers: set[Subscriber] = set()
        self._database: Database | None = None

    async def follow(self, database: Database, worker: Worker) -> None:
        """Runs for ever: reads new rows of the feed, forgets the documents they concern, then tells the subscribers."""
        self._database = database
        url = database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(url, timeout=10)
        woken, pruned = asyncio.Event(), time.monotonic()
        try:
            await connection.add_listener(FEED_CHANNEL, lambda *_: woken.set())
            await self._begin(database)
            while True:
                woken.clear()
                while await self._advance(database):
                    worker.beat()
                self.documents.trusted = True
                worker.beat()
                if time.monotonic() - pruned > PRUNE_EVERY:
                    pruned = time.monotonic()
                    await self._prune(database)
                with suppress(TimeoutError):
                    await asyncio.wait_for(woken.wait(), POLL)
        finally:
            self.documents.distrust()
            connection.terminate()

    async def _begin(self, database: Database) -> None:
        """At the start, or after a pause: whatever was missed is told, another epoch means that all is anew."""
        async with database.reading() as session:
            head = (await session.execute(_HEAD)).first()
        if head is not None and (self.epoch != head.epoch or self.position > head.position):
            known, self.epoch, self.position = self.epoch, head.epoch, head.position
            if known != "-":
                self._tell_all(reset(self.epoch, self.position, "history was lost"))

    def _tell_all(self, wire: bytes) -> None:
        self.documents.distrust()
        for subscriber in self.subscribers:
            subscriber.waiting.clear()
            subscriber.offer(Frame(self.position, next(iter(subscriber.views), ""), ("", "reset"), wire))

    async def _advance(self, database: Database) -> bool:
        """Whether there was something new."""
        async with database.reading() as session:
            if self.epoch == "-":
                head = (await session.execute(_HEAD)).first()
                if head is None:
                    return False
                self.epoch = head.epoch
            rows = (await session.execute(_AFTER, {"after": self.position, "limit": 1000})).all()
        if not rows:
            return False
        for view in {row.view for row in rows}:
            self.documents.forget(view)
        self.position = rows[-1].position
        frames = [frame(self.epoch, row) for row in rows]
        for subscriber in self.subscribers:
            for new in frames:
                subscriber.offer(new)
        return True

    async def _prune(self, database: Database) -> None:
        async with database.transaction() as session:
            await session.execute(_PRUNE, {"upto": self.position - KEEP})

    def join(self, views: frozenset[str]) -> Subscriber:
        subscriber = Subscriber(views)
        self.subscribers.add(subscriber)
        self.metrics.live_clients.set(len(self.subscribers))
        return subscriber

    def leave(self, subscriber: Subscriber) -> None:
        self.subscribers.discard(subscriber)
        self.metrics.live_clients.set(len(self.subscribers))

    async def missed(self, since: str, upto: int, views: frozenset[str]) -> list[bytes] | str:
        """What came after `since` up to `upto`, on the wire; a reason where it cannot be told."""
        found = _ID.match(since)
        if found is None:
            return "this is not an id of the feed"
        epoch, position = found.group(1), int(found.group(2))
        refusals = {
            "the id is of another history": epoch != self.epoch and (epoch, position) != ("-", 0),
            "the id is of the future": position > upto,
            "too much was missed": upto - position > MOST_MISSED,
        }
        if any(refusals.values()):
            return next(reason for reason, holds in refusals.items() if holds)
        if position == upto or self._database is None:
            return []
        async with self._database.reading() as session:
            rows = (await session.execute(_AFTER, {"after": position, "limit": upto - position})).all()
        if len(rows) < upto - position:
            return "the id is too old"
        return [frame(self.epoch, row).wire for row in rows if not views or row.view in views]


class LiveStream(Response):
    """The answer of the live route: raw ASGI, so that a stream costs one task and the shared bytes."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, views: frozenset[str], since: str | None, until: float) -> None:
        super().__init__(headers={"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self.live, self.views, self.since, self.until = live, views, since, until

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        subscriber, upto = self.live.join(self.views), self.live.position  # at one instant: what comes later is offered
        gone = asyncio.ensure_future(_gone(receive))
        closing = asyncio.ensure_future(self.live.closing.wait())
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._stream(subscriber, upto, send, gone, closing)
        except TimeoutError:
            self.live.metrics.live_dropped.inc()
            log.info("live_client_dropped", reason="too slow")
        except OSError:
            log.debug("live_client_gone")
        finally:
            self.live.leave(subscriber)
            gone.cancel()
            closing.cancel()

    async def _stream(self, subscriber: Subscriber, upto: int, send: Send, *ends: "asyncio.Future[Any]") -> None:
        await self._send(send, await self._opening(upto))
        while not any(end.done() for end in ends):
            left = self.until - time.time()
            if left <= 0:
                break
            wake = asyncio.ensure_future(subscriber.woken.wait())
            await asyncio.wait({wake, *ends}, timeout=min(HEARTBEAT, left), return_when=asyncio.FIRST_COMPLETED)
            wake.cancel()
            await self._send(send, self._news(subscriber))
        if not ends[0].done():
            await self._send(send, b"retry: %d\n\n" % random.randint(500, 5000), last=True)  # noqa: S311 (spreads the reconnecting)

    async def _opening(self, upto: int) -> bytes:
        """What the client missed, or that it must load anew; at least a comment, so that it knows the stream is open."""
        live = self.live
        if self.since is None:
            return b"retry: 2000\nid: %b:%d\n: open\n\n" % (live.epoch.encode(), upto)
        missed = await live.missed(self.since, upto, self.views)
        if isinstance(missed, str):
            live.metrics.live_resets.inc()
            return b"retry: 2000\n\n" + reset(live.epoch, upto, missed)
        return b"retry: 2000\n: open\n\n" + b"".join(missed)

    def _news(self, subscriber: Subscriber) -> bytes:
        if subscriber.overflowed:
            subscriber.overflowed = False
            subscriber.take()
            self.live.metrics.live_resets.inc()
            return reset(self.live.epoch, self.live.position, "too much at once")
        return b"".join(frame.wire for frame in subscriber.take()) or b": still here\n\n"

    async def _send(self, send: Send, wire: bytes, *, last: bool = False) -> None:
        async with asyncio.timeout(SEND_TIMEOUT):
            await send({"type": "http.response.body", "body": wire, "more_body": not last})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def follow(app: FastAPI) -> Worker:
    live: Live = app.state.live
    return Worker("live", lambda worker: live.follow(app.state.database, worker), app.state.metrics)


def prepare(app: FastAPI) -> None:
    app.state.documents = Documents()
    app.state.live = Live(app.state.metrics, app.state.documents, app.state.closing)
