"""Ready bytes: what the hot reads answer, made once per change and handed out beneath the framework's per-request cost.

A document is kept per address until the feed says that the view it rests on has changed. What must not break:
- Nobody gets a kept document older than the last change of its view that this process knows of, or has shown to anybody. One that
  was being made meanwhile is handed out to those who asked before, and not kept: its time is over.
- Of those who ask at one time for what is not kept, one makes it: a change sends every client here at once.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.auth import Verifier
from shared.settings import Settings

MOST_BYTES = 64 * 1024 * 1024

Address = tuple[str, bytes]
"""(path, query string)"""
Time = tuple[int, int]
"""(how often everything was forgotten, how often this view was)"""


@dataclass(frozen=True, slots=True)
class Document:
    body: bytes
    etag: bytes
    headers: list[tuple[bytes, bytes]]

    def answers(self, if_none_match: bytes | None) -> bool:
        """Whether the caller has it already; by the weak comparison, because a proxy that compresses weakens the tag."""
        if if_none_match is None:
            return False
        tags = [tag.strip().removeprefix(b"W/") for tag in if_none_match.split(b",")]
        return self.etag in tags or tags == [b"*"]


def document(content: object) -> Document:
    body = orjson.dumps(content, default=str)
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag),
        (b"cache-control", b"private, no-cache"),
    ]
    return Document(body, etag, headers)


@dataclass(frozen=True, slots=True)
class Kept:
    view: str
    document: Document
    route: Any
    """Which the answer is counted under."""


@dataclass
class Documents:
    kept: dict[Address, Kept] = field(default_factory=dict)
    making: dict[tuple[Address, Time], "asyncio.Task[Document]"] = field(default_factory=dict)
    trusted: bool = False
    """Whether this process follows the feed right now; while it does not, nothing is kept."""
    _size: int = 0
    _cleared: int = 0
    _forgotten: Counter[str] = field(default_factory=Counter)
    _shown: tuple[str, int] = ("-", 0)

    def forget(self, views: Iterable[str], position: str) -> None:
        """These views have changed, and all changes up to `position` of the feed are known now."""
        for view in set(views):
            self._forgotten[view] += 1
            self.kept = {address: kept for address, kept in self.kept.items() if kept.view != view}
        self._size = sum(len(kept.document.body) for kept in self.kept.values())
        epoch, number = _read(position)
        self._shown = epoch, max(number, self._shown[1] if epoch == self._shown[0] else 0)

    def shown(self, position: str) -> None:
        """Somebody is shown this position of the feed; if it was not known yet, any view may have changed up to it."""
        epoch, number = _read(position)
        if epoch != self._shown[0] or number > self._shown[1]:
            self._shown = epoch, number
            self._clear()

    def trust(self) -> None:
        """From now on changes are told. What was begun before is not kept: its changes may have gone untold."""
        if not self.trusted:
            self._clear()
        self.trusted = True

    def distrust(self) -> None:
        self.trusted = False
        self._clear()

    def _clear(self) -> None:
        self._cleared += 1
        self._size = 0
        self.kept = {}

    def _time(self, view: str) -> Time:
        return self._cleared, self._forgotten[view]

    async def get(
        self, address: Address, view: str, make: Callable[[], Awaitable[dict[str, Any]]], route: Any = None
    ) -> Document:
        """What is kept, or what `make` composes. Raises what `make` raises."""
        found = self.kept.get(address)
        if found is not None:
            return found.document
        place = (address, self._time(view))
        making = self.making.get(place)
        if making is None:
            making = self.making[place] = asyncio.create_task(self._make(address, view, make, route))
            making.add_done_callback(lambda done: self._made(place, done))
        return await asyncio.shield(making)  # one who goes away must not take it from the others

    async def _make(
        self, address: Address, view: str, make: Callable[[], Awaitable[dict[str, Any]]], route: Any
    ) -> Document:
        begun = self._time(view)
        content = await make()
        made = document(content)
        timely = self.trusted and begun == self._time(view)
        self.shown(content["position"])
        if timely and len(made.body) <= MOST_BYTES:
            if self._size + len(made.body) > MOST_BYTES:
                self._size, self.kept = 0, {}
            self._size += len(made.body)
            self.kept[address] = Kept(view, made, route)
        return made

    def _made(self, place: tuple[Address, Time], done: "asyncio.Task[Document]") -> None:
        del self.making[place]
        if not done.cancelled():
            done.exception()  # seen, even where all who asked have gone


def _read(position: str) -> tuple[str, int]:
    epoch, _, number = position.partition(":")
    return epoch, int(number)


def respond(made: Document, if_none_match: str | None) -> Response:
    """The answer of a route, the same as `ReadyBytes` gives."""
    headers = {name.decode(): value.decode() for name, value in made.headers}
    if made.answers(if_none_match.encode() if if_none_match else None):
        return Response(status_code=304, headers={"etag": headers["etag"], "cache-control": headers["cache-control"]})
    return Response(made.body, headers=headers)


class ReadyBytes:
    """Pure ASGI before the framework: answers from `documents` what is kept there, for callers whose token is known; hands on the
    rest. Reading is allowed to every role, so a known token is all the authorisation that these addresses ask for.
    """

    def __init__(self, app: ASGIApp, documents: Documents, verifier: Verifier, settings: Settings) -> None:
        self.app, self.documents, self.verifier, self.anonymous = app, documents, verifier, settings.anonymous_reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            kept = self.documents.kept.get((scope["path"], scope["query_string"]))
            if kept is not None and await self._answer(kept, scope, send):
                return
        await self.app(scope, receive, send)

    async def _answer(self, kept: Kept, scope: Scope, send: Send) -> bool:
        token, if_none_match = None, None
        for name, value in scope["headers"]:  # the first of each, as the framework does
            if name == b"authorization" and token is None:
                token = value
            elif name == b"if-none-match" and if_none_match is None:
                if_none_match = value
        if not self._known(token):
            return False
        made = kept.document
        scope["route"] = kept.route
        if made.answers(if_none_match):
            await send({"type": "http.response.start", "status": 304, "headers": made.headers[2:]})
            await send({"type": "http.response.body", "body": b""})
        else:
            await send({"type": "http.response.start", "status": 200, "headers": made.headers[:]})
            await send({"type": "http.response.body", "body": made.body})
        return True

    def _known(self, header: bytes | None) -> bool:
        if header is None:
            return self.anonymous
        return header[:7].lower() == b"bearer " and self.verifier.known(header[7:].strip()) is not None


def wrap(app: ASGIApp, service: FastAPI) -> ASGIApp:
    state = service.state
    return ReadyBytes(app, state.documents, state.verifier, state.settings)
