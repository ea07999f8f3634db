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

PLANS = (
    "apge-2008-09.json",
    "apge-2018-21.json",
    "programme-2020-21.json",
    "hr-strategy-2022-25.json",
    "un-swap.json",
)
"""The plans, each after those that it names."""
UNIT = ("name", "kind", "portfolio", "region", "parent", "external", "since", "until", "formerly", "succeeded_by")
PLAN = (
    "title", "starts", "ends", "phases", "areas", "published", "version", "predecessor", "timezone", "rounds", "self_approval",
    "provenance",
)  # fmt: skip
INDICATOR = (
    "title", "area", "kind", "unit", "direction", "custodians", "fed_by", "categories", "targets", "earlier", "provenance",
    "custodians_provenance", "definition", "baseline", "aggregation", "disaggregation", "minimum", "maximum", "predecessor",
    "comparable", "comparability", "aligned_with",
)  # fmt: skip
RESULT = (
    "phase", "place", "as_of", "value", "numerator", "denominator", "reached", "category", "parts", "no_data", "text", "comment",
    "evidence", "provenance", "breakdown",
)  # fmt: skip
ACTION = (
    "indicators", "places", "custodians", "text", "state", "none_required", "needs_funding", "due", "note", "provenance", "kind",
    "starts", "resources", "responsible_roles",
)  # fmt: skip
RESOURCES = ("unit", "lines", "published_budget", "published_expenditure", "provenance")
MARKERS = ("levels", "provenance")
CLAIM = (
    "text", "concept", "phase", "indicator", "place", "area", "as_of", "status", "value", "numerator", "denominator", "unit",
    "provenance",
)  # fmt: skip
RULE = ("title", "left", "operator", "right", "constant", "severity")
EVALUATION = ("title", "kind", "issued", "period", "provenance")
RECOMMENDATION = (
    "title", "group", "group_title", "summary", "units", "units_text", "priority", "time_implication", "time_qualifier",
    "resource_implication", "sub_actions", "depends_on", "provenance",
)  # fmt: skip
RANGE_INPUTS = ("title", "source", "verified", "effective_from", "tolerance", "members")
RANGE_MEMBER = ("country", "population", "scale")
RANGE_POLICY = (
    "title", "source", "verified", "rule", "parameters", "base", "rounding", "inputs", "order", "effective_from", "effective_until",
)  # fmt: skip
MEMBERS = Path("representation", "members-2022.json")
"""What desirable ranges are drawn from, for demonstration; a folder of documents may go without."""
NOT_KEPT = {"unit": {"provenance"}, "indicator": {"results"}, "member": {"un_scale"}}
ADDRESSED = {
    **{key: {"code"} for key in ("unit", "plan", "indicator", "accelerating action", "claim", "rule", "evaluation")},
    **{key: {"code"} for key in ("membership", "desirable range")},
    "recommendation": {"number"},
    "budget": {"area", "phase"},
    "marker distribution": {"population", "area", "phase"},
}
"""In the address, so not in the body."""
PARTS = {"plan", "indicators", "actions", "resources", "markers", "claims", "rules"}


@dataclass(frozen=True)
class Item:
    """One thing to load: a definition to put at `path`, or a result to post there with the others of its plan."""

    kind: str
    name: str
    path: str
    body: dict[str, Any]
    role: str
    params: dict[str, str] = field(default_factory=dict)


def read(folder: Path) -> list[Item]:
    """Every item of the folder's documents, in an order in which each finds there what it rests on. Raises Trouble."""
    units = _document(folder / "units.json")
    plans = {name: _document(folder / name) for name in PLANS}
    evaluations = _document(folder / "gem-evaluation-2016-21.json")
    ranges = _document(folder / MEMBERS) if (folder / MEMBERS).exists() else {"inputs": [], "policies": []}
    try:
        of_plans = [item for name, plan in plans.items() for item in _plan(name, plan)]
        return [*_units(units), *of_plans, *_ranges(ranges), *_evaluation(evaluations)]
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
    unknown = entry.keys() - set(keys) - NOT_KEPT.get(kind, set()) - ADDRESSED.get(kind, set())
    if unknown:
        raise Trouble(f"{kind} {name}: nobody takes the key {', '.join(sorted(unknown))}.")
    return {key: entry[key] for key in keys if key in entry}


def _units(document: dict[str, Any]) -> Iterator[Item]:
    for entry in document["units"]:
        yield _defined("unit", entry["code"], "units", entry, UNIT, {})


def _defined(
    kind: str, code: str, under: str, entry: dict[str, Any], keys: tuple[str, ...], params: dict[str, str]
) -> Item:
    """A definition of the indicators service that has a code."""
    return Item(kind, code, f"/indicators/v1/{under}/{code}", _take(kind, code, entry, keys), "operator", params)


def _plan(file: str, document: dict[str, Any]) -> Iterator[Item]:
    """A plan's indicators, their results, and what rests on them."""
    if document.keys() - PARTS:
        raise Trouble(f"{file}: nobody takes the key {', '.join(sorted(document.keys() - PARTS))}.")
    code = document["plan"]["code"]
    params = {"plan": code}
    yield _defined("plan", code, "plans", document["plan"], PLAN, {})
    for entry in document["indicators"]:
        yield _defined("indicator", entry["code"], "indicators", entry, INDICATOR, params)
    for entry in document["indicators"]:
        yield from _results(entry, params)
    for entry in document.get("resources", []):
        yield _addressed("budget", "resources", "area", entry, RESOURCES, params)
    for entry in document.get("markers", []):
        yield _addressed("marker distribution", "markers", "population", entry, MARKERS, params)
    for part, kind, keys in (
        ("claims", "claim", CLAIM),
        ("rules", "rule", RULE),
        ("actions", "accelerating action", ACTION),
    ):
        for entry in document.get(part, []):
            yield _defined(kind, entry["code"], part, entry, keys, params)


def _addressed(
    kind: str, under: str, key: str, entry: dict[str, Any], keys: tuple[str, ...], params: dict[str, str]
) -> Item:
    """A definition that is named by its phase too, and by its area where it has one."""
    named = {name: entry[name] for name in ("phase", "area") if name != key and entry.get(name)}
    name = " ".join([entry[key], *named.values()])
    path = f"/indicators/v1/{under}/{entry[key]}"
    return Item(kind, name, path, _take(kind, name, entry, keys), "operator", params | named)


def _results(indicator: dict[str, Any], params: dict[str, str]) -> Iterator[Item]:
    for entry in indicator.get("results", []):
        name = f"{indicator['code']} {entry['phase']} {entry['place']} {entry['as_of']}"
        body = {"indicator": indicator["code"], **_take("result", name, entry, RESULT)}
        yield Item("result", name, "/indicators/v1/results", body, "operator", params)


def _evaluation(document: dict[str, Any]) -> Iterator[Item]:
    code = document["evaluation"]["code"]
    body = _take("evaluation", code, document["evaluation"], EVALUATION)
    yield Item("evaluation", code, f"/recommendations/v1/evaluations/{code}", body, "evaluation-office")
    for entry in document["recommendations"]:
        name, path = f"{code} {entry['number']}", f"/recommendations/v1/recommendations/{entry['number']}"
        body = _take("recommendation", name, entry, RECOMMENDATION)
        yield Item("recommendation", name, path, body, "evaluation-office", {"source": code})


def _ranges(document: dict[str, Any]) -> Iterator[Item]:
    """Members with what their ranges are drawn from, and the policies that draw them."""
    under = "/hr-diversity/v1/representation"
    for entry in document["inputs"]:
        code, body = entry["code"], _take("membership", entry["code"], entry, RANGE_INPUTS)
        members = [_take("member", f"{code} {one['country']}", one, RANGE_MEMBER) for one in body["members"]]
        yield Item("membership", code, f"{under}/inputs/{code}", {**body, "members": members}, "operator")
    for entry in document["policies"]:
        body = _take("desirable range", entry["code"], entry, RANGE_POLICY)
        yield Item("desirable range", entry["code"], f"{under}/policies/{entry['code']}", body, "operator")
