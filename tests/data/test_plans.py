"""Every plan file is what the API takes: each body, each result by the service's own rules, each cell with its source."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from apge import sources
from indicators.rules import faults, status
from indicators.schemas.actions import ActionDefinition
from indicators.schemas.bulk import UploadedResult
from indicators.schemas.claims import ClaimDefinition, RuleDefinition
from indicators.schemas.definitions import IndicatorDefinition, PlanDefinition, UnitDefinition
from indicators.schemas.resources import MarkersDefinition, ResourcesDefinition
from shared.events.indicators import IndicatorState
from shared.events.results import Result

DATA = Path(__file__).parents[2] / "data"
ITEMS = sources.read(DATA)
BODIES: dict[str, type[BaseModel]] = {
    "unit": UnitDefinition,
    "plan": PlanDefinition,
    "indicator": IndicatorDefinition,
    "result": UploadedResult,
    "accelerating action": ActionDefinition,
    "budget": ResourcesDefinition,
    "marker distribution": MarkersDefinition,
    "claim": ClaimDefinition,
    "rule": RuleDefinition,
}
FILES = {name.removesuffix(".json"): json.loads((DATA / name).read_text(encoding="utf-8")) for name in sources.PLANS}
UNITS = {unit["code"] for unit in json.loads((DATA / "units.json").read_text(encoding="utf-8"))["units"]}


@pytest.mark.parametrize("kind", BODIES)
def test_every_body_is_what_its_route_takes(kind: str) -> None:
    for item in ITEMS:
        if item.kind == kind:
            BODIES[kind].model_validate_json(json.dumps(item.body))


@pytest.mark.parametrize("code", FILES)
def test_every_result_is_one_of_its_indicator_by_the_rules_of_the_service(code: str) -> None:
    for given in FILES[code]["indicators"]:
        state = IndicatorState.model_validate({"plan": code, **given})
        for number, result in enumerate(given.get("results", []), 1):
            target = status.target_of(state, result["phase"], result["place"])
            assert target is not None, (given["code"], result)
            recorded = {"number": number, "review": "submitted", "recorded_at": datetime.now(UTC), "recorded_by": "x"}
            found = faults.faults_of_result(state, target, Result.model_validate({**recorded, **result}))
            assert found == [], (given["code"], found)


@pytest.mark.parametrize("code", FILES)
def test_codes_are_unique_and_what_is_named_is_there(code: str) -> None:
    file = FILES[code]
    areas = [area["code"] for area in file["plan"]["areas"]]
    indicators = {one["code"]: one for one in file["indicators"]}
    for part in ("indicators", "actions", "claims", "rules"):
        codes = [one["code"] for one in file.get(part, [])]
        assert len(codes) == len(set(codes)), part
    assert len(areas) == len(set(areas))
    assert {area.get("parent") for area in file["plan"]["areas"]} <= {None, *areas}
    assert {one["area"] for one in indicators.values()} <= set(areas)
    named = [*indicators.values(), *file["actions"]]
    assert {unit for one in named for unit in one["custodians"]} <= UNITS
    assert {one for action in file["actions"] for one in action["indicators"]} <= indicators.keys()
    assert {claim["indicator"] for claim in file.get("claims", []) if claim.get("indicator")} <= indicators.keys()
    assert file["plan"].get("predecessor") in {None, *FILES}


@pytest.mark.parametrize("code", FILES)
def test_what_an_indicator_follows_or_agrees_with_is_an_indicator_of_a_plan_that_is_there(code: str) -> None:
    known = {f"{plan}/{one['code']}" for plan, file in FILES.items() for one in file["indicators"]}
    for one in FILES[code]["indicators"]:
        assert {one["predecessor"]} <= known if one.get("predecessor") else True
        assert set(one.get("aligned_with", [])) <= known, one["code"]
        assert (one.get("comparable") is None) == (one.get("predecessor") is None), one["code"]
        assert bool(one.get("comparability")) == bool(one.get("predecessor")), one["code"]


@pytest.mark.parametrize("code", FILES)
def test_every_cell_of_a_plan_has_a_complete_provenance(code: str) -> None:
    file = FILES[code]
    cells = [file["plan"], *file["plan"].get("published", []), *file["indicators"], *file["actions"]]
    cells += [cell for part in ("resources", "markers", "claims") for cell in file.get(part, [])]
    cells += [
        cell for one in file["indicators"] for part in ("targets", "results", "earlier") for cell in one.get(part, [])
    ]
    cells += [one["baseline"] for one in file["indicators"] if one.get("baseline")]
    cells += [t["baseline"] for one in file["indicators"] for t in one["targets"] if t.get("baseline")]
    sources_named = [cell["provenance"] for cell in cells]
    sources_named += [one["custodians_provenance"] for one in file["indicators"]]
    for provenance in sources_named:
        assert set(provenance) - {"column"} == {"document", "table", "row"}, provenance
        assert all(isinstance(part, str) and part for part in provenance.values()), provenance


def objects(value: Any) -> list[dict[str, Any]]:
    """Every JSON object inside a value, itself included."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return ([value] if isinstance(value, dict) else []) + [one for part in inner for one in objects(part)]


@pytest.mark.parametrize("code", FILES)
def test_no_figure_is_a_float(code: str) -> None:
    assert not [one for one in objects(FILES[code]) for value in one.values() if isinstance(value, float)]
