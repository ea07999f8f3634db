"""Geographic representation as it is put, drawn and answered."""

import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from tests.hr_diversity.pushing import count, select
from tests.hr_diversity.registering import put as put_vacancy
from tests.hr_diversity.representing import (
    ROOT,
    a_staff,
    by_country,
    defined,
    inputs,
    policy,
    published,
    put,
    table,
)
from tests.hr_diversity.staff import people, row

from hr_diversity import store
from hr_diversity.measures.cubes import add_cubes, count_people
from hr_diversity.measures.nationalities import count_nationalities, of_cubes
from shared.testing import Client

FIGURES = json.loads((Path(__file__).parents[2] / "data" / "figures.json").read_text())
COUNTRIES = {"CHE": (10, 8), "FRA": (14, 20), "DEU": (1, 2), "PER": (12, 6), "KEN": (2, 0)}
FIVE = {"base": 70, "order": 1}


async def test_inputs_and_policies_read_back_as_they_were_put(client: Client) -> None:
    made = await put(client, "inputs/members", inputs())
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    read = await client.get(f"{ROOT}/inputs/members", role="reader")
    assert (read.json(), read.headers["etag"]) == (made.json(), '"1"')
    chosen = await put(client, "policies/un", policy(parameters={"half_percent": 20}), role="hr-feeder")
    assert chosen.status_code == 201
    said = chosen.json()
    assert (said["parameters"]["half_percent"], said["parameters"]["contribution"]) == (20, 55)
    assert (said["base"], said["rounding"], said["verified"]) == ("counted", "none", True)
    listed = (await client.get(f"{ROOT}/policies", role="reader")).json()
    assert [one["code"] for one in listed["items"]] == ["un"]
    assert {one["code"] for one in listed["rules"]} >= {"un-range", "unesco-quota", "ilo-range", "fao-range"}


async def test_a_change_names_its_version_and_leaves_a_trail(client: Client) -> None:
    await put(client, "inputs/members", inputs())
    same = await put(client, "inputs/members", inputs())
    blind = await put(client, "inputs/members", inputs(title="Others"))
    stale = await put(client, "inputs/members", inputs(title="Others"), if_match='"9"')
    changed = await put(client, "inputs/members", inputs(title="Others"), if_match='"1"')
    edition = await put(client, "inputs/members", inputs(effective_from="2022-01-01"))
    assert [one.status_code for one in (same, blind, stale, changed, edition)] == [200, 428, 412, 200, 201]
    rows = await select(client, "SELECT aggregate, sequence FROM changes ORDER BY aggregate, sequence")
    assert [tuple(one) for one in rows] == [
        ("range-inputs/members/2020-01-01", 1),
        ("range-inputs/members/2020-01-01", 2),
        ("range-inputs/members/2022-01-01", 1),
    ]


@pytest.mark.parametrize(
    ("path", "body", "pointer"),
    [
        ("inputs/members", inputs(members=[{"country": "XXX", "population": 1, "scale": 100}]), "#/members/0/country"),
        ("inputs/members", inputs(members=[{"country": "CHE", "population": 1, "scale": 99}]), "#/members"),
        (
            "inputs/members",
            inputs(members=[{"country": "CHE", "population": 1, "scale": 50}] * 2),
            "#/members/1/country",
        ),
        ("policies/un", policy(rule="un-rang"), "#/rule"),
        ("policies/un", policy(inputs="nobody"), "#/inputs"),
        ("policies/un", policy(parameters={"weight": 1}), "#/parameters/weight"),
        ("policies/un", policy(rule="un-weighted-range", parameters={"point_value": 0}), "#/parameters/point_value"),
        ("policies/un", policy(effective_until="2019-12-31"), "#/effective_until"),
    ],
)
async def test_what_cannot_be_is_refused_with_its_field(
    client: Client, path: str, body: dict[str, Any], pointer: str
) -> None:
    await put(client, "inputs/members", inputs())
    answer = await put(client, path, body, if_match='"1"' if path.startswith("inputs") else None)
    assert answer.status_code == 422
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]
    assert await count(client, "range_policies") == 0


async def test_readers_put_nothing_and_misspelt_parameters_are_refused(client: Client) -> None:
    assert (await put(client, "inputs/members", inputs(), role="reader")).status_code == 403
    assert (await put(client, "policies/un", policy(), role="custodian")).status_code == 403
    assert (await client.get(ROOT, params={"polcy": "un"}, role="reader")).status_code == 400
    assert (await client.get(ROOT, role="reader")).status_code == 404


async def test_countries_are_shown_with_inputs_range_and_status(client: Client) -> None:
    await defined(client, ("un", policy()))
    await published(client, a_staff({**COUNTRIES, "CHE": (9, 8), "DEU": (2, 4), "KEN": (0, 0)}))
    shown = await table(client)
    countries = by_country(shown)
    assert shown["policy"]["base_posts"] == 75
    assert countries["FRA"] == {
        "country": "FRA",
        "name": "France",
        "population": 1000,
        "scale": 30,
        "midpoint": 17.196,  # 0.45 x 75 / 7 + 0.55 x 75 x 30 %
        "lower": 12.396,
        "upper": 21.996,
        "posts": 34,
        "suppressed": False,
        "status": "over",
        "mark": None,
    }
    assert (countries["PER"]["status"], countries["PER"]["posts"]) == ("over", 18)
    assert (countries["CHE"]["status"], countries["CHE"]["mark"]) == ("within", "above_midpoint")
    assert (countries["FJI"]["status"], countries["FJI"]["posts"]) == ("non_represented", 0)
    assert sum(shown["countries_by_status"].values()) == len(countries)


async def test_small_numbers_of_a_country_are_withheld_and_so_are_statuses_that_would_tell_them(client: Client) -> None:
    await defined(client, ("ilo", policy(rule="ilo-range", order=1)), ("un", policy(order=2)))
    await published(client, a_staff(COUNTRIES))
    for code in ("ilo", "un"):
        shown = await table(client, policy=code)
        countries = by_country(shown)
        for country in ("DEU", "KEN"):
            assert (countries[country]["posts"], countries[country]["suppressed"]) == (None, True)
        assert all(one["status"] is None or one["posts"] is not None for one in countries.values() if one["suppressed"])
    stored = await select(client, "SELECT shown::text FROM representations")
    assert '"DEU": 3' not in stored[0][0]


async def test_the_hr_role_sees_everything_and_that_is_on_record(client: Client) -> None:
    await defined(client, ("un", policy()))
    await published(client, a_staff(COUNTRIES))
    full = await table(client, detail="full", role="hr-feeder")
    assert by_country(full)["DEU"]["posts"] == 3
    assert (full["detail"], await count(client, "disclosures")) == ("full", 1)
    denied = await client.get(ROOT, params={"detail": "full"}, role="reader")
    assert denied.status_code == 403


async def test_only_posts_subject_to_geographical_distribution_count(client: Client) -> None:
    await defined(client, ("un", policy()))
    others = [
        *people(10, 500_000, grade="G5", nationality="NPL"),
        *people(10, 510_000, contract_source="development_cooperation", nationality="NPL"),
        *people(10, 520_000, geographic_post="false", nationality="NPL"),
        *people(10, 530_000, geographic_post="", nationality="NPL"),
        *people(10, 540_000, grade="NOB", nationality="NPL"),
    ]
    await published(client, [*a_staff(COUNTRIES), *others])
    shown = await table(client)
    assert shown["counted"]["total"] == 75
    assert by_country(shown)["NPL"]["status"] == "non_represented"


async def test_staff_without_a_nationality_and_of_no_member_are_lines_of_their_own(client: Client) -> None:
    await defined(client, ("un", policy()))
    await published(client, a_staff({"FRA": (14, 20), "": (6, 7), "USA": (9, 9), "CAN": (8, 0)}))
    assert [(one["nationality"], one["posts"]) for one in (await table(client))["outside"]] == [
        ("CAN", 8),
        ("USA", 18),
        (None, 13),
    ]


async def test_women_and_men_stand_by_status_of_the_first_policy_only(client: Client) -> None:
    await defined(client, ("un", policy(order=1)), ("unesco", policy(rule="unesco-quota", order=2, base=75)))
    await published(client, a_staff({"CHE": (10, 8), "FRA": (14, 20), "DEU": (6, 7), "PER": (12, 9), "KEN": (7, 6)}))
    first, second = await table(client), await table(client, policy="unesco")
    assert (first["policies"], first["plan"]) == (["un", "unesco"], "by_status")
    assert first["policy"]["told"]
    assert second["policy"]["told"]
    assert second["groups"] is None
    groups = {one["group"]: one for one in first["groups"]}
    assert sum(one["women"] or 0 for one in groups.values()) == first["counted"]["women"] == 49
    assert (await client.get(ROOT, params={"policy": "fao"}, role="reader")).status_code == 404


async def test_the_share_of_the_workforce_that_counts_is_that_of_the_documents(client: Client) -> None:
    [published_share] = [
        one["value"]
        for figure in FIGURES["figures"]
        if figure["code"] == "workforce-composition-2022"
        for one in figure["values"]
        if one["name"] == "geographic_posts"
    ]
    await published(client, a_staff({"FRA": (30, 36), "PER": (33, 33)}, padding=468))
    assert str((await table(client))["share_of_staff"]) == published_share == "22"
    stated = await select(
        client,
        "SELECT payload::json->>'code', payload::json->>'numerator', payload::json->>'denominator' FROM outbox "
        "WHERE payload LIKE '%workforce-subject-to-geographical-distribution%'",
    )
    assert [tuple(one) for one in stated] == [("workforce-subject-to-geographical-distribution", "132", "600")]


async def test_a_measure_says_how_many_countries_are_adequately_represented(client: Client) -> None:
    await published(client, a_staff(COUNTRIES))
    code = "countries-adequately-represented"
    assert not await select(client, "SELECT 1 FROM measures WHERE code = :code", code=code)
    bare = await table(client)
    assert (bare["counted"]["total"], bare["plan"], bare["outside"], bare["policy"]) == (75, "closed", [], None)
    await defined(client, ("un", policy()))
    [[state]] = await select(client, "SELECT state FROM measures WHERE code = :code", code=code)
    within = (await table(client))["countries_by_status"]["within"]
    assert (state["numerator"], state["denominator"]) == (within, 7)


async def test_a_policy_applies_from_its_day_to_its_last(client: Client) -> None:
    await defined(client, ("un", policy(effective_until="2021-06-30")), ("fao", policy(rule="fao-range", order=200)))
    await published(client, a_staff(COUNTRIES), as_of="2021-03-31")
    await published(client, a_staff({**COUNTRIES, "DEU": (11, 12)}), as_of="2021-12-31")
    early, late = await table(client, as_of="2021-03-31"), await table(client)
    assert (early["policies"], late["policies"]) == (["un", "fao"], ["fao"])
    assert not late["policy"]["verified"]


async def test_a_policy_that_comes_later_is_told_beside_what_stands(client: Client) -> None:
    await defined(client, ("un", policy()))
    await published(client, a_staff(COUNTRIES))
    before = by_country(await table(client))
    assert (await put(client, "policies/wide", policy(parameters={"half_percent": 90}, order=5))).status_code == 201
    shown = await table(client, policy="wide")
    assert {c: one["posts"] for c, one in by_country(shown).items()} == {c: one["posts"] for c, one in before.items()}
    assert (await table(client))["policies"] == ["un", "wide"]


async def test_a_number_that_one_person_changed_is_not_shown_again(client: Client) -> None:
    await defined(client, ("un", policy()))
    await published(client, a_staff(COUNTRIES), as_of="2021-06-30")
    others = [*people(6, 600_000, grade="G5"), *people(6, 610_000, grade="G5", sex="M")]
    one_more = row(800_000, nationality="PER")
    await published(client, [*a_staff(COUNTRIES), *others, one_more], as_of="2021-09-30")
    quiet = by_country(await table(client))
    assert (quiet["PER"]["posts"], quiet["FRA"]["posts"]) == (None, 34)
    six_more = people(6, 800_000, nationality="PER")
    await published(client, [*a_staff(COUNTRIES), *six_more], as_of="2021-12-31")
    assert by_country(await table(client))["PER"]["posts"] == 24


async def test_recruits_from_countries_that_had_too_few_are_counted(client: Client) -> None:
    staff = {"CHE": (10, 8), "FRA": (14, 20), "DEU": (1, 2), "PER": (12, 6), "KEN": (6, 6)}
    await defined(client, ("un", policy(**FIVE)))
    await published(client, a_staff(staff), as_of="2020-12-31")
    fresh = [*people(6, 700_000, nationality="DEU"), *people(5, 710_000, nationality="DEU", sex="M")]
    fresh += [*people(5, 720_000, nationality="FRA"), *people(6, 730_000, nationality="FRA", sex="M")]
    fresh += [*people(5, 740_000, geographic_post="false"), *people(5, 750_000, sex="M", geographic_post="false")]
    await published(client, [*a_staff(staff), *fresh], as_of="2021-12-31")
    recruits = (await table(client))["recruits"]
    less = recruits["less_than_adequate"]
    assert (less["women"], less["men"], recruits["since"]) == (6, 5, "2020-12-31")
    assert (recruits["others"]["women"], recruits["recruits"], recruits["share"]) == (5, 22, 50)


async def test_few_recruits_are_withheld(client: Client) -> None:
    await defined(client, ("un", policy(**FIVE)))
    await published(client, a_staff(COUNTRIES), as_of="2020-12-31")
    fresh = [*people(9, 700_000, nationality="FRA"), *people(9, 720_000, nationality="FRA", sex="M")]
    await published(client, [*a_staff(COUNTRIES), *fresh, row(800_000, nationality="NPL")], as_of="2021-12-31")
    recruits = (await table(client))["recruits"]
    assert recruits["less_than_adequate"]["total"] is None
    assert (recruits["recruits"], recruits["share"]) == (None, None)
    full = (await table(client, detail="full", role="hr-feeder"))["recruits"]
    assert (full["less_than_adequate"]["women"], full["recruits"], full["share"]) == (1, 19, 5.3)


async def test_a_vacancy_is_weighed_against_both_gaps(client: Client) -> None:
    await defined(client, ("un", policy(**FIVE)))
    await published(client, a_staff({"CHE": (10, 6), "FRA": (20, 20), "PER": (8, 6)}))
    await put(client, "policies/un", policy(base=60, order=1), if_match='"1"')
    await put_vacancy(client, grade="P4")
    view = (await client.get(f"{ROOT}/vacancies/RAPS-1", role="reader")).json()
    assert (view["counts"], view["open"], view["women"], view["men"]) == (True, True, 38, 32)
    cells = {(one["sex"], one["nationality"]): one for one in view["matrix"]}
    assert len(cells) == 4
    woman = cells["woman", "less_than_adequate"]
    assert (woman["share_of_women"], woman["countries"]) == (54.9, 4)
    assert (woman["countries_at_least"], woman["countries_at_most"]) == (0, 1)
    assert cells["man", "other"]["countries_at_most"] == 0
    assert {one["status"]: one["countries"] for one in view["groups"]}["non_represented"] == 4


async def test_a_vacancy_that_does_not_count_moves_no_country(client: Client) -> None:
    await defined(client, ("un", policy(**FIVE)))
    await published(client, a_staff({"CHE": (10, 6), "FRA": (20, 20), "PER": (8, 6)}))
    await put_vacancy(client, grade="P4", geographic_post=False)
    view = (await client.get(f"{ROOT}/vacancies/RAPS-1", role="reader")).json()
    assert (view["counts"], view["groups"]) == (False, [])
    assert {one["countries"] for one in view["matrix"]} == {0}
    assert (await client.get(f"{ROOT}/vacancies/NONE", role="reader")).status_code == 404


async def test_no_event_of_representation_has_a_country_with_a_number(client: Client) -> None:
    await defined(client, ("un", policy()))
    await published(client, a_staff(COUNTRIES))
    rows = await select(client, "SELECT type, payload FROM outbox WHERE type LIKE '%measure-drawn%'")
    assert rows
    assert not [one for one in rows if '"FRA"' in one.payload or '"DEU"' in one.payload]


async def test_the_cubes_of_a_push_count_as_its_rows_do(client: Client) -> None:
    odd = [row(1, sex="X"), row(2, sex=""), row(3, nationality=""), row(4, grade="G5"), row(5, geographic_post="")]
    staff = [*a_staff({"CHE": (9, 8), "FRA": (14, 20)}, start=10), *odd]
    receipt = await published(client, staff)
    async with client.app.state.database.reading() as session:
        chunks = await store.flows.read_chunks(session, receipt["id"])
    rows = count_nationalities(chunks)
    cubes = add_cubes([count_people(pl.read_parquet(io.BytesIO(chunk))) for chunk in chunks])
    assert of_cubes(cubes) == rows
    assert (rows.by_country["CHE"], rows.by_country[""].total) == ((9, 8, 2), 1)
    assert (rows.rest, rows.staff.total) == ((11, 10, 0), len(staff))
