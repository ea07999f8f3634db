"""What a plan changed beside another one, or beside an earlier version of itself, and what of it is comparable."""

import pytest
from tests.indicators.plan import (
    HRD,
    INDICATORS,
    NOW,
    PARDEV,
    PLAN,
    PLAN_BODY,
    READER,
    SHARE,
    TARGET,
    V1,
    at,
    begin,
    changed,
    define,
    get,
    version,
)

from indicators.rules.plan_diff import compare
from shared.events.indicators import IndicatorState, PlanState


def plan(code="new", areas=("a",)):
    said = {"code": code, "title": "-", "starts": "2020-01-01", "ends": "2021-12-31"}
    phase = {"code": NOW, "title": "-", "starts": "2020-01-01", "ends": "2021-12-31", "vocabulary": "mid_cycle"}
    return PlanState.model_validate({**said, "phases": [phase], "areas": [{"code": a, "title": a} for a in areas]})


def indicator(code="i", of="new", value=10, **more):
    target = {"phase": NOW, "place": "global", "operator": "at_least", "value": value, "text": f"{value}"}
    said = {"plan": of, "code": code, "title": code, "area": "a", "kind": "count", "custodians": ["HRD"]}
    return IndicatorState.model_validate({**said, "targets": [target], **more})


def diff(old, new, same=False):
    codes = ("new", "new") if same else ("old", "new")
    return compare((plan(codes[0]), old), (plan(codes[1]), new))


FOLLOWS = {"predecessor": "old/i"}


def test_an_indicator_is_added_dropped_or_matched_by_predecessor_and_then_by_code():
    found = diff([indicator(of="old"), indicator("gone", "old")], [indicator("other", **FOLLOWS), indicator("fresh")])
    assert [one.code for one in found.added] == ["fresh"]
    assert [one.code for one in found.dropped] == ["gone"]
    assert [(pair.code, pair.before, pair.matched_by) for pair in found.changed] == [("other", "old/i", "predecessor")]
    by_code = diff([indicator(of="old")], [indicator()])
    assert [(pair.code, pair.matched_by) for pair in by_code.unchanged] == [("i", "code")]


@pytest.mark.parametrize(
    ("told", "comparability", "why"),
    [
        ({**FOLLOWS, "comparable": True}, "comparable", "the later plan says so"),
        ({**FOLLOWS, "comparable": False, "comparability": "other staff"}, "not_comparable", "other staff"),
        (FOLLOWS, "not_said", "nothing says whether one trend may be drawn over both"),
        ({}, "not_said", "they have the same code, and neither names the other"),
        ({**FOLLOWS, "comparable": True, "unit": "days"}, "not_comparable", "what is measured has changed: unit"),
        (
            {**FOLLOWS, "comparable": True, "kind": "quantity"},
            "not_comparable",
            "what is measured has changed: kind",
        ),
    ],
)
def test_two_are_comparable_where_the_later_says_so_and_measures_the_same(told, comparability, why):
    found = diff([indicator(of="old")], [indicator(**told)])
    [pair] = [*found.changed, *found.unchanged]
    assert (pair.comparability, pair.why) == (comparability, why)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": 12}, {"retargeted": 1}),
        ({"title": "Other words"}, {"reworded": 1}),
        ({"definition": "Only full-time staff"}, {"reworded": 1}),
        ({"direction": "down"}, {"redefined": 1, "not_comparable": 1}),
        ({"custodians": ["PARDEV"]}, {}),
        ({}, {"unchanged": 1}),
    ],
)
def test_each_kind_of_change_is_told_apart(change, told):
    found = diff([indicator()], [indicator(**change)], same=True)
    assert {name: count for name, count in found.counts.items() if count} == told
    assert len(found.changed) == (0 if "unchanged" in told else 1)


def test_the_same_custodians_in_another_order_are_no_change():
    found = diff([indicator(custodians=["A", "B"])], [indicator(custodians=["B", "A"])], same=True)
    assert found.counts["unchanged"] == 1


def test_of_two_plans_the_phases_are_never_the_same_and_no_change():
    found = diff([indicator(of="old")], [indicator()])
    assert not found.unchanged[0].retargeted
    other = indicator().targets[0].model_copy(update={"phase": "2022-23"})
    assert not diff([indicator(of="old")], [indicator(targets=[other])]).unchanged[0].retargeted
    assert diff([indicator()], [indicator(targets=[other])], same=True).changed[0].retargeted


def test_two_indicators_may_follow_one():
    found = diff([indicator(of="old")], [indicator("one", **FOLLOWS), indicator("two", **FOLLOWS)])
    assert (len(found.changed) + len(found.unchanged), found.added, found.dropped) == (2, [], [])


async def compared(client, query, code=PLAN, **caller):
    return await get(client, f"{V1}/plans/{code}/diff?{query}", **(caller or READER))


async def test_a_plan_is_compared_with_the_one_before_it(client):
    await begin(client, "share", "foreign")
    await define(
        client, f"{V1}/plans/next", {**PLAN_BODY, "title": "Next", "areas": [{"code": "staff", "title": "People"}]}
    )
    body = {**SHARE, "predecessor": f"{PLAN}/share", "comparable": False, "comparability": "without project staff"}
    await define(client, at("indicators/women", "next"), {**body, "fed_by": None, "targets": [{**TARGET, "value": 50}]})
    found = await compared(client, f"with={PLAN}", "next")
    [pair] = found["changed"]
    assert (pair["code"], pair["before"], pair["retargeted"]) == ("women", f"{PLAN}/share", True)
    assert (pair["comparability"], pair["why"]) == ("not_comparable", "without project staff")
    assert [one["code"] for one in found["dropped"]] == ["foreign"]
    assert (found["areas_added"], found["areas_dropped"]) == (["People"], ["Oversight", "Staff"])
    assert found["counts"]["dropped"] == 1
    own = await compared(client, f"with={PLAN}", "next", **PARDEV)
    assert (own["changed"], own["added"]) == ([], [])
    assert [one["code"] for one in own["dropped"]] == ["foreign"]
    assert (await compared(client, f"with={PLAN}", "next", **HRD))["dropped"] == []


async def test_two_versions_of_a_plan_differ_by_what_was_defined_between_them(client):
    await begin(client, "share", "count")
    raised = changed(SHARE, "targets/0/value", 50)
    await define(client, f"{V1}/plans/{PLAN}", {**PLAN_BODY, "title": "Second"}, 200, headers=version(1))
    await define(client, at("indicators/share"), raised, 200, headers=version(1))
    await define(client, at("indicators/milestone"), INDICATORS["milestone"])
    await define(client, f"{V1}/plans/{PLAN}", {**PLAN_BODY, "title": "Third"}, 200, headers=version(2))
    await define(client, at("indicators/count"), {**INDICATORS["count"], "title": "Counted"}, 200, headers=version(1))
    found = await compared(client, "version=2&with_version=1")
    assert [one["code"] for one in found["added"]] == ["milestone"]
    assert [(pair["code"], pair["retargeted"]) for pair in found["changed"]] == [("share", True)]
    assert [pair["code"] for pair in found["unchanged"]] == ["count"]
    now = await compared(client, "with_version=2")
    assert [(pair["code"], [one["new"] for one in pair["reworded"]]) for pair in now["changed"]] == [
        ("count", ["Counted"])
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        (f"with={PLAN}", 400),
        ("version=1&with_version=1", 400),
        ("with=absent", 404),
        ("with_version=9", 404),
    ],
)
async def test_nothing_is_compared_with_itself_or_with_what_is_absent(client, query, status):
    await begin(client, "share")
    found = await client.get(f"{V1}/plans/{PLAN}/diff?{query}", **READER)
    assert found.status_code == status
