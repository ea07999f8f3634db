"""Seven yearly snapshots of the synthetic staff with the demonstration's members and policies: what two tables tell, subtracted."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from data.workforce.people import write
from data.workforce.tables import STAFF, YEARS
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.representing import K, by_country, published_file, put, table

from hr_diversity.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

MEMBERS = Path(__file__).parents[2] / "data" / "representation" / "members-2022.json"
POLICIES = ("ilo", "un", "unesco")
Tables = dict[tuple[int, str], dict[str, Any]]


@pytest.fixture(scope="module")
async def tables(
    postgres: Postgres, issuer: LocalIssuer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Tables]:
    """By year and policy."""
    folder = tmp_path_factory.mktemp("staff")
    write(folder, rows=STAFF, seed=2016)
    document = json.loads(MEMBERS.read_text(encoding="utf-8"))
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, pseudonym_key=KEY) as client,
    ):
        await _define(client, document)
        for year in YEARS:
            content = (folder / f"synthetic-staff-{year}-12-31.csv").read_bytes()
            await published_file(client, content, source="synthetic", as_of=f"{year}-12-31")
        found = {
            (year, policy): await table(client, policy=policy, as_of=f"{year}-12-31")
            for year in YEARS
            for policy in POLICIES
        }
        full = {
            (year, "full"): await table(client, detail="full", as_of=f"{year}-12-31", role="hr-feeder")
            for year in YEARS
        }
        yield {**found, **full}


async def _define(client: Client, document: dict[str, Any]) -> None:
    for kind in ("inputs", "policies"):
        for entry in document[kind]:
            body = {name: value for name, value in entry.items() if name != "code"}
            if kind == "inputs":
                body["members"] = [
                    {name: one[name] for name in ("country", "population", "scale")} for one in body["members"]
                ]
            answer = await put(client, f"{kind}/{entry['code']}", body)
            assert answer.status_code == 201, answer.text


def test_the_share_that_counts_in_2022_is_the_published_one(tables: Tables) -> None:
    assert tables[2022, "full"]["share_of_staff"] == 22.1, (
        "658 of 2,979 women and men; 660 of 3,000 with those of another sex"
    )
    shown = tables[2022, "ilo"]  # few are of other sex, so what is shown is of women and men alone
    assert (shown["counted"]["total"], shown["share_of_staff"]) == (None, 22.1)


def test_of_a_country_that_two_tables_show_nobody_or_many_came_or_left(
    tables: Tables,
) -> None:
    last: dict[str, int] = {}
    compared = 0
    for year in YEARS[1:]:
        for country, one in by_country(tables[year - 1, "ilo"]).items():
            if one["posts"] is not None:
                last[country] = one["posts"]
        for country, one in by_country(tables[year, "ilo"]).items():
            if one["posts"] is not None and country in last and last[country] != one["posts"]:
                compared += 1
                # a difference under k is of five people or more who came or left since the table of the year before
                shown_before = by_country(tables[year - 1, "ilo"])[country]["posts"] is not None
                assert shown_before or abs(last[country] - one["posts"]) >= K
    assert compared > 5


def test_nearly_every_policy_is_told_of_every_year_and_nearly_every_status(tables: Tables) -> None:
    told = [(year, policy) for year in YEARS for policy in POLICIES if tables[year, policy]["policy"]["told"]]
    assert len(told) >= 20
    assert {(year, "ilo") for year in YEARS} <= set(told)
    for policy in POLICIES:
        assert (
            sum(one["status"] is None for year in YEARS for one in tables[year, policy]["countries"]) <= 100
        )  # of 1,309
        for year in YEARS:
            if (year, policy) not in told:
                continue
            shown, full = tables[year, policy], tables[year, "full"]
            assert sum(shown["countries_by_status"].values()) == len(full["countries"]) == 187
            if policy == full["policy"]["code"]:
                assert shown["countries_by_status"] == full["countries_by_status"]


def test_what_is_shown_is_what_is(tables: Tables) -> None:
    for year in YEARS:
        full = by_country(tables[year, "full"])
        for country, one in by_country(tables[year, "ilo"]).items():
            assert one["posts"] in {None, full[country]["posts"]}
            assert one["status"] in {None, full[country]["status"]}
