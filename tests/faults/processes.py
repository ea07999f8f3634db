"""Services as processes of their own, each on a loopback port that it keeps when it is started again."""

import asyncio
import os
import random
import signal
import socket
import sys
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared.testing import wait_until

START_SECONDS = 90.0
LEASE_SECONDS = 2.0
LOOK_EVERY = 0.1  # so that those who wait leave the processors to those who work
OURS = ("APGE_", "DATABASE_URL", "KAFKA_BOOTSTRAP", "BUS", "PORT")


def free_port() -> int:
    """Below the ports that systems hand to outgoing connections: none of those may sit on it when a killed service returns."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port


@dataclass(eq=False)
class Process:
    """One replica of one service."""

    name: str
    environment: dict[str, str]
    http: httpx.AsyncClient
    port: int = field(default_factory=free_port)
    running: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.name}"

    @property
    def pid(self) -> int:
        assert self.running is not None
        return self.running.pid

    @property
    def lives(self) -> bool:
        return self.running is not None and self.running.returncode is None

    async def start(self, point: str | None = None, nth: int = 1, *, send: str = "SIGKILL", batch: int = 2000) -> None:
        """It answers as ready, and dies (or freezes) by itself at the nth reach of `point`."""
        assert not self.lives, f"{self.name} runs already"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        armed = ["--point", point, "--nth", str(nth), "--signal", send] if point else []
        leases = ["--lease", str(LEASE_SECONDS), "--batch", str(batch)]
        self.running = await asyncio.create_subprocess_exec(
            *(
                sys.executable,
                "-W",
                "ignore",
                "-m",
                "tests.faults.victim",
                self.name.replace("-", "_"),
                *armed,
                *leases,
            ),
            env={**inherited, **self.environment, "PORT": str(self.port)},
            stdin=asyncio.subprocess.DEVNULL,
        )

        async def ready() -> bool:
            assert self.lives or armed, f"{self.name} ended by itself with {self.running.returncode}"
            return not self.lives or (await self.health())["status"] in {"ok", "degraded"}

        await wait_until(ready, START_SECONDS, LOOK_EVERY)

    async def health(self) -> dict[str, Any]:
        """The readiness document with its HTTP status as `code`; status "away" where nobody answers."""
        try:
            answer = await self.http.get(f"{self.url}/health/ready", timeout=10)
        except httpx.HTTPError:
            return {"status": "away", "code": 0, "parts": {}}
        return {**answer.json(), "code": answer.status_code}

    async def metric(self, name: str) -> float:
        answer = await self.http.get(f"{self.url}/metrics", timeout=10)
        return sum(float(line.split()[-1]) for line in answer.text.splitlines() if line.startswith(name))

    async def died(self, patience: float = 60.0) -> int:
        """The signal that ended it."""
        assert self.running is not None
        async with asyncio.timeout(patience):
            return -await self.running.wait()

    async def kill(self) -> None:
        if self.lives:
            self.send(signal.SIGKILL)
            await self.died()

    def send(self, number: signal.Signals) -> None:
        assert self.running is not None
        self.running.send_signal(number)

    async def restart(self, point: str | None = None, nth: int = 1, **more: Any) -> None:
        """Killed where it still lives: a SIGKILL at a point of nobody's choice."""
        await self.kill()
        await self.start(point, nth, **more)
