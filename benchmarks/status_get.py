"""Consolidated status and card by GET, beside a bare FastAPI endpoint that returns the same bytes; rounds are interleaved.

`raw` is the same server with no framework at all, no token to check, no log and no metrics: nothing behind it can be faster.
"""

import asyncio
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx

from benchmarks.measuring import PLAN, ROOT, Row, free_port, loaded, ready, requests_per_second, start_embedded

ROUNDS = 3
COMMAND = "python -m benchmarks status_get"

BARE = """
import sys
from pathlib import Path
import uvicorn
from fastapi import FastAPI, Response
body = Path(sys.argv[1]).read_bytes()
app = FastAPI()
@app.get("/bare")
async def bare() -> Response:
    return Response(body, media_type="application/json")
headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
async def entry(scope, receive, send):
    if scope["type"] == "http" and scope["path"] == "/raw":
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})
    else:
        await app(scope, receive, send)
uvicorn.run(entry, host="127.0.0.1", port=int(sys.argv[2]), access_log=False, log_level="warning", loop="uvloop", http="httptools")
"""


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="apge-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        embedded = start_embedded(Path(folder) / "data")
        try:
            loaded(embedded)
            return _measure(embedded.url, Path(folder), embedded.token("reader"))
        finally:
            embedded.stop()


def _measure(url: str, folder: Path, token: str) -> list[Row]:
    status = f"{url}/reporting/v1/status?plan={PLAN}&phase=2020-21"
    card = f"{url}/reporting/v1/indicators/women-p5-plus?plan={PLAN}"
    bearer = f"Authorization: Bearer {token}"
    answer = httpx.get(status, headers={"Authorization": f"Bearer {token}"})
    httpx.get(card)
    body, port = folder / "body.json", free_port()
    body.write_bytes(answer.content)
    bare = subprocess.Popen([sys.executable, "-c", BARE, str(body), str(port)], cwd=ROOT)
    try:
        asyncio.run(ready(f"http://127.0.0.1:{port}/bare"))
        cases: dict[str, Callable[[], float]] = {
            "bare": lambda: requests_per_second(f"http://127.0.0.1:{port}/bare"),
            "raw": lambda: requests_per_second(f"http://127.0.0.1:{port}/raw"),
            "status": lambda: requests_per_second(status, headers=[bearer]),
            "card": lambda: requests_per_second(card, headers=[bearer]),
            "unchanged": lambda: requests_per_second(
                status, headers=[bearer, f"If-None-Match: {answer.headers['etag']}"]
            ),
        }
        rounds = [{name: case() for name, case in cases.items()} for _ in range(ROUNDS)]
    finally:
        bare.kill()
    return [_row(name, what, goal, rounds, len(answer.content)) for name, what, goal in _FIGURES]


_FIGURES = [
    ("status", "consolidated status, GET", "2"),
    ("card", "indicator card, GET", "2"),
    ("unchanged", "consolidated status, If-None-Match", "3"),
]


def _row(name: str, what: str, goal: str, rounds: list[dict[str, float]], size: int) -> Row:
    measured = statistics.median(one[name] for one in rounds)
    limit = statistics.median(one["bare"] for one in rounds)
    raw = statistics.median(one["raw"] for one in rounds)
    ratio = statistics.median(one[name] / one["bare"] for one in rounds)
    return Row(
        what,
        f"{measured:,.0f} requests/s",
        f"bare FastAPI endpoint, {size:,} bytes: {limit:,.0f} requests/s (no framework at all: {raw:,.0f})",
        f"{ratio:.2f}",
        goal,
        COMMAND,
    )
