"""The most that a request may bring, counted while it arrives: what Content-Length says is never trusted."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Pure ASGI: reading a body beyond `most` bytes is answered 413. Of a longer body no more than that is ever held."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app, self.most = app, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read = 0

        async def receive_up_to_the_limit() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.most:
                # the framework's own class, because it turns every other error while it reads a body into 400
                raise HTTPException(413, f"the body has more than {self.most} bytes")
            return message

        await self.app(scope, receive_up_to_the_limit, send)
