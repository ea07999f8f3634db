"""Measures over their dates and in scenarios, over the running service."""

from typing import Any

import pytest
from tests.hr_diversity.pushing import MEASURES, accepted, measure, push, select
from tests.hr_diversity.registering import registered, row
from tests.hr_diversity.staff import a_staff, example, file_of, people

from hr_diversity.api import parity
from shared.auth import ROLES
from shared.testing import Client

SENIOR = "women-p5-plus-regular-budget"
ALL_SENIOR = "women-p5-plus-whole-workforce"
TURNOVER = {"separations": "30", "women_appointed": "60", "until": "2023"}


async def series(client: Client, code: str = SENIOR, **params: str) -> dict[str, Any]:
    answer = await client.get(f"{MEASURES}/{code}/series", params=params, role="reader")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def scenario(client: Client, code: str = SENIOR, **params: str) -> dict[str, Any]:
    answer = await client.get(f"{MEASURES}/{code}/scenario", params={**TURNOVER, **params}, role="reader")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def two_years(client: Client) -> list[dict[str, Any]]:
    return [await accepted(client, example(year), as_of=f"{year}-12-31") for year in (2020, 2021)]


def groups(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {line["group"]: line for line in found["groups"]}


@pytest.mark.parametrize("path", ["series", "scenario?separations=1&women_appointed=50&until=2023", "open-vacancies"])
async def test_every_role_reads_what_is_drawn_from_measures_and_nobody_without_a_token(
    reading: Client, path: str
) -> None:
    await push(reading, a_staff())
    for role in sorted(ROLES):
        assert (await reading.get(f"{MEASURES}/{SENIOR}/{path}", role=role)).status_code == 200, role
    assert (await reading.get(f"{MEASURES}/{SENIOR}/{path}")).status_code == 401


async def test_a_series_has_every_date_with_parity_and_its_snapshot(client: Client) -> None:
    first, second = await two_years(client)
    found = await series(client)
    assert [(p["as_of"], p["women"], p["men"], p["share"]) for p in found["total"]["points"]] == [
        ("2020-12-31", 114, 186, 38),
        ("2021-12-31", 112, 190, 37.1),
    ]
    assert [p["parity"] for p in found["total"]["points"]] == [
        {"status": "below", "women_needed": 27, "men_needed": 0},
        {"status": "below", "women_needed": 30, "men_needed": 0},
    ]
    assert [p["derived_from"] for p in found["total"]["points"]] == [
        {"snapshot": first["id"], "revision": 1},
        {"snapshot": second["id"], "revision": 1},
    ]
    assert {p["rule"] for p in found["total"]["points"]} == {f"{SENIOR}/1"}
    assert (found["source"], found["groups"], found["policy"]["verified"]) == ("hris", [], False)


async def test_a_falling_share_has_a_trend_and_no_year(client: Client) -> None:
    first, second = await two_years(client)
    trend = (await series(client))["total"]["trend"]
    assert trend == {
        "from": "2020-12-31",
        "to": "2021-12-31",
        "points": 2,
        "per_year": -0.914,  # 112 of 302 less 114 of 300, unrounded
        "projected_year": None,
        "rule": "parity-trend/1",
        "derived_from": [{"snapshot": first["id"], "revision": 1}, {"snapshot": second["id"], "revision": 1}],
    }


async def test_a_rising_share_has_a_year(client: Client) -> None:
    await accepted(client, a_staff(40, 60), as_of="2020-12-31")
    await accepted(client, a_staff(46, 54), as_of="2021-12-31")
    trend = (await series(client))["total"]["trend"]
    assert (trend["per_year"], trend["projected_year"]) == (6, 2022)  # 2021 + 4 / 6 = 2021.7


async def test_no_trend_runs_over_a_withheld_point(client: Client) -> None:
    await accepted(client, a_staff(40, 60), as_of="2018-12-31")
    await accepted(client, a_staff(3, 60), as_of="2019-12-31")
    await accepted(client, a_staff(46, 54), as_of="2020-12-31")
    found = (await series(client))["total"]
    assert [p["suppressed"] for p in found["points"]] == [False, True, False]
    assert found["points"][1]["parity"] is None
    assert (found["trend"], found["why_no_trend"]) == (None, "fewer_than_two_points")
    await accepted(client, a_staff(52, 48), as_of="2021-12-31")
    assert (await series(client))["total"]["trend"]["from"] == "2020-12-31"
    ended = (await series(client, to="2019-12-31"))["total"]
    assert (ended["trend"], ended["why_no_trend"]) == (None, "no_figure_at_the_last_date")


async def test_whole_workforce_and_regular_budget_stand_side_by_side(client: Client) -> None:
    await two_years(client)
    found = await series(client, "staff-by-contract-source")
    assert list(groups(found)) == ["regular_budget", "development_cooperation", "other"]
    whole, regular = found["total"], groups(found)["regular_budget"]
    assert [len(line["points"]) for line in (whole, regular)] == [2, 2]
    assert whole["points"][1]["parity"]["status"] == "at_parity"
    assert whole["trend"] is not None


async def test_senior_posts_of_the_whole_workforce_stand_beside_those_of_the_regular_budget(client: Client) -> None:
    await two_years(client)
    regular = await series(client)
    assert (regular["beside"]["code"], len(regular["beside"]["total"]["points"])) == (ALL_SENIOR, 2)
    whole = await series(client, ALL_SENIOR)
    assert whole["beside"]["code"] == SENIOR
    assert whole["beside"]["total"] == regular["total"]
    assert whole["total"] == regular["beside"]["total"]
    first = whole["total"]["points"][0]
    assert (first["women"], first["men"]) == (123, 201)
    assert (await series(client, "staff-by-grade"))["beside"]["code"] == "staff-by-grade-regular-budget"
    assert (await series(client, "staff-by-unit"))["beside"] is None


async def test_a_group_of_the_latest_date_comes_first_and_one_that_went_is_still_there(client: Client) -> None:
    old = people(20, grade="P4", unit="OLD") + people(20, 101, grade="P4", unit="OLD", sex="M")
    both = people(20, 201, unit="HRD") + people(20, 301, unit="HRD", sex="M")
    await accepted(client, file_of(old + both), as_of="2020-12-31")
    await accepted(client, file_of(both), as_of="2021-12-31")
    found = await series(client, "staff-by-unit")
    assert list(groups(found)) == ["HRD", "OLD"]
    assert len(groups(found)["OLD"]["points"]) == 1
    assert groups(found)["OLD"]["why_no_trend"] == "no_figure_at_the_last_date"


async def test_a_series_is_of_one_source_and_of_the_dates_asked_for(client: Client) -> None:
    await two_years(client)
    await accepted(client, a_staff(50, 50), source="payroll", as_of="2019-12-31")
    assert (await series(client))["source"] == "hris"
    found = await series(client, source="payroll")
    assert [p["as_of"] for p in found["total"]["points"]] == ["2019-12-31"]
    cut = await series(client, **{"from": "2021-01-01"})
    assert [p["as_of"] for p in cut["total"]["points"]] == ["2021-12-31"]
    assert cut["from"] == "2021-01-01"


async def test_a_corrected_snapshot_corrects_the_series(client: Client) -> None:
    await accepted(client, a_staff(40, 60))
    second = await accepted(client, a_staff(47, 53))
    [point] = (await series(client))["total"]["points"]
    assert (point["women"], point["parity"]["status"]) == (47, "at_parity")
    assert point["derived_from"] == {"snapshot": second["id"], "revision": 2}


async def test_the_band_is_a_setting_and_shown(client: Client) -> None:
    client.app.state.settings = client.app.state.settings.model_copy(update={"parity_from_percent": 40})
    await accepted(client, a_staff(40, 60))
    found = await series(client)
    assert found["total"]["points"][0]["parity"]["status"] == "at_parity"
    assert (found["policy"]["name"], found["policy"]["lower"], found["policy"]["upper"]) == ("parity-40-53", 40, 53)


async def test_every_figure_of_a_series_is_one_that_was_stated(client: Client) -> None:
    await two_years(client)
    await accepted(
        client, file_of(people(3, grade="P5") + people(100, 4, sex="M") + people(50, 200)), as_of="2019-12-31"
    )
    stated = {
        (row.code, str(row.as_of), cell.get("group")): cell
        for row in await select(client, "SELECT code, as_of, state FROM measures")
        for cell in [row.state, *row.state["cells"]]
    }
    for code in {key[0] for key in stated}:
        found = await series(client, code)
        for line in [found["total"], *found["groups"]]:
            for point in line["points"]:
                shown = stated[code, point["as_of"], line["group"]]
                assert all(point[name] == shown[name] for name in ("women", "men", "other", "total", "suppressed"))
                nobody = None in (shown["women"], shown["men"]) or shown["women"] + shown["men"] == 0
                assert (point["parity"] is None) == nobody


async def test_a_series_of_more_figures_than_an_answer_holds_is_refused(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await two_years(client)
    monkeypatch.setattr(parity, "MOST_FIGURES", 8)  # two dates with a total and three contract sources each
    assert len((await series(client, "staff-by-contract-source"))["groups"]) == 3
    monkeypatch.setattr(parity, "MOST_FIGURES", 7)
    client.app.state.documents.forget()  # what is kept was within the bound as it was
    answer = await client.get(f"{MEASURES}/staff-by-contract-source/series", role="reader")
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:series-too-long")
    assert await series(client, "staff-by-contract-source", **{"from": "2021-01-01"})


async def test_a_scenario_shows_its_inputs_and_what_it_is_derived_from(client: Client) -> None:
    _, second = await two_years(client)
    found = await scenario(client, women_leaving="40", target="45")
    assert found["inputs"] == {
        "women": 112,
        "men": 190,
        "separations": 30,
        "appointments": 30,
        "women_appointed": 60,
        "women_leaving": 40,
        "target": 45,
        "until": 2023,
    }
    assert found["derived_from"] == {"snapshot": second["id"], "revision": 1}
    assert (found["as_of"], found["rule"]) == ("2021-12-31", "parity-scenario/1")
    assert found["years"] == [
        {"year": 2022, "women": 118, "men": 184, "share": 39.1},
        {"year": 2023, "women": 124, "men": 178, "share": 41.1},
    ]
    # 45 per cent of 302 is 135.9, which is 23.9 more than 112: 24 leave in two years, so 47.9 of 60 come
    assert found["target"] == {"verdict": "possible", "ends_at": 41.1, "at_most": 49.0, "appointments_needed": 79.8}
    assert found["one_vacancy"] == {
        "by_woman": {"share": 37.3, "distance": -7.7},
        "by_man": {"share": 37, "distance": -8},
    }


async def test_low_turnover_puts_the_target_out_of_reach(client: Client) -> None:
    await two_years(client)
    assert (await scenario(client, separations="5", target="45"))["target"]["verdict"] == "out_of_reach"


async def test_the_senior_share_of_2022_takes_most_appointments_of_a_low_turnover(client: Client) -> None:
    await two_years(client)
    found = await scenario(client, separations="15", until="2022", target="40")
    assert found["target"]["verdict"] == "possible"
    assert 90 < found["target"]["appointments_needed"] <= 100


async def test_a_scenario_of_a_group(client: Client) -> None:
    await two_years(client)
    cell = {c["group"]: c for c in (await measure(client, "staff-by-grade"))["cells"]}["P4"]
    found = await scenario(client, "staff-by-grade", group="P4")
    assert (found["inputs"]["women"], found["inputs"]["men"], found["group"]) == (cell["women"], cell["men"], "P4")


async def test_a_withheld_line_has_no_scenario(client: Client) -> None:
    await accepted(client, a_staff(3, 60))
    found = await scenario(client)
    assert found["suppressed"] is True
    assert (found["years"], found["target"], found["one_vacancy"]) == ([], None, None)
    assert (found["inputs"]["women"], found["inputs"]["men"]) == (None, None)


async def open_vacancies(client: Client, code: str = SENIOR, **params: str) -> dict[str, Any]:
    answer = await client.get(f"{MEASURES}/{code}/open-vacancies", params=params, role="reader")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_open_vacancies_of_senior_posts_are_weighed_against_the_target(client: Client) -> None:
    _, second = await two_years(client)
    senior = [row(n, grade=grade) for n, grade in enumerate(["P5", "D1", "D2"])]
    others = [
        row(10, grade="P4"),
        row(11, grade="P5", funding="development_cooperation"),
        row(12, grade="P5", on_post="2022-09-01"),
        row(13, grade="P5", selected=None, shortlisted=None, applicants=None, cancelled="2022-03-01"),
    ]
    await registered(client, *senior, *others)
    found = await open_vacancies(client, target="37.5")
    assert found == {
        "code": SENIOR,
        "title": found["title"],
        "source": "hris",
        "as_of": "2021-12-31",
        "group": None,
        "suppressed": False,
        "women": 112,
        "men": 190,
        "share": 37.1,
        "target": 37.5,
        "open_vacancies": 3,
        "one_vacancy": {"by_woman": {"share": 37.3, "distance": -0.2}, "by_man": {"share": 37, "distance": -0.5}},
        "all_by_women": {"share": 37.7, "distance": 0.2},
        "all_by_men": {"share": 36.7, "distance": -0.8},
        "women_needed": 3,  # 114 of 305 is 37.4 per cent
        "reachable": True,
        "rule": "parity-vacancies/1",
        "derived_from": {"snapshot": second["id"], "revision": 1},
    }
    assert (await open_vacancies(client, target="45"))["reachable"] is False
    assert (await open_vacancies(client, ALL_SENIOR))["open_vacancies"] == 4


@pytest.mark.parametrize(
    ("code", "group", "count"),
    [
        ("staff-by-grade", "P4", 2),
        ("staff-by-contract-source", "development_cooperation", 1),
        ("staff-by-region", "africa", 3),
        ("staff-by-unit", "HRD", 1),
    ],
)
async def test_open_vacancies_of_a_group_are_those_of_its_posts(
    client: Client, code: str, group: str, count: int
) -> None:
    await two_years(client)
    await registered(
        client,
        row(1, grade="P4", unit="HRD"),
        row(2, grade="P4", unit="GEDI", funding="development_cooperation"),
        row(3, grade="P3", unit="GEDI"),
        row(4, grade="P2", unit="GEDI", region="americas"),
    )
    assert (await open_vacancies(client, code, group=group))["open_vacancies"] == count
    assert (await open_vacancies(client, code))["open_vacancies"] == 4


async def test_open_vacancies_tell_nothing_of_a_withheld_line(client: Client) -> None:
    await accepted(client, a_staff(3, 60))
    await registered(client, row(1, grade="P5"))
    found = await open_vacancies(client)
    assert (found["suppressed"], found["open_vacancies"]) == (True, 1)
    empty = ("women", "men", "share", "one_vacancy", "all_by_women", "all_by_men", "women_needed", "reachable")
    assert [found[name] for name in empty] == [None] * len(empty)


async def test_without_open_vacancies_there_is_no_one_vacancy(client: Client) -> None:
    await accepted(client, a_staff(40, 60))
    found = await open_vacancies(client)
    assert (found["open_vacancies"], found["one_vacancy"], found["reachable"]) == (0, None, False)
    assert (await open_vacancies(client, target="40"))["women_needed"] == 0


@pytest.mark.parametrize(
    ("path", "status", "slug"),
    [
        ("women-on-the-moon/series", 404, "unknown-measure"),
        (f"{SENIOR}/series?source=nobody", 404, "measure-not-drawn"),
        (f"{SENIOR}/series?to=1999-12-31", 404, "measure-not-drawn"),
        (f"{SENIOR}/series?until=2021-12-31", 400, "unknown-parameter"),
        (f"{SENIOR}/scenario?separations=1&women_appointed=50", 422, "invalid-request"),
        (f"{SENIOR}/scenario?separations=1&women_appointed=101&until=2023", 422, "invalid-request"),
        (f"{SENIOR}/scenario?separations=1&women_appointed=50&until=2021", 422, "scenario-breaks"),
        (f"{SENIOR}/scenario?separations=1&women_appointed=50&until=2072", 422, "scenario-breaks"),
        (f"{SENIOR}/scenario?separations=500&women_appointed=50&until=2023", 422, "scenario-breaks"),
        (f"{SENIOR}/scenario?separations=1&women_appointed=50&until=2023&group=P9", 404, "unknown-group"),
        (f"{SENIOR}/open-vacancies?group=P9", 404, "unknown-group"),
        (f"{SENIOR}/open-vacancies?target=-1", 422, "invalid-request"),
    ],
)
async def test_what_cannot_be_answered_says_why(reading: Client, path: str, status: int, slug: str) -> None:
    await push(reading, a_staff())
    answer = await reading.get(f"{MEASURES}/{path}", role="reader")
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:apge:problem:{slug}")
