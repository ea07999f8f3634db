"""A real Apache Kafka for tests and benchmarks: the node that `make kafka` starts, on ports of its own.

`running_kafka()` for those who only need a broker (KAFKA_BOOTSTRAP in the environment wins, then nothing is started);
`RunningKafka` for those who kill it. All calls block until done: inside an event loop use `asyncio.to_thread`.
A node never outlives the process that started it.
"""

import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

RUN = Path(__file__).parents[1] / "deploy" / "kafka" / "run"
START_SECONDS = 300  # the very first start fetches the jars
STOP_SECONDS = 30


def require_kafka() -> None:
    """Skip where neither a broker is named nor one can be started; under CI that is a failure."""
    missing = [program for program in ("java", "mvn") if shutil.which(program) is None]
    if missing and "KAFKA_BOOTSTRAP" not in os.environ:
        sentence = f"no {' and no '.join(missing)} here and no KAFKA_BOOTSTRAP: no real Kafka"
        if "CI" in os.environ:
            pytest.fail(sentence)
        pytest.skip(sentence)


class RunningKafka:
    """One node, with its data in a folder that lives until `stop`, so that a killed node comes back with its messages."""

    bootstrap: str

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="apge-kafka-"))
        self._words = (self._folder / "words").open("w+")
        self._start(port=0)

    def _start(self, port: int) -> None:
        self._process = subprocess.Popen(
            [RUN, "--attached", "--port", str(port), "--data", self._folder / "data"],
            stdin=subprocess.PIPE,  # closes when this process ends, however it ends; then the node stops
            stdout=subprocess.PIPE,
            stderr=self._words,
            start_new_session=True,  # so that kill() reaches the broker and its starter at once
        )
        try:
            self.bootstrap = self._read_address()
        except BaseException:
            self.stop()
            raise

    def _read_address(self) -> str:
        until = time.monotonic() + START_SECONDS
        said = b""
        while not said.endswith(b"\n"):
            readable, _, _ = select.select([self._process.stdout], [], [], max(0, until - time.monotonic()))
            piece = os.read(self._process.stdout.fileno(), 4096) if readable else b""
            if not piece:
                self._words.seek(0)
                raise RuntimeError(
                    f"no Kafka within {START_SECONDS} s: {self._words.read().strip() or 'it said nothing'}"
                )
            said += piece
        return said.decode().split()[-1]

    def kill(self) -> None:
        """SIGKILL, as a lost machine: the broker is gone when this returns, its data is as it was."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._reap()

    def restart(self) -> None:
        """After `kill`, or to stop it cleanly first: the node answers again at the same address with the same data."""
        self._end()
        self._start(port=int(self.bootstrap.rpartition(":")[2]))

    def stop(self) -> int:
        """End it cleanly and forget its data. Returns the exit code, 0 for a clean end."""
        code = self._end()
        self._words.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        return code

    def _end(self) -> int:
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        return self._reap()

    def _reap(self) -> int:
        code = self._process.wait(STOP_SECONDS)
        for stream in (self._process.stdin, self._process.stdout):
            stream.close()
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


@contextmanager
def running_kafka() -> Iterator[str]:
    """The bootstrap address of a real broker, for the length of the block."""
    if named := os.environ.get("KAFKA_BOOTSTRAP"):
        yield named
        return
    with RunningKafka() as node:
        yield node.bootstrap
