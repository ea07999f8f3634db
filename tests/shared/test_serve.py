"""A service by itself: it is migrated by a job, serves until it is told to stop, and then ends with 0."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from shared.issuer import LocalIssuer
from shared.testing import Postgres

pytestmark = pytest.mark.timeout(120)


def command(*arguments: str, **settings: str) -> "subprocess.Popen[str]":
    kept = {
        name: value for name, value in os.environ.items() if name != "DATABASE_URL" and not name.startswith("APGE_")
    }
    return subprocess.Popen(
        [sys.executable, "-m", "shared.serve", *arguments],
        env=kept | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(**settings: str) -> Iterator["subprocess.Popen[str]"]:
    process = command("reporting", **settings)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


async def test_a_service_is_migrated_serves_and_ends_with_0_though_a_stream_is_open(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str, unused_port: int
) -> None:
    async with postgres.database() as url:
        shared = {"DATABASE_URL": url, "BUS": "postgres", "APGE_BUS_URL": bus_url, "PORT": str(unused_port)}
        migrated = command("reporting", "--migrate", **shared)
        assert migrated.wait(60) == 0, migrated.communicate()
        migrated.communicate()
        with serving(**shared, APGE_AUTH_JWKS_FILE=str(issuer.jwks_file)) as process:
            headers = {"Authorization": f"Bearer {issuer.token('reader')}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{unused_port}", headers=headers, trust_env=False) as http:
                await_ready(http, process)
                with http.stream("GET", "/reporting/v1/live") as response:
                    lines = response.iter_lines()
                    assert next(lines).startswith("retry:")
                    process.send_signal(signal.SIGTERM)
                    assert any(line.startswith("retry:") for line in lines), "the stream was cut, not ended"
            assert process.wait(10) == 0


def await_ready(http: httpx.Client, process: "subprocess.Popen[str]") -> None:
    until = time.monotonic() + 60
    while True:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        try:
            if http.get("/reporting/health/ready").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_settings_that_are_wrong_are_one_sentence() -> None:
    process = command(
        "reporting", DATABASE_URL="postgresql+asyncpg://x/y", BUS="kafka", KAFKA_BOOTSTRAP="", PORT="many"
    )
    _, words = process.communicate(timeout=60)
    assert process.returncode == 1
    assert words.startswith("settings: ")
    assert "PORT Input should be a valid integer" in words
    assert words.count("\n") == 1
