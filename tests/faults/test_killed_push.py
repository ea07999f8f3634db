"""SIGKILL of the service at named points of a push, of an upload and of a deletion: all of it is there afterwards, or nothing, and the
same call again is the same call.
"""

import signal
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.faults.processes import Process
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.staff import HEADER, file_of, people, row

from hr_diversity.main import service
from hr_diversity.measures import CATALOGUE
from shared.database import Database, connect
from shared.issuer import LocalIssuer
from shared.testing import Postgres

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

PEOPLE = 20_000
STAFF = file_of([*people(PEOPLE // 2), *people(PEOPLE // 2, PEOPLE // 2 + 1, sex="M")])
DELTA = file_of(
    [*(f"{one}," for one in people(60, PEOPLE + 1)), *(f"T-{n}{',' * 12}true" for n in range(1, 41))], f"{HEADER},gone"
)
PUSH = [
    "head-is-locked",
    "snapshot-is-added",
    "rows-are-stored",
    "event-is-recorded",
    "measures-are-stored",
    "before-commit",
]
EMPTY = {"snapshots": 0, "chunks": 0, "people": 0, "measures": 0, "events": 0}


class Feeder:
    """An HR system, and a look into the database of the service that it pushes to."""

    def __init__(self, process: Process, database: Database, issuer: LocalIssuer) -> None:
        self.process, self.database = process, database
        self._tokens = {role: issuer.token(role) for role in ("hr-feeder", "operator")}  # type: ignore[arg-type]

    async def call(self, method: str, path: str, role: str = "hr-feeder", **rest: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._tokens[role]}", **rest.pop("headers", {})}
        return await self.process.http.request(
            method, f"{self.process.url}/v1{path}", headers=headers, timeout=60, **rest
        )

    async def push(self, data: bytes = STAFF, as_of: str = "2021-12-31", **params: str) -> httpx.Response:
        given = {"source": "hris", "as_of": as_of, **params}
        return await self.call("POST", "/snapshots", params=given, content=data, headers={"content-type": "text/csv"})

    async def dies(self, *given: Any, **how: Any) -> None:
        """The call during which the service dies."""
        with suppress(httpx.TransportError):
            await self.call(*given, **how)
        assert await self.process.died() == signal.SIGKILL

    async def has_all(self) -> bool:
        """One snapshot with everybody, each aggregate stated once."""
        kept = await self.kept()
        async with self.database.reading() as session:
            again = (await session.execute(text("SELECT count(*) FROM outbox WHERE sequence <> 1"))).scalar_one()
        whole = (kept["snapshots"], kept["people"], again) == (1, PEOPLE, 0)
        return whole and kept["measures"] >= len(CATALOGUE) and kept["events"] > len(CATALOGUE)

    async def kept(self) -> dict[str, int]:
        statement = """
            SELECT (SELECT count(*) FROM snapshots) AS snapshots, (SELECT count(*) FROM snapshot_chunks) AS chunks,
                (SELECT coalesce(sum(rows), 0) FROM snapshot_chunks) AS people, (SELECT count(*) FROM measures) AS measures,
                (SELECT count(*) FROM outbox) AS events
        """
        async with self.database.reading() as session:
            return dict((await session.execute(text(statement))).mappings().one())


@pytest.fixture
async def feeder(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Feeder]:
    shape = {"APGE_AUTH_JWKS_FILE": str(issuer.jwks_file), "APGE_LOG_LEVEL": "ERROR", "APGE_PSEUDONYM_KEY": KEY}
    async with (
        postgres.database(service) as url,
        postgres.database() as log,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        process = Process("hr-diversity", {**shape, "DATABASE_URL": url, "BUS": "postgres", "APGE_BUS_URL": log}, http)
        database = connect(url, pool=2)
        try:
            yield Feeder(process, database, issuer)
        finally:
            await process.kill()
            await database.close()


@pytest.mark.parametrize("point", ["in-mid-file", *PUSH])
async def test_of_a_push_that_is_killed_before_its_commit_nothing_is_there(feeder: Feeder, point: str) -> None:
    await feeder.process.start(point)
    with suppress(httpx.TransportError):
        await feeder.push()
    assert await feeder.process.died() == signal.SIGKILL
    assert await feeder.kept() == EMPTY
    await feeder.process.start()
    first = await feeder.push()
    assert (first.status_code, first.json()["revision"]) == (201, 1)
    assert await feeder.has_all()
    again = await feeder.push()
    assert (again.status_code, again.json()) == (200, first.json())


async def test_of_a_push_that_is_killed_before_its_answer_all_is_there(feeder: Feeder) -> None:
    await feeder.process.start("after-commit")
    with suppress(httpx.TransportError):
        await feeder.push()
    assert await feeder.process.died() == signal.SIGKILL
    assert await feeder.has_all()
    await feeder.process.start()
    assert (await feeder.push()).status_code == 200
    assert await feeder.has_all()


@pytest.mark.parametrize("point", ["snapshot-is-added", "rows-are-stored", "before-commit"])
async def test_a_delta_that_is_killed_leaves_its_base_and_is_the_same_delta_again(feeder: Feeder, point: str) -> None:
    await feeder.process.start()
    assert (await feeder.push(as_of="2020-12-31")).status_code == 201
    before = await feeder.kept()
    await feeder.process.restart(point)
    with suppress(httpx.TransportError):
        await feeder.push(DELTA, mode="delta")
    assert await feeder.process.died() == signal.SIGKILL
    assert {**await feeder.kept(), "events": 0} == {**before, "events": 0}
    await feeder.process.start()
    receipt = (await feeder.push(DELTA, mode="delta")).json()
    assert (receipt["added"], receipt["gone"], receipt["headcount"]) == (60, 40, PEOPLE + 20)
    assert (await feeder.kept())["people"] == PEOPLE + PEOPLE + 20
    assert (await feeder.push(DELTA, mode="delta")).json() == receipt


async def declare(feeder: Feeder) -> str:
    answer = await feeder.call(
        "POST", "/uploads", params={"source": "hris", "as_of": "2021-12-31"}, headers={"content-type": "text/csv"}
    )
    assert answer.status_code == 201, answer.text
    return f"/uploads/{answer.json()['id']}"


async def add(feeder: Feeder, upload: str, offset: int, data: bytes) -> None:
    answer = await feeder.call("PATCH", upload, headers={"Upload-Offset": str(offset)}, content=data)
    assert answer.status_code == 204, answer.text


async def test_parts_that_were_acknowledged_are_there_after_a_kill(feeder: Feeder) -> None:
    await feeder.process.start("part-is-stored", nth=2)
    upload, half = await declare(feeder), len(STAFF) // 2
    await add(feeder, upload, 0, STAFF[:half])
    await feeder.dies("PATCH", upload, headers={"Upload-Offset": str(half)}, content=STAFF[half:])
    await feeder.process.start()
    told = (await feeder.call("GET", upload)).json()
    assert (told["state"], told["offset"]) == ("receiving", half)
    await add(feeder, upload, half, STAFF[half:])
    assert (await feeder.call("POST", f"{upload}/completion")).status_code == 201
    assert await feeder.has_all()


@pytest.mark.parametrize(
    "point", ["upload-is-changed", "in-mid-file", "rows-are-stored", "parts-are-deleted", "before-commit"]
)
async def test_a_completion_that_is_killed_can_be_called_again(feeder: Feeder, point: str) -> None:
    await feeder.process.start()
    upload = await declare(feeder)
    await add(feeder, upload, 0, STAFF)
    await feeder.process.restart(point)
    await feeder.dies("POST", f"{upload}/completion")
    assert await feeder.kept() == EMPTY
    await feeder.process.start()
    told = (await feeder.call("GET", upload)).json()
    assert (told["state"], told["offset"]) == ("receiving", len(STAFF))
    answer = await feeder.call("POST", f"{upload}/completion")
    assert answer.status_code == 201, answer.text
    assert await feeder.has_all()
    assert (await feeder.call("POST", f"{upload}/completion")).json() == answer.json()
    assert (await feeder.push()).json() == answer.json()


async def test_a_completion_that_is_killed_before_its_answer_is_done(feeder: Feeder) -> None:
    await feeder.process.start("after-commit")
    upload = await declare(feeder)
    await add(feeder, upload, 0, STAFF)
    await feeder.dies("POST", f"{upload}/completion")
    await feeder.process.start()
    assert (await feeder.call("GET", upload)).json()["state"] == "done"
    assert (await feeder.call("POST", f"{upload}/completion")).status_code == 200
    assert await feeder.has_all()


async def test_a_deletion_that_is_killed_has_deleted_nothing(feeder: Feeder) -> None:
    await feeder.process.start("rows-are-deleted")
    receipt = (await feeder.push(file_of([row(n) for n in range(1, 61)]))).json()
    before = await feeder.kept()
    await feeder.dies("DELETE", f"/snapshots/{receipt['id']}/rows")
    assert await feeder.kept() == before
    await feeder.process.start()
    trail = (await feeder.call("GET", "/retention", role="operator")).json()
    assert trail["items"] == []
    assert (await feeder.call("DELETE", f"/snapshots/{receipt['id']}/rows")).status_code == 200
    assert (await feeder.kept())["people"] == 0
