"""Custodians: several, from a day on, with a reason; what a former one reported stays its own; units that ended; plans in a row."""

import pytest
from tests.indicators.plan import (
    ACTION,
    HRD,
    INDICATORS,
    NOW,
    OPERATOR,
    PARDEV,
    PLAN,
    PLAN_BODY,
    READER,
    REVIEWER,
    SHARE,
    UNIT,
    V1,
    at,
    begin,
    define,
    get,
    record,
    results_of,
    rows_of,
    set_clock,
    version,
)

CUSTODIANS = at("indicators/share/custodians")


@pytest.fixture(autouse=True)
def on_a_day_of_the_plan(monkeypatch):
    set_clock(monkeypatch, "2021-06-01")


async def change(client, change="replace", units=("PARDEV",), sequence=1, status=200, **more):
    body = {"change": change, "units": list(units), "reason": "the mandate moved", **more}
    done = await client.post(CUSTODIANS, json=body, headers=version(sequence), **OPERATOR)
    assert done.status_code == status, done.text
    return done.json()


async def test_a_new_custodian_takes_over_from_a_day_on_and_the_trail_says_why(client):
    await begin(client, "share")
    done = await change(client, since="2021-05-01")
    assert done["custodians"] == ["PARDEV"]
    assert done["custodianships"] == [
        {"unit": "HRD", "since": None, "until": "2021-04-30"},
        {"unit": "PARDEV", "since": "2021-05-01", "until": None},
    ]
    last = (await get(client, at("indicators/share/changes"), **REVIEWER))["items"][-1]
    assert (last["event"], last["reason"]) == ("indicators.indicator-defined.v1", "the mandate moved")


async def test_a_unit_is_added_beside_the_others_and_ended_again(client):
    await begin(client, "share")
    assert (await change(client, "add"))["custodians"] == ["HRD", "PARDEV"]
    done = await change(client, "end", ["HRD"], 2)
    assert done["custodians"] == ["PARDEV"]
    assert [(one["unit"], one["until"]) for one in done["custodianships"]] == [("HRD", "2021-05-31"), ("PARDEV", None)]


@pytest.mark.parametrize(
    ("given", "status", "pointer"),
    [
        ({"change": "end", "units": ["HRD"]}, 422, "#/units"),
        ({"change": "end", "units": ["PARDEV"]}, 422, "#/units/0"),
        ({"change": "add", "units": ["NONE"]}, 422, "#/units/0"),
        ({"change": "replace", "units": ["PARDEV", "PARDEV"]}, 422, "#/units/1"),
        ({"change": "replace", "units": ["PARDEV"], "since": "2021-06-02"}, 422, "#/since"),
        ({"change": "replace", "units": ["HRD"]}, 409, None),
        ({"change": "replace", "units": ["PARDEV"], "reason": " "}, 422, "#/reason"),
        ({"change": "replace", "units": []}, 422, "#/units"),
    ],
)
async def test_what_leaves_no_custodian_an_unknown_one_or_no_reason_is_refused(client, given, status, pointer):
    await begin(client, "share")
    before = await rows_of(client)
    body = {"reason": "-", **given}
    refused = await client.post(CUSTODIANS, json=body, headers=version(1), **OPERATOR)
    assert refused.status_code == status, refused.text
    assert [error["pointer"] for error in refused.json()["errors"]] == ([pointer] if pointer else [])
    assert await rows_of(client) == before


async def test_nobody_keeps_an_indicator_before_it_took_it_over(client):
    await begin(client, "share")
    await change(client, since="2021-05-01")
    refused = await change(client, units=["PROGRAM"], sequence=2, since="2021-04-01", status=422)
    assert refused["errors"][0]["pointer"] == "#/since"


async def test_what_a_former_custodian_reported_stays_its_own_to_read_and_the_new_one_sees_and_corrects_the_line(
    client,
):
    await begin(client, "share")
    await record(client, 40)
    await change(client)
    (line,) = (await get(client, results_of("share"), **PARDEV))["items"]
    assert [(one["value"], one["recorded_by"]) for one in line["results"]] == [(40, "custodian:HRD")]
    body = {"phase": NOW, "as_of": "2020-06-30", "value": 46}
    assert (await client.post(results_of("share"), json=body, **PARDEV)).status_code == 201
    (line,) = (await get(client, results_of("share"), **HRD))["items"]
    assert [one["value"] for one in line["results"]] == [40]
    assert (line["status"], line["standing"], line["version"]) == (None, None, None)
    (line,) = (await get(client, results_of("share"), **READER))["items"]
    assert [(one["value"], one["recorded_by"]) for one in line["results"]] == [
        (40, "custodian:HRD"),
        (46, "custodian:PARDEV"),
    ]
    for path in ("indicators/share", "indicators/share/changes"):
        assert (await client.get(at(path), **HRD)).status_code == 404
    assert (await client.post(results_of("share"), json=body, **HRD)).status_code == 404
    program = {"role": "custodian", "units": ["PROGRAM"]}
    assert (await client.get(results_of("share"), **program)).status_code == 404


async def test_a_unit_that_ended_is_given_nothing_new_and_its_successor_is_named(client):
    await begin(client, "share")
    ended = {**UNIT, "name": "Gone", "until": "2021-03-31", "succeeded_by": "PARDEV"}
    await define(client, f"{V1}/units/GONE", ended)
    await define(client, f"{V1}/units/SOON", {**UNIT, "since": "2021-09-01"})
    refused = await change(client, units=["GONE"], status=422)
    assert refused["errors"][0]["detail"] == "the unit ended on 2021-03-31; PARDEV took its work over"
    assert "2021-09-01" in (await change(client, units=["SOON"], status=422))["errors"][0]["detail"]
    moved = {**SHARE, "custodians": ["GONE"]}
    refused = await client.put(at("indicators/share"), json=moved, headers=version(1), **OPERATOR)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/custodians/0")
    assert (await change(client, units=["GONE"], since="2021-03-31"))["custodians"] == ["GONE"]


async def test_a_plan_of_the_past_is_defined_with_the_units_that_there_were(client):
    await begin(client, "count")
    await define(client, f"{V1}/units/BUREAU", {**UNIT, "until": "2019-06-30"})
    await define(client, f"{V1}/units/OLDER", {**UNIT, "until": "2017-12-31"})
    await define(client, at("indicators/kept"), {**INDICATORS["count"], "custodians": ["BUREAU"]})
    await define(client, at("indicators/older"), {**INDICATORS["count"], "custodians": ["OLDER"]}, 422)


async def test_a_plan_names_the_one_it_follows_and_those_that_follow_it(client):
    await begin(client, "count")
    for code in ("next", "other-next"):
        await define(client, f"{V1}/plans/{code}", {**PLAN_BODY, "predecessor": PLAN})
    assert (await get(client, f"{V1}/plans/{PLAN}"))["successors"] == ["next", "other-next"]
    later = await get(client, f"{V1}/plans/next")
    assert (later["predecessor"], later["successors"]) == (PLAN, [])


async def test_an_action_has_a_timeline_resources_and_roles_and_may_serve_several_indicators(client):
    await begin(client, "share", "count")
    body = {**ACTION, "indicators": ["share", "count"], "starts": "2021-01-01", "due": "2021-12-31"}
    await define(client, at("actions/one"), body)
    more = {"starts": "2021-03-01", "resources": "USD 20,000", "responsible_roles": ["Chief, HRD"]}
    done = await client.patch(at("actions/one"), json=more, headers=version(1), **HRD)
    assert done.status_code == 200, done.text
    found = await get(client, at("actions/one"))
    assert {name: found[name] for name in more} == more
    for indicator in ("share", "count"):
        listed = await get(client, at("actions") + f"&indicator={indicator}")
        assert [one["code"] for one in listed["items"]] == ["one"]
    for wrong in ({"due": "2021-02-28"}, {"starts": "2022-01-01"}, {"responsible_roles": None}):
        refused = await client.patch(at("actions/one"), json=wrong, headers=version(2), **HRD)
        assert refused.status_code == 422


async def test_on_target_none_required_stays_an_action_of_its_own(client):
    await begin(client, "share")
    await define(client, at("actions/none"), {**ACTION, "none_required": True, "text": "On target, none required"})
    assert (await get(client, at("actions/none"), **PARDEV | {"units": ["HRD"]}))["none_required"] is True
