"""A measure by GET, and with If-None-Match, beside a bare FastAPI endpoint that returns the same bytes; rounds are interleaved.

The service is a process of its own with the snapshots of two years; asked for are one figure and a table by duty station.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import httpx

from benchmarks.measuring import ROOT, Row, free_port, postgres, ready, requests_per_second
from benchmarks.snapshots import BEFORE, YEAR, Running, files, running
from benchmarks.status_get import BARE
from hr_diversity.main import service

ROUNDS, PEOPLE = 3, 10_000
COMMAND = "python -m benchmarks measures_get"
CODES = {
    "one measure, GET": "women-p5-plus-regular-budget",
    "a measure by duty station, GET": "staff-by-duty-station",
}


async def _all() -> list[Row]:
    with postgres() as server, tempfile.TemporaryDirectory(prefix="apge-bench-") as folder:
        async with running(server, Path(folder)) as found:
            made, source = await asyncio.to_thread(files, PEOPLE), next(found.sources)
            for year in (BEFORE, YEAR):
                await asyncio.to_thread(found.push, made[year], source, date(year, 12, 31))
            rows = [await asyncio.to_thread(_measure, what, code, found, Path(folder)) for what, code in CODES.items()]
    return [row for pair in rows for row in pair]


def _measure(what: str, code: str, found: Running, folder: Path) -> list[Row]:
    url = f"http://127.0.0.1:{found.port}/{service.name}/v1/measures/{code}"
    bearer = f"Bearer {found.issuer.token('reader')}"
    answer = httpx.get(url, headers={"Authorization": bearer})
    answer.raise_for_status()
    body, port = folder / "body.json", free_port()
    body.write_bytes(answer.content)
    bare = subprocess.Popen([sys.executable, "-c", BARE, str(body), str(port)], cwd=ROOT)
    known = [f"Authorization: {bearer}", f"If-None-Match: {answer.headers['etag']}"]
    try:
        asyncio.run(ready(f"http://127.0.0.1:{port}/bare"))
        rounds = [
            (
                requests_per_second(f"http://127.0.0.1:{port}/bare"),
                requests_per_second(url, headers=known[:1]),
                requests_per_second(url, headers=known),
            )
            for _ in range(ROUNDS)
        ]
    finally:
        bare.kill()
    size = len(answer.content)
    return [_row(what, rounds, 1, size), _row(what.replace("GET", "If-None-Match"), rounds, 2, size)]


def _row(what: str, rounds: list[tuple[float, float, float]], at: int, size: int) -> Row:
    limit, measured = (statistics.median(one[place] for one in rounds) for place in (0, at))
    ratio = statistics.median(one[at] / one[0] for one in rounds)
    return Row(
        what,
        f"{measured:,.0f} requests/s",
        f"bare FastAPI endpoint, {size:,} bytes: {limit:,.0f} requests/s",
        f"{ratio:.2f}",
        "-",
        COMMAND,
    )


def run() -> list[Row]:
    return asyncio.run(_all())
