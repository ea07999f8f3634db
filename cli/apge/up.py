"""`apge up`: the whole platform on one port, with its own PostgreSQL, filled on the first start."""

import asyncio
import contextlib
import signal
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from apge.folder import Folder
from apge.options import Data
from apge.trouble import Trouble

if TYPE_CHECKING:
    from concurrent.futures import Future

    from sqlalchemy import URL

    from apge.shape import Shape

BROKER = "127.0.0.1:9092"


def up(
    port: Annotated[int, typer.Option(envvar="PORT", min=0, max=65535, help="0 picks a free one")] = 8000,
    host: Annotated[str, typer.Option(envvar="APGE_HOST", help="address to listen on")] = "127.0.0.1",
    bus: Annotated[Literal["postgres", "kafka"], typer.Option(envvar="BUS", help="where events go")] = "postgres",
    kafka: Annotated[str, typer.Option(envvar="KAFKA_BOOTSTRAP", help="the broker, where bus=kafka")] = BROKER,
    database: Annotated[
        str | None,
        typer.Option(envvar="DATABASE_URL", help="a server that runs, as its administrator; else one is started"),
    ] = None,
    folder: Data = None,
    verbose: Annotated[bool, typer.Option(help="show the logs here, not in the data folder")] = False,
    demo: Annotated[bool, typer.Option("--demo", help="then load the synthetic staff, once")] = False,
) -> None:
    """Bring the platform up and fill it with the source documents; Ctrl-C stops it."""
    started, kept = time.monotonic(), Folder.of(folder)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError):
        kept.ensure()
        with kept.locked(), listening(host, port) as listener, _server(database, kept) as server:
            from apge.shape import Shape  # takes seconds, in which PostgreSQL starts

            shape = Shape.of(kept, listener, bus, kafka)
            _run(shape, server, listener, started, verbose=verbose, demo=demo)


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """The port is ours before anything is started."""
    with contextlib.ExitStack() as stack:
        try:
            family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = stack.enter_context(socket.socket(family))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(2048)
        except OSError as error:
            raise Trouble(
                f"port {port} of {host} cannot be used ({error.strerror}); name another: make run PORT={port % 65535 + 1}"
            ) from error
        yield listener


@contextlib.contextmanager
def _server(database: str | None, folder: Folder) -> "Iterator[URL | Future[URL]]":
    from apge import postgres

    if database:
        yield postgres.given_server(database)
        return
    with postgres.own_server(folder) as starting:
        try:
            yield starting
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(
                    number, signal.SIG_IGN
                )  # it only stops from here; a second Ctrl-C must leave no server behind


def _run(
    shape: "Shape",
    server: "URL | Future[URL]",
    listener: socket.socket,
    started: float,
    *,
    verbose: bool,
    demo: bool,
) -> None:
    from concurrent.futures import Future

    import uvloop

    from apge.welcome import Welcome

    url = server.result() if isinstance(server, Future) else server
    welcome = Welcome(shape, started, demo=demo)
    welcome.warn_of_bus()
    try:
        with shape.logging(verbose):
            uvloop.run(shape.serve(url, listener, welcome))
    except SystemExit as error:  # what uvicorn does when a service raised while it started
        raise Trouble(
            f"the services could not be started; {'the log' if verbose else shape.folder.log} says why."
        ) from error
