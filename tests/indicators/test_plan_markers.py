"""The marker by count and by money: each with its method, and nothing told that the data do not say."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import MARKERS, NOW, PLAN_BODY, RESOURCES, V1, at, begin, define, get, version

from indicators.rules.markers import summarise
from shared.events.indicators import Area
from shared.events.resources import MarkerLevel, MarkersState, ResourcesState


def markers(*levels, area=None, by="count"):
    said = [{"level": n, by: one} for n, one in enumerate(levels, 1)]
    told = {"plan": "p", "phase": NOW, "population": "results", "area": area, "levels": said}
    return MarkersState.model_validate(told)


def spent(area, *expenditure):
    lines = [{"source": str(n), "expenditure": one} for n, one in enumerate(expenditure)]
    return ResourcesState.model_validate({"plan": "p", "phase": NOW, "area": area, "unit": "-", "lines": lines})


def test_the_share_at_two_or_three_is_of_all_that_was_rated():
    [found] = summarise([markers(46, 48, 6)], [])
    assert (found.by_count.method, found.by_count.share_marked) == ("counts", 54)
    assert (found.by_count.marked, found.by_count.of) == (54, 100)
    assert [one.share for one in found.by_count.levels] == [46, 48, 6]


def test_published_shares_are_told_as_published_and_carry_no_counts():
    [found] = summarise([markers(46, 48, 6, by="share")], [])
    assert (found.by_count.method, found.by_count.share_marked, found.by_count.of) == ("published_shares", 54, None)


def test_money_is_told_by_level_where_it_was_recorded_so():
    [found] = summarise([markers(10, 20, 70, by="expenditure")], [])
    assert (found.by_expenditure.method, found.by_expenditure.share_marked) == ("expenditure_by_level", 90)
    assert found.by_count.method == "none"


def test_money_of_areas_is_spread_as_their_own_results_are_and_the_rest_is_named():
    areas = [markers(1, 1, 0, area="one"), markers(3, 1, 0, area="two")]
    [found] = summarise([markers(46, 48, 6), *areas], [spent("one", 100), spent("two", 60, 40), spent("three", 50)])
    by_money = found.by_expenditure
    assert by_money.method == "areas_weighted_by_expenditure"
    assert (by_money.marked, by_money.of, by_money.share_marked) == (75, 200, Decimal("37.5"))
    assert by_money.covered == 80
    assert [one.area for one in found.without_distribution] == ["three"]


def test_without_a_distribution_of_an_area_no_money_is_told_apart():
    [found] = summarise([markers(46, 48, 6)], [spent("one", 100)])
    assert (found.by_expenditure.method, found.by_expenditure.share_marked) == ("none", None)
    assert "no area with expenditure" in found.by_expenditure.words
    assert found.under_marked == []


def test_what_spends_more_than_the_median_and_is_marked_less_than_the_whole_is_listed():
    areas = [markers(9, 1, 0, area="one"), markers(9, 1, 0, area="two"), markers(1, 9, 0, area="three")]
    money = [spent("one", 300), spent("two", 100), spent("three", 200)]
    [found] = summarise([markers(46, 48, 6), *areas], money)
    assert [(one.area, one.expenditure, one.share_marked) for one in found.under_marked] == [("one", 300, 10)]


def test_areas_without_a_whole_are_counted_together_by_their_counts_only():
    [found] = summarise([markers(1, 1, area="one"), markers(1, 7, area="two")], [])
    assert (found.by_count.share_marked, found.by_count.of) == (80, 10)
    [shares] = summarise([markers(50, 50, area="one", by="share"), markers(1, 7, area="two")], [])
    assert shares.by_count.method == "none"


def test_a_line_without_a_number_is_no_zero():
    one = spent("one", 100, None)
    [found] = summarise([markers(1, 1, area="one")], [one, spent("two", None)])
    assert found.by_expenditure.of == 100
    assert found.by_expenditure.covered == 100


def test_money_that_an_area_recorded_by_level_is_not_spread_by_its_counts():
    levels = [{"level": 1, "count": 10, "expenditure": 6.1}, {"level": 2, "count": 10, "expenditure": 10}]
    a = markers(1, area="a").model_copy(update={"levels": [MarkerLevel.model_validate(one) for one in levels]})
    [found] = summarise([a], [spent("a", 16.1)])
    by_money = found.by_expenditure
    assert [one.expenditure for one in by_money.levels] == [Decimal("6.1"), 10]
    assert (by_money.method, by_money.share_marked, by_money.covered) == ("expenditure_by_level", Decimal("62.1"), 100)
    [found] = summarise([a, markers(0, 1, area="b")], [spent("a", 16.1), spent("b", 3.9)])
    by_money = found.by_expenditure
    assert (by_money.method, by_money.marked, by_money.of) == ("areas_weighted_by_expenditure", Decimal("13.9"), 20)


def test_an_area_that_recorded_only_money_by_level_has_a_distribution():
    [found] = summarise([markers(6, 10, area="a", by="expenditure")], [spent("a", 20)])
    assert (found.by_expenditure.of, found.by_expenditure.covered, found.without_distribution) == (16, 80, [])


NESTED = [Area(code="a", title="-"), Area(code="b", title="-", parent="a"), Area(code="c", title="-", parent="b")]


def test_what_lies_within_an_area_that_tells_it_is_counted_once():
    told = [markers(3, 1, area="a"), markers(0, 1, area="b"), markers(0, 1, area="c")]
    [found] = summarise(told, [spent("a", 100), spent("b", 40), spent("c", 40)], NESTED)
    assert (found.by_count.of, found.by_count.share_marked) == (4, 25)
    assert (found.by_expenditure.of, found.by_expenditure.marked, found.by_expenditure.covered) == (100, 25, 100)


def test_what_an_area_does_not_tell_is_completed_by_what_lies_below_it():
    [found] = summarise([markers(1, 3, area="c")], [spent("a", 100), spent("c", 40)], NESTED)
    assert (found.by_count.of, found.by_count.share_marked) == (4, 75)
    assert (found.by_expenditure.of, found.by_expenditure.marked, found.by_expenditure.covered) == (40, 30, 40)
    money_only = markers(50, 50, area="a", by="expenditure")
    [found] = summarise([money_only, markers(1, 3, area="b")], [spent("b", 40)], NESTED)
    assert (found.by_count.of, found.by_expenditure.of, found.by_expenditure.marked) == (4, 100, 50)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(1, 500)), min_size=1, max_size=6))
def test_the_share_by_money_lies_between_those_of_the_areas(areas):
    told = [(f"a{n}", low, high, money) for n, (low, high, money) in enumerate(areas) if low + high]
    distributions = [markers(low, high, area=area) for area, low, high, _ in told]
    found = summarise(distributions, [spent(area, money) for area, _, _, money in told])
    if not told:
        assert found == [] or found[0].by_expenditure.method == "none"
        return
    shares = [Decimal(high * 100) / (low + high) for _, low, high, _ in told]
    share = found[0].by_expenditure.share_marked
    assert min(shares) - Decimal("0.05") <= share <= max(shares) + Decimal("0.05")


async def test_a_plans_markers_stand_beside_its_money(client):
    await begin(client, "share")
    await define(client, at("markers/results") + f"&phase={NOW}", MARKERS)
    await define(client, at("resources/staff") + f"&phase={NOW}", RESOURCES)
    [found] = (await get(client, f"{V1}/plans/small/markers"))["items"]
    assert (found["population"], found["by_count"]["share_marked"]) == ("results", 54)
    assert found["by_expenditure"]["method"] == "none"
    counted = {"levels": [{"level": 1, "count": 1}, {"level": 2, "count": 3}]}
    await define(client, at("markers/results") + f"&phase={NOW}&area=staff", counted)
    [found] = (await get(client, f"{V1}/plans/small/markers"))["items"]
    assert found["by_expenditure"]["share_marked"] == pytest.approx(75)
    assert found["by_expenditure"]["of"] == 147.4
    assert found["by_expenditure"]["covered"] == 100


async def test_a_plans_markers_follow_its_areas(client):
    await begin(client, "share")
    top = {"code": "whole", "title": "All", "parent": None}
    areas = [top, *({**area, "parent": "whole"} for area in PLAN_BODY["areas"])]
    await define(client, f"{V1}/plans/small", {**PLAN_BODY, "areas": areas}, 200, headers=version(1))
    inner = PLAN_BODY["areas"][0]["code"]
    for area in ("whole", inner):
        counted = {"levels": [{"level": 1, "count": 1}, {"level": 2, "count": 3}]}
        await define(client, at("markers/results") + f"&phase={NOW}&area={area}", counted)
        await define(client, at(f"resources/{area}") + f"&phase={NOW}", RESOURCES)
    [found] = (await get(client, f"{V1}/plans/small/markers"))["items"]
    assert (found["by_count"]["of"], found["by_expenditure"]["of"]) == (4, 147.4)
