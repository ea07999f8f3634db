"""Seven yearly snapshots of the synthetic staff through the running service: the series is the published one."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from data.workforce.people import write
from data.workforce.tables import STAFF, YEARS
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import MEASURES, accepted

from hr_diversity.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

SENIOR = "women-p5-plus-regular-budget"
FIGURES = Path(__file__).parents[2] / "data" / "figures.json"


@pytest.fixture(scope="module")
async def seven_years(
    postgres: Postgres, issuer: LocalIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Client]:
    folder = tmp_path_factory.mktemp("staff")
    write(folder, rows=STAFF, seed=2016)
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, pseudonym_key=KEY) as client,
    ):
        for year in YEARS:
            data = (folder / f"synthetic-staff-{year}-12-31.csv").read_bytes()
            receipt = await accepted(client, data, source="synthetic", as_of=f"{year}-12-31")
            assert (receipt["refused_total"], receipt["warnings"]["headcount_jump"]) == (0, None)
        yield client


async def get(client: Client, path: str) -> dict[str, Any]:
    answer = await client.get(f"{MEASURES}/{path}", role="reader")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_series_of_senior_women_is_the_published_one(seven_years: Client) -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    [published] = [figure["values"] for figure in figures if figure["code"] == "women-p5-plus"]
    points = (await get(seven_years, f"{SENIOR}/series"))["total"]["points"]
    shares = {point["as_of"]: point["share"] for point in points}
    assert len(shares) == 7
    assert {value["as_of"]: shares[value["as_of"]] for value in published} == {
        value["as_of"]: float(value["value"]) for value in published
    }


async def test_six_years_of_increments_give_a_year_of_parity(seven_years: Client) -> None:
    trend = (await get(seven_years, f"{SENIOR}/series"))["total"]["trend"]
    # 120 of 300 less 98 of 295 is 6.780 points in six years; ten points more take 8.85 years
    assert (trend["points"], trend["per_year"], trend["projected_year"]) == (7, 1.13, 2031)


async def test_the_way_from_37_to_40_per_cent_in_a_year_of_low_turnover_takes_nearly_all_appointments(
    seven_years: Client,
) -> None:
    turnover = "separations=17&appointments=15&women_leaving=40&women_appointed=50&until=2022&target=40"
    found = await get(seven_years, f"{SENIOR}/scenario?as_of=2021-12-31&{turnover}")
    assert found["target"]["verdict"] == "possible"
    assert found["target"]["appointments_needed"] > 90


async def test_a_small_grade_is_withheld_in_every_year_and_has_no_trend(seven_years: Client) -> None:
    found = await get(seven_years, "staff-by-grade/series")
    [head] = [line for line in found["groups"] if line["group"] == "DG"]
    assert [point["suppressed"] for point in head["points"]] == [True] * 7
    assert (head["trend"], head["why_no_trend"]) == (None, "no_figure_at_the_last_date")
    open_ = [line["group"] for line in found["groups"] if line["trend"] is not None and line["trend"]["points"] == 7]
    assert {"G5", "NOB", "P3"} <= set(open_)
