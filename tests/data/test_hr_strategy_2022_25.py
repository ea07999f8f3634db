"""The HR Strategy 2022-25 says what the report on 2022 says: its figures with their end points, none merged with another."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from indicators.rules import status
from shared.events.indicators import IndicatorState
from shared.events.results import Result

DATA = Path(__file__).parents[2] / "data"
PLAN = json.loads((DATA / "hr-strategy-2022-25.json").read_text(encoding="utf-8"))
PROGRAMME = json.loads((DATA / "programme-2020-21.json").read_text(encoding="utf-8"))
INDICATORS = {one["code"]: one for one in PLAN["indicators"]}
CLAIMS = {one["code"]: one for one in PLAN["claims"]}
RECORDED = {"number": 1, "review": "accepted", "recorded_at": "2023-01-01T00:00:00Z", "recorded_by": "x"}


def judged(code: str) -> str:
    state = IndicatorState.model_validate({"plan": "hr-strategy-2022-25", **INDICATORS[code]})
    results: list[dict[str, Any]] = INDICATORS[code]["results"]
    standing = Result.model_validate({**RECORDED, **results[0]}) if results else None
    return status.judge(state, state.targets[0], standing, "end_of_cycle")


def test_the_figures_of_2022_are_those_of_the_report() -> None:
    figures = {c: i["results"][0]["value"] for c, i in INDICATORS.items() if i["kind"] != "milestone"}
    assert figures == {
        "women-p5-plus": "40",
        "raps-close-to-selection": "172",
        "dc-posting-to-on-post": "124",
        "dc-selection-to-on-post": "62",
        "disability-inclusion-course": "80",
        "performance-appraisals": "88",
        "sexual-exploitation-course": "92",
    }
    assert {INDICATORS[code]["results"][0]["as_of"] for code in figures} == {"2022-12-31"}


def test_the_target_for_women_is_met_exactly_at_40_and_a_course_for_all_staff_is_not() -> None:
    assert judged("women-p5-plus") == "met"
    assert CLAIMS["women-p5-plus-met"]["status"] == "met"
    assert {judged("disability-inclusion-course"), judged("sexual-exploitation-course")} == {"not_met"}


def test_a_direction_is_judged_where_the_report_names_what_was_before_and_only_there() -> None:
    before = {c: (i["baseline"]["value"], judged(c)) for c, i in INDICATORS.items() if i.get("baseline")}
    assert before == {"dc-posting-to-on-post": ("145", "met"), "dc-selection-to-on-post": ("68", "met")}
    assert {judged("raps-close-to-selection"), judged("performance-appraisals")} == {"data_unavailable"}


def test_every_duration_names_both_its_ends_and_has_a_concept_of_its_own() -> None:
    durations = [one for one in INDICATORS.values() if one.get("unit") == "calendar days"]
    assert len(durations) == 3
    assert all("From: " in one["definition"] and " To: " in one["definition"] for one in durations)
    concepts = {one["concept"] for one in CLAIMS.values() if one.get("unit") == "days"}
    elsewhere = {one["concept"] for one in PROGRAMME["claims"] if one["code"] == "box-36-recruitment-time"}
    assert concepts == {one["code"] for one in durations}
    assert elsewhere == {"dc-recruitment-time"}


def test_three_outcomes_have_eight_focus_areas_and_milestones_in_each() -> None:
    parents = {area["code"]: area.get("parent") for area in PLAN["plan"]["areas"]}
    assert Counter(parent for parent in parents.values() if parent) == {"outcome-1": 3, "outcome-2": 3, "outcome-3": 2}
    milestones = Counter(one["area"] for one in INDICATORS.values() if one["kind"] == "milestone")
    assert milestones.keys() == {area for area, parent in parents.items() if parent}
    assert (sum(milestones.values()), len(INDICATORS)) == (27, 34)


def test_what_was_still_to_come_has_no_result() -> None:
    pending = {c for c, i in INDICATORS.items() if not i["results"]}
    assert len(pending) == 14
    assert {"skills-framework", "flexible-working-policy", "united-to-respect", "disciplinary-sanctions"} <= pending
    assert {judged(code) for code in pending} == {"data_unavailable"}


def test_women_in_senior_posts_are_one_concept_of_three_plans_with_three_dates() -> None:
    said = [
        (claim["as_of"], claim["value"])
        for name in ("apge-2018-21", "programme-2020-21", "hr-strategy-2022-25")
        for claim in json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))["claims"]
        if claim.get("concept") == "women-p5-plus"
    ]
    assert said == [("2020-12-31", "38"), ("2021-12-31", "37.1"), ("2022-12-31", "40")]
