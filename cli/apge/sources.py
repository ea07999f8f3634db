"""The data files of the source documents, read as what the public APIs take.

What must not break: nothing of a file is lost in silence. Each kind names the keys that its API takes and those that it does not
keep; any other key is an error that names it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from apge.trouble import Trouble

UNIT = ("name", "kind", "portfolio", "region", "parent", "external")
PLAN = ("title", "starts", "ends", "phases", "areas", "published")
INDICATOR = (
    "title", "area", "kind", "unit", "direction", "custodians", "fed_by", "categories", "targets", "earlier", "provenance",
    "custodians_provenance",
)  # fmt: skip
RESULT = (
    "phase", "place", "as_of", "value", "numerator", "denominator", "reached", "category", "parts", "no_data", "text", "comment",
    "evidence", "provenance",
)  # fmt: skip
ACTION = (
    "indicators", "places", "custodians", "text", "state", "none_required", "needs_funding", "due", "note", "provenance",
)  # fmt: skip
EVALUATION = ("title", "kind", "issued", "period", "provenance")
RECOMMENDATION = (
    "title", "group", "group_title", "summary", "units", "units_text", "priority", "time_implication", "time_qualifier",
    "resource_implication", "sub_actions", "depends_on", "provenance",
)  # fmt: skip
NOT_KEPT = {"unit": {"code", "provenance"}, "plan": {"code", "provenance"}, "indicator": {"code", "results"}}
ADDRESSED = {"code", "number"}
"""In the address, so not in the body."""


@dataclass(frozen=True)
class Item:
    """One thing to load: a definition to put at `path`, or a result to post there for `units`."""

    kind: str
    name: str
    path: str
    body: dict[str, Any]
    role: str
    params: dict[str, str] = field(default_factory=dict)
    units: tuple[str, ...] = ()


def read(folder: Path) -> list[Item]:
    """Every item of the folder's documents, in an order in which each finds there what it rests on. Raises Trouble."""
    units = _document(folder / "units.json")
    plans = _document(folder / "apge-2018-21.json")
    evaluations = _document(folder / "gem-evaluation-2016-21.json")
    try:
        return [*_units(units), *_plan(plans), *_evaluation(evaluations)]
    except (KeyError, TypeError, AttributeError) as error:
        raise Trouble(
            f"the documents in {folder} are not as they should be: {type(error).__name__} {error}."
        ) from error


def _document(path: Path) -> dict[str, Any]:
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Trouble(f"{path} cannot be read ({error.strerror}); --data names the folder of the documents.") from error
    except ValueError as error:
        raise Trouble(f"{path} is no JSON: {error}.") from error
    return document


def _take(kind: str, name: str, entry: dict[str, Any], keys: tuple[str, ...]) -> dict[str, Any]:
    unknown = entry.keys() - set(keys) - NOT_KEPT.get(kind, set()) - ADDRESSED
    if unknown:
        raise Trouble(f"{kind} {name}: nobody takes the key {', '.join(sorted(unknown))}.")
    return {key: entry[key] for key in keys if key in entry}


def _units(document: dict[str, Any]) -> Iterator[Item]:
    for entry in document["units"]:
        code = entry["code"]
        yield Item("unit", code, f"/indicators/v1/units/{code}", _take("unit", code, entry, UNIT), "operator")


def _plan(document: dict[str, Any]) -> Iterator[Item]:
    code, params = document["plan"]["code"], {"plan": document["plan"]["code"]}
    body = _take("plan", code, document["plan"], PLAN)
    yield Item("plan", code, f"/indicators/v1/plans/{code}", body, "operator")
    for entry in document["indicators"]:
        name, path = entry["code"], f"/indicators/v1/indicators/{entry['code']}"
        yield Item("indicator", name, path, _take("indicator", name, entry, INDICATOR), "operator", params)
    for entry in document["indicators"]:
        yield from _results(entry, params)
    for entry in document["actions"]:
        name, path = entry["code"], f"/indicators/v1/actions/{entry['code']}"
        yield Item(
            "accelerating action", name, path, _take("accelerating action", name, entry, ACTION), "operator", params
        )


def _results(indicator: dict[str, Any], params: dict[str, str]) -> Iterator[Item]:
    path = f"/indicators/v1/indicators/{indicator['code']}/results"
    for entry in indicator["results"]:
        name = f"{indicator['code']} {entry['phase']} {entry['place']} {entry['as_of']}"
        body = _take("result", name, entry, RESULT)
        yield Item("result", name, path, body, "custodian", params, tuple(indicator["custodians"]))


def _evaluation(document: dict[str, Any]) -> Iterator[Item]:
    code = document["evaluation"]["code"]
    body = _take("evaluation", code, document["evaluation"], EVALUATION)
    yield Item("evaluation", code, f"/recommendations/v1/evaluations/{code}", body, "evaluation-office")
    for entry in document["recommendations"]:
        name, path = f"{code} {entry['number']}", f"/recommendations/v1/recommendations/{entry['number']}"
        body = _take("recommendation", name, entry, RECOMMENDATION)
        yield Item("recommendation", name, path, body, "evaluation-office", {"source": code})
