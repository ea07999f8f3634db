"""The audit trail: every change with who made it, when, what was before and why; and every version that there was."""

import json

import pytest
from sqlalchemy import text
from tests.indicators.plan import (
    ACTION,
    HRD,
    MEASURE,
    OPERATOR,
    PARDEV,
    PLAN,
    PLAN_BODY,
    REVIEWER,
    SHARE,
    UNIT,
    V1,
    at,
    begin,
    changed,
    define,
    events_of,
    get,
    publish,
    record,
    review,
    stated,
    version,
    without,
)

TRAIL = at("indicators/share/changes")


async def trail_of(client, path=TRAIL, **caller):
    return (await get(client, path, **(caller or REVIEWER)))["items"]


def said(change):
    return {one["pointer"]: (one["old"], one["new"]) for one in change["differences"]}


async def much(client):
    """Every command of definitions, actions, results and measures was done once at least."""
    await begin(client, "share", "count")
    await record(client, 40)
    await review(client, 1, "send-back", reason="no source")
    await record(client, 41)
    await review(client, 2)
    await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 41), 200, headers=version(1))
    await define(client, f"{V1}/units/HRD", {**UNIT, "region": "africa"}, 200, headers=version(1))
    ended = changed(PLAN_BODY, "phases/1/vocabulary", "end_of_cycle")
    await define(client, f"{V1}/plans/{PLAN}", ended, 200, headers=version(1))
    await client.post(at("actions"), json={**ACTION, "code": "one"}, **HRD)
    done = await client.patch(at("actions/one"), json={"state": "ongoing"}, headers=version(1), **HRD)
    assert done.status_code == 200
    await publish(client, stated(MEASURE))


async def test_every_event_has_its_row_in_the_trail_and_every_row_its_event(client):
    await much(client)
    events = {
        (f"{event.aggregatetype}/{event.aggregateid}", event.sequence): (event.type, json.loads(event.payload))
        for event in await events_of(client)
    }
    async with client.app.state.database.reading() as session:
        rows = (await session.execute(text("SELECT aggregate, sequence, event, state FROM changes"))).all()
    assert {(row.aggregate, row.sequence): (row.event, row.state) for row in rows} == events
    assert len(rows) == len(events) > 15


async def test_a_review_says_who_when_from_what_to_what_and_why(client):
    await begin(client, "share")
    await record(client, 45)
    await review(client, 1, "send-back", reason="the annex is missing")
    last = (await trail_of(client))[-1]
    assert (last["event"], last["version"]) == ("indicators.result-sent-back.v1", 2)
    assert (last["aggregate"], last["actor"]) == (f"result/{PLAN}/share/2020-21/global", "reviewer")
    assert last["reason"] == "the annex is missing"
    assert said(last)["#/changed/review"] == ("submitted", "sent_back")
    assert said(last)["#/status"] == ("on_track", "data_unavailable")
    assert said(last)["#/standing"][1] is None
    assert last["changed_at"].startswith("20")


async def test_a_review_of_an_earlier_result_is_compared_with_that_result(client):
    await begin(client, "share")
    await record(client, 45, as_of="2020-03-31")
    await record(client, 46)
    await review(client, 1)
    changes = said((await trail_of(client))[-1])
    assert changes["#/changed/review"] == ("submitted", "accepted")
    assert set(changes) == {"#/changed/review"}


async def test_a_result_from_a_measure_is_done_by_the_measure(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    last = (await trail_of(client))[-1]
    assert last["actor"] == last["subject"] == f"measure:{MEASURE.code}"


@pytest.mark.parametrize("caller", [HRD, {"role": "senior-manager"}, {"role": "reader"}])
async def test_who_called_is_told_to_reviewers_and_operators_only(client, caller):
    await begin(client, "share")
    await record(client)
    for entry in await trail_of(client, **caller):
        assert entry["subject"] is None
        assert entry["actor"]
    for one in (REVIEWER, OPERATOR):
        assert all(entry["subject"] for entry in await trail_of(client, **one))


async def test_the_callers_name_is_in_no_event(client):
    await begin(client, "share")
    await record(client)
    subject = (await trail_of(client))[-1]["subject"]
    for event in await events_of(client):
        assert subject not in (event.payload, event.actor)
        assert subject not in event.payload


async def test_the_trail_is_read_page_by_page_without_a_gap_or_a_repeat(client):
    await much(client)
    whole = await trail_of(client, f"{V1}/changes")
    pages, after = [], ""
    while True:
        page = await get(client, f"{V1}/changes?limit=4{after}", **REVIEWER)
        pages += page["items"]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert pages == whole
    assert len({(entry["aggregate"], entry["version"]) for entry in whole}) == len(whole)


async def test_the_trail_of_one_aggregate_is_of_that_one(client):
    await much(client)
    for path, aggregate in (
        (f"{V1}/changes?aggregate=action/{PLAN}/one", f"action/{PLAN}/one"),
        (at("actions/one/changes"), f"action/{PLAN}/one"),
        (f"{V1}/plans/{PLAN}/changes", f"plan/{PLAN}"),
        (f"{V1}/units/HRD/changes", "unit/HRD"),
    ):
        found = await trail_of(client, path)
        assert {entry["aggregate"] for entry in found} == {aggregate}
        assert [entry["version"] for entry in found] == [1, 2]


async def test_another_units_trail_is_as_if_absent(client):
    await begin(client, "share")
    seen = []
    for path in ("indicators/share/changes", "indicators/absent/changes"):
        answer = await client.get(at(path), **PARDEV)
        seen.append((answer.status_code, answer.json()["detail"].replace("share", "absent")))
    assert seen[0] == seen[1]
    assert seen[0][0] == 404


async def test_an_earlier_version_of_a_plan_is_read_as_it_was(client):
    await begin(client, "count")
    path = f"{V1}/plans/{PLAN}"
    first = await get(client, path)
    await define(client, path, {**PLAN_BODY, "title": "Renamed"}, 200, headers=version(1))
    assert await get(client, f"{path}?version=1") == first
    assert (await get(client, f"{path}?version=2"))["title"] == "Renamed"
    assert (await client.get(f"{path}?version=1", **HRD)).headers["ETag"] == '"1"'
    assert (await client.get(f"{path}?version=3", **HRD)).status_code == 404


async def test_an_earlier_version_of_an_indicator_has_its_targets_as_they_stood_then(client):
    await begin(client, "share")
    await record(client, 41)
    path = at("indicators/share")
    first = await get(client, path)
    await define(client, path, changed(SHARE, "targets/0/value", 40), 200, headers=version(1))
    await record(client, 42)
    assert await get(client, f"{path}&version=1") == first
    assert (first["targets"][0]["status"], first["targets"][0]["value"]) == ("not_on_track", 45)
    second = await get(client, f"{path}&version=2")
    assert second == await get(client, path)
    assert (second["targets"][0]["status"], second["targets"][0]["results"]) == ("on_track", 2)


async def test_what_is_refused_leaves_no_row(client):
    await begin(client, "share")
    before = await trail_of(client, f"{V1}/changes")
    await record(client, 101, status=422)
    await define(client, f"{V1}/plans/{PLAN}", without({**PLAN_BODY, "title": "-"}, "published"), 428)
    assert await trail_of(client, f"{V1}/changes") == before
