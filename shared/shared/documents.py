"""Ready bytes: an answer made once, kept, and handed out beneath the framework's per-request cost, authorisation included.

What is kept, and how long it holds, is the service's own (a `Keeper`). What must not break: the answer of a route (`respond`) and the
one before the framework (`ReadyBytes`) are the same, byte by byte and header by header.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.auth import Verifier
from shared.settings import Settings

Address = tuple[str, bytes]
"""(path, query string)"""


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


def document(body: bytes) -> Document:
    """The JSON in `body` with its headers. The ETag is the content's digest."""
    etag = b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"etag", etag),
        (b"cache-control", b"private, no-cache"),
    ]
    return Document(body, etag, headers)


def respond(made: Document, if_none_match: str | None) -> Response:
    """The answer of a route, the same as `ReadyBytes` gives."""
    headers = {name.decode(): value.decode() for name, value in made.headers}
    if made.answers(if_none_match.encode() if if_none_match else None):
        return Response(status_code=304, headers={"etag": headers["etag"], "cache-control": headers["cache-control"]})
    return Response(made.body, headers=headers)


async def make_once(
    making: "dict[Any, asyncio.Task[Document]]", place: Hashable, make: Callable[[], Coroutine[Any, Any, Document]]
) -> Document:
    """Of those who ask at one time for one place, one makes it. Raises what `make` raises."""
    task = making.get(place)
    if task is None:
        task = making[place] = asyncio.create_task(make())
        task.add_done_callback(lambda done: _made(making, place, done))
    return await asyncio.shield(task)  # one who goes away must not take it from the others


def _made(making: "dict[Any, asyncio.Task[Document]]", place: Hashable, done: "asyncio.Task[Document]") -> None:
    del making[place]
    if not done.cancelled():
        done.exception()  # seen, even where all who asked have gone


@dataclass(frozen=True, slots=True)
class Kept:
    document: Document
    route: Any
    """Which the answer is counted under."""


class Keeper(Protocol):
    @property
    def kept(self) -> Mapping[Address, Kept]: ...

    async def find(self, address: Address) -> Kept | None:
        """What is kept there and may be handed out to one who asks now."""


class ReadyBytes:
    """Pure ASGI before the framework: answers what `keeper` finds, for callers whose token is known; hands on the rest.
    Only what every role may read is kept, so a known token is all the authorisation that these addresses ask for.
    """

    def __init__(self, app: ASGIApp, keeper: Keeper, verifier: Verifier, settings: Settings) -> None:
        self.app, self.keeper, self.verifier, self.anonymous = app, keeper, verifier, settings.anonymous_reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            address = (scope["path"], scope["query_string"])
            if address in self.keeper.kept and await self._answer(address, scope, send):
                return
        await self.app(scope, receive, send)

    async def _answer(self, address: Address, scope: Scope, send: Send) -> bool:
        token, if_none_match = None, None
        for name, value in scope["headers"]:  # the first of each, as the framework does
            if name == b"authorization" and token is None:
                token = value
            elif name == b"if-none-match" and if_none_match is None:
                if_none_match = value
        if not self._known(token):
            return False
        kept = await self.keeper.find(address)
        if kept is None:
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
