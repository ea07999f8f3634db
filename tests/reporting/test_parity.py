"""Women and men of one measure: at parity or how far from it, what changed, the series of one source, and the targets that it fills."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from tests.reporting.facts import tell
from tests.reporting.staffing import SENIOR, aims, drawn, staff, stated, taken

from reporting.main import service
from reporting.rules import parity
from reporting.rules.parity import Band
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

V1 = "/reporting/v1"
BAND = Band(Decimal(47), Decimal(53))


def line(women: int | None, men: int | None) -> dict[str, Any]:
    return {"women": women, "men": men}


@pytest.mark.parametrize(
    ("women", "men", "state", "women_needed", "men_needed"),
    [
        (0, 10, "below", 5, 0),
        (40, 60, "below", 7, 0),
        (469, 531, "below", 1, 0),
        (47, 53, "at_parity", 0, 0),
        (53, 47, "at_parity", 0, 0),
        (5301, 4699, "above", 0, 1),
        (14, 15, "at_parity", 0, 0),  # 48.3
        (1, 2, "below", None, None),  # of three no split lies within 47 to 53
        (2, 1, "above", None, None),
    ],
)
def test_who_is_needed_is_the_smallest_number_that_comes_into_the_band(
    women: int, men: int, state: str, women_needed: int | None, men_needed: int | None
) -> None:
    found = parity.stand(line(women, men), BAND)
    assert found == {"state": state, "women_needed": women_needed, "men_needed": men_needed}
    if women_needed:
        for replaced, expected in ((women_needed, True), (women_needed - 1, False)):
            again = parity.stand(line(women + replaced, men - replaced), BAND)
            assert again is not None
            assert (again["state"] == "at_parity") is expected


def test_the_unrounded_share_decides() -> None:
    found = parity.stand(line(4699, 5301), BAND)  # shown as 47.0
    assert found is not None
    assert found["state"] == "below"


def test_nothing_is_worked_out_of_what_is_withheld_or_of_nobody() -> None:
    for one in (line(None, None), line(0, 0)):
        assert parity.stand(one, BAND) is None
        assert parity.change(one, line(4, 6)) is None
        assert parity.change(line(4, 6), one) is None
    assert parity.change(None, line(4, 6)) is None


def test_a_change_is_rounded_once() -> None:
    assert parity.change(line(1, 2), line(2, 1)) == {"points": 33.3, "women": 1, "men": -1}
    assert parity.change(line(2, 1), line(1, 2)) == {"points": -33.3, "women": -1, "men": 1}


def point(year: int, women: int | None, rule: str = "r/1") -> dict[str, Any]:
    return {"as_of": f"{year}-12-31", **line(women, None if women is None else 100 - women), "rule": rule}


def test_a_trend_runs_over_the_last_unbroken_run_of_one_rule() -> None:
    run = [point(2016, 10), point(2017, None), point(2018, 40), point(2020, 44)]
    expected = {"from": "2018-12-31", "to": "2020-12-31", "points": 2, "per_year": 2, "projected_year": 2023}
    assert parity.trend(run) == expected
    assert parity.trend([*run, point(2021, 45, "r/2")]) is None
    assert parity.trend([*run, point(2021, None)]) is None
    falling = parity.trend([point(2018, 44), point(2020, 40)])
    assert falling is not None
    assert (falling["per_year"], falling["projected_year"]) == (-2, None)
    assert parity.trend([]) is None


@pytest.fixture(scope="module")
async def client(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    async with postgres.database() as log, running_service(service, postgres, issuer, log) as running:
        await tell(running, *aims(), *staff())
        yield running


async def read(client: Client, path: str, **params: str) -> Any:
    answer = await client.get(f"{V1}/{path}", role="reader", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_measure_says_how_far_each_line_is_from_parity_and_what_changed(client: Client) -> None:
    found = await read(client, "parity/staff-by-region")
    assert (found["as_of"], found["source"], found["share"]) == ("2020-12-31", "payroll", 52.4)
    assert found["band"] == {"from": 47, "to": 53, "goal": 50}
    assert found["parity"] == {"state": "at_parity", "women_needed": 0, "men_needed": 0}
    assert found["change"] == {"points": 1.2, "women": 10, "men": 0}
    assert found["before"] == {"as_of": "2019-12-31", "comparable": True}
    lines = {one["group"]: one for one in found["groups"]}
    assert lines["africa"]["parity"]["state"] == "at_parity"
    assert lines["africa"]["change"] == {"points": 4.5, "women": 10, "men": 0}
    assert lines["americas"]["change"]["points"] == 0
    withheld = lines["arab-states"]
    assert [withheld[name] for name in ("women", "men", "share", "parity", "change")] == [None] * 5
    assert [one["as_of"][:4] for one in found["series"]] == ["2018", "2019", "2020"]
    assert found["derived_from"] == {"snapshot": "payroll-2020", "revision": 1, "rule": "staff-by-region/1"}


async def test_an_earlier_day_answers_with_what_was_before_it_then(client: Client) -> None:
    found = await read(client, "parity/staff-by-region", as_of="2019-06-30")
    assert (found["as_of"], found["before"], found["change"]) == ("2018-12-31", None, None)
    assert found["trend"] is None
    assert len(found["series"]) == 3


async def test_sources_are_never_mixed_in_a_series(client: Client) -> None:
    other = drawn("staff-by-unit", 2021, (5, 5), {"HRD": (5, 5)}, dimension="unit", source="other")
    mine = drawn("staff-by-unit", 2020, (6, 5), {"HRD": (6, 5)}, dimension="unit")
    await tell(client, *stated([other, mine]))
    newest = await read(client, "parity/staff-by-unit")
    assert (newest["source"], newest["before"], len(newest["series"])) == ("other", None, 1)
    named = await read(client, "parity/staff-by-unit", source="payroll")
    assert (named["women"], [one["women"] for one in named["series"]]) == (6, [6])
    missing = await client.get(f"{V1}/parity/staff-by-unit", role="reader", params={"source": "nobody"})
    assert missing.status_code == 404
    assert missing.json()["detail"] == "no measure staff-by-unit was drawn from a staffing snapshot of nobody"


async def test_figures_of_different_rules_are_not_compared(client: Client) -> None:
    first = drawn("staff-by-age-band", 2019, (4, 6), {"30_39": (4, 6)}, dimension="age_band", rule="ages/1")
    second = drawn("staff-by-age-band", 2020, (5, 5), {"30_39": (5, 5)}, dimension="age_band", rule="ages/2")
    await tell(client, *stated([first, second]))
    found = await read(client, "parity/staff-by-age-band")
    assert found["before"] == {"as_of": "2019-12-31", "comparable": False}
    assert (found["change"], found["groups"][0]["change"], found["trend"]) == (None, None, None)


async def test_what_there_is_names_measures_days_and_snapshots_that_are_not_published(client: Client) -> None:
    await tell(client, taken(2021, "held"))
    found = await read(client, "measures")
    region = next(one for one in found["items"] if one["code"] == "staff-by-region")
    assert region == {
        "source": "payroll",
        "code": "staff-by-region",
        "title": "Women and men by region",
        "dimension": "region",
        "days": ["2018-12-31", "2019-12-31", "2020-12-31"],
    }
    published = {one["as_of"]: one["published"] for one in found["snapshots"]}
    assert published == {"2018-12-31": True, "2019-12-31": True, "2020-12-31": True, "2021-12-31": False}


async def test_the_targets_that_a_measure_fills_are_named_with_their_plan_and_days(client: Client) -> None:
    [found] = (await read(client, "targets", measure=SENIOR))["items"]
    expected = {"plan": "staff-plan", "plan_title": "A plan for the staff", "phase": "2020-21", "ends": "2021-12-31"}
    assert {name: found[name] for name in expected} == expected
    assert (found["value"], found["operator"], found["status"]) == (45, "at_least", "data_unavailable")
    assert (await read(client, "targets", measure="staff-by-unit"))["items"] == []


async def test_units_are_named(client: Client) -> None:
    assert (await read(client, "units"))["items"] == [{"unit": "HRD", "name": "Human Resources"}]


async def test_a_kept_answer_is_renewed_by_a_new_snapshot(client: Client) -> None:
    path = f"{V1}/parity/{SENIOR}"
    first = await client.get(path, role="reader")
    assert (await client.get(path, role="reader", headers={"If-None-Match": first.headers["etag"]})).status_code == 304
    await tell(client, *stated([drawn(SENIOR, 2021, (45, 60))]))
    assert (await read(client, f"parity/{SENIOR}"))["as_of"] == "2021-12-31"


async def test_the_band_is_a_setting(postgres: Postgres, issuer: LocalIssuer) -> None:
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, parity_from_percent="40", parity_to_percent="60") as other,
    ):
        await tell(other, *stated([drawn(SENIOR, 2020, (42, 58))]))
        found = await read(other, f"parity/{SENIOR}")
    assert (found["band"], found["parity"]["state"]) == ({"from": 40, "to": 60, "goal": 50}, "at_parity")


async def test_what_a_source_says_of_itself_stands_beside_its_figures_and_on_the_page(
    postgres: Postgres, issuer: LocalIssuer
) -> None:
    note = "Nobody in it <exists>"
    counted = drawn("staff-by-grade", 2020, (6, 5), {"P4": (6, 5)}, dimension="grade", source="counted")
    made_up = drawn("staff-by-grade", 2021, (5, 5), {"P4": (5, 5)}, dimension="grade", source="made-up")
    async with postgres.database() as log, running_service(service, postgres, issuer, log) as client:
        await tell(client, *stated([counted]))
        page = await client.get("/parity", role="reader")
        assert '<p id="source-note" class="label" role="note" hidden></p>' in page.text
        await tell(client, *stated([made_up.model_copy(update={"source_note": note})]))
        page = await client.get("/parity", role="reader")
        assert '<p id="source-note" class="label" role="note">Nobody in it &lt;exists&gt;</p>' in page.text
        assert (await read(client, "parity", measure="staff-by-grade"))["source_note"] == note
        for source, said in (("made-up", note), ("counted", None)):
            assert (await read(client, "parity/staff-by-grade", source=source))["source_note"] == said
