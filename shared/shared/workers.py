"""Loops that run beside the requests: relay, projections, the live feed's reader.

A worker that fails is started again after a pause that grows to ten seconds. Its liveness is its heartbeat, one per turn of its
loop, never its progress: an idle system is healthy, and a stuck loop is seen.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress

import structlog

from shared.telemetry import Metrics

log = structlog.get_logger()

LONGEST_PAUSE = 10.0
SILENCE = 15.0  # seconds without a heartbeat after which a worker counts as stuck


class Worker:
    def __init__(self, name: str, run: Callable[["Worker"], Awaitable[None]], metrics: Metrics) -> None:
        self.name, self._run = name, run
        self._gauge = metrics.worker_beat.labels(name)
        self._last = time.monotonic()
        self.trouble: str | None = None
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    def beat(self, trouble: str | None = None) -> None:
        """One turn of the loop is done; `trouble` says what it could not do, None that all is well."""
        self._last, self.trouble = time.monotonic(), trouble
        self._gauge.set_to_current_time()

    def state(self) -> str:
        """The word ok, or one sentence."""
        silent = time.monotonic() - self._last
        if silent > SILENCE:
            return f"no sign of life for {silent:.0f} s"
        return self.trouble or "ok"

    def start(self) -> None:
        self._task = asyncio.create_task(self._supervise(), name=self.name)

    async def stop(self) -> None:
        self._stopping = True  # an error while the loop cleans up must not start it again
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _supervise(self) -> None:
        pause, told = 0.1, ""
        while not self._stopping:
            started = time.monotonic()
            try:
                await self._run(self)
            except Exception as error:
                self.beat(f"failed, tried again: {type(error).__name__}")  # health is public; the log has the rest
                # the trace once: a database that is away would otherwise fill the log with it, several hundred lines a retry
                log.warning(
                    "worker_failed", worker=self.name, error=str(error)[:300], exc_info=told != repr(error)[:100]
                )
                told = repr(error)[:100]
            pause = 0.1 if time.monotonic() - started > LONGEST_PAUSE else min(pause * 2, LONGEST_PAUSE)
            await asyncio.sleep(pause)


async def run_together(workers: list[Worker], stack: AsyncExitStack) -> None:
    """All run until `stack` is left, and are stopped in the opposite order."""
    for worker in workers:
        worker.start()
        stack.push_async_callback(worker.stop)
