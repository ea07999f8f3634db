"""What is asked of a result beyond its own form: parts and wholes, rules between values, figures unlike those before."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import (
    HRD,
    NOW,
    OPERATOR,
    at,
    begin,
    define,
    get,
    line_of,
    of_kind,
    record,
    results_of,
    rows_of,
    version,
)

from indicators.rules.outliers import outliers

REGIONS = ["africa", "americas"]
TARGET = {"phase": NOW, "operator": "at_least", "value": 5, "text": "-"}


def broken_down(kind="count", places="sum", **more):
    dimension = {"code": "region", "categories": REGIONS}
    base = {**of_kind(kind), "aggregation": {"places": places, "periods": "latest"}, "disaggregation": [dimension]}
    return {**base, "targets": [{**TARGET, "place": "global"}], **more}


def cells(*values, **more):
    return [{"dimension": "region", "category": c, "value": v, **more} for c, v in zip(REGIONS, values, strict=False)]


async def one(client, body=None):
    await begin(client, "share")
    await define(client, at("indicators/one"), body or broken_down())


async def test_regions_that_do_not_add_to_the_total_refuse_the_result_with_both_sums(client):
    await one(client)
    before = await rows_of(client)
    found = await record(client, 17, "one", 422, breakdown=cells(7, 9))
    assert found["type"] == "urn:apge:problem:rule-not-held"
    [error] = found["errors"]
    assert (error["pointer"], error["value"]) == (
        "#/breakdown",
        {"rule": "parts-add-to-total", "left": 16, "right": 17},
    )
    assert "add up to 16, the whole is 17" in error["detail"]
    assert await rows_of(client) == before
    assert (await record(client, 16, "one", breakdown=cells(7, 9)))["warnings"] == []


async def test_a_breakdown_with_a_missing_category_is_no_more_than_the_total(client):
    await one(client)
    await record(client, 17, "one", breakdown=cells(7))
    found = await record(client, 17, "one", 422, breakdown=cells(18))
    assert "already add up to 18" in found["detail"]


async def test_percentages_of_regions_are_held_to_no_sum_and_their_counts_to_one(client):
    await one(client, broken_down("percentage", "none"))
    await record(client, 40, "one", breakdown=cells(40, 34))
    await define(client, at("indicators/two"), broken_down("percentage", "ratio"))
    counts = [{"dimension": "region", "category": c, "numerator": 2, "denominator": 5} for c in REGIONS]
    await record(client, None, "two", numerator=4, denominator=10, breakdown=counts)
    found = await record(client, None, "two", 422, numerator=5, denominator=10, breakdown=counts)
    assert [error["value"]["left"] for error in found["errors"]] == [4]


@pytest.mark.parametrize(
    ("breakdown", "pointer"),
    [
        ([{"dimension": "sex", "category": "F", "value": 1}], "#/breakdown/0/dimension"),
        ([{"dimension": "region", "category": "asia", "value": 1}], "#/breakdown/0/category"),
        (cells(1) + cells(2), "#/breakdown/1/category"),
        ([{"dimension": "region", "category": "africa"}], "#/breakdown/0/value"),
        ([{"dimension": "region", "category": "africa", "numerator": 1}], "#/breakdown/0/denominator"),
        (cells(-1), "#/breakdown/0/value"),
        (cells(1.5), "#/breakdown/0/value"),
        ([{"dimension": "region", "category": "africa", "numerator": 1, "denominator": 2}], "#/breakdown/0/numerator"),
    ],
)
async def test_a_cell_is_of_a_declared_category_and_a_possible_figure(client, breakdown, pointer):
    await one(client)
    found = await record(client, 7, "one", 422, breakdown=breakdown)
    assert [error["pointer"] for error in found["errors"]] == [pointer]


def with_targets():
    places = ["global", *(f"region:{name}" for name in REGIONS)]
    return broken_down(disaggregation=[], targets=[{**TARGET, "place": place} for place in places])


async def test_a_total_is_refused_beside_regions_of_the_same_day_and_a_region_warns(client):
    await one(client, with_targets())
    await record(client, 7, "one", place="region:africa")
    await record(client, 99, "one")
    found = await record(client, 9, "one", place="region:americas")
    assert [warning["rule"] for warning in found["warnings"]] == ["parts-add-to-total"]
    refused = await record(client, 17, "one", 422)
    assert "2 places add up to 16, the whole is 17" in refused["detail"]
    assert (await record(client, 16, "one"))["warnings"] == []
    assert (await record(client, 30, "one", as_of="2020-09-30"))["warnings"] == []


def rule(**more):
    left = [{"indicator": "one", "place": "region:africa"}, {"indicator": "one", "place": "region:americas"}]
    return {"title": "Both are the whole", "left": left, "operator": "equals", "right": [{"indicator": "one"}], **more}


async def test_a_rule_that_fails_refuses_and_is_told_with_the_values_of_both_sides(client):
    await one(client, with_targets() | {"aggregation": None})
    await define(client, at("rules/sum"), rule())
    await record(client, 7, "one", place="region:africa")
    await record(client, 9, "one", place="region:americas")
    found = await record(client, 17, "one", 422)
    assert [error["value"] for error in found["errors"]] == [{"rule": "sum", "left": 16, "right": 17}]
    assert "the left side gives 16, and asked is that it is 17" in found["detail"]
    await record(client, 16, "one")


async def test_a_rule_of_less_weight_warns_and_refuses_nothing(client):
    await one(client, with_targets() | {"aggregation": None})
    await define(client, at("rules/sum"), rule(severity="warning", right=[], constant=20, operator="at_least"))
    await record(client, 7, "one", place="region:africa")
    found = await record(client, 9, "one", place="region:americas")
    [warning] = found["warnings"]
    assert (warning["rule"], warning["left"], warning["right"]) == ("sum", 16, 20)
    terms = warning["compared"]["left"]["terms"]
    assert [(term["place"], term["value"]) for term in terms] == [("region:africa", 7), ("region:americas", 9)]


async def test_a_rule_with_a_missing_figure_neither_holds_nor_fails(client):
    await one(client, with_targets() | {"aggregation": None})
    await define(client, at("rules/sum"), rule())
    await record(client, 17, "one")
    await record(client, None, "one", place="region:africa", no_data="not_reported")
    assert (await record(client, 9, "one", place="region:americas"))["warnings"] == []


async def test_a_rule_may_weigh_its_terms_and_reads_regions_from_the_breakdown(client):
    await one(client)
    left = [{"indicator": "one", "place": "region:*", "factor": 2}]
    await define(client, at("rules/twice"), rule(left=left, right=[], constant=32))
    await record(client, 16, "one", breakdown=cells(7, 9))
    found = await record(client, 17, "one", 422, breakdown=cells(8, 9))
    assert found["errors"][0]["value"]["left"] == 34


async def test_a_late_figure_of_an_earlier_day_is_held_to_no_rule_of_what_stands(client):
    await one(client)
    await define(
        client, at("rules/limit"), rule(left=[{"indicator": "one"}], operator="at_most", right=[], constant=10)
    )
    await record(client, 5, "one", as_of="2020-09-30")
    await record(client, 50, "one", as_of="2020-03-31")
    await record(client, 50, "one", 422, as_of="2020-12-31")


async def trial(client, status=200, code="share", **body):
    done = await client.post(
        results_of(code) + "&dry_run=true", json={"phase": NOW, "as_of": "2020-06-30", **body}, **HRD
    )
    assert done.status_code == status, done.text
    return done.json()


async def test_a_trial_says_what_the_status_would_be_and_records_nothing(client):
    await begin(client, "share", "foreign")
    await record(client, 30)
    before = await rows_of(client)
    found = await trial(client, value=50)
    assert (found["dry_run"], found["before"], found["status"]) == (True, "not_on_track", "on_track")
    assert (found["changed"]["number"], found["changed"]["supersedes"]) == (2, 1)
    assert await rows_of(client) == before
    await trial(client, 422, value=101)
    await trial(client, 404, "foreign", value=1)
    assert (await line_of(client))["version"] == 1
    assert (await record(client, 50))["status"] == found["status"]


async def test_a_trial_is_refused_as_the_result_would_be_and_warns_as_it_would(client):
    await one(client)
    refused = await trial(client, 422, "one", value=17, breakdown=cells(7, 9))
    assert refused["type"] == "urn:apge:problem:rule-not-held"
    for day in range(1, 8):
        await record(client, 10 + day % 2, "one", as_of=f"2020-06-0{day}")
    found = await trial(client, code="one", value=95)
    assert {warning["rule"] for warning in found["warnings"]} == {
        "outlier-min-max",
        "outlier-z-score",
        "outlier-modified-z-score",
    }
    recorded = await record(client, 95, "one")
    assert recorded["warnings"] == found["warnings"]
    assert (await get(client, results_of("one")))["items"][0]["results"][-1]["value"] == 95


async def test_a_result_of_a_day_before_the_plan_begins_is_refused_and_names_the_day(client):
    await begin(client, "share")
    for day, status in (("1990-01-01", 422), ("2017-12-31", 422), ("2018-01-01", 201)):
        found = await record(client, 46, status=status, phase="2018-19", as_of=day)
        if status != 201:
            detail = "is before the plan begins, 2018-01-01"
            assert found["errors"] == [{"pointer": "#/as_of", "value": day, "detail": detail}]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        ("2019-12-31", ["2019-12-31 is before the phase 2020-21 begins, 2020-01-01"]),
        ("2020-01-01", []),
        ("2021-12-31", []),
        ("2022-01-01", ["2022-01-01 is after the phase 2020-21 ends, 2021-12-31"]),
    ],
)
async def test_a_result_of_a_day_outside_its_phase_is_warned_of_and_recorded(client, day, words):
    await begin(client, "share")
    found = await record(client, 46, as_of=day)
    assert [(one["rule"], one["pointer"], one["words"]) for one in found["warnings"]] == [
        ("as-of-outside-phase", "#/as_of", told) for told in words
    ]


async def test_figures_of_another_definition_do_not_make_a_figure_unusual(client):
    await one(client)
    for day in range(1, 8):
        await record(client, 10 + day % 2, "one", as_of=f"2020-06-0{day}")
    again = broken_down(definition="Posts, and not persons")
    await define(client, at("indicators/one"), again, 200, headers=version(1))
    assert (await record(client, 95, "one"))["warnings"] == []


def rules_of(figure, *before):
    return [found.rule for found in outliers(Fraction(figure), [Fraction(one) for one in before], "")]


def test_too_few_figures_tell_nothing():
    assert rules_of(10**6, 1, 2, 3, 4) == []
    assert rules_of(10**6, 1, 2, 3, 4, 5) != []


def test_figures_that_were_always_the_same_make_another_one_unusual_by_span_alone():
    assert rules_of(6, 5, 5, 5, 5, 5) == ["outlier-min-max"]
    assert rules_of(5, 5, 5, 5, 5, 5) == []


def test_one_wild_figure_before_hides_from_the_mean_and_not_from_the_median():
    before = [10, 11, 10, 12, 11, 10, 500]
    assert rules_of(100, *before) == ["outlier-modified-z-score"]


@given(st.lists(st.fractions(-100, 100), min_size=5, max_size=12), st.fractions(-1000, 1000), st.fractions(-50, 50))
def test_what_is_unusual_stays_so_when_all_figures_are_moved(before, figure, by):
    moved = [one + by for one in before]
    assert rules_of(figure, *before) == rules_of(figure + by, *moved)


@given(st.lists(st.fractions(-100, 100), min_size=5, max_size=12))
def test_a_figure_between_those_before_is_never_out_of_their_span(before):
    assert "outlier-min-max" not in rules_of((min(before) + max(before)) / 2, *before)


async def upload(client, rows, status=200, query=""):
    rows = [{"indicator": "one", "phase": NOW, "as_of": "2020-06-30", **row} for row in rows]
    done = await client.post(at("results") + query, json={"results": rows}, **HRD)
    assert done.status_code == status, done.text
    return done.json()


async def test_rows_of_an_upload_are_held_to_the_rules_together(client):
    await one(client, with_targets() | {"aggregation": None})
    await define(client, at("rules/sum"), rule())
    places = ("global", "region:africa", "region:americas")
    rows = [{"place": place, "value": value} for place, value in zip(places, (16, 7, 9), strict=True)]
    assert (await upload(client, rows, query="&dry_run=true"))["counts"] == {"would_create": 3}
    assert (await upload(client, rows))["counts"] == {"created": 3}
    # each alone would break the rule, and both together keep it
    both = [{"place": "global", "value": 20}, {"place": "region:africa", "value": 11}]
    assert (await upload(client, both))["counts"] == {"changed": 2}
    refused = await upload(client, [{"place": "global", "value": 21}], 422)
    [why] = refused["items"][0]["refused"]
    assert why["rule"] == "sum"
    assert "the left side gives 20, and asked is that it is 21" in why["detail"]


async def test_what_a_document_published_is_recorded_as_it_stands_there_and_warned_of(client):
    await one(client, with_targets())
    places = ("global", "region:africa", "region:americas")
    rows = [
        {"indicator": "one", "phase": NOW, "as_of": "2020-06-30", "place": place, "value": value}
        for place, value in zip(places, (17, 7, 9), strict=True)
    ]
    refused = await client.post(at("results"), json={"results": rows}, **HRD)
    assert refused.status_code == 422
    done = await client.post(at("results") + "&published=true", json={"results": rows}, **OPERATOR)
    assert done.status_code == 200, done.text
    assert done.json()["items"][0]["warnings"] == ["region: 2 places add up to 16, the whole is 17"]


async def test_a_row_of_an_upload_is_warned_of_as_a_single_result_is(client):
    await one(client)
    for day in range(1, 7):
        await record(client, 10 + day % 2, "one", as_of=f"2020-05-0{day}")
    found = await upload(client, [{"value": 95}], query="&dry_run=true")
    assert any("modified z-score" in warning for warning in found["items"][0]["warnings"])
    refused = await upload(client, [{"value": 17, "breakdown": cells(7, 9)}], 422)
    assert refused["items"][0]["refused"][0]["rule"] == "parts-add-to-total"


async def test_an_indicator_without_rules_takes_results_as_before(client):
    await begin(client, "share")
    assert (await record(client, 45))["warnings"] == []
