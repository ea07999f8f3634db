"""UN-SWAP 2.0 as a plan: the framework with its scale and no rating, said to be unverified, and mapped to plan indicators both ways."""

import json
from collections import Counter
from pathlib import Path

import pytest

from indicators.rules import status
from shared.events.indicators import IndicatorState
from shared.events.results import Result

DATA = Path(__file__).parents[2] / "data"
FILES = {
    name: json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("un-swap", "apge-2018-21", "hr-strategy-2022-25")
}
PLAN = FILES["un-swap"]
RECORDED = {"number": 1, "as_of": "2022-12-31", "review": "accepted", "recorded_at": "2023-01-01T00:00:00Z"}


def test_17_performance_indicators_stand_in_six_areas() -> None:
    assert [one["code"] for one in PLAN["indicators"]] == [f"pi-{number:02d}" for number in range(1, 18)]
    areas = [area["code"] for area in PLAN["plan"]["areas"]]
    assert [Counter(one["area"] for one in PLAN["indicators"])[area] for area in areas] == [3, 2, 3, 5, 2, 2]


@pytest.mark.parametrize(
    ("rating", "means"), [("missing", "not_met"), ("approaches", "not_met"), ("meets", "met"), ("exceeds", "met")]
)
def test_a_rating_reaches_its_target_from_meets_on(rating: str, means: str) -> None:
    state = IndicatorState.model_validate({"plan": "un-swap", **PLAN["indicators"][0]})
    rated = Result.model_validate({**RECORDED, "recorded_by": "x", "category": rating})
    assert status.judge(state, state.targets[0], rated, "end_of_cycle") == means


def test_not_applicable_is_no_data_and_no_rating_of_the_scale() -> None:
    assert {tuple(one["categories"]) for one in PLAN["indicators"]} == {("missing", "approaches", "meets", "exceeds")}
    state = IndicatorState.model_validate({"plan": "un-swap", **PLAN["indicators"][0]})
    given = Result.model_validate(
        {**RECORDED, "recorded_by": "x", "no_data": "not_applicable", "comment": "no mandate"}
    )
    assert status.judge(state, state.targets[0], given, "end_of_cycle") == "data_unavailable"


def test_no_rating_is_invented_and_the_framework_is_said_to_be_unverified() -> None:
    assert [one["code"] for one in PLAN["indicators"] if one["results"]] == []
    assert "unverified" in PLAN["plan"]["version"]
    documents = {one["provenance"]["document"] for one in [PLAN["plan"], *PLAN["indicators"]]}
    assert documents == {"un-swap-2.0-framework"}
    [said] = [claim for claim in PLAN["claims"] if claim["code"] == "unverified"]
    assert "general knowledge" in said["text"]


def test_the_mapping_is_the_same_from_both_sides() -> None:
    there = {(f"un-swap/{one['code']}", other) for one in PLAN["indicators"] for other in one["aligned_with"]}
    back = {
        (other, f"{plan}/{one['code']}")
        for plan in ("apge-2018-21", "hr-strategy-2022-25")
        for one in FILES[plan]["indicators"]
        for other in one.get("aligned_with", [])
    }
    assert there == back
    assert len(there) == 21
