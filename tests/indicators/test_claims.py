"""What sources claim, and rules between values: recorded as they are said, about what exists."""

import pytest
from tests.indicators.plan import (
    CLAIM,
    HRD,
    OPERATOR,
    PARDEV,
    RULE,
    V1,
    at,
    begin,
    changed,
    define,
    events_of,
    get,
    record,
    status_of,
    types_of,
    version,
    without,
)


async def test_a_claim_changes_nothing_that_is_computed(client):
    await begin(client, "share")
    await record(client, 50)
    await define(client, at("claims/missed"), {**CLAIM, "status": "not_met", "value": 16})
    assert await status_of(client) == "on_track"
    assert await types_of(client, "small/missed") == ["claim-published"]


async def test_a_claim_is_kept_as_it_is_said_and_changed_under_its_version(client):
    await begin(client, "share")
    source = {"document": "apge", "row": "8", "column": "2020 results", "table": None}
    body = {**CLAIM, "as_of": "2020-12-31", "concept": "women-p5-plus", "unit": "per cent", "provenance": source}
    made = await define(client, at("claims/one"), body)
    assert {name: made[name] for name in body} == body
    before = len(await events_of(client))
    await define(client, at("claims/one"), body, 200)
    assert len(await events_of(client)) == before
    other = {**body, "value": 30}
    await define(client, at("claims/one"), other, 428)
    assert (await define(client, at("claims/one"), other, 200, headers=version(1)))["version"] == 2
    assert (await get(client, at("claims/one")))["value"] == 30


async def test_claims_are_found_by_indicator_and_by_concept(client):
    await begin(client, "share", "count")
    await define(client, at("claims/one"), {**CLAIM, "concept": "women"})
    await define(client, at("claims/two"), {"text": "Two meetings", "indicator": "count", "value": 2})
    codes = [[c["code"] for c in (await get(client, at("claims") + q))["items"]] for q in ("", "&concept=women")]
    assert codes == [["one", "two"], ["one"]]
    assert [c["code"] for c in (await get(client, at("claims") + "&indicator=count"))["items"]] == ["two"]


async def test_a_custodian_sees_the_claims_of_its_own_indicators_and_of_none(client):
    await begin(client, "share", "foreign")
    for code, more in {
        "own": {},
        "theirs": {"indicator": "foreign"},
        "of-area": {"indicator": None, "place": None, "area": "staff"},
    }.items():
        await define(client, at(f"claims/{code}"), {**CLAIM, **more})
    for caller, seen in (
        (HRD, ["of-area", "own"]),
        (PARDEV, ["of-area", "theirs"]),
        (OPERATOR, ["of-area", "own", "theirs"]),
    ):
        assert [one["code"] for one in (await get(client, at("claims"), **caller))["items"]] == seen
        for code in ("own", "theirs", "of-area"):
            found = await client.get(at(f"claims/{code}"), **caller)
            assert found.status_code == (200 if code in seen else 404)
    assert (await get(client, at("claims") + "&indicator=share", **PARDEV))["items"] == []


async def test_a_custodian_sees_the_rules_that_its_own_indicators_are_held_to(client):
    await begin(client, "share", "foreign")
    alone = {**RULE, "right": [], "constant": 50}
    await define(client, at("rules/own"), RULE)
    await define(client, at("rules/theirs"), {**alone, "left": [{"indicator": "foreign"}]})
    await define(client, at("rules/both"), {**RULE, "right": [{"indicator": "foreign"}]})
    nobody = {"role": "custodian", "units": []}
    for caller, seen in (
        (HRD, ["both", "own"]),
        (PARDEV, ["both", "theirs"]),
        (OPERATOR, ["both", "own", "theirs"]),
        (nobody, []),
    ):
        assert [one["code"] for one in (await get(client, at("rules"), **caller))["items"]] == seen
        for code in ("own", "theirs", "both"):
            found = await client.get(at(f"rules/{code}"), **caller)
            assert found.status_code == (200 if code in seen else 404)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**CLAIM, "phase": "1999"}, "#/phase"),
        ({**CLAIM, "area": "absent"}, "#/area"),
        ({**CLAIM, "indicator": "absent"}, "#/indicator"),
        ({**CLAIM, "place": "region:africa"}, "#/place"),
        ({**without(CLAIM, "phase"), "status": "met"}, "#/phase"),
        ({"text": "met", "status": "met"}, "#/indicator"),
        (without(CLAIM, "denominator"), "#/denominator"),
        (without(CLAIM, "numerator"), "#/numerator"),
        ({**CLAIM, "denominator": 0}, "#/denominator"),
        ({**CLAIM, "concept": "Two Words"}, "#/concept"),
    ],
)
async def test_a_claim_is_about_what_exists(client, body, pointer):
    await begin(client, "share")
    found = await client.put(at("claims/one"), json=body, **OPERATOR)
    assert found.status_code == 422
    assert [error["pointer"] for error in found.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (changed(RULE, "left/0/indicator", "absent"), "#/left/0/indicator"),
        (changed(RULE, "left/0/indicator", "milestone"), "#/left/0/indicator"),
        (changed(RULE, "left/0/place", "region:*"), "#/left/0/place"),
        (changed(RULE, "left/0/place", "portfolio:*"), "#/left/0/place"),
        (changed(RULE, "left/0/place", "portfolio:none"), "#/left/0/place"),
        (changed(RULE, "right", [{"indicator": "share", "phase": "1999"}]), "#/right/0/phase"),
        ({**RULE, "right": []}, "#/right"),
        ({**RULE, "constant": 1}, "#/right"),
        ({**RULE, "operator": "resembles"}, "#/operator"),
    ],
)
async def test_a_rule_is_about_figures_that_exist(client, body, pointer):
    await begin(client, "share", "milestone")
    if pointer == "#/left/0/indicator" and body["left"][0]["indicator"] == "milestone":
        body = {**body, "left": [{"indicator": "milestone"}]}
    found = await client.put(at("rules/one"), json=body, **OPERATOR)
    assert found.status_code == 422
    assert [error["pointer"] for error in found.json()["errors"]] == [pointer]


@pytest.mark.parametrize("name", ["claims", "rules"])
async def test_the_plan_must_exist(client, name):
    found = await client.put(f"{V1}/{name}/one?plan=absent", json=CLAIM if name == "claims" else RULE, **OPERATOR)
    assert found.status_code == 422
    assert [error["parameter"] for error in found.json()["errors"]] == ["plan"]


async def test_a_rule_is_kept_and_stated_once(client):
    await begin(client, "share")
    made = await define(client, at("rules/one"), RULE)
    await define(client, at("rules/one"), RULE, 200)
    assert made["severity"] == "error"
    assert made["left"][0] == {"indicator": "share", "place": "portfolio:policy", "phase": None, "factor": None}
    assert (await get(client, at("rules")))["items"] == [made]
    assert await types_of(client, "small/one") == ["rule-defined"]
    assert (await define(client, at("rules/one"), {**RULE, "title": "-"}, 428))["status"] == 428
