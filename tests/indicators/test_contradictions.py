"""Contradictions are found by rules over what is recorded: each rule alone, and all of them over the data files."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import (
    CLAIM,
    HRD,
    NOW,
    PARDEV,
    PLAN,
    READER,
    SHARE,
    V1,
    at,
    begin,
    define,
    get,
    record,
)

from indicators.rules import contradictions, status
from indicators.rules.contradictions import Facts
from indicators.rules.contradictions.facts import explained
from indicators.rules.figures import cut_off
from indicators.rules.lines import Line
from shared import clock
from shared.events.claims import ClaimState, RuleState
from shared.events.indicators import IndicatorState, PlanState
from shared.events.resources import MarkersState, ResourcesState
from shared.events.results import Result
from shared.figures import round_half_up

PHASE = {"code": NOW, "title": "-", "starts": "2020-01-01", "ends": "2021-12-31", "vocabulary": "end_of_cycle"}
AREAS = [{"code": "one", "title": "-"}, {"code": "one-a", "title": "-", "parent": "one"}, {"code": "two", "title": "-"}]


def indicator(code="i", kind="count", area="one", targets=({"value": 10},), **more):
    base = {"phase": NOW, "place": "global", "operator": "at_least", "text": "-"}
    told = {"plan": PLAN, "code": code, "title": code, "area": area, "kind": kind, "custodians": ["HRD"], **more}
    return IndicatorState.model_validate({**told, "targets": [{**base, **target} for target in targets]})


def lines(of, **results):
    """`results` by the place's last word; a number, or the fields of a result."""
    found = []
    for target in of.targets:
        said = results.get(target.place.rpartition(":")[2].replace("-", "_"))
        fields = said if isinstance(said, dict) else {"value": said}
        told = {"number": 1, "as_of": "2021-12-31", "review": "accepted", "recorded_by": "-", **fields}
        told["value"] = status.derived_value(told.get("numerator"), told.get("denominator"), told.get("value"))
        result = None if said is None else Result.model_validate({**told, "recorded_at": clock.now()})
        phase = PlanState.model_validate(plan()).phases[0]
        word = status.judge(of, target, result, phase.vocabulary)
        found.append(Line(of, phase, target, () if result is None else (result,), result, word))
    return found


def plan(**more):
    said = {"code": PLAN, "title": "-", "starts": "2020-01-01", "ends": "2021-12-31", "phases": [PHASE], "areas": AREAS}
    return {**said, **more}


def claims(*given_claims):
    return [
        ClaimState.model_validate({"plan": PLAN, "code": f"c{n}", "text": "-", **claim})
        for n, claim in enumerate(given_claims)
    ]


def found(of=(), *, said=(), more=(), code=PLAN, **kinds):
    facts = Facts(PlanState.model_validate(plan(code=code, **kinds.pop("plan", {}))), list(of), claims(*said), **kinds)
    return [(item.rule, item.severity) for item in contradictions.find([facts, *more])]


SHARE_RULE = "share-beside-counts"


@pytest.mark.parametrize(
    ("value", "counts", "severity"),
    [
        ("16", (3, 10), "contradiction"),
        ("30", (3, 10), None),
        ("50.8", (29, 57), "rounding"),
        ("50.9", (29, 57), None),
        ("51", (29, 57), None),
        ("50", (29, 57), "rounding"),
        ("49.9", (29, 57), "contradiction"),
        ("0.1", (1, 1000), None),
    ],
)
def test_a_share_is_held_to_its_counts_at_the_precision_it_was_printed_with(value, counts, severity):
    said = {"value": value, "numerator": counts[0], "denominator": counts[1]}
    assert found(said=[said]) == ([] if severity is None else [(SHARE_RULE, severity)])


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 3))
def test_a_figure_rounded_half_up_is_never_held_against_its_source(part, whole, places):
    exact = Fraction(part * 100, whole)
    assert explained(round_half_up(exact, places), exact) == "half_up"
    assert explained(cut_off(exact, places), exact) in ("half_up", "truncated")
    assert explained(round_half_up(exact, places) + 2, exact) is None


def headline(counts, shares, total=57):
    return {"plan": {"published": [{"phase": NOW, "total": total, "counts": counts, "shares": shares}]}}


def test_published_counts_add_to_their_total_and_shares_to_a_hundred_but_for_rounding():
    words = {"high": 29, "middle": 21, "low": 7}
    assert found(**headline(words, {})) == []
    assert found(**headline(words, {}, 58)) == [("counts-add-to-total", "contradiction")]
    assert found(**headline(words, {"high": "50.9", "middle": "36.8", "low": "12.3"})) == []
    assert found(**headline(words, {"high": "50.8", "middle": "36.8", "low": "12.2"})) == [
        ("headline-share", "rounding"),
        ("headline-share", "rounding"),
        ("headline-shares-make-100", "contradiction"),
    ]
    thirds = {"high": 1, "middle": 1, "low": 1}
    assert found(**headline(thirds, dict.fromkeys(thirds, "33"), 3)) == []


def test_headlines_are_held_to_the_targets_that_are_known():
    of = [*lines(indicator("a"), **{"global": 10}), *lines(indicator("b"), **{"global": 9})]
    assert found(of, **headline({"met": 1, "not_met": 1}, {}, 2)) == []
    assert found(of, **headline({"met": 2, "not_met": 0}, {}, 2)) == [("headline-beside-targets", "contradiction")]
    assert found(of, **headline({"met": 2, "not_met": 3}, {}, 5)) == [("headline-beside-targets", "coverage")]


PARTS = [{"value": 50}, *({"value": 50, "place": f"portfolio:{p}", "part_of": "global"} for p in ("policy", "reform"))]


def test_a_share_of_parts_is_drawn_from_their_counts_and_never_averaged():
    of = indicator(kind="percentage", targets=PARTS)
    policy, reform = {"numerator": 1, "denominator": 2}, {"numerator": 2, "denominator": 8}
    assert found(lines(of, **{"global": 30, "policy": policy, "reform": reform})) == []
    # 37.5 is the average of 50 and 25
    assert found(lines(of, **{"global": "37.5", "policy": policy, "reform": reform})) == [
        ("parts-and-whole", "contradiction")
    ]
    assert found(lines(of, **{"global": 16, "policy": policy})) == []
    assert found(lines(of, **{"global": 16, "policy": policy, "reform": 40})) == []
    late = {**reform, "as_of": "2021-06-30"}
    assert found(lines(of, **{"global": 16, "policy": policy, "reform": late})) == []


def test_counts_of_parts_add_to_their_whole_and_places_beside_each_other_do_not():
    of = indicator(targets=PARTS)
    assert found(lines(of, **{"global": 1, "policy": 0, "reform": 1})) == []
    assert found(lines(of, **{"global": 0, "policy": 0, "reform": 1})) == [("parts-and-whole", "contradiction")]
    beside = indicator(targets=[{"value": 5}, {"value": 5, "place": "region:africa"}])
    assert found(lines(beside, **{"global": 1, "africa": 4})) == []


def test_a_breakdown_adds_to_its_whole_where_the_indicator_says_so():
    dimension = {"code": "region", "categories": ["africa", "americas"]}
    cells = [{"dimension": "region", "category": c, "value": v} for c, v in (("africa", 7), ("americas", 9))]
    of = indicator(disaggregation=[dimension], aggregation={"places": "sum"})
    assert found(lines(of, **{"global": {"value": 16, "breakdown": cells}})) == []
    assert found(lines(of, **{"global": {"value": 17, "breakdown": cells}})) == [
        ("breakdown-and-whole", "contradiction")
    ]
    assert found(lines(of, **{"global": {"value": 17, "breakdown": cells[:1]}})) == []
    loose = indicator(disaggregation=[dimension], aggregation={"places": "none"})
    assert found(lines(loose, **{"global": {"value": 17, "breakdown": cells}})) == []


def marked(*shares, counts=()):
    levels = [{"level": n, "share": share} for n, share in enumerate(shares, 1)]
    for level, count in zip(levels, counts, strict=False):
        level["count"] = count
    told = {"plan": PLAN, "phase": NOW, "population": "results", "levels": levels}
    return {"markers": [MarkersState.model_validate(told)]}


def test_shares_of_marker_levels_make_a_hundred_and_are_held_to_their_counts():
    assert found(**marked(46, 48, 6)) == []
    assert found(**marked(46, 48, 5)) == []
    assert found(**marked(46, 48, 1)) == [("marker-shares-make-100", "contradiction")]
    assert found(**marked(50, 50, counts=(10, 10))) == []
    assert found(**marked(60, 40, counts=(10, 10))) == [("marker-share", "contradiction")] * 2


def money(budget, expenditure=None, area="one"):
    lines_of = [{"source": f"Source {n}", "budget": b, "expenditure": b} for n, b in enumerate((101.8, 11.0))]
    lines_of.append({"source": "Other", "budget": None, "expenditure": 4.1})
    told = {"plan": PLAN, "phase": NOW, "area": area, "unit": "US$", "lines": lines_of}
    return ResourcesState.model_validate({**told, "published_budget": budget, "published_expenditure": expenditure})


def test_budget_lines_add_to_the_published_total_and_rounding_is_told_apart():
    assert found(resources=[money("112.8", "116.9")]) == []
    assert found(resources=[money("112.9")]) == [("budget-lines-and-total", "rounding")]
    assert found(resources=[money("115.8")]) == [("budget-lines-and-total", "contradiction")]
    assert found(resources=[money(None)]) == []


def test_rules_of_the_plan_are_held_to_what_stands():
    rule = RuleState.model_validate(
        {"plan": PLAN, "code": "sum", "title": "-", "left": [{"indicator": "a"}, {"indicator": "b"}]}
        | {"operator": "equals", "constant": 19}
    )
    of = [*lines(indicator("a"), **{"global": 10}), *lines(indicator("b"), **{"global": 9})]
    assert found(of, rules=[rule]) == []
    assert found(of, rules=[rule.model_copy(update={"constant": Decimal(20)})]) == [("rule:sum", "contradiction")]
    assert found(of[:1], rules=[rule.model_copy(update={"constant": Decimal(20)})]) == []


ABOUT = {"indicator": "i", "phase": NOW}


def test_a_claimed_status_is_held_to_the_row_in_either_vocabulary():
    of = lines(indicator(), **{"global": 9})
    assert found(of, said=[{**ABOUT, "status": "not_met"}, {**ABOUT, "status": "not_on_track"}]) == []
    assert found(of, said=[{**ABOUT, "status": "met"}]) == [("claimed-status", "contradiction")]
    assert found(of, said=[{**ABOUT, "status": "on_track"}]) == [("claimed-status", "contradiction")]
    assert found(of, said=[{**ABOUT, "status": "met", "place": "region:africa"}]) == []


def test_a_status_claimed_as_of_a_day_is_held_to_what_stood_then():
    of = lines(indicator(), **{"global": {"value": 10, "as_of": "2021-12-31"}})
    assert found(of, said=[{**ABOUT, "status": "met", "as_of": "2021-12-31"}]) == []
    assert found(of, said=[{**ABOUT, "status": "data_unavailable", "as_of": "2020-12-31"}]) == []
    assert found(of, said=[{**ABOUT, "status": "met", "as_of": "2020-12-31"}]) == [("claimed-status", "contradiction")]


def test_a_claimed_figure_is_held_to_the_result_of_its_day():
    of = lines(indicator(), **{"global": 9})
    assert found(of, said=[{**ABOUT, "value": 9}]) == []
    assert found(of, said=[{**ABOUT, "value": 8}]) == [("claimed-figure", "contradiction")]
    assert found(of, said=[{**ABOUT, "value": 8, "as_of": "2021-12-31"}]) == [("claimed-figure", "contradiction")]
    assert found(of, said=[{**ABOUT, "value": 8, "as_of": "2020-12-31"}]) == [("claimed-figure", "change")]
    assert found(of, said=[{**ABOUT, "value": 8, "concept": "a-part-of-it"}]) == []


def test_an_earlier_status_is_held_to_the_figures_of_its_phase():
    earlier = [{"phase": NOW, "status": "not_met", "text": "not met"}]
    assert found(lines(indicator(earlier=earlier), **{"global": 9})) == []
    assert found(lines(indicator(earlier=earlier), **{"global": 10})) == [("earlier-status", "contradiction")]
    after = {"value": 10, "as_of": "2022-06-30"}
    assert found(lines(indicator(earlier=earlier), **{"global": after})) == [("earlier-status", "change")]


OF_AREAS = [
    *lines(indicator("a", area="one"), **{"global": 11}),
    *lines(indicator("b", area="one-a"), **{"global": 10}),
    *lines(indicator("c", area="two"), **{"global": 9}),
]


@pytest.mark.parametrize(
    ("concept", "area", "count", "of"),
    [
        ("indicators-above-target", "one", 1, 2),
        ("indicators-on-or-above-target", "one", 2, 2),
        ("indicators-below-target", "two", 1, 1),
        ("indicators-on-or-above-target", None, 2, 3),
    ],
)
def test_indicators_are_recounted_in_an_area_and_below_it(concept, area, count, of):
    said = {"concept": concept, "area": area, "phase": NOW}
    assert found(OF_AREAS, said=[{**said, "numerator": count, "denominator": of}]) == []
    assert found(OF_AREAS, said=[{**said, "value": count}]) == []
    for wrong in ({"numerator": count + 1, "denominator": of}, {"numerator": count, "denominator": of + 1}):
        assert found(OF_AREAS, said=[{**said, **wrong}]) == [("recount-of-indicators", "contradiction")]


def test_areas_below_one_are_recounted_by_what_their_results_add_up_to():
    tree = [{"code": "top", "title": "-"}, *({"code": c, "title": "-", "parent": "top"} for c in ("x", "y"))]
    summed = {"aggregation": {"places": "sum"}}
    of = [
        *lines(indicator("a", area="x", **summed), **{"global": 12}),
        *lines(indicator("b", area="x", **summed), **{"global": 8}),
        *lines(indicator("c", area="y", **summed), **{"global": 9}),
    ]
    said = {"concept": "areas-on-or-above-target", "area": "top", "phase": NOW}
    assert found(of, said=[{**said, "numerator": 1, "denominator": 2}], plan={"areas": tree}) == []
    assert found(of, said=[{**said, "numerator": 2, "denominator": 2}], plan={"areas": tree}) == [
        ("recount-of-areas", "contradiction")
    ]
    assert found(of[:2], said=[{**said, "value": 2}], plan={"areas": tree}) == []


SUMMED = [
    *lines(indicator("a", aggregation={"places": "sum"}), **{"global": 199}),
    *lines(indicator("b", area="two", aggregation={"places": "sum"}, targets=[{"value": 84}]), **{"global": 59}),
    *lines(indicator("cases", area="two", aggregation={"places": "none"}), **{"global": 44}),
]
DEVIATION = {"concept": "deviation-from-target", "value": 11, "unit": "per cent"}


@pytest.mark.parametrize(
    ("claim", "wrong"),
    [
        ({**DEVIATION, "numerator": 199, "denominator": 179}, 12),
        ({**DEVIATION, "area": "two", "value": -30}, -25),
        ({**DEVIATION, "area": "two", "value": "-29.8"}, 30),
        ({"concept": "shortfall-from-target", "area": "two", "value": 25}, 24),
        ({"concept": "results-total", "area": "two", "value": 59}, 103),
        ({"concept": "results-total", "value": 258}, 302),
        ({"concept": "targets-total", "area": "two", "value": 84}, 94),
        ({"concept": "budget-total", "area": "one", "value": "112.8"}, 116),
        ({"concept": "expenditure-total", "area": "one", "value": "116.9"}, 112),
        ({"concept": "expenditure:source-1", "value": 11}, 10),
        ({"concept": "deviation-from-budget", "area": "one", "value": 4, "unit": "per cent"}, 31),
        ({"concept": "share-of-expenditure:source-0", "area": "one", "value": 87, "unit": "per cent"}, 70),
    ],
)
def test_claimed_amounts_are_held_to_the_figures(claim, wrong):
    claim = {**claim, "phase": NOW}
    rest = {"resources": [money(None)]}
    assert found(SUMMED, said=[claim], **rest) == []
    rule = "claimed-" + claim["concept"].partition(":")[0]
    assert found(SUMMED, said=[{**claim, "value": wrong}], **rest) == [(rule, "contradiction")]


def test_the_parts_of_a_compound_result_are_added_up_where_all_are_numbers():
    parts = [{"name": name, "operator": "at_least", "value": 50} for name in ("quality", "focus")]
    of = indicator("c", kind="compound", targets=[{"operator": "all_of", "parts": parts}])
    held = lines(of, **{"global": {"parts": [{"name": "quality", "value": 90}, {"name": "focus", "value": 75}]}})
    said = {"concept": "deviation-from-target", "indicator": "c", "phase": NOW, "unit": "per cent"}
    assert found(held, said=[{**said, "value": 65}]) == []
    assert found(held, said=[{**said, "value": 55}]) == [("claimed-deviation-from-target", "contradiction")]
    open_part = lines(
        of, **{"global": {"parts": [{"name": "quality", "value": 90}, {"name": "focus", "reached": True}]}}
    )
    assert found(open_part, said=[{**said, "value": 55}]) == []


def test_what_cannot_be_computed_contradicts_nothing():
    said = [
        {"concept": "expenditure-total", "area": "two", "value": 1},
        {"concept": "results-total", "area": "one-a", "value": 1},
    ]
    assert found(SUMMED, said=said, resources=[money(None)]) == []
    missing = lines(indicator("a", aggregation={"places": "sum"}))
    assert found(missing, said=[{"concept": "results-total", "value": 1}]) == []


def other(*said):
    return Facts(
        PlanState.model_validate(plan(code="other")),
        [],
        [c.model_copy(update={"plan": "other"}) for c in claims(*said)],
    )


def test_one_concept_with_two_values_of_a_day_contradicts_and_of_two_days_has_changed():
    said = {"concept": "audits", "value": 27, "as_of": "2007-09-30"}
    assert found(said=[said], more=[other(said)]) == []
    assert found(said=[said], more=[other({**said, "value": 28})]) == [("one-concept-two-values", "contradiction")]
    assert found(said=[said], more=[other({**said, "value": 28, "as_of": "2008-09-30"})]) == [
        ("one-concept-over-time", "change")
    ]
    assert found(said=[said], more=[other({**said, "value": "27.3"})]) == []
    assert (
        found(said=[said], more=[other({**said, "value": 28, "unit": "days"}), other({**said, "unit": "audits"})]) != []
    )
    assert found(said=[{**said, "unit": "audits"}], more=[other({**said, "value": 28, "unit": "days"})]) == []


def test_an_indicator_that_is_named_like_a_concept_is_one_of_its_sources():
    of = lines(indicator("women", kind="percentage"), **{"global": 38})
    said = {"concept": "women", "value": "37.1", "as_of": "2021-12-31"}
    assert found(of, said=[said]) == [("one-concept-two-values", "contradiction")]
    assert found(of, said=[{**said, "as_of": "2022-12-31"}]) == [("one-concept-over-time", "change")]


async def listed(client, query="", **caller):
    return (await get(client, f"{V1}/contradictions{query}", **(caller or READER)))["items"]


async def test_each_item_says_what_is_said_where_what_is_computed_from_what_and_the_difference(client):
    await begin(client, "share")
    source = {"document": "apge", "table": "Appendix", "row": "8", "column": "2020 results"}
    await define(client, at("claims/one"), {**CLAIM, "provenance": source, "concept": "chiefs"})
    [item] = await listed(client)
    assert (item["rule"], item["severity"], item["plan"]) == (SHARE_RULE, "contradiction", PLAN)
    assert item["said"][0]["of"] == f"claim/{PLAN}/one"
    assert item["said"][0]["provenance"] == source
    assert (item["computed"], item["exact"], item["difference"]) == (30, "30", -14)
    assert item["inputs"] == [{"of": "counts", "words": "3 of 10"}]
    assert item["words"] == "'Three of ten, 16 per cent' says 16 per cent; the figures give 30 per cent"


async def test_a_contradiction_goes_when_the_row_is_mended(client):
    await begin(client, "share")
    await define(client, at("claims/one"), {"text": "met", "indicator": "share", "phase": NOW, "status": "on_track"})
    await record(client, 44)
    assert [item["rule"] for item in await listed(client)] == ["claimed-status"]
    await record(client, 45)
    assert await listed(client) == []


async def test_a_custodian_sees_contradictions_of_its_own_units_indicators(client):
    await begin(client, "share", "foreign")
    for code in ("share", "foreign"):
        await define(client, at(f"claims/{code}"), {**CLAIM, "indicator": code, "concept": "chiefs"})
    assert [item["indicators"] for item in await listed(client, **PARDEV)] == [["foreign"]]
    assert [item["indicators"] for item in await listed(client, **HRD)] == [["share"]]
    assert len(await listed(client)) == 2
    assert SHARE["custodians"] == ["HRD"]


async def test_one_plan_or_all_and_an_absent_one_is_absent(client):
    await begin(client, "share")
    await define(client, at("claims/one"), {**CLAIM, "concept": "chiefs"})
    assert len(await listed(client, f"?plan={PLAN}")) == 1
    assert (await client.get(f"{V1}/contradictions?plan=absent", **READER)).status_code == 404


async def items_of(client, plan_code):
    found_items = await listed(client, f"?plan={plan_code}")
    return {(item["rule"], item["said"][0]["text"]): item for item in found_items}


async def test_the_source_documents_contradict_themselves_in_more_than_a_dozen_places(documents):
    hard = [item for item in await listed(documents) if item["severity"] in ("contradiction", "rounding")]
    assert len(hard) > 12
    assert len({item["rule"] for item in hard}) >= 8
    for item in hard:
        assert item["words"]
        assert item["said"]


async def test_29_of_57_was_cut_off_and_three_of_ten_is_not_16_per_cent(documents):
    found_items = await items_of(documents, "apge-2018-21")
    cut = found_items["headline-share", "on_track 2020-21: 29 of 57, 50.8 per cent"]
    assert (cut["severity"], cut["reproduced_by"], cut["computed"]) == ("rounding", "truncated", 50.9)
    chiefs = found_items["parts-and-whole", "16 per cent"]
    assert (chiefs["severity"], chiefs["computed"], chiefs["difference"]) == ("contradiction", 30, -14)
    assert [one["words"] for one in chiefs["inputs"]] == [
        "50 per cent (1 of 2)",
        "100 per cent (2 of 2)",
        "0 per cent (0 of 6)",
    ]


async def test_the_programme_report_counts_seven_of_seven_where_one_part_of_one_fails(documents):
    found_items = await items_of(documents, "programme-2020-21")
    [recount] = [item for (rule, _), item in found_items.items() if rule == "recount-of-indicators"]
    assert (recount["computed"], recount["difference"]) == (6, 1)
    statuses = [item for (rule, _), item in found_items.items() if rule == "claimed-status"]
    assert {item["indicators"][0] for item in statuses} == {"2-2-1", "6-3-1"}


async def test_figures_that_agree_are_not_listed(documents):
    """199 of 179 is 11 per cent, 147.4 of 112.8 is 31 per cent, 896 is 115 + 117 + 664, and 59 is 25 short of 84."""
    told = {
        one["of"].rpartition("/")[2]
        for item in await listed(documents, "?plan=programme-2020-21")
        for one in item["said"]
    }
    agreeing = {
        "outcome-1-results-over-target",
        "outcome-1-deviation-from-budget",
        "results",
        "outcome-6-results-short-of-target",
    }
    known = {claim["code"] for claim in await claims_of(documents)}
    assert agreeing <= known
    assert not agreeing & told


async def claims_of(client):
    items, after = [], ""
    while after is not None:
        page = await get(client, f"{V1}/claims?plan=programme-2020-21&limit=500{after and '&after=' + after}")
        items, after = [*items, *page["items"]], page["next"]
    return items
