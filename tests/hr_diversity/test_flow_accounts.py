"""Flow accounts through the running service: seven yearly snapshots of the synthetic staff, and small staffs."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from data.workforce.people import write
from data.workforce.tables import STAFF, YEARS
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import MEASURES, accepted
from tests.hr_diversity.staff import file_of, people

from hr_diversity.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

FLOWS = "/hr-diversity/v1/flows"
FIGURES = Path(__file__).parents[2] / "data" / "figures.json"
IN = ("appointments", "promotions_in", "other_grade_changes_in", "transfers_in")
MOBILE = ("promotions_out", "other_grade_changes_out", "moves")
OUT = ("separations", "promotions_out", "other_grade_changes_out", "transfers_out")


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
            await accepted(client, data, source="synthetic", as_of=f"{year}-12-31")
        yield client


async def get(client: Client, path: str, role: str = "reader", status: int = 200) -> dict[str, Any]:
    answer = await client.get(path, role=role)
    assert answer.status_code == status, answer.text
    return answer.json()


def account(found: dict[str, Any], population: str) -> dict[str, Any]:
    [one] = [account for account in found["accounts"] if account["population"] == population]
    return one


async def full(client: Client, since: int, until: int) -> dict[str, Any]:
    days = f"source=synthetic&since={since}-12-31&as_of={until}-12-31"
    return await get(client, f"{FLOWS}?{days}&detail=full", role="hr-feeder")


async def test_professional_appointments_of_development_cooperation_are_the_published_117(seven_years: Client) -> None:
    lines = account(await full(seven_years, 2021, 2022), "development_cooperation")["lines"]
    professional = [line["terms"]["appointments"]["total"] for line in lines if line["grade"].startswith("P")]
    assert sum(professional) == 117


async def test_mobility_of_the_regular_budget_is_the_published_one_of_each_biennium(seven_years: Client) -> None:
    figures = json.loads(FIGURES.read_text(encoding="utf-8"))["figures"]
    [published] = [figure["values"] for figure in figures if figure["code"] == "regular-budget-mobility"]
    told = {value["name"]: int(value["value"]) for value in published}
    for biennium, years in (("2018-19", (2018, 2019)), ("2020-21", (2020, 2021))):
        moved = [account(await full(seven_years, year - 1, year), "regular_budget")["total"]["terms"] for year in years]
        assert sum(terms[term]["total"] for terms in moved for term in MOBILE) == told[biennium]
        shown = [await get(seven_years, f"{MEASURES}/mobility-regular-budget?as_of={year}-12-31") for year in years]
        assert told[biennium] - 4 <= sum(one["women"] + one["men"] for one in shown) <= told[biennium]


async def test_every_line_of_a_full_account_adds_up(seven_years: Client) -> None:
    for one in (await full(seven_years, 2018, 2022))["accounts"]:
        for line in [*one["lines"], one["total"]]:
            for sex in ("women", "men", "other"):
                terms = line["terms"]
                moved = sum(terms[term][sex] for term in IN) - sum(terms[term][sex] for term in OUT)
                assert line["before"][sex] + moved + line["residual"][sex] == line["after"][sex]


async def test_a_published_account_shows_totals_and_withholds_few(seven_years: Client) -> None:
    found = await get(seven_years, f"{FLOWS}?source=synthetic&as_of=2022-12-31")
    assert (found["since"], found["as_of"], found["detail"]) == ("2021-12-31", "2022-12-31", "published")
    whole, regular = account(found, "whole"), account(found, "regular_budget")
    assert whole["total"]["terms"]["appointments"]["women"] > 100
    figures = [figures for line in whole["lines"] for figures in line["terms"].values()]
    shown = [figures[sex] for figures in figures for sex in ("women", "men") if figures[sex] is not None]
    assert all(count == 0 or count >= 5 for count in shown)
    assert any(count >= 5 for count in shown)
    assert [line["grade"] for line in regular["lines"]] == ["senior"]
    assert regular["lines"][0]["terms"]["separations"]["women"] >= 5


async def test_flows_are_measures_with_series_of_their_own(seven_years: Client) -> None:
    found = await get(seven_years, f"{MEASURES}/separations-p5-plus-regular-budget/series")
    assert len(found["total"]["points"]) == 6
    catalogue = {entry["code"]: entry for entry in (await get(seven_years, MEASURES))["items"]}
    assert catalogue["appointments-by-grade"]["dimension"] == "grade"
    assert "box 36" in catalogue["mobility-regular-budget"]["formula"]


async def test_a_reader_gets_no_free_pair_and_no_full_figures(seven_years: Client) -> None:
    refused = await get(seven_years, f"{FLOWS}?source=synthetic&since=2016-12-31&as_of=2022-12-31", status=422)
    assert refused["type"].endswith("pair-not-published")
    assert refused["errors"][0]["value"] == "2016-12-31"
    days = "source=synthetic&since=2016-12-31&as_of=2022-12-31"
    assert (await get(seven_years, f"{FLOWS}?{days}&detail=full", status=403))["type"].endswith("hr-role")


async def test_full_figures_are_on_record(seven_years: Client) -> None:
    await full(seven_years, 2016, 2022)
    disclosed = await get(seven_years, "/hr-diversity/v1/disclosures", role="operator")
    assert any("/flows" in one["asked"] and "2016-12-31" in one["asked"] for one in disclosed["items"])


async def test_a_pair_that_is_not_there_names_the_day(seven_years: Client) -> None:
    days = "source=synthetic&since=2015-12-31&as_of=2022-12-31"
    found = await get(seven_years, f"{FLOWS}?{days}&detail=full", role="hr-feeder", status=404)
    assert (found["errors"][0]["parameter"], found["errors"][0]["value"]) == ("since", "2015-12-31")


def a_staff(women: range, men: range, **changes: str) -> list[str]:
    return people(len(women), women.start, **changes) + people(len(men), men.start, sex="M", **changes)


async def test_flows_begin_with_the_second_release_and_a_late_one_between_draws_none(client: Client) -> None:
    first, second, between = (
        (range(1, 101), range(201, 301)),
        (range(21, 141), range(231, 341)),
        (range(11, 121), range(216, 321)),
    )
    await accepted(client, file_of(a_staff(*first)), source="a", as_of="2020-12-31")
    assert (await get(client, f"{FLOWS}?source=a", status=404))["type"].endswith("flows-not-drawn")
    await accepted(client, file_of(a_staff(*second)), source="a", as_of="2022-12-31")
    found = await get(client, f"{FLOWS}?source=a")
    total = account(found, "whole")["total"]
    assert (total["terms"]["appointments"]["women"], total["terms"]["separations"]["women"]) == (40, 20)
    assert total["before"]["women"] + 40 - 20 == total["after"]["women"]
    await accepted(client, file_of(a_staff(*between)), source="a", as_of="2021-12-31")
    assert (await get(client, f"{FLOWS}?source=a&as_of=2021-12-31", status=404))["type"].endswith("flows-not-drawn")
    assert (await get(client, f"{FLOWS}?source=a"))["since"] == "2020-12-31"


async def test_an_account_that_a_correction_changes_by_few_stays_as_it_was(client: Client) -> None:
    before, after = a_staff(range(1, 101), range(201, 301)), a_staff(range(21, 141), range(231, 341))
    await accepted(client, file_of(before), source="b", as_of="2020-12-31")
    await accepted(client, file_of(after), source="b", as_of="2021-12-31")
    drawn = await get(client, f"{FLOWS}?source=b")
    await accepted(client, file_of(after[:-2]), source="b", as_of="2021-12-31")
    assert await get(client, f"{FLOWS}?source=b") == drawn
    await accepted(client, file_of(after[30:-30]), source="b", as_of="2021-12-31")
    corrected = await get(client, f"{FLOWS}?source=b")
    assert account(corrected, "whole")["total"]["terms"]["appointments"]["men"] == 10
