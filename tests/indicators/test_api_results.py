"""Results: recorded, read, due, reviewed; and the status that rests on them."""

from datetime import UTC, datetime

import pytest
from tests.indicators.plan import (
    BEFORE,
    HRD,
    NOW,
    PARDEV,
    PLAN,
    REVIEWER,
    at,
    begin,
    events_of,
    get,
    line_of,
    record,
    results_of,
    review,
    rows_of,
    set_clock,
    status_of,
    types_of,
    version,
    without,
)

from shared import clock
from shared.events import EVENTS

PARTS = [{"name": "interviews", "value": 10}, {"name": "report", "reached": True}]


@pytest.mark.parametrize(
    ("code", "said", "status"),
    [
        ("share", {"value": 45}, "on_track"),
        ("share", {"value": "44.9"}, "not_on_track"),
        ("share", {"numerator": 9, "denominator": 20}, "on_track"),
        ("share", {"no_data": "report_under_preparation"}, "data_unavailable"),
        ("count", {"value": 0}, "not_on_track"),
        ("count", {"value": 2}, "on_track"),
        ("milestone", {"reached": True}, "on_track"),
        ("milestone", {"reached": False}, "not_on_track"),
        ("state", {"category": "public"}, "on_track"),
        ("state", {"category": "none"}, "not_on_track"),
        ("compound", {"parts": PARTS}, "on_track"),
        ("compound", {"parts": [{"name": "interviews", "value": 9}, PARTS[1]]}, "not_on_track"),
    ],
)
async def test_a_result_of_any_kind_is_recorded_and_moves_the_status(client, code, said, status):
    await begin(client, code)
    more = {
        "comment": "From the annual report",
        "evidence": [{"title": "Report", "url": "https://example.org/r", "document": None}],
    }
    done = await record(client, said.get("value"), code, **without(said, "value"), **more)
    assert (done["status"], await status_of(client, code)) == (status, status)
    assert done["standing"] == done["changed"]
    kept = (await line_of(client, code))["results"][0]
    assert kept == done["changed"]
    assert (kept["number"], kept["review"], kept["as_of"]) == (1, "submitted", "2020-06-30")
    assert (kept["comment"], kept["evidence"]) == (more["comment"], more["evidence"])
    for name, value in said.items():
        assert str(kept[name]) == str(value) or name == "parts"


async def test_a_share_is_kept_as_numerator_and_denominator_with_its_percentage_beside(client):
    await begin(client, "share")
    changed_one = (await record(client, None, numerator=1, denominator=3))["changed"]
    assert (changed_one["numerator"], changed_one["denominator"], changed_one["value"]) == (1, 3, 33.3)


async def test_a_compound_result_without_a_part_is_refused(client):
    await begin(client, "compound")
    body = {"phase": NOW, "parts": PARTS[:1]}
    refused = await client.post(results_of("compound"), json=body, **HRD)
    assert refused.status_code == 422
    assert "report" in refused.json()["errors"][0]["detail"]


async def test_a_result_is_of_the_target_of_its_phase_and_place_only(client):
    await begin(client, "share")
    await record(client, 50, place="portfolio:policy")
    await record(client, 45, phase=BEFORE)
    assert await status_of(client, place="portfolio:policy") == "on_track"
    assert await status_of(client, phase=BEFORE) == "met"
    assert await status_of(client) == "data_unavailable"


async def test_a_result_without_a_day_is_of_today(client, monkeypatch):
    set_clock(monkeypatch, "2021-05-06")
    await begin(client, "share")
    done = await client.post(results_of("share"), json={"phase": NOW, "value": 1}, **HRD)
    assert done.json()["changed"]["as_of"] == "2021-05-06"


async def test_a_result_is_of_today_at_the_latest(client, monkeypatch):
    set_clock(monkeypatch, "2021-05-06")
    await begin(client, "share")
    await record(client, as_of="2021-05-06")
    await record(client, as_of="2021-05-07", status=422)
    assert len((await line_of(client))["results"]) == 1


async def test_nothing_is_overwritten_and_the_latest_day_stands(client):
    await begin(client, "share")
    await record(client, 46, as_of="2020-12-31")
    late = await record(client, 10, as_of="2020-06-30")
    assert (late["status"], late["standing"]["number"], late["changed"]["number"]) == ("on_track", 1, 2)
    again = await record(client, 44, as_of="2020-12-31")
    assert (again["status"], again["standing"]["number"]) == ("not_on_track", 3)
    line = await line_of(client)
    assert [one["value"] for one in line["results"]] == [46, 10, 44]
    assert (line["standing"], line["version"], line["status"]) == (3, 4, "not_on_track")


async def test_the_version_of_a_targets_results_is_the_etag_of_the_last_answer(client):
    await begin(client, "share")
    for number in (1, 2):
        done = await client.post(results_of("share"), json={"phase": NOW, "value": 1}, **HRD)
        assert done.headers["ETag"] == f'"{number}"'
    assert (await line_of(client))["version"] == 2


async def test_an_event_says_who_by_role_and_unit_and_never_by_name(client):
    await begin(client, "share")
    token = client.issuer.token("custodian", ["HRD"], subject="jane.doe@example.org")
    body = {"phase": NOW, "value": 1}
    done = await client.post(results_of("share"), json=body, headers={"Authorization": f"Bearer {token}"})
    assert done.status_code == 201
    assert "jane" not in done.text
    event = (await events_of(client, f"{PLAN}/share/%"))[0]
    assert event.actor == "custodian:HRD"
    assert "jane" not in str(event)
    assert done.json()["changed"]["recorded_by"] == "custodian:HRD"


async def test_every_event_carries_the_state_that_its_answer_gave(client):
    await begin(client, "share")
    done = await record(client, 46)
    event = (await events_of(client, f"{PLAN}/share/%"))[0]
    state = EVENTS[event.type].model_validate_json(event.payload).model_dump(mode="json")
    assert state == without(done, "warnings")


# what is due


async def dues_of(client, **caller):
    return (await get(client, at("due"), **(caller or HRD)))["items"]


async def test_what_is_wanted_goes_from_not_yet_due_to_due_to_overdue_by_the_day(client, monkeypatch):
    await begin(client, "count")
    for day, state in (
        ("2021-11-30", "not_yet_due"),
        ("2021-12-01", "due"),
        ("2021-12-31", "due"),
        ("2022-01-01", "overdue"),
    ):
        set_clock(monkeypatch, day)
        due = (await dues_of(client))[0]
        assert (due["state"], due["due"], due["indicator"]) == (state, "2021-12-31", "count")


async def test_what_was_sent_back_is_first_and_says_why(client, monkeypatch):
    set_clock(monkeypatch, "2021-06-01")
    await begin(client, "count", "share")
    await record(client, 1, "count")
    await record(client, 46)
    await review(client, 1, "send-back", reason="the denominator is missing")
    found = [(due["state"], due["indicator"], due["phase"], due["reason"]) for due in await dues_of(client)]
    assert found == [
        ("sent_back", "share", NOW, "the denominator is missing"),
        ("overdue", "share", BEFORE, None),
        ("not_yet_due", "share", NOW, None),
        ("submitted", "count", NOW, None),
    ]


async def test_an_accepted_result_is_not_wanted_any_more(client):
    await begin(client, "share")
    await record(client, 46)
    await review(client, 1)
    states = {(due["phase"], due["place"]): due["state"] for due in await dues_of(client)}
    assert states[NOW, "global"] == "accepted"


async def test_a_custodian_is_asked_for_its_own_only_and_others_see_all(client):
    await begin(client, "share", "foreign")
    assert {due["indicator"] for due in await dues_of(client)} == {"share"}
    assert {due["indicator"] for due in await dues_of(client, **PARDEV)} == {"foreign"}
    assert {due["indicator"] for due in await dues_of(client, **REVIEWER)} == {"share", "foreign"}


# review


async def test_accepting_keeps_the_status_and_names_the_reviewers_role(client):
    await begin(client, "share")
    await record(client, 46)
    done = await review(client, 1)
    assert (done["status"], done["changed"]["review"]) == ("on_track", "accepted")
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded", "result-accepted"]


async def test_a_status_falls_back_to_what_stood_before_the_result_that_is_sent_back(client):
    await begin(client, "share")
    await record(client, 40, as_of="2020-03-31")
    await record(client, 46, as_of="2020-06-30")
    assert await status_of(client) == "on_track"
    done = await review(client, 2, "send-back", reason="counted twice")
    assert (done["status"], done["standing"]["number"]) == ("not_on_track", 1)
    assert (done["changed"]["number"], done["changed"]["review_reason"]) == (2, "counted twice")
    assert await status_of(client) == "not_on_track"
    recorded_and_reviewed = ["result-recorded", "result-recorded", "result-sent-back"]
    assert await types_of(client, f"{PLAN}/share/%") == [*recorded_and_reviewed, "status-regressed"]


async def test_where_the_only_result_is_sent_back_there_is_no_data(client):
    await begin(client, "share")
    await record(client, 46)
    done = await review(client, 1, "send-back")
    assert (done["status"], done["standing"]) == ("data_unavailable", None)
    line = await line_of(client)
    assert (line["status"], line["standing"], len(line["results"])) == ("data_unavailable", None, 1)


async def test_a_result_that_does_not_stand_can_be_sent_back_and_the_status_stays(client):
    await begin(client, "share")
    await record(client, 10, as_of="2020-03-31")
    await record(client, 46)
    done = await review(client, 1, "send-back")
    assert (done["status"], done["standing"]["number"]) == ("on_track", 2)


@pytest.mark.parametrize("verdict", ["accept", "send-back"])
async def test_the_same_review_twice_is_a_conflict_and_states_nothing(client, verdict):
    await begin(client, "share")
    await record(client)
    await review(client, 1, verdict)
    refused = await review(client, 1, verdict, 409)
    assert refused["type"] == "urn:apge:problem:review-out-of-order"
    assert len(await events_of(client, f"{PLAN}/share/%")) == 2


@pytest.mark.parametrize("verdict", ["accept", "send-back"])
@pytest.mark.parametrize(
    ("headers", "status"), [({}, 428), ({"If-Match": '"2"'}, 412), ({"If-Match": "1"}, 400), ({"If-Match": "*"}, 400)]
)
async def test_a_review_names_the_version_that_was_read(client, verdict, headers, status):
    await begin(client, "share")
    await record(client)
    before = await rows_of(client)
    body = {"json": {"reason": "-"}} if verdict == "send-back" else {}
    refused = await client.post(results_of("share", 1, verdict), headers=headers, **body, **REVIEWER)
    assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert await rows_of(client) == before


async def test_a_review_of_what_was_read_before_another_result_came_is_stale(client):
    await begin(client, "share")
    await record(client)
    await record(client)
    refused = await client.post(results_of("share", 1, "accept"), headers=version(1), **REVIEWER)
    assert refused.status_code == 412


@pytest.mark.parametrize("body", [None, {}, {"reason": ""}, {"reason": " \n"}, {"reason": None}, {"reason": 5}])
async def test_nothing_is_sent_back_without_a_reason(client, body):
    await begin(client, "share")
    await record(client)
    refused = await client.post(results_of("share", 1, "send-back"), json=body, headers=version(1), **REVIEWER)
    assert refused.status_code == 422
    assert (await line_of(client))["results"][0]["review"] == "submitted"


@pytest.mark.parametrize(
    "address",
    [
        ("share", 2, NOW, "global"),
        ("share", 1, BEFORE, "global"),
        ("share", 1, NOW, "region:africa"),
        ("share", 1, "2022-23", "global"),
        ("none", 1, NOW, "global"),
    ],
)
async def test_a_review_of_a_result_that_is_not_there_is_not_found(client, address):
    await begin(client, "share")
    await record(client)
    code, number, phase, place = address
    path = results_of(code, number, "accept", phase, place)
    assert (await client.post(path, headers=version(1), **REVIEWER)).status_code == 404


async def test_a_review_repeated_under_its_key_gives_the_first_answer(client):
    await begin(client, "share")
    await record(client)
    headers = {**version(1), "Idempotency-Key": "one"}
    first, again = [await client.post(results_of("share", 1, "accept"), headers=headers, **REVIEWER) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.content == again.content
    assert len(await events_of(client, f"{PLAN}/share/%")) == 2


async def test_when_a_result_was_recorded_is_the_clocks_time_and_not_the_callers(client, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2021, 5, 6, 7, 8, 9, tzinfo=UTC))
    await begin(client, "share")
    assert (await record(client))["changed"]["recorded_at"] == "2021-05-06T07:08:09Z"
