"""The four services in one process behind one port: each request goes to the app that its first path segment names.

What must not break: every app lives its own life. Their lifespans start in order and end in the opposite order, and what one of them
raises while it starts keeps the whole from starting.
"""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send


class Embedded:
    """`apps` by the first segment of their addresses; everything else, the first page included, is the last one's."""

    def __init__(self, apps: Mapping[str, FastAPI]) -> None:
        self.apps = apps
        self._by_segment: dict[str, ASGIApp] = dict(apps)
        self._rest: ASGIApp = list(apps.values())[-1]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        segment = scope["path"][1:].partition("/")[0]
        await self._by_segment.get(segment, self._rest)(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            await receive()
            for app in self.apps.values():
                await stack.enter_async_context(app.router.lifespan_context(app))
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})
