"""Start to ready and resident memory: each service by itself beside a bare app with the same libraries; the embedded whole."""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from docs.contracts import SERVICES

from benchmarks.measuring import ROOT, Row, free_port, loaded, postgres, ready, start_embedded
from shared.issuer import LocalIssuer

ROUNDS = 3
COMMAND = "python -m benchmarks startup"

BARE = """
import os, sys
import uvicorn
from contextlib import asynccontextmanager
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
engine = create_async_engine(os.environ["DATABASE_URL"])
app = FastAPI()
@app.get("/ready")
async def ready() -> dict[str, int]:
    async with engine.connect() as connection:
        return {"one": (await connection.execute(text("SELECT 1"))).scalar_one()}
uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), access_log=False, log_level="warning", loop="uvloop", http="httptools")
"""


def _once(command: list[str], path: str, environment: dict[str, str]) -> tuple[float, float]:
    """(seconds to ready, megabytes resident two seconds later)"""
    port = free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=os.environ | environment | {"PORT": str(port)}, stderr=subprocess.DEVNULL
    )
    try:
        asyncio.run(ready(f"http://127.0.0.1:{port}{path}"))
        seconds = time.perf_counter() - started
        time.sleep(2)
        return seconds, psutil.Process(process.pid).memory_info().rss / 1e6
    finally:
        process.terminate()
        process.wait(30)


def _median(command: list[str], path: str, environment: dict[str, str]) -> tuple[float, float]:
    seen = [_once(command, path, environment) for _ in range(ROUNDS)]
    return statistics.median(s for s, _ in seen), statistics.median(m for _, m in seen)


async def _services() -> list[Row]:
    with postgres() as server, tempfile.TemporaryDirectory(prefix="apge-bench-") as folder:
        issuer = LocalIssuer(Path(folder))
        issuer.ensure_keys()
        rows = []
        async with server.database() as bus_url:
            bare = await asyncio.to_thread(_median, [sys.executable, "-c", BARE], "/ready", {"DATABASE_URL": bus_url})
            for service in SERVICES:
                async with server.database(service) as url:
                    environment = {
                        "DATABASE_URL": url,
                        "BUS": "postgres",
                        "APGE_BUS_URL": bus_url,
                        "APGE_AUTH_JWKS_FILE": str(issuer.jwks_file),
                        **(
                            {"APGE_PSEUDONYM_KEY": "k" * 40} if "pseudonym_key" in service.settings.model_fields else {}
                        ),
                    }
                    package = service.name.replace("-", "_")
                    command = [sys.executable, "-m", "shared.serve", package]
                    found = await asyncio.to_thread(_median, command, f"/{service.name}/health/ready", environment)
                    rows.append(_row(service.name, found, bare))
    return rows


def _row(name: str, found: tuple[float, float], bare: tuple[float, float]) -> Row:
    goal = "2 s, 200 MB" if name == "hr-diversity" else "2 s, 120 MB"
    return Row(
        f"{name}, start to ready and resident",
        f"{found[0]:.2f} s, {found[1]:.0f} MB",
        f"bare FastAPI + SQLAlchemy + asyncpg: {bare[0]:.2f} s, {bare[1]:.0f} MB",
        f"{found[0] / bare[0]:.2f}, {found[1] / bare[1]:.2f}",
        goal,
        COMMAND,
    )


def _embedded() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="apge-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        first = start_embedded(Path(folder) / "data")
        started = time.perf_counter()
        loaded(first)
        load = time.perf_counter() - started
        first.stop()
        second = start_embedded(Path(folder) / "data")
        time.sleep(2)
        ours, postgres_own = second.megabytes()
        second.stop()
    both = f"{ours + postgres_own:.0f} MB (ours {ours:.0f}, PostgreSQL {postgres_own:.0f})"
    return [
        Row(
            "embedded whole, first start to ready",
            f"{first.seconds_to_ready:.1f} s, then {load:.1f} s of loading",
            "-",
            "-",
            "-",
            COMMAND,
        ),
        Row(
            "embedded whole, second start to ready and resident",
            f"{second.seconds_to_ready:.1f} s, {both}",
            "-",
            "-",
            "6 s, 450 MB",
            COMMAND,
        ),
    ]


def run() -> list[Row]:
    return asyncio.run(_services()) + _embedded()
