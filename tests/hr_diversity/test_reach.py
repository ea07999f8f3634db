"""Whether a target can be reached with the turnover there is: by hand, and through the running service on seven years of staff."""

from collections.abc import AsyncIterator
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from data.workforce.people import write
from data.workforce.tables import STAFF, YEARS
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import MEASURES, accepted

from hr_diversity.main import service
from hr_diversity.measures import EVERY
from hr_diversity.rules.turnover import place_of, yearly
from hr_diversity.schemas.parity import Turnover
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

SENIOR = "women-p5-plus-regular-budget"
FLOWS = "/hr-diversity/v1/flows"


@pytest.fixture(scope="module")
async def years(
    postgres: Postgres, issuer: LocalIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    folder = tmp_path_factory.mktemp("staff")
    write(folder, rows=STAFF, seed=2016)
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, pseudonym_key=KEY) as client,
    ):
        for year in YEARS[-3:]:
            data = (folder / f"synthetic-staff-{year}-12-31.csv").read_bytes()
            await accepted(client, data, source="synthetic", as_of=f"{year}-12-31")
        yield client


async def get(client: Client, path: str, status: int = 200) -> dict[str, Any]:
    answer = await client.get(f"{MEASURES}/{path}", role="reader")
    assert answer.status_code == status, answer.text
    return answer.json()


def turnover(**changes: Any) -> Turnover:
    told = {
        "since": date(2019, 12, 31),
        "as_of": date(2021, 12, 31),
        "population": "whole",
        "grade": None,
        "women_came": 12,
        "men_came": 18,
        "women_left": 10,
        "men_left": 30,
        "basis": "terms",
        "years": 2,
        "rule": "turnover/1",
    }
    return Turnover.model_validate({**told, **changes})


def test_two_years_of_flows_are_halved_and_their_shares_are_not() -> None:
    year = yearly(turnover())
    assert (year.separations, year.appointments) == (20, 15)
    assert (year.women_appointed, year.women_leaving) == (40, 25)


def test_a_third_of_a_woman_stays_one() -> None:
    assert yearly(turnover(women_came=1, men_came=2)).women_appointed == Fraction(100, 3)


def test_where_nobody_came_there_is_no_share_of_them() -> None:
    assert yearly(turnover(women_came=0, men_came=0)).women_appointed is None


@pytest.mark.parametrize(
    ("code", "group", "place"),
    [
        (SENIOR, None, ("regular_budget", "senior")),
        ("women-p5-plus-whole-workforce", None, None),
        ("staff-by-grade", "P3", ("whole", "P3")),
        ("staff-by-grade", "D1", None),
        ("staff-by-grade-regular-budget", "P3", None),
        ("staff-by-grade-regular-budget", None, ("regular_budget", None)),
        ("staff-by-contract-source", "regular_budget", ("regular_budget", None)),
        ("staff-by-region", "africa", None),
        ("staff-by-region", None, ("whole", None)),
    ],
)
def test_a_line_has_the_flows_of_just_its_people(code: str, group: str | None, place: object) -> None:
    assert place_of(EVERY[code], group) == place


async def test_45_per_cent_is_out_of_reach_within_a_year_of_low_turnover(years: Client) -> None:
    found = await get(years, f"{SENIOR}/reach?target=45&until=2022-12-31&as_of=2021-12-31")
    assert (found["women"], found["men"], found["years"]) == (112, 190, 1)
    assert found["reach"]["verdict"] == "out_of_reach"
    assert found["women_needed"] > found["appointments"]
    turned = found["turnover"]
    assert (turned["since"], turned["as_of"], turned["grade"]) == ("2020-12-31", "2021-12-31", "senior")
    assert turned["women_left"] + turned["men_left"] == found["separations"]


async def test_more_years_make_the_same_target_possible(years: Client) -> None:
    found = await get(years, f"{SENIOR}/reach?target=45&until=2026-12-31&as_of=2021-12-31")
    assert found["reach"]["verdict"] in {"possible", "on_course"}
    assert found["women_needed"] <= found["appointments"]


async def test_the_needed_share_of_appointments_ends_at_the_target(years: Client) -> None:
    asked = (
        f"{SENIOR}/reach?target=40&until=2022-12-31&as_of=2021-12-31&separations=17&appointments=15&women_leaving=40"
    )
    found = await get(years, f"{asked}&women_appointed=50")
    needed = found["reach"]["appointments_needed"]
    again = await get(years, f"{asked}&women_appointed={needed}")
    assert again["reach"]["ends_at"] == 40
    assert again["turnover"] is None


async def test_a_scenario_without_parameters_goes_on_as_the_last_pair_did(years: Client) -> None:
    found = await get(years, "staff-by-region/scenario?until=2024&as_of=2022-12-31")
    turned = found["turnover"]
    account = (await years.get(f"{FLOWS}?source=synthetic", role="reader")).json()["accounts"][0]["total"]
    assert turned["women_came"] == account["terms"]["appointments"]["women"]
    assert turned["men_left"] == account["terms"]["separations"]["men"]
    assert found["inputs"]["separations"] == turned["women_left"] + turned["men_left"]
    first = found["years"][0]
    assert first["women"] == found["inputs"]["women"] + turned["women_came"] - turned["women_left"]


async def test_withheld_flows_are_named_and_parameters_asked_for(years: Client) -> None:
    found = await get(years, "staff-by-grade/reach?group=G3&target=50&until=2025-12-31", status=422)
    assert found["type"].endswith("turnover-unknown")
    assert "withheld" in found["detail"]
    assert [error["parameter"] for error in found["errors"]] == ["separations", "women_appointed"]


async def test_a_line_without_flows_of_its_own_asks_for_parameters(years: Client) -> None:
    found = await get(years, "staff-by-region/reach?group=africa&target=50&until=2025-12-31", status=422)
    assert "flows are not drawn for staff-by-region of africa" in found["detail"]
    given = "separations=10&women_appointed=50"
    assert (await get(years, f"staff-by-region/reach?group=africa&target=50&until=2025-12-31&{given}"))[
        "turnover"
    ] is None


async def test_before_the_second_release_parameters_are_asked_for(years: Client) -> None:
    found = await get(years, f"{SENIOR}/reach?target=45&until=2021-12-31&as_of=2020-12-31", status=422)
    assert "no flows of synthetic until 2020-12-31" in found["detail"]


async def test_a_day_that_is_over_and_a_measure_of_flows_are_refused(years: Client) -> None:
    found = await get(years, f"{SENIOR}/reach?target=45&until=2021-12-31&as_of=2021-12-31", status=422)
    assert (found["errors"][0]["parameter"], found["errors"][0]["value"]) == ("until", "2021-12-31")
    flow = await get(years, "separations-by-grade/reach?target=45&until=2025-12-31", status=422)
    assert flow["type"].endswith("not-a-stock")
