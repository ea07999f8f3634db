"""A person who is pushed through every input is nowhere else: in no table of any service, no topic, no log, no page, no file left behind."""

import asyncio
import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer
from tests.embedded import Embedded
from tests.hr_diversity.files import CSV, NDJSON, PARQUET, XLSX, as_ndjson, as_parquet, as_xlsx, rows_of
from tests.hr_diversity.staff import HEADER, file_of, people, row

V1 = "/hr-diversity/v1"
CANARY = "CANARY-4711"
OTHER_NAMES = HEADER.replace("staff_id", "Personnel number") + ",Name"
TOPICS = ("apge.indicators", "apge.hr-diversity", "apge.recommendations")
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
READ = (
    f"{V1}/snapshots",
    f"{V1}/measures",
    f"{V1}/measures/staff-by-grade",
    f"{V1}/measures/staff-by-grade?detail=full",
    f"{V1}/disclosures",
    f"{V1}/sources",
    f"{V1}/uploads",
    "/reporting/v1/parity",
    "/reporting/v1/changes",
    "/hr-diversity/metrics",
    "/hr-diversity/health/ready",
    "/hr-diversity/parked",
)


def a_staff(**canary: str) -> list[str]:
    return people(60) + people(60, 100, sex="M") + [row(1, **{"staff_id": CANARY, **canary})]


def broken() -> list[str]:
    """The canary in every way in which a row is refused."""
    rows = [row(1, staff_id=CANARY, grade="P9"), row(1, staff_id=CANARY), row(1, staff_id=CANARY, sex=CANARY)]
    return [
        *rows,
        f'"{CANARY}',
        f"{CANARY},F",
        row(1, staff_id=f"{CANARY} "),
        row(1, staff_id=CANARY, unit=f" {CANARY}"),
    ]


def files() -> Iterator[tuple[str, dict[str, str], bytes]]:
    """Source, headers and body of a push of each kind."""
    lines = a_staff()
    rows = rows_of(lines)
    yield "as-csv", {"Content-Type": CSV}, file_of([*lines, *broken()])
    yield "as-gzip", {"Content-Type": CSV, "Content-Encoding": "gzip"}, gzip.compress(file_of(lines))
    yield "as-ndjson", {"Content-Type": NDJSON}, as_ndjson(rows) + f'{{"staff_id": "{CANARY}", "grade"\n'.encode()
    yield "as-xlsx", {"Content-Type": XLSX}, as_xlsx(rows)
    yield "as-parquet", {"Content-Type": PARQUET}, as_parquet(rows)
    named = [f"{line},Canary {CANARY}" for line in lines]
    yield "as-export", {"Content-Type": CSV}, file_of(named, OTHER_NAMES)


@pytest.fixture(scope="module")
def pushed(platform: Embedded) -> Embedded:
    with platform.client("hr-feeder") as http:
        layout = {"columns": {"staff_id": "Personnel number"}, "ignored": "others"}
        declared = http.put(f"{V1}/sources/as-export", json=layout)
        assert declared.status_code == 201, declared.text
        for source, headers, body in files():
            answer = http.post(f"{V1}/snapshots?source={source}&as_of=2021-12-31", content=body, headers=headers)
            assert answer.status_code == 201, answer.text
            assert answer.json()["headcount"] == 121, source
        _push_changes(http)
        _send_in_parts(http)
        hostile = http.post(
            f"{V1}/snapshots?source=x&as_of=2021-12-31", content=CANARY.encode() * 9, headers={"Content-Type": CSV}
        )
        assert hostile.status_code == 422
    return platform


def _push_changes(http: Any) -> None:
    gone = f"{HEADER},gone\n{CANARY}{',' * HEADER.count(',')},true\n".encode()
    for mode in ("dry_run=true&", ""):
        answer = http.post(
            f"{V1}/snapshots?{mode}source=as-csv&as_of=2022-12-31&mode=delta",
            content=gone,
            headers={"Content-Type": CSV},
        )
        assert answer.is_success, answer.text
        assert (answer.status_code, answer.json()["gone"]) == (200 if mode else 201, 1)


def _send_in_parts(http: Any) -> None:
    body = file_of(a_staff())
    made = http.post(f"{V1}/uploads?source=in-parts&as_of=2021-12-31", headers={"Content-Type": CSV})
    assert made.status_code == 201, made.text
    place = made.headers["Location"]
    for start in range(0, len(body), 5000):
        sent = http.patch(place, content=body[start : start + 5000], headers={"Upload-Offset": str(start)})
        assert sent.is_success, sent.text
    abandoned = http.post(f"{V1}/uploads?source=abandoned&as_of=2021-12-31", headers={"Content-Type": CSV}).headers[
        "Location"
    ]
    assert http.patch(abandoned, content=body, headers={"Upload-Offset": "0"}).is_success
    done = http.post(f"{place}/completion")
    assert done.is_success, done.text


def assert_absent(place: str, content: str | bytes) -> None:
    found = content.encode() if isinstance(content, str) else content
    for secret in (CANARY.encode(), CANARY.encode().hex().encode(), CANARY.encode("utf-16-le")):
        assert secret not in found, f"{place} holds the canary: ...{found[max(0, found.find(secret) - 60) :][:200]!r}"


def test_no_answer_shows_it(pushed: Embedded) -> None:
    for role in ("hr-feeder", "operator", "reader"):
        with pushed.client(role) as http:
            for path in READ:
                assert_absent(f"{path} for {role}", http.get(path).content)
            for item in http.get(f"{V1}/snapshots").json().get("items", []):
                for path in (f"{V1}/snapshots/{item['id']}", f"{V1}/snapshots/{item['id']}/refused?format=csv"):
                    assert_absent(path, http.get(path).content)


async def rows(server: dict[str, str], database: str, query: str) -> list[str]:
    """The first column."""
    connection = await asyncpg.connect(**server, database=database)
    try:
        return [one[0] for one in await connection.fetch(query)]
    finally:
        await connection.close()


def test_no_table_of_any_service_holds_it_and_the_log_neither(pushed: Embedded) -> None:
    async def look() -> int:
        words = (pushed.folder / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        server = {"host": words[4], "user": "postgres"}
        names = await rows(server, "postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'apge%'")
        for database in names:
            tables = await rows(server, database, TABLES)
            for table in tables:
                for line in await rows(server, database, f'SELECT t::text FROM "{table}" AS t'):
                    assert_absent(f"{database}.{table}", line)
        return len(names)

    assert asyncio.run(look()) >= 5


def test_no_topic_holds_it(pushed: Embedded) -> None:
    if pushed.kafka is None:
        return  # the log is a database, and was read with the others

    async def read() -> int:
        consumer = AIOKafkaConsumer(*TOPICS, bootstrap_servers=pushed.kafka, auto_offset_reset="earliest")
        await consumer.start()
        seen = 0
        try:
            ends = await consumer.end_offsets(consumer.assignment())
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                for records in (await consumer.getmany(timeout_ms=1000)).values():
                    for record in records:
                        seen += 1
                        said = [record.key or b"", record.value or b"", str(record.headers).encode()]
                        assert_absent(record.topic, b"".join(said))
        finally:
            await consumer.stop()
        return seen

    assert asyncio.run(read()) > 0


def test_no_log_and_no_file_that_is_left_behind_holds_it(pushed: Embedded) -> None:
    for path in [pushed.folder / "apge.log", pushed.words]:
        assert_absent(str(path), path.read_bytes())
    for path in [*pushed.folder.glob("*"), *Path("/tmp").glob("apge-*")]:
        if path.is_file():
            assert_absent(str(path), path.read_bytes())


def test_the_search_would_find_it(pushed: Embedded) -> None:
    with pytest.raises(AssertionError, match="holds the canary"):
        assert_absent("here", json.dumps({"staff_id": CANARY}))
    with pytest.raises(AssertionError, match="holds the canary"):
        assert_absent("here", io.BytesIO(CANARY.encode("utf-16-le")).getvalue())
