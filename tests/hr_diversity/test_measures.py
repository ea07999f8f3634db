"""Reading measures: any role, the latest that was asked for, with its definition, and never what is withheld."""

import pytest
from tests.hr_diversity.pushing import MEASURES, accepted, measure, push, select
from tests.hr_diversity.staff import a_staff, example, file_of, people

from hr_diversity.measures import CATALOGUE, EVERY
from hr_diversity.measures.ladder import GRADES
from shared.auth import ROLES
from shared.testing import Client

SENIOR = "women-p5-plus-regular-budget"


@pytest.mark.parametrize("path", ["", f"/{SENIOR}"])
async def test_every_role_reads_measures_and_nobody_without_a_token(reading: Client, path: str) -> None:
    await push(reading, a_staff())
    for role in sorted(ROLES):
        assert (await reading.get(MEASURES + path, role=role)).status_code == 200, role
    assert (await reading.get(MEASURES + path)).status_code == 401


async def test_a_measure_tells_its_definition_and_where_it_comes_from(client: Client) -> None:
    receipt = await accepted(client, a_staff(60, 40))
    shown = await measure(client, SENIOR)
    assert shown == {
        "code": SENIOR,
        "title": CATALOGUE[SENIOR].title,
        "as_of": "2021-12-31",
        "source": "hris",
        "women": 60,
        "men": 40,
        "other": 0,
        "total": 100,
        "share": 60,
        "suppressed": False,
        "dimension": None,
        "cells": [],
        "definition": CATALOGUE[SENIOR].definition,
        "population": CATALOGUE[SENIOR].population,
        "unit": "people",
        "numerator": None,
        "denominator": None,
        "detail": "published",
        "source_note": None,
        "rule": f"{SENIOR}/1",
        "derived_from": {"snapshot": receipt["id"], "revision": 1},
    }


async def test_only_senior_staff_on_the_regular_budget_is_in_the_senior_measure(client: Client) -> None:
    rows = people(20, grade="P5") + people(20, 101, grade="DG", sex="M") + people(20, 201, grade="P4")
    rows += people(20, 301, grade="P5", contract_source="other") + people(6, 401, grade="D2", sex="")
    await accepted(client, file_of(rows))
    shown = await measure(client, SENIOR)
    assert (shown["women"], shown["men"], shown["other"], shown["total"], shown["share"]) == (20, 20, 6, 46, 50)


async def test_grades_come_in_the_order_of_the_ladder_and_others_by_code(client: Client) -> None:
    await accepted(client, example(2021))
    grades = [cell["group"] for cell in (await measure(client, "staff-by-grade"))["cells"]]
    assert grades == [grade for grade in GRADES if grade in grades]
    units = [cell["group"] for cell in (await measure(client, "staff-by-unit"))["cells"]]
    assert units == sorted(units)


async def test_every_table_has_the_same_total_line(client: Client) -> None:
    await accepted(client, example(2021))
    whole = [one for one in CATALOGUE.values() if one.dimension and one.grades is None and one.funding is None]
    tables = [await measure(client, one.code) for one in whole]
    assert len(tables) == 12
    assert {(table["women"], table["men"], table["total"]) for table in tables} == {(626, 589, 1224)}


async def test_a_withheld_line_is_null_and_says_so(client: Client) -> None:
    await accepted(client, file_of(people(3, grade="P5") + people(100, 4, sex="M") + people(50, 200)))
    assert (await measure(client, SENIOR))["suppressed"] is True
    cells = {cell["group"]: cell for cell in (await measure(client, "staff-by-grade"))["cells"]}
    assert cells["P5"] == {
        "group": "P5",
        "name": None,
        "women": None,
        "men": None,
        "other": None,
        "total": None,
        "share": None,
        "suppressed": True,
    }


async def test_the_threshold_is_a_setting(client: Client) -> None:
    client.app.state.settings = client.app.state.settings.model_copy(update={"suppression_threshold": 61})
    await accepted(client, a_staff(60, 100))
    assert (await measure(client, SENIOR))["share"] is None


async def test_a_source_can_be_asked_for(client: Client) -> None:
    await accepted(client, a_staff(60, 40), source="hris")
    await accepted(client, a_staff(50, 50), source="payroll", as_of="2020-12-31")
    assert (await measure(client, SENIOR))["source"] == "hris"
    assert (await measure(client, SENIOR, source="payroll"))["share"] == 50


async def test_of_two_sources_of_one_day_the_one_drawn_last_is_shown(client: Client) -> None:
    await accepted(client, a_staff(60, 40), source="b")
    await accepted(client, a_staff(50, 50), source="a")
    assert (await measure(client, SENIOR))["source"] == "a"
    await accepted(client, a_staff(40, 60), source="b")
    assert (await measure(client, SENIOR))["source"] == "b"


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("/women-on-the-moon", "unknown-measure"),
        (f"/{SENIOR}?as_of=1999-12-31", "measure-not-drawn"),
        (f"/{SENIOR}?source=nobody", "measure-not-drawn"),
    ],
)
async def test_what_is_not_there_is_404(reading: Client, path: str, slug: str) -> None:
    answer = await reading.get(MEASURES + path, role="reader")
    assert (answer.status_code, answer.json()["type"]) == (404, f"urn:apge:problem:{slug}")


async def test_who_has_the_measure_is_told_so(client: Client) -> None:
    await accepted(client, a_staff(60, 40))
    tag = (await client.get(f"{MEASURES}/{SENIOR}", role="reader")).headers["etag"]
    again = await client.get(f"{MEASURES}/{SENIOR}", role="reader", headers={"If-None-Match": f'"other", {tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


async def test_the_etag_changes_when_another_date_becomes_the_latest(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of="2020-12-31")
    tag = (await client.get(f"{MEASURES}/{SENIOR}", role="reader")).headers["etag"]
    await accepted(client, a_staff(60, 40), as_of="2021-12-31")
    again = await client.get(f"{MEASURES}/{SENIOR}", role="reader", headers={"If-None-Match": tag})
    assert again.status_code == 200


async def test_the_catalogue_lists_every_measure_and_what_is_drawn(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of="2020-12-31")
    await accepted(client, a_staff(60, 40))
    items = (await client.get(MEASURES, role="reader")).json()["items"]
    assert [item["code"] for item in items] == list(EVERY)
    assert all(item["title"] and item["definition"] and item["formula"] and item["rule"] for item in items)
    assert items[0]["drawn"] == [
        {"source": "hris", "as_of": "2021-12-31", "revision": 1},
        {"source": "hris", "as_of": "2020-12-31", "revision": 1},
    ]


async def test_figures_in_the_database_are_those_that_may_be_shown(client: Client) -> None:
    await accepted(client, file_of(people(3, grade="P5") + people(100, 4, sex="M") + people(50, 200)))
    for (state,) in await select(client, "SELECT state FROM measures"):
        for line in [state, *state["cells"]]:
            figures = [line[name] for name in ("women", "men", "other", "total")]
            assert not any(figure is not None and 0 < figure < 5 for figure in figures)
