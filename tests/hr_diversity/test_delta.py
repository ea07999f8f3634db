"""A delta gives the snapshot that a full push of the same staff gives; sent again it is the same push."""

import asyncio
import gzip
import io
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text
from tests.hr_diversity.pushing import SNAPSHOTS, accepted, count, measure, push, select
from tests.hr_diversity.staff import HEADER, a_staff, file_of, people, row

from shared.testing import Client

WITH_GONE = f"{HEADER},gone"
BASE, DAY = "2020-12-31", "2021-12-31"
COUNTS = ("added", "changed", "unchanged", "gone", "headcount")


def gone(number: int) -> str:
    return f"T-{number}{',' * 12}true"


def delta_of(*rows: str) -> bytes:
    return file_of([one if one.endswith("true") and ",,," in one else f"{one}," for one in rows], WITH_GONE)


DELTA = delta_of(row(101, grade="P5"), row(102, sex="M", grade="P5"), row(1, grade="D1"), row(2, grade="P5"), gone(60))


async def send(client: Client, data: bytes, *, as_of: str = DAY, **params: Any) -> Any:
    given = {"source": "hris", "as_of": as_of, "mode": "delta", **params}
    return await client.post(
        SNAPSHOTS, params=given, content=data, headers={"content-type": "text/csv"}, role="hr-feeder"
    )


async def laid(client: Client, data: bytes, **how: Any) -> dict[str, Any]:
    answer = await send(client, data, **how)
    assert answer.status_code == 201, answer.text
    return answer.json()


def counts(receipt: dict[str, Any]) -> tuple[int, ...]:
    return tuple(receipt[name] for name in COUNTS)


async def test_a_delta_is_measured_as_the_full_snapshot_of_the_same_staff(client: Client) -> None:
    base = await accepted(client, a_staff(60, 40), as_of=BASE)
    came = [*people(6, 101, grade="P5"), *people(6, 201, sex="M", grade="P5")]
    receipt = await laid(client, delta_of(*came, row(1, grade="D1"), row(2, grade="P5"), gone(60)))
    assert counts(receipt) == (12, 1, 98, 1, 111)
    assert (receipt["rows"], receipt["accepted"], receipt["refused_total"], receipt["mode"]) == (15, 14, 0, "delta")
    assert receipt["base"] == {"id": base["id"], "as_of": BASE, "revision": 1}
    full = [row(1, grade="D1"), *people(58, 2, grade="P5"), *people(40, 61, grade="P5", sex="M"), *came]
    await accepted(client, a_staff(60, 40), source="other", as_of=BASE)
    other = await accepted(client, file_of(full), source="other")
    assert other["headcount"] == 111
    assert receipt["measures"] == other["measures"] != []
    for code in ("staff-by-grade", "staff-by-unit"):
        shown = [await measure(client, code, source=source, as_of=DAY) for source in ("hris", "other")]
        assert shown[0]["cells"] == shown[1]["cells"]


async def test_the_same_delta_again_is_the_same_push(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    first = await laid(client, DELTA)
    events = await count(client, "outbox")
    again = await send(client, DELTA)
    assert (again.status_code, again.json()) == (200, first)
    assert await count(client, "outbox") == events


async def test_twenty_equal_deltas_at_once_have_one_effect(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    answers = await asyncio.gather(*(send(client, DELTA) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1


async def test_equal_deltas_on_the_snapshot_of_the_day_itself_are_one_correction(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=DAY)
    first = await laid(client, DELTA)
    assert (first["revision"], first["base"]["as_of"], first["base"]["revision"]) == (2, DAY, 1)
    assert (await send(client, DELTA)).json() == first
    second = await laid(client, delta_of(gone(1)))
    assert (second["revision"], second["base"]["revision"], second["headcount"]) == (3, 2, 100)
    assert (await send(client, DELTA)).json() == first


async def test_a_corrected_base_changes_nothing_until_the_delta_names_it(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    first = await laid(client, DELTA, base=BASE)
    corrected = await accepted(client, a_staff(60, 50), as_of=BASE)
    kept = (await client.get(f"{SNAPSHOTS}/{first['id']}", role="hr-feeder")).json()
    assert kept["base"]["revision"] == 1
    assert kept["headcount"] == 101
    again = await laid(client, DELTA, base=BASE)
    assert again["base"] == {"id": corrected["id"], "as_of": BASE, "revision": 2}
    assert (again["revision"], again["headcount"]) == (2, 109)
    assert (await send(client, DELTA, base=BASE)).json() == again


async def test_somebody_gone_who_is_not_in_the_base_is_refused(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    receipt = await laid(client, delta_of(gone(1), gone(777)))
    assert (receipt["gone"], receipt["headcount"], receipt["refused_total"]) == (1, 99, 1)
    assert receipt["refused"] == [{"line": 3, "column": "staff_id", "value": None, "rule": "not_in_base"}]
    answer = await send(client, delta_of(gone(778)))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:too-many-refused")


async def test_rows_of_leavers_are_checked_too(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    rows = [gone(1), gone(1), f"{',' * 12}true", f"T 1{',' * 12}true", f"{row(3)},perhaps", f"{row(4)},false", gone(4)]
    receipt = await laid(client, file_of(rows, WITH_GONE))
    assert [(one["line"], one["column"], one["value"], one["rule"]) for one in receipt["refused"]] == [
        (3, "staff_id", None, "duplicate_staff_id"),
        (4, "staff_id", None, "missing_value"),
        (5, "staff_id", None, "bad_staff_id"),
        (6, "gone", "perhaps", "bad_gone"),
        (8, "staff_id", None, "duplicate_staff_id"),
    ]
    assert counts(receipt) == (0, 1, 98, 1, 99)
    assert receipt["rows"] == receipt["accepted"] + receipt["gone"] + receipt["refused_total"]


async def test_a_delta_of_leavers_needs_two_columns_only(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    receipt = await laid(client, file_of([f"T-{n},true" for n in range(1, 11)], "staff_id,gone"))
    assert counts(receipt) == (0, 0, 90, 10, 90)


async def test_ndjson_says_gone_as_a_boolean(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    data = b'{"staff_id": "T-1", "gone": true}\n{"staff_id": "T-2", "gone": true}\n'
    params = {"source": "hris", "as_of": DAY, "mode": "delta"}
    headers = {"content-type": "application/x-ndjson", "content-encoding": "gzip"}
    answer = await client.post(SNAPSHOTS, params=params, content=gzip.compress(data), headers=headers, role="hr-feeder")
    assert (answer.status_code, answer.json()["gone"]) == (201, 2), answer.text


async def test_deltas_stand_on_each_other(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of="2021-01-31")
    for month in range(2, 8):
        receipt = await laid(client, delta_of(row(100 + month, grade="P5")), as_of=f"2021-{month:02}-28")
        assert (receipt["base"]["as_of"][:7], receipt["headcount"]) == (f"2021-{month - 1:02}", 99 + month)
    assert {
        one.n for one in await select(client, "SELECT count(*) AS n FROM snapshot_chunks GROUP BY snapshot_id")
    } == {1}


@pytest.mark.parametrize(
    ("params", "status", "slug"),
    [
        ({}, 409, "no-base"),
        ({"base": BASE}, 404, "unknown-base"),
        ({"base": "2022-12-31"}, 422, "impossible-base"),
        ({"base": BASE, "mode": "full"}, 422, "impossible-base"),
        ({"mode": "some"}, 422, "invalid-request"),
        ({"basis": BASE}, 400, "unknown-parameter"),
    ],
)
async def test_a_base_has_to_be_there(client: Client, params: dict[str, str], status: int, slug: str) -> None:
    await accepted(client, a_staff(), source="another", as_of=BASE)
    await accepted(client, a_staff(), as_of="2022-01-31")
    answer = await send(client, DELTA, **params)
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:apge:problem:{slug}")
    assert await count(client, "snapshots") == 2


async def test_a_full_file_has_no_column_gone(client: Client) -> None:
    answer = await push(client, DELTA)
    assert (answer.status_code, answer.json()["errors"][0]["value"]) == (422, "gone")


async def test_a_delta_that_leaves_nobody_is_refused(client: Client) -> None:
    await accepted(client, a_staff(5, 5), as_of=BASE)
    answer = await send(client, delta_of(*(gone(n) for n in range(1, 11))))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:nobody-left")


async def test_an_event_of_a_delta_tells_of_the_whole_staff_and_never_of_the_few_that_changed(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    await laid(client, DELTA)
    [(stated,)] = await select(
        client, "SELECT payload::jsonb FROM outbox WHERE aggregateid = 'hris/2021-12-31' AND aggregatetype = 'snapshot'"
    )
    assert stated["rows"] in (101, None)
    assert stated["accepted"] in (101, None)
    assert not set(COUNTS) & set(stated)


async def test_who_is_carried_over_grows_older(client: Client) -> None:
    await accepted(client, file_of([row(1, birth_year="1980"), row(2, birth_year="1984"), row(3, birth_year="")]))
    receipt = await laid(client, delta_of(row(4, birth_year="1980")), as_of="2022-12-31")
    later = await laid(client, delta_of(row(5, birth_year="1980")), as_of="2025-12-31")

    async def bands(snapshot: str) -> list[str]:
        [(data,)] = await select(client, "SELECT data FROM snapshot_chunks WHERE snapshot_id = :id", id=snapshot)
        frame = pl.read_parquet(io.BytesIO(data))
        return frame.sort("birth_band", nulls_last=True)["age_band"].cast(pl.String).to_list()

    assert sorted(await bands(receipt["id"])) == ["30_39", "40_49", "40_49", "not_stated"]
    assert sorted(await bands(later["id"])) == ["40_49", "40_49", "40_49", "40_49", "not_stated"]


@pytest.mark.parametrize("mode", ["full", "delta"])
async def test_a_dry_run_says_what_would_come_and_does_nothing(client: Client, mode: str) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    tables = ("snapshots", "snapshot_heads", "snapshot_chunks", "measures", "outbox")
    before = [await count(client, table) for table in tables]
    data = DELTA if mode == "delta" else a_staff(50, 50)
    dry = await send(client, data, mode=mode, dry_run="true")
    assert (dry.status_code, dry.json()["dry_run"], dry.json()["id"]) == (200, True, None)
    assert [await count(client, table) for table in tables] == before
    real = await laid(client, data, mode=mode)
    assert {**dry.json(), "id": real["id"], "dry_run": False} == real
    again = (await send(client, data, mode=mode, dry_run="true")).json()
    assert again == dry.json()


async def test_a_dry_run_refuses_what_a_push_refuses(client: Client) -> None:
    answer = await send(client, file_of(people(3, grade="P9")), mode="full", dry_run="true")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:too-many-refused")


async def test_a_base_whose_pseudonyms_are_of_an_earlier_form_carries_no_delta(client: Client) -> None:
    base = await accepted(client, a_staff(60, 40), as_of=BASE)
    [(data,)] = await select(client, "SELECT data FROM snapshot_chunks WHERE snapshot_id = :id", id=base["id"])
    out = io.BytesIO()
    pl.read_parquet(io.BytesIO(data)).write_parquet(out)
    async with client.app.state.database.transaction() as session:
        await session.execute(text("UPDATE snapshot_chunks SET data = :data"), {"data": out.getvalue()})
    answer = await send(client, DELTA)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:apge:problem:other-pseudonyms")
