"""The golden numbers of the source documents come out of the API over the loaded data."""

import pytest
from tests.indicators.plan import HRD, NOW, PARDEV, READER, V1, at, begin, define, get, of_kind, record

PROGRAMME = "programme-2020-21"


async def totals(client, code=PROGRAMME, **caller):
    found = await get(client, f"{V1}/plans/{code}/totals", **(caller or READER))
    return {one["area"]: one for one in found["items"]}


@pytest.mark.parametrize(
    ("area", "results", "targets", "per_cent"),
    [
        ("outcome-1", 199, 179, 11.2),
        ("outcome-2", 117, 130, -10),
        ("outcome-3", 102, 114, -10.5),
        ("outcome-4", 90, 69, 30.4),
        ("outcome-5", 92, 76, 21.1),
        ("outcome-6", 59, 84, -29.8),
        ("outcome-7", 167, 164, 1.8),
        ("outcome-8", 70, 58, 20.7),
    ],
)
async def test_results_of_an_outcome_stand_beside_its_targets(documents, area, results, targets, per_cent):
    found = (await totals(documents))[area]
    assert (found["results"], found["targets"], found["per_cent"], found["missing"]) == (results, targets, per_cent, [])


async def test_896_results_are_those_of_the_outcomes_and_of_the_regions(documents):
    found = await totals(documents)
    assert found[None]["results"] == 896
    assert sum(found[f"outcome-{n}"]["results"] for n in range(1, 9)) == 896
    outputs = {code: one["results"] for code, one in found.items() if code and code.startswith("output-")}
    partners = outputs["output-1-1"] + outputs["output-1-2"]
    assert (partners, found["outcome-2"]["results"], 896 - partners - 117) == (115, 117, 664)
    regions = {one["place"].partition(":")[2]: one["results"] for one in found[None]["places"]}
    assert regions == {
        "africa": 329,
        "americas": 186,
        "arab-states": 82,
        "asia-pacific": 195,
        "europe-central-asia": 104,
    }


async def test_indicators_are_counted_above_on_and_below_their_targets(documents):
    found = await totals(documents)
    assert (found["outcome-1"]["above_target"], found["outcome-1"]["indicators"]) == (5, 8)
    assert (found["outcome-8"]["above_target"], found["outcome-8"]["on_or_above_target"]) == (1, 3)


@pytest.mark.parametrize(("code", "total", "regions"), [("4-3-1", 17, [7, 6, 0, 3, 1]), ("4-4-1", 13, [1, 6, 0, 5, 1])])
async def test_regions_of_an_indicator_make_its_total(documents, code, total, regions):
    found = await get(documents, at(f"indicators/{code}/aggregate", PROGRAMME) + f"&phase={NOW}")
    [of_regions] = [item for item in found["items"] if item["by"] == "region"]
    assert [term["value"] for term in of_regions["terms"]] == regions
    assert (of_regions["figure"], of_regions["recorded"], of_regions["difference"]) == (total, total, 0)


async def test_outcome_1_overspent_its_budget_by_31_per_cent(documents):
    found = await get(documents, at("resources/outcome-1", PROGRAMME) + f"&phase={NOW}")
    assert [line["expenditure"] for line in found["lines"]] == [101.1, 42.2, 4.1]
    assert (found["totals"]["budget"]["sum"], found["totals"]["expenditure"]["sum"]) == (112.8, 147.4)
    assert (found["totals"]["all_lines"]["difference"], found["totals"]["all_lines"]["share"]) == (34.6, 30.7)


async def test_the_marker_is_6_48_and_46_per_cent_and_54_at_two_or_three(documents):
    [found] = (await get(documents, f"{V1}/plans/{PROGRAMME}/markers"))["items"]
    shares = {one["level"]: one["share"] for one in found["by_count"]["levels"]}
    assert shares == {1: 46, 2: 48, 3: 6}
    assert (found["by_count"]["share_marked"], found["by_count"]["method"]) == (54, "published_shares")
    assert found["by_expenditure"]["method"] == "none"
    assert len(found["without_distribution"]) == 8


async def test_of_the_regional_marker_targets_only_africas_is_reached(documents):
    found = await get(documents, at("indicators/gender-marker-proposals/progress", "apge-2018-21"))
    reached = {item["place"] for item in found["items"] if item["outlook"]["outlook"] == "reached"}
    assert reached == {"region:africa"}
    by_place = {item["place"]: item for item in found["items"]}
    assert by_place["global"]["attainment"]["per_cent"] == 35.1


async def test_the_share_of_women_is_one_series_over_two_comparable_plans(documents):
    found = await get(documents, at("indicators/women-p5-plus/progress", "hr-strategy-2022-25"))
    points = [point for item in found["items"] for point in item["outlook"]["points"]] if found["items"] else []
    assert 38 in [point["value"] for point in points]
    diff = await get(documents, f"{V1}/plans/hr-strategy-2022-25/diff?with=apge-2018-21")
    [pair] = [one for one in [*diff["changed"], *diff["unchanged"]] if one["code"] == "women-p5-plus"]
    assert pair["comparability"] == "comparable"


async def test_the_plans_of_2008_and_2018_are_not_comparable_where_the_later_says_so(documents):
    diff = await get(documents, f"{V1}/plans/apge-2018-21/diff?with=apge-2008-09")
    pairs = {one["code"]: one for one in [*diff["changed"], *diff["unchanged"]]}
    assert pairs["women-p5-plus"]["comparability"] == "not_comparable"
    assert diff["counts"]["added"] + len(pairs) == 24
    found = await get(documents, at("indicators/women-p5-plus/progress", "apge-2018-21"))
    [item] = found["items"]
    assert len(item["outlook"]["points"]) == 1
    assert item["outlook"]["left_out"][0].startswith("apge-2008-09/professional-posts-parity: not comparable")


def count_of(unit, custodian="HRD"):
    body = {**of_kind("count", operator="at_least", value=5), "aggregation": {"places": "sum"}}
    return {**body, "unit": unit, "custodians": [custodian]}


async def test_the_totals_of_a_plan_are_the_same_for_everybody_and_a_missing_result_is_named(client):
    await begin(client, "share", "foreign")
    for code, unit in (("mine", "HRD"), ("silent", "HRD"), ("theirs", "PARDEV")):
        await define(client, at(f"indicators/{code}"), count_of("meetings", unit))
    await record(client, 7, "mine")
    found = (await totals(client, "small"))[None]
    assert (found["results"], found["targets"], found["missing"]) == (7, 15, ["silent", "theirs"])
    assert (found["summed"], found["not_summed"]) == (["mine", "silent", "theirs"], None)
    for caller in (HRD, PARDEV):
        assert (await totals(client, "small", **caller))[None] == found
    assert (await client.get(f"{V1}/plans/small/totals?phase=1999", **READER)).status_code == 404


async def test_counts_of_unlike_things_are_added_by_unit_unless_the_plans_rule_adds_them(client):
    await begin(client, "share")
    units = {"a": "meetings", "b": "meetings", "c": "events", "d": None, "e": None}
    for value, (code, unit) in enumerate(units.items(), 1):
        await define(client, at(f"indicators/{code}"), count_of(unit))
        await record(client, value, code)
    found = (await totals(client, "small"))[None]
    assert (found["results"], found["targets"], found["difference"], found["deviation"]) == (None,) * 4
    assert "events, meetings, things without a unit are not added up" in found["not_summed"]
    assert [(one["unit"], one["summed"], one["results"], one["per_cent"]) for one in found["by_unit"]] == [
        ("meetings", ["a", "b"], 3, -70),
        ("events", ["c"], 3, -40),
        (None, ["d"], 4, -20),
        (None, ["e"], 5, 0),
    ]
    terms = [{"indicator": code} for code in units]
    await define(
        client, at("rules/results-total"), {"title": "All", "left": terms, "operator": "at_least", "constant": 1}
    )
    found = (await totals(client, "small"))[None]
    assert (found["results"], found["targets"], found["not_summed"]) == (15, 25, None)
