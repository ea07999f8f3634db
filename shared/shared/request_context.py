"""What every request gets before anything else: its ids, its time in the metrics, its line in the log.

Everything here is paid by every request, ready bytes included: of a ready answer it was two thirds. So lines are composed at once and
written together a moment later, and the instrument of each route is looked up once.
"""

import asyncio
import logging
import re
import sys
import time
from datetime import UTC, datetime

import orjson
from prometheus_client import Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.telemetry import Context, Metrics, child_traceparent, context, new_id

REQUEST_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,63}")  # a UUID and some
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SAFE_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]
LEVEL = logging.getLogger("apge")
WRITE_SECONDS = 0.1
MOST_LINES = 1000


class RequestLines:
    """One line for each answered request, as JSON on standard error, at most WRITE_SECONDS late; errors are told at once elsewhere."""

    def __init__(self, service: str) -> None:
        self.service = service
        self._lines: list[bytes] = []

    def add(self, scope: Scope, here: Context, status: int, seconds: float) -> None:
        if not LEVEL.isEnabledFor(logging.INFO):
            return
        line = {
            "service": self.service,
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "ms": round(seconds * 1000, 1),
            "event": "request",
            "level": "info",
            "request_id": here.correlation,
            "trace_id": here.traceparent[3:35],
            "timestamp": datetime.now(UTC),
        }
        if not self._lines:
            asyncio.get_running_loop().call_later(WRITE_SECONDS, self.write)
        self._lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        if len(self._lines) >= MOST_LINES:
            self.write()

    def write(self) -> None:
        if self._lines:
            sys.stderr.write(b"".join(self._lines).decode())
            sys.stderr.flush()
            self._lines.clear()


class RequestContext:
    """Pure ASGI: gives each request its context, answers with its id, logs and times it."""

    def __init__(self, app: ASGIApp, service: str, metrics: Metrics) -> None:
        self.app, self.metrics, self.lines = app, metrics, RequestLines(service)
        self._instruments: dict[tuple[str, str, int], Histogram] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        here = _context_of(scope)
        own = [(b"x-request-id", here.correlation.encode()), *SAFE_HEADERS]
        token = context.set(here)
        status, started = 500, time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *own]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - started
            self._time(scope, status, seconds)
            self.lines.add(scope, here, status, seconds)
            context.reset(token)

    def _time(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        method = scope["method"] if scope["method"] in METHODS else "other"  # a caller may name any
        instrument = self._instruments.get((method, route, status))
        if instrument is None:
            instrument = self._instruments[method, route, status] = self.metrics.requests.labels(
                method, route, str(status)
            )
        instrument.observe(seconds)


def _context_of(scope: Scope) -> Context:
    """From what the caller sent of it, or new."""
    given = parent = ""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
        elif name == b"traceparent":
            parent = value.decode("latin-1")
    correlation = given if given and REQUEST_ID.fullmatch(given) else new_id()
    return Context(correlation=correlation, traceparent=child_traceparent(parent))
