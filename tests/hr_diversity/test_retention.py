"""Rows of people are really deleted when their time is over or somebody asks; their measures stay."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import SNAPSHOTS, accepted, count, measure, push, select
from tests.hr_diversity.staff import a_staff, file_of, people, row
from tests.hr_diversity.test_delta import BASE, DAY, DELTA, laid, send

from hr_diversity.main import service
from hr_diversity.settings import HrSettings
from shared import clock
from shared.app import create_app
from shared.issuer import LocalIssuer
from shared.telemetry import new_id
from shared.testing import Client, Postgres, running, running_service, test_settings, wait_until

RETENTION = "/hr-diversity/v1/retention"


async def run(client: Client, **params: str) -> dict[str, Any]:
    answer = await client.post(RETENTION, params=params, role="operator")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def erase(client: Client, snapshot: str) -> Any:
    return await client.request("DELETE", f"{SNAPSHOTS}/{snapshot}/rows", role="hr-feeder")


async def pushed_long_ago(client: Client) -> None:
    async with client.app.state.database.transaction() as session:
        await session.execute(text("UPDATE snapshots SET taken_at = now() - interval '91 days'"))


async def chunks_of(client: Client, snapshot: str) -> int:
    [[number]] = await select(client, "SELECT count(*) FROM snapshot_chunks WHERE snapshot_id = :id", id=snapshot)
    return int(number)


async def test_rows_that_are_old_or_superseded_go_and_measures_stay(client: Client) -> None:
    old_day = str(clock.today() - timedelta(days=11 * 366))
    old = await accepted(client, a_staff(60, 40), as_of=old_day)
    first = await accepted(client, a_staff(60, 50), as_of=DAY)
    second = await accepted(client, a_staff(30, 80), as_of=DAY)
    await pushed_long_ago(client)
    shown = [await measure(client, "staff-by-grade", as_of=day) for day in (old_day, DAY)]
    events = await count(client, "outbox")
    dry = await run(client, dry_run="true")
    assert [(one["snapshot"], one["reason"], one["rows"]) for one in dry["snapshots"]] == [
        (old["id"], "old", 100),
        (first["id"], "superseded", 110),
    ]
    assert (dry["rows"], dry["left"], dry["dry_run"]) == (210, 0, True)
    assert [await chunks_of(client, one["id"]) for one in (old, first, second)] == [1, 1, 1]
    done = await run(client)
    assert [one["snapshot"] for one in done["snapshots"]] == [old["id"], first["id"]]
    assert [await chunks_of(client, one["id"]) for one in (old, first, second)] == [0, 0, 1]
    assert [await measure(client, "staff-by-grade", as_of=day) for day in (old_day, DAY)] == shown
    assert await count(client, "outbox") == events
    assert (await run(client))["snapshots"] == []
    listed = (await client.get(SNAPSHOTS, role="hr-feeder")).json()["items"]
    assert [one["rows_deleted_at"] is None for one in listed] == [True, False, False]


async def test_the_trail_says_who_had_what_deleted(client: Client) -> None:
    receipt = await accepted(client, a_staff(60, 40), as_of=BASE)
    await erase(client, receipt["id"])
    trail = (await client.get(RETENTION, role="operator")).json()
    assert trail["policy"] == {"rows_kept_years": 10, "superseded_kept_days": 90, "uploads_kept_hours": 48}
    [one] = trail["items"]
    assert (one["snapshot"], one["rows"], one["reason"], one["actor"]) == (receipt["id"], 100, "asked", "hr-feeder")


async def test_rows_that_somebody_asks_to_delete_are_gone_with_what_was_refused(client: Client) -> None:
    receipt = await accepted(client, a_staff() + (row(101, birth_year="1492") + "\n").encode(), as_of=BASE)
    answer = await erase(client, receipt["id"])
    assert (answer.status_code, answer.json()["rows"], answer.json()["carried_by"]) == (200, 100, [])
    assert (await erase(client, receipt["id"])).json() == answer.json()
    assert await count(client, "snapshot_chunks") == 0
    kept = await select(client, "SELECT receipt::text, findings::text FROM snapshots")
    assert "1492" not in str(kept)
    again = await push(client, a_staff() + (row(101, birth_year="1492") + "\n").encode(), as_of=BASE)
    assert (again.status_code, again.json()["id"]) == (200, receipt["id"])
    assert await count(client, "snapshot_chunks") == 0


async def test_no_delta_stands_on_rows_that_are_deleted(client: Client) -> None:
    base = await accepted(client, a_staff(60, 40), as_of=BASE)
    receipt = await laid(client, DELTA)
    assert (await erase(client, base["id"])).json()["carried_by"] == [receipt["id"]]
    refused = await send(client, DELTA, base=BASE)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:apge:problem:rows-deleted")
    assert (await send(client, DELTA)).json() == receipt
    assert await chunks_of(client, receipt["id"]) == 1


async def test_a_revision_whose_figures_are_still_published_keeps_its_rows(client: Client) -> None:
    first = await accepted(client, a_staff(60, 40))
    held = await accepted(client, a_staff(61, 40))
    assert held["released"] is False
    await pushed_long_ago(client)
    assert (await run(client))["snapshots"] == []
    assert await chunks_of(client, first["id"]) == 1


async def test_the_service_deletes_by_itself(postgres: Postgres, issuer: LocalIssuer, bus_url: str) -> None:
    async with postgres.database(service) as url:
        settings = test_settings(service, url, bus_url, issuer, pseudonym_key=KEY)
        async with running(create_app(service, settings), issuer) as client:
            await accepted(client, file_of(people(60, entered_on="")), as_of="2001-12-31")
        async with running(create_app(service, settings), issuer) as client:

            async def gone() -> bool:
                return await count(client, "snapshot_chunks") == 0

            await wait_until(gone)
            trail = (await client.get(RETENTION, role="operator")).json()["items"]
            assert [(one["reason"], one["actor"]) for one in trail] == [("old", "system")]


async def test_nothing_is_deleted_by_itself_where_the_settings_say_so(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    more: dict[str, Any] = {"pseudonym_key": KEY, "rows_kept_years": None, "superseded_kept_days": None}
    async with running_service(service, postgres, issuer, bus_url, **more) as client:
        await accepted(client, file_of(people(60, entered_on="")), as_of="1999-12-31")
        await accepted(client, file_of(people(80, entered_on="")), as_of="1999-12-31")
        assert (await run(client))["snapshots"] == []


async def test_a_run_repeated_with_its_key_is_one(client: Client) -> None:
    key = {"Idempotency-Key": new_id()}
    await accepted(client, a_staff(60, 40), as_of=str(clock.today() - timedelta(days=11 * 366)))
    answers = [await client.post(RETENTION, headers=key, role="operator") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len(answers[1].json()["snapshots"]) == 1


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", RETENTION, {"operator"}),
        ("GET", RETENTION, {"operator", "hr-feeder"}),
        ("DELETE", f"{SNAPSHOTS}/none/rows", {"hr-feeder"}),
        ("GET", f"{SNAPSHOTS}/none/refused", {"hr-feeder"}),
    ],
)
async def test_each_role_does_what_it_may(reading: Client, method: str, path: str, allowed: set[str]) -> None:
    for role in ("hr-feeder", "operator", "reader", "senior-manager", "custodian", "reviewer", "evaluation-office"):
        answer = await reading.request(method, path, role=role)  # type: ignore[arg-type]
        assert (answer.status_code != 403) == (role in allowed), role


async def test_all_that_was_refused_is_a_file_without_formulas(client: Client) -> None:
    bad = [row(n, grade="=HYPERLINK(1)") for n in range(200, 450)] + [row(1, sex="@now")]
    receipt = await accepted(client, file_of(people(60) + people(40, 61, sex="M") + bad))
    assert (len(receipt["refused"]), receipt["refused_total"]) == (100, 251)
    found = (await client.get(f"{SNAPSHOTS}/{receipt['id']}/refused", role="hr-feeder")).json()
    assert (found["kept"], found["refused_total"], len(found["items"])) == (251, 251, 251)
    assert found["items"][:100] == receipt["refused"]
    answer = await client.get(f"{SNAPSHOTS}/{receipt['id']}/refused", params={"format": "csv"}, role="hr-feeder")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="refused-hris-2021-12-31-1.csv"'
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert len(lines) == 251
    assert lines[0] == {"line": "102", "column": "grade", "value": "'=HYPERLINK(1)", "rule": "unknown_grade"}
    assert lines[-1]["value"] == "'@now"


async def test_of_very_many_refused_rows_ten_thousand_findings_are_kept(client: Client) -> None:
    bad = [row(n, grade="P9") for n in range(200, 11_000)]
    receipt = await accepted(client, file_of(people(60) + people(40, 61, sex="M") + bad))
    found = (await client.get(f"{SNAPSHOTS}/{receipt['id']}/refused", role="hr-feeder")).json()
    assert (found["kept"], found["refused_total"]) == (10_000, 10_800)


def test_that_rows_are_kept_for_ever_is_said_by_null(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {"DATABASE_URL": "x", "BUS": "postgres", "APGE_BUS_URL": "x", "APGE_PSEUDONYM_KEY": KEY}
    for name, value in {**given, "APGE_ROWS_KEPT_YEARS": "null", "APGE_SUPERSEDED_KEPT_DAYS": "30"}.items():
        monkeypatch.setenv(name, value)
    settings = HrSettings()
    assert (settings.rows_kept_years, settings.superseded_kept_days) == (None, 30)
