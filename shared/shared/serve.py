"""Runs one service by itself: `python -m shared.serve <package>`; with `--migrate` it brings the database to this release and ends.

`Server` is also what the embedded shape runs its four services on. What must not break: open live streams are told to end before
uvicorn waits for its connections, else it would wait for them until its patience ends.
"""

import argparse
import asyncio
import gc
import importlib
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.types import ASGIApp

from shared import migrations
from shared.app import Service, create_app

GRACE_SECONDS = 15
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Server(uvicorn.Server):
    """Serves `app` until a signal stops it; then `serve` returns, and the process may end with 0. `apps` hold the live streams."""

    def __init__(self, app: ASGIApp, apps: Sequence[FastAPI], *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                host=host,
                port=port,
                log_level="warning",
                access_log=False,
                lifespan="on",
                timeout_graceful_shutdown=GRACE_SECONDS,
                ws="none",
                server_header=False,
            )
        )
        self.apps = apps
        self.answers = asyncio.Event()
        """Set once requests are answered."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()  # what stands now stands until the end: the collector need not walk over it with every full turn
        self.answers.set()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        for app in self.apps:
            app.state.closing.set()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """In uvicorn's place, which raises the signal anew when all is stopped, and so would end the process with it."""
        loop = asyncio.get_running_loop()
        for number in STOPPING:
            loop.add_signal_handler(number, self.handle_exit, number, None)  # within the loop, where events may be set
        try:
            yield
        finally:
            for number in STOPPING:
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)  # all has been stopped, the process only ends


def sentence_of(error: ValidationError) -> str:
    """What is wrong with the settings, without a trace."""
    return "; ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}".strip() for e in error.errors())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shared.serve", description=__doc__)
    parser.add_argument("package", help="indicators, hr_diversity, recommendations or reporting")
    parser.add_argument("--migrate", action="store_true", help="migrate the database and end")
    given = parser.parse_args()
    service: Service = importlib.import_module(f"{given.package}.main").service
    try:
        settings = service.settings()
    except ValidationError as error:
        sys.exit(f"settings: {sentence_of(error)}")
    if given.migrate:
        asyncio.run(migrations.upgrade(settings.database_url.get_secret_value(), service.migrations))
        return
    app = create_app(service, settings)
    Server(app, [app], host=settings.host, port=settings.port).run()


if __name__ == "__main__":
    main()
