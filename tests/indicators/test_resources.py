"""Budget and expenditure by area, and the marker's distribution: as reported, beside what they add up to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import (
    MARKERS,
    NOW,
    OPERATOR,
    RESOURCES,
    V1,
    at,
    begin,
    changed,
    define,
    events_of,
    get,
    types_of,
    version,
    without,
)

from indicators.rules.resources import totals_of, variance_of
from shared.events.resources import BudgetLine
from shared.figures import share

STAFF = at("resources/staff") + f"&phase={NOW}"
RESULTS = at("markers/results") + f"&phase={NOW}"


async def test_the_lines_of_the_source_add_up_to_its_totals_and_overspend_by_31_per_cent(client):
    await begin(client, "share")
    found = await define(client, STAFF, RESOURCES)
    totals = found["totals"]
    assert (totals["budget"]["sum"], totals["budget"]["difference"]) == (112.8, 0)
    assert (totals["expenditure"]["sum"], totals["expenditure"]["difference"]) == (147.4, 0)
    assert totals["all_lines"]["difference"] == 34.6
    assert totals["all_lines"]["share"] == 30.7
    assert totals["all_lines"]["spending"] == "over"


async def test_not_defined_is_no_zero_and_is_named(client):
    await begin(client, "share")
    found = await define(client, STAFF, RESOURCES)
    supplementary = found["lines"][2]
    assert (supplementary["budget"], supplementary["budget_text"], supplementary["variance"]) == (
        None,
        "Not defined",
        None,
    )
    assert found["totals"]["budget"]["without_number"] == ["Supplementary account"]
    assert found["totals"]["budget"]["lines"] == 2
    counted = {word: found["totals"][word] for word in ("over", "under", "as_budgeted", "not_comparable")}
    assert counted == {"over": 1, "under": 1, "as_budgeted": 0, "not_comparable": 1}
    assert found["totals"]["lines_with_both"] == {
        "budget": 112.8,
        "expenditure": 143.3,
        "difference": 30.5,
        "share": 27,
        "spending": "over",
    }


async def test_a_published_total_that_the_lines_do_not_give_stands_beside_their_sum(client):
    await begin(client, "share")
    found = await define(client, STAFF, {**RESOURCES, "published_expenditure": 147.5})
    assert found["totals"]["expenditure"]["sum"] == 147.4
    assert found["totals"]["expenditure"]["published"] == 147.5
    assert found["totals"]["expenditure"]["difference"] == 0.1


async def test_resources_without_any_number_have_no_sum(client):
    await begin(client, "share")
    body = {"unit": "US$", "lines": [{"source": "Regular budget", "budget_text": "-"}]}
    totals = (await define(client, STAFF, body))["totals"]
    assert (totals["budget"]["sum"], totals["expenditure"]["sum"], totals["all_lines"]) == (None, None, None)


@given(st.lists(st.tuples(*[st.none() | st.decimals(-999, 999, places=1)] * 2), max_size=6))
def test_what_has_no_number_moves_no_sum(pairs):
    lines = [BudgetLine(source=str(n), budget=a, expenditure=b) for n, (a, b) in enumerate(pairs)]
    more = [*lines, BudgetLine(source="x", budget_text="Not defined")]
    few, many = totals_of(lines, None, None), totals_of(more, None, None)
    assert (few.budget.sum, few.expenditure.sum, few.all_lines) == (
        many.budget.sum,
        many.expenditure.sum,
        many.all_lines,
    )
    assert many.not_comparable == few.not_comparable + 1
    assert many.over + many.under + many.as_budgeted + many.not_comparable == len(more)
    assert few.budget.sum == (
        sum(a for a, _ in pairs if a is not None) if any(a is not None for a, _ in pairs) else None
    )


def test_a_variance_from_no_budget_has_no_share():
    found = variance_of(Decimal(0), Decimal(5))
    assert (found.difference, found.share, found.spending) == (5, None, "over")
    assert variance_of(None, Decimal(0)) is None
    assert share(Decimal("34.6"), Decimal("112.8"), 0) == 31


async def test_the_longest_figures_add_up_exactly(client):
    await begin(client, "share")
    line = {"budget": 0.001, "expenditure": 999999999999.999}
    body = {"unit": "US$", "lines": [{**line, "source": str(n)} for n in range(50)]}
    totals = (await define(client, STAFF, body))["totals"]
    assert Decimal(str(totals["expenditure"]["sum"])) == Decimal("49999999999999.95")
    assert totals["all_lines"]["spending"] == "over"


@pytest.mark.parametrize("path", [STAFF, RESULTS])
async def test_reported_again_as_they_are_nothing_is_stated(client, path):
    await begin(client, "share")
    body = RESOURCES if "resources" in path else MARKERS
    await define(client, path, body)
    before = len(await events_of(client))
    await define(client, path, body, 200)
    assert len(await events_of(client)) == before


async def test_a_change_needs_the_version_that_was_read(client):
    await begin(client, "share")
    await define(client, STAFF, RESOURCES)
    other = changed(RESOURCES, "lines/0/expenditure", 101.2)
    await define(client, STAFF, other, 428)
    await define(client, STAFF, other, 412, headers=version(9))
    done = await define(client, STAFF, other, 200, headers=version(1))
    assert done["version"] == 2
    key = f"small/{NOW}/staff"
    assert await types_of(client, key) == ["resources-reported", "resources-reported"]
    found = await client.get(STAFF, role="reader")
    assert found.headers["ETag"] == '"2"'
    assert found.json() == done


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        (f"{V1}/resources/staff?plan=absent&phase={NOW}", "plan"),
        (at("resources/staff") + "&phase=1999", "phase"),
        (at("resources/absent") + f"&phase={NOW}", "area"),
        (f"{V1}/markers/results?plan=absent&phase={NOW}", "plan"),
        (at("markers/results") + "&phase=1999", "phase"),
        (RESULTS + "&area=absent", "area"),
    ],
)
async def test_what_they_are_about_must_exist(client, path, parameter):
    await begin(client, "share")
    body = RESOURCES if "resources" in path else MARKERS
    found = await client.put(path, json=body, **OPERATOR)
    assert found.status_code == 422
    assert [error["parameter"] for error in found.json()["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        (STAFF, changed(RESOURCES, "lines/1/source", "Regular budget"), "#/lines/1/source"),
        (STAFF, {**RESOURCES, "lines": []}, "#/lines"),
        (STAFF, without(RESOURCES, "unit"), "#/unit"),
        (RESULTS, changed(MARKERS, "levels/1/level", 1), "#/levels/1/level"),
        (RESULTS, changed(MARKERS, "levels/1/share", None), "#/levels/1"),
        (RESULTS, changed(MARKERS, "levels/1/share", 100.1), "#/levels/1/share"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(client, path, body, pointer):
    await begin(client, "share")
    found = await client.put(path, json=body, **OPERATOR)
    assert found.status_code == 422
    assert [error["pointer"] for error in found.json()["errors"]] == [pointer]


async def test_markers_of_an_area_stand_beside_those_of_the_whole_plan(client):
    await begin(client, "share")
    whole = await define(client, RESULTS, MARKERS)
    part = await define(client, RESULTS + "&area=staff", changed(MARKERS, "levels/0/share", 40))
    assert (whole["area"], part["area"]) == (None, "staff")
    assert await get(client, RESULTS) == whole
    assert await get(client, RESULTS + "&area=staff") == part
    assert (await get(client, at("markers")))["items"] == [whole, part]


async def test_the_lists_come_in_pages_and_by_phase(client):
    await begin(client, "share")
    for area in ("oversight", "staff"):
        await define(client, at(f"resources/{area}") + f"&phase={NOW}", RESOURCES)
    first = await get(client, at("resources") + "&limit=1")
    second = await get(client, at("resources") + f"&limit=1&after={first['next']}")
    assert [page["items"][0]["area"] for page in (first, second)] == ["oversight", "staff"]
    assert second["next"] is None
    assert (await get(client, at("resources") + "&phase=2018-19"))["items"] == []
    assert len((await get(client, at("resources") + f"&phase={NOW}"))["items"]) == 2
