"""Ready bytes: what the hot reads answer, made once per change and handed out beneath the framework's per-request cost.

A document is kept per address until the feed says that a view it rests on has changed. One that was being made meanwhile is handed
out but not kept (its generation is over), so nobody ever gets a kept document older than the last change of its view that this
process knows of.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import orjson
from fastapi import FastAPI
from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.auth import Verifier
from shared.settings import Settings

MOST = 5000

Address = tuple[str, bytes]
"""(path, query string)"""


@dataclass(frozen=True, slots=True)
class Document:
    body: bytes
    etag: bytes
    headers: list[tuple[bytes, bytes]]

    def answers(self, if_none_match: bytes | None) -> bool:
        """Whether the caller has it already."""
        return if_none_match is not None and (
            if_none_match == self.etag or self.etag in if_none_match.replace(b" ", b"").split(b",")
        )


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


@dataclass
class Documents:
    kept: dict[Address, tuple[str, Document]] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    trusted: bool = False
    """Whether this process follows the feed right now; while it does not, nothing is kept."""

    def forget(self, view: str) -> None:
        self.generations[view] = self.generations.get(view, 0) + 1
        self.kept = {address: kept for address, kept in self.kept.items() if kept[0] != view}

    def distrust(self) -> None:
        self.trusted = False
        self.kept.clear()

    async def get(self, address: Address, view: str, make: Callable[[], Awaitable[object]]) -> Document:
        found = self.kept.get(address)
        if found is not None:
            return found[1]
        generation = self.generations.get(view, 0)
        made = document(await make())
        if self.trusted and generation == self.generations.get(view, 0):
            if len(self.kept) >= MOST:
                self.kept.clear()
            self.kept[address] = (view, made)
        return made


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
            if kept is not None and await self._answer(kept[1], scope, send):
                return
        await self.app(scope, receive, send)

    async def _answer(self, made: Document, scope: Scope, send: Send) -> bool:
        token, if_none_match = None, None
        for name, value in scope["headers"]:
            if name == b"authorization":
                token = value
            elif name == b"if-none-match":
                if_none_match = value
        if not self._known(token):
            return False
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
        return (
            header[:7].lower() == b"bearer " and self.verifier.known(header[7:].strip().decode("latin-1")) is not None
        )


def wrap(app: ASGIApp, service: FastAPI) -> ASGIApp:
    state = service.state
    return ReadyBytes(app, state.documents, state.verifier, state.settings)
