"""Units, plans, indicators, code lists: defined by operators, read by everybody."""

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
    V1,
    at,
    changed,
    get,
)

from indicators.rules.contradictions.amounts import COMPUTED
from indicators.rules.contradictions.counts import AREAS, COUNTED
from shared.events.indicators import ActionKind, ActionState, Kind, Operator, Status
from shared.events.results import NoDataReason, Review


@pytest.mark.parametrize("path", [f"{V1}/units/NONE", f"{V1}/plans/none", at("indicators/none"), at("due", "none")])
async def test_what_is_absent_is_not_found_by_its_own_problem(ready, path):
    answer = await ready.get(path, **READER)
    assert answer.status_code == 404
    assert answer.json()["type"].startswith("urn:apge:problem:no-such-")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("ends", "2017-12-31"),
        ("phases/0/starts", "2017-12-31"),
        ("phases/0/starts", "2020-01-01"),
        ("phases/1/ends", "2022-01-01"),
        ("phases/1/code", BEFORE),
        ("phases/0/vocabulary", "both"),
        ("phases/0/code", "a/b"),
        ("phases/0/hidden", True),
        ("areas/1/code", "staff"),
        ("areas", []),
        ("published", [{"phase": "2016-17", "total": 1, "counts": {"met": 1}, "shares": {}}]),
        ("published", [{"phase": NOW, "total": 10**30, "counts": {"met": 1}, "shares": {}}]),
        ("published", [{"phase": NOW, "total": 1, "counts": {"met": 10**30}, "shares": {}}]),
    ],
)
async def test_a_plan_that_does_not_fit_together_is_refused(ready, path, value):
    refused = await ready.put(f"{V1}/plans/new", json=changed(PLAN_BODY, path, value), **OPERATOR)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"].startswith(f"#/{path.partition('/')[0]}")
    assert (await ready.get(f"{V1}/plans/new", **READER)).status_code == 404


PARTS = INDICATORS["compound"]["targets"][0]["parts"]


@pytest.mark.parametrize(
    ("code", "path", "value", "pointer"),
    [
        ("share", "area", "none", "#/area"),
        ("share", "custodians", [], "#/custodians"),
        ("share", "custodians", ["HRD", "NONE"], "#/custodians/1"),
        ("share", "custodians", ["HRD", "HRD"], "#/custodians/1"),
        ("share", "custodians/0", "hrd", "#/custodians/0"),
        ("share", "kind", "milestone", "#/fed_by"),
        ("share", "kind", "guess", "#/kind"),
        ("share", "targets", None, "#/targets"),
        ("share", "targets/0/phase", "2022-23", "#/targets/0/phase"),
        ("share", "targets/0/place", "region:Africa", "#/targets/0/place"),
        ("share", "targets/0/place", "portfolio:policy", "#/targets/0/place"),
        ("share", "targets/0/operator", "reached", "#/targets/0/operator"),
        ("share", "targets/0/operator", "all_of", "#/targets/0/operator"),
        ("share", "targets/0/value", None, "#/targets/0/value"),
        ("share", "targets/0/value", 100.001, "#/targets/0/value"),
        ("share", "targets/0/value", -1, "#/targets/0/value"),
        ("share", "targets/0/category", "public", "#/targets/0/category"),
        ("share", "targets/0/parts", PARTS, "#/targets/0/parts"),
        ("share", "targets/0/status", "on_track", "#/targets/0/status"),
        ("share", "targets/2/part_of", "region:africa", "#/targets/2/part_of"),
        ("share", "targets/2/part_of", "portfolio:policy", "#/targets/2/part_of"),
        ("share", "earlier", [{"phase": "2016-17", "status": "met", "text": "-"}], "#/earlier/0/phase"),
        ("share", "earlier", [{"phase": BEFORE, "status": "on_track", "text": "-"}], "#/earlier/0/status"),
        ("share", "aggregation", {"places": "sum"}, "#/aggregation/places"),
        ("share", "aggregation", {"places": "ratio", "periods": "sum"}, "#/aggregation/periods"),
        ("share", "minimum", -0.1, "#/minimum"),
        ("share", "maximum", 100.1, "#/maximum"),
        ("share", "direction", "down", "#/targets/0/operator"),
        ("count", "targets/0/operator", "at_most", "#/targets/0/operator"),
        ("milestone", "targets/0/value", 1, "#/targets/0/value"),
        ("milestone", "targets/0/operator", "at_least", "#/targets/0/operator"),
        ("state", "targets/0/category", "secret", "#/targets/0/category"),
        ("state", "targets/0/category", None, "#/targets/0/category"),
        ("state", "categories", None, "#/targets/0/category"),
        ("compound", "targets/0/parts", None, "#/targets/0/parts"),
        ("compound", "targets/0/parts", [], "#/targets/0/parts"),
        ("compound", "targets/0/parts", [PARTS[0], PARTS[0]], "#/targets/0/parts/0/name"),
        ("compound", "targets/0/parts/0/value", None, "#/targets/0/parts/0/value"),
        ("compound", "targets/0/parts/1/value", 1, "#/targets/0/parts/1/value"),
        ("compound", "targets/0/parts/0/operator", "all_of", "#/targets/0/parts/0/value"),
        ("compound", "targets/0/parts/0/weight", 2, "#/targets/0/parts/0/weight"),
    ],
)
async def test_an_indicator_that_does_not_fit_together_is_refused_by_the_field(ready, code, path, value, pointer):
    body = changed(INDICATORS[code], path, value)
    refused = await ready.put(at("indicators/new"), json=body, **OPERATOR)
    assert refused.status_code == 422, refused.text
    assert refused.json()["errors"][0]["pointer"] == pointer
    assert (await ready.get(at("indicators/new"), **READER)).status_code == 404


async def test_an_indicator_of_an_absent_plan_is_refused_by_the_parameter(ready):
    refused = await ready.put(at("indicators/new", "absent"), json=SHARE, **OPERATOR)
    assert refused.status_code == 422
    assert (refused.json()["errors"][0]["parameter"], refused.json()["errors"][0]["value"]) == ("plan", "absent")


async def test_indicators_are_found_by_area_and_custodian_and_a_custodian_sees_its_own(ready):
    async def codes(query="", **caller):
        return {one["code"] for one in (await get(ready, at("indicators") + query, **caller))["items"]}

    assert await codes() == set(INDICATORS)
    assert await codes("&area=oversight") == set()
    assert await codes("&area=staff") == set(INDICATORS)
    assert await codes("&custodian=PARDEV") == {"foreign"}
    assert await codes(**PARDEV) == {"foreign"}
    assert await codes("&custodian=PARDEV", **HRD) == set()
    assert await codes(role="custodian", units=[]) == set()


async def test_a_misspelt_filter_is_refused_by_its_name_and_does_not_answer_with_everything(ready):
    for path in ("indicators", "actions", "due", "indicators/share", "indicators/share/results"):
        refused = await ready.get(at(path) + "&custodians=HRD", **READER)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "custodians")
    for path in ("units", "plans", "code-lists", "units/HRD", f"plans/{PLAN}"):
        refused = await ready.get(f"{V1}/{path}?plan=x", **READER)
        assert (refused.status_code, refused.json()["errors"][0]["value"]) == (400, "x")


async def test_an_action_with_an_unknown_parameter_has_no_effect(ready):
    body = {"phase": NOW, "value": 1}
    refused = await ready.post(at("indicators/share/results") + "&dryrun=1", json=body, **HRD)
    assert refused.status_code == 400
    assert (await get(ready, at("indicators/share/results")))["items"] == []


async def test_pages_of_every_size_give_every_indicator_once_and_in_order(ready):
    for limit in (1, 2, 5, 6, 7):
        seen, after = [], ""
        while True:
            page = await get(ready, at("indicators") + f"&limit={limit}" + after)
            assert len(page["items"]) <= limit
            seen += [one["code"] for one in page["items"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert seen == sorted(INDICATORS)


async def test_units_and_plans_are_paged_too(ready):
    first = await get(ready, f"{V1}/units?limit=2")
    rest = await get(ready, f"{V1}/units?limit=2&after={first['next']}")
    assert [unit["code"] for unit in first["items"] + rest["items"]] == ["HRD", "PARDEV", "PROGRAM"]
    assert rest["next"] is None
    assert [plan["code"] for plan in (await get(ready, f"{V1}/plans?limit=1"))["items"]] == [PLAN]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "after=none", "after=", "after=W10"])
async def test_a_page_that_cannot_be_is_refused_by_the_parameter(ready, query):
    refused = await ready.get(f"{V1}/units?{query}", **READER)
    assert refused.status_code in {400, 422}
    assert refused.json()["errors"][0]["parameter"] == query.partition("=")[0]


async def test_the_code_lists_give_every_code_of_the_contract_a_meaning(ready):
    lists = {one["name"]: one["codes"] for one in (await get(ready, f"{V1}/code-lists"))["items"]}
    contract = {
        "status": Status,
        "kind": Kind,
        "operator": Operator,
        "no_data": NoDataReason,
        "review": Review,
        "action_state": ActionState,
        "action_kind": ActionKind,
    }
    computed = {concept.partition(":")[0] for concept in lists.pop("claim_concept")}
    assert computed == {*COMPUTED, *COUNTED, AREAS}
    assert {name: set(codes) for name, codes in lists.items()} == {
        name: set(codes.__args__) for name, codes in contract.items()
    }
    assert all(meaning for codes in lists.values() for meaning in codes.values())


@pytest.mark.parametrize("path", ["indicators", "actions", "claims", "rules", "resources", "markers"])
async def test_a_list_of_a_plan_that_is_not_there_is_no_empty_list(ready, path):
    answer = await ready.get(at(path, "nowhere"), **OPERATOR)
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:apge:problem:no-such-plan")
