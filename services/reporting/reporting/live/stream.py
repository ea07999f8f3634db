"""One open stream: what a client missed, then every change, until it goes, its token ends or the server closes."""

import asyncio
import random
import time
from contextlib import suppress
from typing import Any

import structlog
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError
from starlette.types import Receive, Scope, Send

from reporting.live.feed import READ_TIMEOUT, Live, Subscriber, reset

log = structlog.get_logger()

HEARTBEAT = 15.0
SEND_TIMEOUT = 10.0


class LiveStream(Response):
    """The answer of the live route: raw ASGI, so that a stream costs one task and the shared bytes."""

    media_type = "text/event-stream"

    def __init__(self, live: Live, views: frozenset[str], since: str | None, until: float) -> None:
        super().__init__(headers={"cache-control": "no-cache, no-transform", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self.live, self.views, self.since, self.until = live, views, since, until

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        closing = asyncio.ensure_future(self.live.closing.wait())
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._stream(send, gone, closing)
        except TimeoutError:
            self.live.metrics.live_dropped.inc()
            log.info("live_client_dropped", reason="too slow")
        except OSError:
            log.debug("live_client_gone")
        finally:
            gone.cancel()
            closing.cancel()
            await asyncio.gather(gone, closing, return_exceptions=True)

    async def _stream(self, send: Send, gone: "asyncio.Future[Any]", closing: "asyncio.Future[Any]") -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(READ_TIMEOUT):
                await self.live.begun.wait()
        with self.live.joined(self.views) as subscriber:
            upto = self.live.position  # at the instant of joining: what comes later is offered
            for end in (gone, closing):
                end.add_done_callback(lambda _: subscriber.woken.set())
            opening = await self._opening(upto, subscriber)
            if opening is not None:
                await self._send(send, opening)
                await self._follow(send, subscriber, gone, closing)
        if not gone.done():
            await self._send(send, b"retry: %d\n\n" % random.randint(500, 5000), last=True)  # noqa: S311 (spreads the reconnecting)

    async def _follow(self, send: Send, subscriber: Subscriber, *ends: "asyncio.Future[Any]") -> None:
        while not any(end.done() for end in ends):
            left = self.until - time.time()
            if left <= 0:
                break
            with suppress(TimeoutError):
                async with asyncio.timeout(min(HEARTBEAT, left)):
                    await subscriber.woken.wait()
            await self._send(send, self._news(subscriber))

    async def _opening(self, upto: int, subscriber: Subscriber) -> bytes | None:
        """What the client missed, or that it must load anew; at least a comment, so that it knows the stream is open. None where the
        database does not say: the client comes back with the id it has.
        """
        live = self.live
        if not live.begun.is_set():
            return None
        if self.since is None:
            return b"retry: 2000\nid: %b:%d\n: open\n\n" % (live.epoch.encode(), upto)
        try:
            missed = await live.missed(self.since, upto, subscriber)
        except (SQLAlchemyError, OSError) as error:
            log.warning("live_history_unread", error=type(error).__name__)
            return None
        if isinstance(missed, str):
            live.metrics.live_resets.inc()
            return b"retry: 2000\n\n" + reset(live.epoch, upto, missed)
        return b"retry: 2000\n: open\n\n" + b"".join(missed)

    def _news(self, subscriber: Subscriber) -> bytes:
        """What waits; where nothing does, a sign of life whose id spares a client of quiet views a reset when it comes back."""
        frames, overflowed = subscriber.take()
        if overflowed:
            self.live.metrics.live_resets.inc()
            return reset(self.live.epoch, self.live.position, "too much at once")
        if frames:
            return b"".join(frame.wire for frame in frames)
        behind = self.live.position < subscriber.after
        return b": still here\n\n" if behind else b"id: %b\n: still here\n\n" % self.live.place.encode()

    async def _send(self, send: Send, wire: bytes, *, last: bool = False) -> None:
        async with asyncio.timeout(SEND_TIMEOUT):
            await send({"type": "http.response.body", "body": wire, "more_body": not last})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
