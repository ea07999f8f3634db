"""Pushing snapshots: one content has one effect, bad ones have none, and each answer says what became of it."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import SNAPSHOTS, accepted, count, measure, push, select
from tests.hr_diversity.staff import HEADER, a_staff, example, file_of, people, row

from hr_diversity.main import service
from hr_diversity.measures import CATALOGUE
from hr_diversity.settings import HrSettings
from shared import clock
from shared.cloudevents import Envelope
from shared.events.base import topic_of
from shared.events.indicators import UnitDefined
from shared.issuer import LocalIssuer
from shared.telemetry import new_id
from shared.testing import Client, Postgres, running_service, wait_until

DRAWN = [
    *CATALOGUE,
    "staff-subject-to-geographical-distribution",
    "workforce-subject-to-geographical-distribution",
]
"""What the first snapshot of a source states, where no range policy is in force."""
SENIOR = "women-p5-plus-regular-budget"
OTHERS = ["custodian", "reviewer", "evaluation-office", "senior-manager", "reader", "operator"]


async def test_the_receipt_says_what_became_of_the_file(client: Client) -> None:
    data = a_staff(60, 40) + (row(101, grade="P9") + "\n").encode()
    receipt = await accepted(client, data)
    assert {name: receipt[name] for name in ("source", "as_of", "revision", "rows", "accepted", "refused_total")} == {
        "source": "hris",
        "as_of": "2021-12-31",
        "revision": 1,
        "rows": 101,
        "accepted": 100,
        "refused_total": 1,
    }
    assert receipt["refused"] == [{"line": 102, "column": "grade", "value": "P9", "rule": "unknown_grade"}]
    assert receipt["refused_by_rule"] == {"unknown_grade": 1}
    assert [one["code"] for one in receipt["measures"]] == list(CATALOGUE)
    assert receipt["measures"][0] == {
        "code": SENIOR,
        "women": 60,
        "men": 40,
        "other": 0,
        "total": 100,
        "share": 60,
        "suppressed": False,
    }


@pytest.mark.parametrize(("year", "share", "women", "men"), [(2020, 38, 114, 186), (2021, 37.1, 112, 190)])
async def test_the_example_files_give_the_shares_of_the_documents(
    client: Client, year: int, share: float, women: int, men: int
) -> None:
    receipt = await accepted(client, example(year), as_of=f"{year}-12-31")
    assert receipt["refused_total"] == 0
    drawn = await measure(client, SENIOR, as_of=f"{year}-12-31")
    assert (drawn["share"], drawn["women"], drawn["men"], drawn["total"]) == (share, women, men, women + men)


async def test_the_same_content_again_gets_the_same_receipt_and_does_nothing(client: Client) -> None:
    first = await push(client, a_staff())
    events = await count(client, "outbox")
    again = await push(client, gzip.compress(a_staff()), content_encoding="gzip")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert again.headers["location"] == first.headers["location"]
    assert await count(client, "outbox") == events == 1 + len(DRAWN)
    assert await count(client, "snapshots") == 1


async def test_twenty_equal_pushes_at_once_have_one_effect(client: Client) -> None:
    answers = await asyncio.gather(*(push(client, a_staff()) for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert await count(client, "outbox") == 1 + len(DRAWN)
    assert await count(client, "snapshots") == await count(client, "snapshot_chunks") == 1


async def test_different_contents_at_once_are_revisions_one_after_the_other(client: Client) -> None:
    answers = await asyncio.gather(*(push(client, a_staff(60 + 10 * n)) for n in range(8)))
    assert sorted(answer.json()["revision"] for answer in answers) == list(range(1, 9))
    newest = max((answer.json() for answer in answers), key=lambda receipt: receipt["revision"])
    assert (await measure(client, SENIOR))["women"] == newest["measures"][0]["women"]
    sequences = await select(client, "SELECT sequence FROM outbox WHERE aggregatetype = 'snapshot' ORDER BY position")
    assert [one.sequence for one in sequences] == list(range(1, 9))


async def test_another_content_for_the_same_date_is_a_correction(client: Client) -> None:
    first = await accepted(client, a_staff(60, 40))
    second = await accepted(client, a_staff(50, 50))
    assert (first["revision"], second["revision"]) == (1, 2)
    drawn = await measure(client, SENIOR)
    assert (drawn["share"], drawn["derived_from"]) == (50, {"snapshot": second["id"], "revision": 2})
    kept = (await client.get(f"{SNAPSHOTS}/{first['id']}", role="hr-feeder")).json()
    assert kept == first


async def test_a_late_retry_of_a_corrected_content_does_not_undo_the_correction(client: Client) -> None:
    first = await accepted(client, a_staff(60, 40))
    await accepted(client, a_staff(50, 50))
    again = await push(client, a_staff(60, 40))
    assert (again.status_code, again.json()) == (200, first)
    assert (await measure(client, SENIOR))["share"] == 50


async def test_a_snapshot_of_an_earlier_date_may_come_late(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of="2021-12-31")
    await accepted(client, a_staff(50, 50), as_of="2020-12-31")
    assert (await measure(client, SENIOR))["as_of"] == "2021-12-31"
    assert (await measure(client, SENIOR, as_of="2021-12-30"))["share"] == 50


async def test_the_events_carry_what_the_api_shows(client: Client) -> None:
    receipt = await accepted(client, example(2021))
    rows = await select(client, "SELECT type, aggregateid, sequence, actor, payload FROM outbox ORDER BY position")
    assert [(one.type, one.aggregateid, one.sequence) for one in rows] == [
        ("hr-diversity.snapshot-accepted.v1", "hris/2021-12-31", 1),
        *(("hr-diversity.measure-drawn.v1", f"hris/2021-12-31/{code}", 1) for code in DRAWN),
    ]
    assert {one.actor for one in rows} == {"hr-feeder"}
    snapshot, *measures = (json.loads(one.payload) for one in rows)
    assert (snapshot["id"], snapshot["rows"], snapshot["accepted"], snapshot["refused"]) == (
        receipt["id"],
        1224,
        1224,
        0,
    )
    for stated in measures:
        shown = await measure(client, stated["code"])
        assert {name: stated[name] for name in ("women", "men", "other", "total", "share", "suppressed", "rule")} == {
            name: shown[name] for name in ("women", "men", "other", "total", "share", "suppressed", "rule")
        }
        assert stated["cells"] == [{k: v for k, v in cell.items() if k != "name"} for cell in shown["cells"]]


async def test_the_events_reach_the_bus(client: Client) -> None:
    await accepted(client, a_staff())

    async def published() -> bool:
        ends = await client.app.state.bus.ends([topic_of("hr-diversity")])
        return sum(ends.values()) == 1 + len(DRAWN)

    await wait_until(published)


@pytest.mark.parametrize(
    ("data", "slug", "named"),
    [
        (b"", "empty-file", "no rows"),
        (b"\n", "empty-file", "names the columns"),
        (HEADER.encode(), "empty-file", "no rows"),
        (file_of([row()], HEADER.replace("grade", "rank")), "wrong-columns", "rank"),
        (file_of(people(3, grade="P9")), "too-many-refused", "3 of 3"),
        (file_of([row(duty_station="Genève")]).decode().encode("latin-1"), "not-utf-8-text", "line 2"),
        (file_of([row(n, unit=f"U{n}") for n in range(2001)]), "too-many-units", "2000"),
    ],
)
async def test_a_file_that_is_refused_leaves_nothing_behind(client: Client, data: bytes, slug: str, named: str) -> None:
    answer = await push(client, data)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"urn:apge:problem:{slug}"
    assert named in answer.json()["detail"]
    for table in ("snapshots", "snapshot_heads", "snapshot_chunks", "measures", "outbox"):
        assert await count(client, table) == 0


async def test_a_refused_file_names_what_is_wrong_by_line_and_column(client: Client) -> None:
    answer = await push(client, file_of(people(3, grade="P9")))
    assert answer.json()["errors"][0] == {"pointer": "#/2/grade", "value": "P9", "detail": "unknown_grade"}
    assert len(answer.json()["errors"]) == 3


async def test_from_a_set_share_of_refused_rows_the_whole_file_is_refused(client: Client) -> None:
    client.app.state.settings = client.app.state.settings.model_copy(update={"refused_share": 0.1})
    good, bad = people(90), people(10, 91, grade="P9")
    assert (await push(client, file_of(good + bad))).status_code == 201
    assert (await push(client, file_of([*good[1:], *bad]))).status_code == 422


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"as_of": "2021-12-31"}, 422),
        ({"source": "hris"}, 422),
        ({"source": "a/b", "as_of": "2021-12-31"}, 422),
        ({"source": "", "as_of": "2021-12-31"}, 422),
        ({"source": "hris", "as_of": "yesterday"}, 422),
        ({"source": "hris", "as_of": str(clock.today() + timedelta(days=2))}, 422),
        ({"source": "hris", "as_of": str(clock.today())}, 201),
    ],
)
async def test_source_and_date_have_to_make_sense(client: Client, params: dict[str, str], status: int) -> None:
    answer = await client.post(
        SNAPSHOTS, params=params, content=a_staff(), headers={"content-type": "text/csv"}, role="hr-feeder"
    )
    assert answer.status_code == status, answer.text


async def test_a_body_above_the_limit_is_refused_while_it_is_read(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield HEADER.encode() + b"\n"
        while True:
            read += 1
            yield (row(read) + "\n").encode()

    more = {"pseudonym_key": KEY, "largest_body_bytes": len(a_staff())}
    async with running_service(service, postgres, issuer, bus_url, **more) as client:
        answer = await push(client, endless())
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:apge:problem:too-large")
        assert read < 200
        assert (await push(client, a_staff())).status_code == 201


def test_a_snapshot_may_be_larger_than_other_requests() -> None:
    assert HrSettings.model_fields["largest_body_bytes"].default == 512 << 20


async def test_a_format_that_is_not_read_is_415(client: Client) -> None:
    answer = await push(client, b"PK", content_type="application/vnd.ms-excel")
    assert answer.status_code == 415
    assert "application/x-ndjson" in answer.json()["detail"]


async def test_a_connection_that_breaks_off_has_no_effect(client: Client) -> None:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": a_staff()[:1000], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [
        (b"authorization", f"Bearer {client.issuer.token('hr-feeder')}".encode()),
        (b"content-type", b"text/csv"),
    ]
    scope = {
        "type": "http",
        "method": "POST",
        "path": SNAPSHOTS,
        "raw_path": SNAPSHOTS.encode(),
        "query_string": b"source=hris&as_of=2021-12-31",
        "headers": headers,
    }
    await client.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert await count(client, "snapshots") == 0


async def test_units_that_nobody_defined_are_warned_about_and_names_come_from_indicators(client: Client) -> None:
    event = UnitDefined(code="HRD", name="Human Resources Development Department", kind="department")
    envelope = Envelope(
        id=new_id(),
        type=event.type,
        source="/indicators",
        subject="unit/HRD",
        time=clock.now().isoformat(),
        sequence=1,
        data=event.model_dump_json().encode(),
    )
    bus = client.app.state.bus
    await bus.ensure_topics([topic_of("indicators")])
    await bus.publish(topic_of("indicators"), [envelope])
    await client.caught_up()
    receipt = await accepted(client, file_of(people(30) + people(30, 31, unit="ATLANTIS")))
    assert receipt["warnings"]["unknown_units"] == ["ATLANTIS"]
    assert receipt["accepted"] == 60
    cells = (await measure(client, "staff-by-unit"))["cells"]
    assert {cell["group"]: cell["name"] for cell in cells} == {"ATLANTIS": None, "HRD": event.name}
    before = await select(client, "SELECT code, name FROM units")
    rebuilt = await client.post("/hr-diversity/v1/rebuilds/units", role="operator")
    assert json.loads(rebuilt.text.splitlines()[-1])["rows"] == {"units": 1}
    assert await select(client, "SELECT code, name FROM units") == before


async def test_without_the_indicators_service_no_unit_is_warned_about(client: Client) -> None:
    assert (await accepted(client, a_staff()))["warnings"] == {"unknown_units": [], "headcount_jump": None}


async def test_a_headcount_that_jumps_is_warned_about(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of="2020-12-31")
    same = await accepted(client, a_staff(70, 50), as_of="2021-06-30")
    jumped = await accepted(client, a_staff(60, 31), as_of="2021-12-31")
    assert same["warnings"]["headcount_jump"] is None
    assert jumped["warnings"]["headcount_jump"] == {
        "before": 120,
        "after": 91,
        "percent": -24.2,
        "compared_with": "2021-06-30",
    }


async def test_receipts_are_listed_newest_first_page_by_page(client: Client) -> None:
    made = [(await accepted(client, a_staff(60 + n)))["id"] for n in range(3)]
    first = (await client.get(SNAPSHOTS, params={"limit": "2"}, role="hr-feeder")).json()
    second = (await client.get(SNAPSHOTS, params={"limit": "2", "after": first["next"]}, role="hr-feeder")).json()
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None


async def test_an_unknown_receipt_is_404(client: Client) -> None:
    answer = await client.get(f"{SNAPSHOTS}/nothing", role="hr-feeder")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:apge:problem:unknown-snapshot")


@pytest.mark.parametrize(("method", "path"), [("POST", ""), ("GET", ""), ("GET", "/some-id")])
async def test_only_the_hr_feeder_pushes_and_sees_receipts(reading: Client, method: str, path: str) -> None:
    how: dict[str, Any] = {"params": {"source": "hris", "as_of": "2021-12-31"}, "headers": {"content-type": "text/csv"}}
    for role in OTHERS:
        assert (await reading.request(method, SNAPSHOTS + path, role=role, **how)).status_code == 403, role
    assert (await reading.request(method, SNAPSHOTS + path, **how)).status_code == 401


async def test_heads_agree_with_the_events(client: Client) -> None:
    await accepted(client, a_staff(60, 40))
    await accepted(client, example(2021))
    heads = (await client.get("/hr-diversity/v1/heads", role="operator")).json()
    last = await select(client, "SELECT aggregatetype || '/' || aggregateid, max(sequence) FROM outbox GROUP BY 1")
    assert {head["aggregate"]: head["sequence"] for head in heads} == {row[0]: row[1] for row in last}
