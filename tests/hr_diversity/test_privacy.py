"""No person leaves the service: a canary is pushed, and looked for in everything that comes out or is kept."""

import io
import json
import logging
from typing import Any

import polars as pl
import pytest
import structlog
from tests.hr_diversity.pushing import SNAPSHOTS, accepted, measure, push, select
from tests.hr_diversity.staff import a_staff, file_of, people, row

from shared.telemetry import configure_logs
from shared.testing import Client

CANARY = "CANARY-4711"
FORBIDDEN = ("first_name", "last_name", "birth_year", "birth_date", "staff_id", "email", "salary")


def with_canary() -> bytes:
    rows = people(60) + people(60, 100, sex="M")
    rows += [row(1, staff_id=CANARY, sex="X"), row(1, staff_id=CANARY), row(1, staff_id=CANARY, grade="P9")]
    rows += [row(1, staff_id=f'"{CANARY}'), f"{CANARY},F", row(1, staff_id=CANARY, sex=CANARY)]
    return file_of(rows)


async def everything_kept(client: Client) -> str:
    tables = await select(
        client, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    kept = ""
    for (table,) in tables:
        rows = await select(client, f'SELECT to_jsonb(t) FROM "{table}" AS t')
        kept += json.dumps([value for (value,) in rows], default=str)
    return kept


async def test_a_staff_id_is_in_no_answer_event_log_or_table(
    client: Client, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    configure_logs("DEBUG")
    caplog.set_level(logging.DEBUG)
    structlog.get_logger().info("the log is read here")
    answer = await push(client, with_canary())
    refused = await push(client, file_of([row(1, staff_id=CANARY, grade="P9"), row(2, staff_id=CANARY, unit="")]))
    assert (answer.status_code, refused.status_code) == (201, 422)
    assert answer.json()["refused_by_rule"]["duplicate_staff_id"] == 1
    listed = await client.get(SNAPSHOTS, role="hr-feeder")
    await client.caught_up()
    output = capsys.readouterr()
    logs = output.err + output.out + caplog.text
    assert "the log is read here" in logs
    for place in (answer.text, refused.text, listed.text, logs, await everything_kept(client)):
        assert CANARY not in place
        assert CANARY.encode().hex() not in place


async def test_the_stored_chunks_hold_no_staff_id_and_no_exact_birth_year(client: Client) -> None:
    await accepted(client, with_canary())
    for (data,) in await select(client, "SELECT data FROM snapshot_chunks"):
        frame = pl.read_parquet(io.BytesIO(data))
        assert not set(frame.columns) & set(FORBIDDEN)
        assert CANARY not in str(frame.rows())
        assert {year % 5 for year in frame["birth_band"]} == {0}


async def test_no_table_has_a_column_for_a_person(client: Client) -> None:
    columns = await select(
        client, "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    assert [(table, column) for table, column in columns if column in FORBIDDEN] == []


async def test_a_small_headcount_is_not_told_by_the_number_of_rows(client: Client) -> None:
    rows = people(60) + people(60, 100, sex="M") + people(2, 300, sex="X")
    await accepted(client, file_of(rows))
    shown = await measure(client, "staff-by-grade")
    assert (shown["women"], shown["men"], shown["other"], shown["total"]) == (60, 60, None, None)
    [(payload,)] = await select(client, "SELECT payload FROM outbox WHERE aggregatetype = 'snapshot'")
    stated: dict[str, Any] = json.loads(payload)
    assert (stated["rows"], stated["accepted"]) == (None, None)


async def test_a_large_headcount_is_stated(client: Client) -> None:
    await accepted(client, a_staff(60, 40))
    [(payload,)] = await select(client, "SELECT payload FROM outbox WHERE aggregatetype = 'snapshot'")
    assert json.loads(payload)["accepted"] == 100
