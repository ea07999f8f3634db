"""The recruitment funnel over the API: whole years for everybody, any period for the HR role and on record."""

import asyncio
import json
from typing import Any

import pytest
from tests.hr_diversity.pushing import count, select
from tests.hr_diversity.registering import registered, row

from shared import clock
from shared.testing import Client

FUNNEL = "/hr-diversity/v1/recruitment/funnel"
YEAR = {"from": "2022-01-01", "to": "2022-12-31"}
FULL = {**YEAR, "detail": "full"}
OTHERS = ["custodian", "reviewer", "evaluation-office", "senior-manager", "reader", "operator"]


def counted(*stages: tuple[int, int]) -> dict[str, Any]:
    names = ("applied", "shortlisted", "recommended", "selected")
    return {name: {"women": women, "men": men} for name, (women, men) in zip(names, stages, strict=False)}


LARGE = counted((100, 200), (40, 50), (20, 20), (10, 10))
SMALL = counted((60, 80), (6, 7), (2, 1), (1, 0))


async def funnel(client: Client, role: Any = "reader", **params: str) -> dict[str, Any]:
    answer = await client.get(FUNNEL, params=params, role=role)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def a_year(client: Client) -> None:
    """Two large vacancies and one that selected one woman, of two units; one of another year, one not counted, one still open."""
    await registered(
        client,
        row(1, applicants=LARGE),
        row(2, applicants=LARGE, unit="GEDI", gender_text=False),
        row(3, applicants=SMALL, unit="TURIN", gender_text=None, grade="P5"),
        row(4, applicants=LARGE, posted="2021-01-10", closed=None, shortlisted=None, selected="2021-06-30"),
        row(5, applicants=counted((9, 9))),
        row(6, applicants=counted((50, 50)), selected=None),
    )


async def test_a_year_that_is_over_is_shown_with_ratios_and_without_the_one_who_was_selected(client: Client) -> None:
    await a_year(client)
    found = await funnel(client, **YEAR)
    assert (found["total"]["vacancies"], found["uncounted"]) == (3, 1)
    assert [found["total"]["stages"][stage]["women"] for stage in ("applied", "shortlisted", "selected")] == [
        260,
        86,
        21,
    ]
    groups = {one["group"]: one for one in found["by"]["unit"]}
    assert list(groups) == ["GEDI", "HRD", "TURIN"]
    assert groups["TURIN"]["stages"]["applied"]["women"] == 60
    assert groups["TURIN"]["stages"]["selected"] == {
        **dict.fromkeys(("women", "men", "other", "total", "share")),
        "suppressed": True,
    }
    hidden = [name for name, one in groups.items() if one["stages"]["selected"]["suppressed"]]
    assert len(hidden) == 2
    [first, *_] = groups["GEDI"]["steps"]
    assert (first["women_ratio"], first["men_ratio"], first["adverse_impact"]) == (40, 25, 1.6)
    assert (first["women_before"], first["women"], first["men_before"], first["men"]) == (100, 40, 200, 50)


async def test_texts_that_ask_for_gender_related_skills_are_a_share_of_those_that_were_read(client: Client) -> None:
    await a_year(client)
    assert (await funnel(client, **YEAR))["gender_texts"] == {"asking": 3, "read": 4, "share": 75, "unread": 1}
    assert (await funnel(client, **{"from": "2019-01-01"}))["gender_texts"] == {
        "asking": 0,
        "read": 0,
        "share": None,
        "unread": 0,
    }


async def test_the_share_of_texts_is_a_measure_that_is_stated_when_it_moves(client: Client) -> None:
    async def drawn() -> list[tuple[Any, ...]]:
        rows = await select(client, "SELECT payload FROM outbox WHERE aggregatetype = 'measure' ORDER BY position")
        states = [json.loads(one.payload) for one in rows]
        return [(one["as_of"], one["numerator"], one["denominator"], one["share"], one["revision"]) for one in states]

    await a_year(client)
    assert await drawn() == [("2021-12-31", 1, 1, 100, 1), ("2022-12-31", 3, 4, 75, 1)]
    await registered(client, row(1, applicants=LARGE, on_post="2022-09-01"))
    assert len(await drawn()) == 2
    await registered(client, row(3, applicants=SMALL, unit="TURIN", gender_text=False, grade="P5"))
    assert (await drawn())[2:] == [("2022-12-31", 3, 5, 60, 2)]
    await registered(client, row(4, applicants=LARGE, posted="2022-01-10", closed=None, shortlisted=None))
    assert (await drawn())[3:] == [("2021-12-31", 0, 0, None, 2), ("2022-12-31", 4, 6, 66.7, 3)]


async def test_vacancies_registered_at_once_are_all_in_the_measure(client: Client) -> None:
    await asyncio.gather(*(registered(client, row(number)) for number in range(12)))
    rows = await select(client, "SELECT state FROM measures")
    assert [(one.state["numerator"], one.state["denominator"], one.state["revision"]) for one in rows] == [(12, 12, 12)]


async def test_the_hr_role_sees_any_period_as_it_is_and_that_is_on_record(client: Client) -> None:
    await a_year(client)
    await funnel(client, **YEAR)
    assert await count(client, "disclosures") == 0
    found = await funnel(client, "hr-feeder", **{**FULL, "from": "2022-06-01"})
    turin = next(one for one in found["by"]["unit"] if one["group"] == "TURIN")
    assert (turin["stages"]["selected"]["women"], turin["stages"]["selected"]["suppressed"]) == (1, False)
    seen = (await client.get("/hr-diversity/v1/disclosures", role="operator")).json()["items"]
    assert [(one["actor"], one["asked"]) for one in seen] == [
        ("hr-feeder", f"{FUNNEL}?from=2022-06-01&to=2022-12-31&detail=full")
    ]


async def test_nobody_else_sees_figures_as_they_are(reading: Client) -> None:
    for role in OTHERS:
        assert (await reading.get(FUNNEL, params=YEAR, role=role)).status_code == 200  # type: ignore[arg-type]
        assert (await reading.get(FUNNEL, params=FULL, role=role)).status_code == 403, role  # type: ignore[arg-type]
    assert (await reading.get(FUNNEL, params=YEAR)).status_code == 401
    assert await count(reading, "disclosures") == 0


async def test_only_operators_read_the_record(reading: Client) -> None:
    for role in [*(one for one in OTHERS if one != "operator"), "hr-feeder"]:
        assert (await reading.get("/hr-diversity/v1/disclosures", role=role)).status_code == 403, role  # type: ignore[arg-type]
    assert (await reading.get("/hr-diversity/v1/disclosures")).status_code == 401


@pytest.mark.parametrize(
    "params",
    [
        {"from": "2022-01-01", "to": "2022-12-30"},
        {"from": "2022-01-02", "to": "2022-12-31"},
        {"from": "2021-01-01", "to": "2022-12-31"},
        {"from": f"{clock.today().year}-01-01", "to": f"{clock.today().year}-12-31"},
        {"from": "2022-06-01"},
    ],
)
async def test_published_figures_are_of_one_year_that_is_over(reading: Client, params: dict[str, str]) -> None:
    answer = await reading.get(FUNNEL, params=params, role="hr-feeder")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:whole-years-only")


async def test_where_no_period_is_named_it_is_the_last_year_that_is_over(reading: Client) -> None:
    found = await funnel(reading)
    assert (found["since"], found["until"]) == (f"{clock.today().year - 1}-01-01", f"{clock.today().year - 1}-12-31")
    assert found["total"]["vacancies"] == 0


async def test_a_period_of_the_hr_role_does_not_end_before_it_begins(reading: Client) -> None:
    answer = await reading.get(FUNNEL, params={**FULL, "to": "2021-01-01"}, role="hr-feeder")
    assert answer.status_code == 422


async def test_a_vacancy_that_comes_late_does_not_show_who_was_selected(client: Client) -> None:
    await registered(client, row(1, applicants=LARGE), row(2, applicants=LARGE))
    before = await funnel(client, **YEAR)
    assert before["total"]["stages"]["selected"]["women"] == 20
    await registered(client, row(3, applicants=SMALL))
    assert await funnel(client, **YEAR) == before
    assert (await funnel(client, "hr-feeder", **FULL))["total"]["stages"]["selected"]["women"] == 21
    await registered(client, row(4, applicants=LARGE))
    assert (await funnel(client, **YEAR))["total"]["stages"]["selected"]["women"] == 31
