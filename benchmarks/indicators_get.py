"""A plan's indicators and one indicator by GET, beside a bare FastAPI endpoint that returns the same bytes; rounds are interleaved.

Unlike the ready bytes of reporting, these answers are composed anew for each request, in the caller's scope.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

from benchmarks.measuring import PLAN, ROOT, Row, free_port, loaded, ready, requests_per_second, start_embedded
from benchmarks.status_get import BARE

ROUNDS = 3
COMMAND = "python -m benchmarks indicators_get"
PATHS = {
    "a plan's 24 indicators with the status of every target, GET": f"/indicators/v1/indicators?plan={PLAN}",
    "one indicator with its targets, GET": f"/indicators/v1/indicators/women-p5-plus?plan={PLAN}",
}


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="apge-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        embedded = start_embedded(Path(folder) / "data")
        try:
            loaded(embedded)
            bearer = f"Bearer {embedded.token('reader')}"
            return [_measure(what, embedded.url + path, Path(folder), bearer) for what, path in PATHS.items()]
        finally:
            embedded.stop()


def _measure(what: str, url: str, folder: Path, bearer: str) -> Row:
    answer = httpx.get(url, headers={"Authorization": bearer})
    answer.raise_for_status()
    body, port = folder / "body.json", free_port()
    body.write_bytes(answer.content)
    bare = subprocess.Popen([sys.executable, "-c", BARE, str(body), str(port)], cwd=ROOT)
    try:
        asyncio.run(ready(f"http://127.0.0.1:{port}/bare"))
        rounds = [
            (
                requests_per_second(f"http://127.0.0.1:{port}/bare"),
                requests_per_second(url, headers=[f"Authorization: {bearer}"]),
            )
            for _ in range(ROUNDS)
        ]
    finally:
        bare.kill()
    limit, measured = (statistics.median(one[at] for one in rounds) for at in (0, 1))
    ratio = statistics.median(own / plain for plain, own in rounds)
    return Row(
        what,
        f"{measured:,.0f} requests/s",
        f"bare FastAPI endpoint, {len(answer.content):,} bytes: {limit:,.0f} requests/s",
        f"{ratio:.2f}",
        "-",
        COMMAND,
    )
