"""Definitions that are made and changed: their versions, and what follows for results that are there."""

import pytest
from tests.indicators.plan import (
    BEFORE,
    HRD,
    INDICATORS,
    NOW,
    OPERATOR,
    PARDEV,
    PLAN,
    PLAN_BODY,
    READER,
    SHARE,
    TARGET,
    UNIT,
    V1,
    at,
    begin,
    changed,
    define,
    events_of,
    get,
    line_of,
    record,
    results_of,
    review,
    status_of,
    types_of,
    version,
)

KINDS = {
    "unit": (f"{V1}/units/HRD", {**UNIT, "name": "HRD"}, {"name": "Another"}, "HRD", "unit-defined"),
    "plan": (f"{V1}/plans/{PLAN}", PLAN_BODY, {"title": "Another"}, PLAN, "plan-defined"),
    "indicator": (at("indicators/share"), SHARE, {"title": "Another"}, f"{PLAN}/share", "indicator-defined"),
}
KIND = pytest.mark.parametrize(("path", "body", "change", "key", "fact"), KINDS.values(), ids=KINDS)


def nothing_missing(given, found):
    """What was given is in what came back, which may have more."""
    if isinstance(given, dict):
        return all(nothing_missing(value, found[name]) for name, value in given.items())
    if isinstance(given, list):
        return len(given) == len(found) and all(map(nothing_missing, given, found))
    return given == found


@KIND
async def test_what_was_defined_is_read_as_it_was_given(client, path, body, change, key, fact):
    await begin(client, "share")
    found = await client.get(path, **READER)
    assert (found.status_code, found.headers["ETag"]) == (200, '"1"')
    assert nothing_missing(body, found.json())
    assert await types_of(client, key) == [fact]


@KIND
async def test_the_same_definition_again_states_nothing_and_needs_no_version(client, path, body, change, key, fact):
    await begin(client, "share")
    for headers in ({}, version(1), version(7)):
        again = await client.put(path, json=body, headers=headers, **OPERATOR)
        assert (again.status_code, again.headers["ETag"]) == (200, '"1"')
    assert await types_of(client, key) == [fact]


@KIND
async def test_another_definition_takes_the_version_it_changes(client, path, body, change, key, fact):
    await begin(client, "share")
    other = {**body, **change}
    for headers, status in (({}, 428), (version(2), 412), ({"If-Match": "1"}, 400), ({"If-Match": 'W/"1"'}, 400)):
        refused = await client.put(path, json=other, headers=headers, **OPERATOR)
        assert (refused.status_code, refused.headers["content-type"]) == (status, "application/problem+json")
    assert nothing_missing(body, await get(client, path))
    done = await client.put(path, json=other, headers=version(1), **OPERATOR)
    assert (done.status_code, done.headers["ETag"]) == (200, '"2"')
    assert nothing_missing(other, await get(client, path))
    assert await types_of(client, key) == [fact, fact]


@KIND
async def test_a_version_of_what_does_not_exist_is_refused(client, path, body, change, key, fact):
    await begin(client, "share")
    absent = path.replace("HRD", "HRD-2").replace(PLAN, f"{PLAN}-2").replace("/share", "/share-2")
    absent = absent.replace(f"?plan={PLAN}-2", f"?plan={PLAN}")
    refused = await client.put(absent, json=body, headers=version(1), **OPERATOR)
    assert refused.status_code == 412
    assert (await client.get(absent, **READER)).status_code == 404


async def test_a_parent_that_is_absent_or_below_its_child_is_refused(client):
    await define(client, f"{V1}/units/HRD", {**UNIT})
    await define(client, f"{V1}/units/HRD-1", {**UNIT, "parent": "HRD"})
    for code, parent in (("HRD-2", "NONE"), ("HRD-2", "HRD-2"), ("HRD", "HRD-1"), ("HRD", "HRD")):
        headers = version(1) if code == "HRD" else {}
        refused = await client.put(f"{V1}/units/{code}", json={**UNIT, "parent": parent}, headers=headers, **OPERATOR)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == "#/parent"
        assert refused.json()["errors"][0]["value"] == parent


async def test_a_target_that_is_lowered_restates_the_status_of_the_results_that_are_there(client):
    await begin(client, "share")
    await record(client, 40)
    assert await status_of(client) == "not_on_track"
    await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 40), 200, headers=version(1))
    assert await status_of(client) == "on_track"
    events = await events_of(client, f"{PLAN}/share%")
    assert [event.type for event in events] == [
        "indicators.indicator-defined.v1",
        "indicators.result-recorded.v1",
        "indicators.indicator-defined.v1",
        "indicators.status-restated.v1",
    ]
    assert events[-1].sequence == 2
    assert len((await line_of(client))["results"]) == 1


@pytest.mark.parametrize(
    "other",
    [
        {**SHARE, "title": "Another title", "area": "oversight", "custodians": ["PARDEV"]},
        changed(SHARE, "targets/0/value", 41),
        changed(SHARE, "targets/2/value", 1),
    ],
)
async def test_a_redefinition_that_means_the_same_status_restates_nothing(client, other):
    await begin(client, "share")
    await record(client, 40)
    await define(client, at("indicators/share"), other, 200, headers=version(1))
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded"]
    assert await status_of(client) == "not_on_track"


async def test_a_target_that_is_taken_away_and_put_back_has_its_results_again(client):
    await begin(client, "share")
    await record(client, 46)
    lonely = {**SHARE, "targets": SHARE["targets"][1:2]}
    await define(client, at("indicators/share"), lonely, 200, headers=version(1))
    assert [t["phase"] for t in (await get(client, at("indicators/share")))["targets"]] == [BEFORE]
    await record(client, 46, status=404)
    await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 50), 200, headers=version(2))
    assert await status_of(client) == "not_on_track"
    assert len((await line_of(client))["results"]) == 1


async def test_an_indicator_for_which_its_plan_names_no_target_is_taken_and_takes_no_result(client):
    await begin(client, "share")
    defined = await define(client, at("indicators/new"), {**INDICATORS["count"], "targets": []})
    assert defined["targets"] == []
    refused = await client.post(results_of("new"), json={"phase": NOW, "value": 1}, **HRD)
    assert (refused.status_code, "new has no target for the phase" in refused.text) == (404, True), refused.text


async def test_a_phase_that_ends_its_cycle_says_so_in_the_words_of_every_status(client):
    await begin(client, "share", "count")
    await record(client, 46)
    await record(client, 1, code="count")
    ended = changed(PLAN_BODY, "phases/1/vocabulary", "end_of_cycle")
    await define(client, f"{V1}/plans/{PLAN}", ended, 200, headers=version(1))
    assert [await status_of(client), await status_of(client, "count")] == ["met", "not_met"]
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded", "status-restated"]
    await review(client, 1)
    assert await status_of(client) == "met"


@pytest.mark.parametrize(("path", "pointer"), [("phases", "#/phases"), ("areas", "#/areas")])
async def test_a_phase_or_area_that_an_indicator_is_of_cannot_be_taken_away(client, path, pointer):
    await begin(client, "count")
    kept = PLAN_BODY[path][:1] if path == "phases" else PLAN_BODY[path][1:]
    refused = await client.put(f"{V1}/plans/{PLAN}", json={**PLAN_BODY, path: kept}, headers=version(1), **OPERATOR)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    unused = PLAN_BODY[path][1:] if path == "phases" else PLAN_BODY[path][:1]
    await define(client, f"{V1}/plans/{PLAN}", {**PLAN_BODY, path: unused}, 200, headers=version(1))
    assert (await client.get(at("due"), **READER)).status_code == 200


async def test_an_indicator_of_two_units_is_each_ones_own(client):
    await begin(client, "share")
    shared = {**SHARE, "custodians": ["PROGRAM", "HRD"], "targets": [TARGET]}
    await define(client, at("indicators/shared"), shared)
    for unit in ("PROGRAM", "HRD"):
        assert (await get(client, at("indicators/shared"), role="custodian", units=[unit]))["code"] == "shared"
    assert (await client.get(at("indicators/shared"), **PARDEV)).status_code == 404
