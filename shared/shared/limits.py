"""The most that a request may bring, counted while it arrives: what Content-Length says is never trusted."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def receive_up_to(most: int, receive: Receive) -> Receive:
    """`receive`, answered 413 as soon as the body is longer than `most` bytes."""
    read = 0

    async def receive_up_to_the_limit() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > most:
            # the framework's own class, because it turns every other error while it reads a body into 400
            raise HTTPException(413, f"the body has more than {most} bytes")
        return message

    return receive_up_to_the_limit


class BodyLimit:
    """Pure ASGI: reading a body beyond `most` bytes is answered 413. Of a longer body no more than that is ever held."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            receive = receive_up_to(self.most, receive)
        await self.app(scope, receive, send)


class SmallBodyRoute(APIRoute):
    """A route whose body is read as a whole, in a service that takes large ones elsewhere."""

    most = 16 * 1024 * 1024

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def bounded(request: Request) -> Response:
            return await handle(Request(request.scope, receive_up_to(self.most, request.receive)))

        return bounded
