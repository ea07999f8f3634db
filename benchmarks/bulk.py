"""10,000 results in one upload, as JSON, CSV and XLSX, beside the database's own batch insert of the same rows; and the memory of it.

Each upload is recorded for real: read, checked, judged, stored with its event and its row of the audit trail, and answered row by
row. The limit is what PostgreSQL takes for the same rows of the same four tables, as `unnest` batches in one transaction.
"""

import asyncio
import gc
import json
import statistics
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import psutil

from benchmarks.measuring import Row, postgres
from indicators import sheets
from indicators.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

INDICATORS, TARGETS, ROUNDS = 50, 200, 3
RESULTS = INDICATORS * TARGETS
COMMAND = "python -m benchmarks bulk"
PLAN = {
    "title": "A large plan",
    "starts": "2020-01-01",
    "ends": "2021-12-31",
    "phases": [
        {"code": "now", "title": "Now", "starts": "2020-01-01", "ends": "2021-12-31", "vocabulary": "mid_cycle"}
    ],
    "areas": [{"code": "staff", "title": "Staff"}],
}


def places() -> list[str]:
    letters = "abcdefghijklmnopqrstuvwxyz"
    return [f"region:{a}{b}" for a in letters for b in letters][:TARGETS]


def given() -> list[dict[str, Any]]:
    return [
        {
            "indicator": f"i-{number}",
            "phase": "now",
            "place": place,
            "as_of": "2020-12-31",
            "numerator": at,
            "denominator": TARGETS,
            "comment": f"From the records of office {at}, =counted by hand",
        }
        for number in range(INDICATORS)
        for at, place in enumerate(places())
    ]


def bodies() -> dict[str, tuple[str, bytes]]:
    """Content type and body of the same results in every format."""
    results = given()
    names = list(results[0])
    cells = [list(one.values()) for one in results]
    return {
        "JSON": ("application/json", json.dumps({"results": results}).encode()),
        "CSV": (sheets.CSV, sheets.write_csv(names, cells)),
        "XLSX": (sheets.XLSX, sheets.write_xlsx(sheets.Sheet(names, cells))),
    }


@asynccontextmanager
async def filled(server: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """The service with the plan and its 10,000 targets, and no result."""
    async with server.database() as log, running_service(service, server, issuer, log) as client:
        unit = {"name": "Unit", "kind": "department"}
        calls = [("units/HRD", unit), ("plans/large", PLAN)]
        targets = [
            {"phase": "now", "place": place, "operator": "at_least", "value": 45, "text": "45"} for place in places()
        ]
        whole = {"title": "T", "area": "staff", "kind": "percentage", "custodians": ["HRD"], "targets": targets}
        calls += [(f"indicators/i-{number}?plan=large", whole) for number in range(INDICATORS)]
        for path, body in calls:
            done = await client.put(f"/indicators/v1/{path}", json=body, role="operator")
            assert done.status_code == 201, done.text
        await client.caught_up()
        gc.collect()
        gc.freeze()  # as the server does once it stands
        yield client
        gc.unfreeze()


async def upload(client: Client, media: str, body: bytes) -> tuple[float, float]:
    """Seconds until the answer, and by how many megabytes the process and its readers grew at the most."""
    with peak() as grown:
        started = time.perf_counter()
        done = await client.post(
            "/indicators/v1/results?plan=large",
            content=body,
            headers={"Content-Type": media},
            role="custodian",
            units=["HRD"],
        )
        seconds = time.perf_counter() - started
    assert done.status_code == 200, done.text[:500]
    assert done.json()["counts"] == {"created": RESULTS}
    return seconds, grown[0]


@contextmanager
def peak() -> Iterator[list[float]]:
    """The most that this process and its children (not PostgreSQL) held at once, over what they held before; sampled every 5 ms."""
    own, grown, over = psutil.Process(), [0.0], threading.Event()
    before = own.memory_info().rss

    def watch() -> None:
        while not over.wait(0.005):
            held = own.memory_info().rss
            for child in own.children():
                try:
                    held += child.memory_info().rss if "python" in child.name() else 0
                except psutil.NoSuchProcess:
                    continue
            grown[0] = max(grown[0], (held - before) / 1e6)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield grown
    finally:
        over.set()
        watching.join()


async def inserted(server: Postgres, url: str) -> float:
    """Seconds that PostgreSQL takes for the rows that the upload left in the database at `url`, in one transaction."""
    source = await asyncpg.connect(url)
    copied = []
    for table in ("result_lines", "results", "changes", "outbox"):
        columns = await source.fetch(
            "SELECT column_name AS name, format_type(a.atttypid, a.atttypmod) AS kind FROM information_schema.columns c "
            "JOIN pg_attribute a ON a.attrelid = c.table_name::regclass AND a.attname = c.column_name "
            "WHERE table_name = $1 AND table_schema = 'public' AND is_identity = 'NO' ORDER BY ordinal_position",
            table,
        )
        names = [column["name"] for column in columns]
        shown = [f"{c['name']}::text" if c["kind"] == "jsonb" else c["name"] for c in columns]
        where = " WHERE aggregatetype = 'result'" if table == "outbox" else ""
        where = " WHERE aggregate LIKE 'result/%'" if table == "changes" else where
        rows = await source.fetch(f"SELECT {', '.join(shown)} FROM {table}{where}")
        assert len(rows) == RESULTS
        arrays = ", ".join(
            f"${at}::{'text' if c['kind'] == 'jsonb' else c['kind']}[]" for at, c in enumerate(columns, 1)
        )
        taken = ", ".join(f"{c['name']}::jsonb" if c["kind"] == "jsonb" else c["name"] for c in columns)
        statement = (
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {taken} FROM unnest({arrays}) AS x ({', '.join(names)})"
        )
        copied.append((statement, [list(column) for column in zip(*rows, strict=True)]))
    await source.close()
    async with server.database(service) as empty:
        target = await asyncpg.connect(empty.replace("+asyncpg", ""))
        started = time.perf_counter()
        async with target.transaction():
            for statement, columns in copied:
                await target.execute(statement, *columns)
        seconds = time.perf_counter() - started
        await target.close()
    return seconds


async def measure() -> list[Row]:
    given_bodies = bodies()
    took: dict[str, list[tuple[float, float]]] = {form: [] for form in given_bodies}
    limits: list[float] = []
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        issuer = LocalIssuer(Path(folder))
        issuer.ensure_keys()
        for _ in range(ROUNDS):
            for form, (media, body) in given_bodies.items():
                async with filled(server, issuer) as client:
                    took[form].append(await upload(client, media, body))
                    url = client.app.state.settings.database_url.get_secret_value().replace("+asyncpg", "")
                    if form == "JSON":
                        limits.append(await inserted(server, url))
    return [_row(form, took[form], limits, len(given_bodies[form][1])) for form in given_bodies]


def _row(form: str, took: list[tuple[float, float]], limits: list[float], size: int) -> Row:
    seconds, limit = statistics.median(s for s, _ in took), statistics.median(limits)
    grown = max(grown for _, grown in took)
    return Row(
        f"{RESULTS:,} results in one upload, {form} ({size / 1e6:.1f} MB)",
        f"{RESULTS / seconds:,.0f} rows/s ({seconds:.2f} s), {grown:.0f} MB more memory",
        f"unnest of the same rows into results, lines, trail and outbox: {RESULTS / limit:,.0f} rows/s",
        f"{limit / seconds:.2f}",
        "2 s",
        COMMAND,
    )


def run() -> list[Row]:
    return asyncio.run(measure())
