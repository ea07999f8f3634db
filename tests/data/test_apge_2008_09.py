"""The plan of 2008-09 says what GB.300/5 prints: its tables row by row, its targets, its baselines, and no result at all."""

import json
from collections import Counter
from pathlib import Path

from indicators.rules import status
from shared.events.indicators import IndicatorState

DATA = Path(__file__).parents[2] / "data"
PLAN = json.loads((DATA / "apge-2008-09.json").read_text(encoding="utf-8"))
INDICATORS = {one["code"]: one for one in PLAN["indicators"]}
PARENTS = {area["code"]: area.get("parent") for area in PLAN["plan"]["areas"]}
PROGRAMME = [one for code, one in INDICATORS.items() if code.startswith("programme-")]


def top(area: str) -> str:
    parent = PARENTS[area]
    return area if parent is None else top(parent)


def under(area: str, code: str) -> bool:
    return area == code or (PARENTS[area] is not None and under(PARENTS[area], code))


def test_the_enabling_mechanisms_have_13_action_steps_19_indicators_and_25_strategies() -> None:
    steps = {
        area
        for area, parent in PARENTS.items()
        if parent in {"staffing-result", "substance-result", "institutional-result"}
    }
    assert len(steps) == 5 + 3 + 5
    counts = {
        section: sum(under(one["area"], section) for one in INDICATORS.values())
        for section in ("staffing", "substance", "institutional-arrangements")
    }
    assert counts == {"staffing": 7, "substance": 6, "institutional-arrangements": 6}
    strategies = [a for a in PLAN["actions"] if a["provenance"]["table"] == "Enabling institutional mechanisms"]
    assert Counter(a["provenance"]["row"].partition(",")[0] for a in strategies) == {
        "Staffing": 12, "Substance": 6, "Institutional arrangements": 7
    }  # fmt: skip


def test_the_33_programme_indicators_stand_in_14_outcomes_of_4_strategic_objectives() -> None:
    assert [int(one["provenance"]["row"]) for one in PROGRAMME] == list(range(1, 34))
    objectives = [area for area, parent in PARENTS.items() if parent == "programme"]
    assert len(objectives) == 4
    assert len([area for area, parent in PARENTS.items() if parent in objectives]) == 14
    assert {top(one["area"]) for one in PROGRAMME} == {"programme"}


def test_every_strategy_priority_and_role_that_is_printed_is_an_action() -> None:
    tables = Counter(action["provenance"]["table"] for action in PLAN["actions"])
    assert tables == {
        "Enabling institutional mechanisms": 25,
        "Annex I, Strategic Objective No. 1": 7,
        "Annex I, Strategic Objective No. 2": 11,
        "Annex I, Strategic Objective No. 3": 12,
        "Annex I, Strategic Objective No. 4": 12,
        "Annex I, Gender-responsive regional priorities": 9,
        "Annex I, Joint immediate outcome": 5,
        "Roles and responsibilities": 10,
    }
    served = {code for action in PLAN["actions"] for code in action["indicators"]}
    goals = {code for code, one in INDICATORS.items() if one["area"] == "accountability"}
    assert INDICATORS.keys() - served <= goals


def test_programme_targets_are_those_that_are_printed_and_no_other() -> None:
    printed = {
        one["provenance"]["row"]: [
            (t["place"], t.get("value") or [part["value"] for part in t["parts"]]) for t in one["targets"]
        ]
        for one in PROGRAMME
        if one["targets"]
    }
    elsewhere = "region:other"
    assert printed == {
        "1": [("global", "5")],
        "2": [("region:africa", "10"), (elsewhere, "15")],
        "4": [("global", "60")],
        "5": [("region:africa", "5"), (elsewhere, "5")],
        "6": [("region:africa", "7"), (elsewhere, "8")],
        "7": [("region:africa", "9"), (elsewhere, "9")],
        "8": [("region:africa", "3"), (elsewhere, "3")],
        "13": [("global", ["50", "15"])],
        "14": [("global", ["15"])],
        "18": [("global", ["250000", "50"])],
        "20": [("global", "30")],
    }


def test_baselines_have_value_and_year_and_a_direction_is_judged_from_them() -> None:
    baselines = {code: one["baseline"] for code, one in INDICATORS.items() if one.get("baseline")}
    assert {code: (b.get("value"), b.get("year")) for code, b in baselines.items()} == {
        "professional-posts-parity": (None, 2006),
        "reporting-of-gender-equality": (None, None),
        "gender-audits": ("27", 2007),
        "focal-points-men": ("28", 2006),
    }
    directions = [t for one in INDICATORS.values() for t in one["targets"] if t["operator"] == "increases"]
    assert len(directions) == 10
    assert all(t.get("value") is None for t in directions)
    men = IndicatorState.model_validate({"plan": "apge-2008-09", **INDICATORS["focal-points-men"]})
    assert status.judge(men, men.targets[0], None, "end_of_cycle") == "data_unavailable"


def test_the_document_gives_no_result_so_none_is_here() -> None:
    assert [one["code"] for one in PLAN["indicators"] if one["results"]] == []


def test_the_joint_outcome_has_two_indicators_without_target_and_a_budget() -> None:
    joint = [one for one in INDICATORS.values() if one["area"] == "joint-immediate-outcome"]
    assert [len(one["targets"]) for one in joint] == [0, 0]
    [budget] = PLAN["resources"]
    assert (budget["area"], budget["published_budget"], budget["lines"][0]["budget"]) == (
        "joint-immediate-outcome", "5095960", "5095960"
    )  # fmt: skip


def test_six_accountability_goals_are_milestones_and_ten_roles_are_named_without_persons() -> None:
    goals = [one for one in INDICATORS.values() if one["area"] == "accountability"]
    assert [(one["kind"], one["targets"][0]["operator"]) for one in goals] == [("milestone", "reached")] * 6
    roles = [a["responsible_roles"] for a in PLAN["actions"] if a.get("responsible_roles")]
    assert len(roles) == 10
    assert roles[0] == ["Director-General"]


def test_the_three_numbers_of_gender_audits_and_the_two_of_workers_are_claims_of_one_concept() -> None:
    said: dict[str, list[str]] = {}
    for claim in PLAN["claims"]:
        said.setdefault(claim["concept"], []).append(claim["value"])
    assert said["gender-audits-of-ilo-units"] == ["27", "28", "28"]
    assert said["hiv-aids-workers-target"] == ["250000", "300000"]
