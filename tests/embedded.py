"""The embedded shape for tests: the real `apge up` as a process of its own, on a free port and with a data folder of its own.

`embedded` (one a module, stopped at its end) for those who need a filled platform; `start` for those who stop and kill it.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import psutil
import pytest

APGE = Path(sys.executable).parent / "apge"
ADDRESS = re.compile(r"First page: (http://\S+:\d+)/")
LAST_WORDS = "Ctrl-C stops it"
START_SECONDS = 180  # far more than it takes: a busy machine must not fail a test
STOP_SECONDS = 60
OURS = ("DATABASE_URL", "PORT", "BUS", "KAFKA_BOOTSTRAP")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """This process's environment without what would steer the platform, but with its data in `folder`."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS and not name.startswith("APGE_")}
    return kept | {"APGE_CLI_DATA": str(folder), "COLUMNS": "120"} | more


@dataclass
class Embedded:
    """A running `apge up`."""

    folder: Path
    process: "subprocess.Popen[bytes]"
    words: Path
    url: str = ""
    took: float = 0.0
    """seconds from the command to its last word"""
    kafka: str | None = None
    """where its broker is, where it has one"""

    @property
    def output(self) -> str:
        return self.words.read_text(encoding="utf-8")

    def wait(self, patience: float = START_SECONDS) -> Self:
        """Returns when all has been said. Fails where the process ends before."""
        started = time.monotonic()
        while LAST_WORDS not in self.output:
            if self.process.poll() is not None or time.monotonic() - started > patience:
                self.stop(signal.SIGKILL)
                log = self.folder / "apge.log"
                pytest.fail(f"apge up is not up: {self.output}\n{log.read_text()[-3000:] if log.exists() else ''}")
            time.sleep(0.02)
        found = ADDRESS.search(self.output)
        assert found
        self.url, self.took = found[1], time.monotonic() - started
        return self

    def apge(self, *arguments: str, patience: float = START_SECONDS) -> "subprocess.CompletedProcess[str]":
        """Runs another command against it, to its end."""
        return run(self.folder, *arguments, patience=patience, APGE_CLI_URL=self.url)

    def token(self, role: str, *units: str) -> str:
        from shared.issuer import LocalIssuer

        return LocalIssuer(self.folder / "issuer").token(role, units)  # type: ignore[arg-type]

    def client(self, role: str | None = None, *units: str) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token(role, *units)}"} if role else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """The exit code. Ctrl-C reaches all that the command has started, as it does in a terminal."""
        if self.process.poll() is None:
            if number is signal.SIGINT:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)

    def servers(self) -> list[int]:
        return servers_of(self.folder)

    def left_behind(self) -> list[int]:
        """The servers that are still there a while after the end: one that has let go of its folder may take a moment to end."""
        until = time.monotonic() + STOP_SECONDS
        while (left := self.servers()) and time.monotonic() < until:
            time.sleep(0.02)
        return left


def servers_of(folder: Path) -> list[int]:
    """The PostgreSQL servers that run on the data folder, by process id."""
    found = []
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        info = process.info
        if info["name"] == "postgres" and str(folder / "postgres") in (info["cmdline"] or []):
            found.append(process.pid)
    return found


def run(
    folder: Path, *arguments: str, patience: float = START_SECONDS, **more: str
) -> "subprocess.CompletedProcess[str]":
    """`apge` with these arguments, to its end."""
    return subprocess.run(
        [APGE, *arguments],
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )


def launch(folder: Path, *command: str, **more: str) -> Embedded:
    """`apge up` has begun; `wait` for it."""
    words = folder.with_suffix(".words")
    with words.open("wb") as file:
        process = subprocess.Popen(
            command or [str(APGE), "up"],
            env=environment(folder, **({"PORT": "0"} | more)),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Embedded(folder, process, words)


def start(folder: Path, *command: str, **more: str) -> Embedded:
    """`apge up` is up, filled, and has said all it has to say."""
    return launch(folder, *command, **more).wait()


@contextmanager
def own_folder() -> Iterator[Path]:
    """A data folder outside of pytest's: there every new run of pytest shuts out the system user that PostgreSQL runs as for root."""
    with tempfile.TemporaryDirectory(prefix="apge-", ignore_cleanup_errors=True) as folder:
        yield Path(folder) / "data"


@pytest.fixture
def folder() -> Iterator[Path]:
    with own_folder() as own:
        yield own


@pytest.fixture(scope="module")
def embedded() -> Iterator[Embedded]:
    """A filled platform, the same for all tests of the module."""
    with own_folder() as own:
        platform = start(own)
        yield platform
        platform.stop()
