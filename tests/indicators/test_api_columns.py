"""What is set by nobody but the service: every known column, put into every body."""

import pytest
from tests.indicators.plan import (
    ACTION,
    CLAIM,
    HRD,
    MARKERS,
    NOW,
    OPERATOR,
    PLAN,
    PLAN_BODY,
    RESOURCES,
    REVIEWER,
    RULE,
    SHARE,
    UNIT,
    V1,
    at,
    results_of,
    rows_of,
    version,
)

from indicators import models
from indicators.main import service
from shared.auth import api_routes

COLUMNS = sorted(
    {column.name for table in models.Base.metadata.tables.values() for column in table.columns}
    | {"status", "standing", "changed", "results", "accepted", "id", "owner", "derived_from", "subject", "approved_by"}
)
BODIES = {
    "PUT /units/{code}": (f"{V1}/units/HRD", {**UNIT, "name": "Other"}, OPERATOR),
    "PUT /plans/{code}": (f"{V1}/plans/{PLAN}", {**PLAN_BODY, "title": "Other"}, OPERATOR),
    "PUT /indicators/{code}": (at("indicators/share"), {**SHARE, "title": "Other"}, OPERATOR),
    "POST /indicators/{code}/results": (results_of("share"), {"phase": NOW, "value": 45}, HRD),
    "POST /indicators/{code}/results/{phase}/{place}/{number}/send-back": (
        results_of("share", 1, "send-back"),
        {"reason": "-"},
        REVIEWER,
    ),
    "POST /indicators/{code}/results/{phase}/{place}/{number}/reopen": (
        results_of("share", 1, "reopen"),
        {"reason": "-"},
        REVIEWER,
    ),
    "POST /actions": (at("actions"), {**ACTION, "code": "new"}, HRD),
    "PUT /actions/{code}": (at("actions/new"), ACTION, HRD),
    "POST /indicators/{code}/custodians": (
        at("indicators/share/custodians"),
        {"change": "add", "units": ["PARDEV"], "reason": "-"},
        OPERATOR,
    ),
    "PUT /documents/{code}": (f"{V1}/documents/report", {"title": "The report"}, HRD),
    "POST /documents/{code}/withdraw": (f"{V1}/documents/report/withdraw", {"reason": "-"}, HRD),
    "PATCH /actions/{code}": (at("actions/new"), {"state": "ongoing"}, HRD),
    "PUT /resources/{area}": (at("resources/staff") + f"&phase={NOW}", RESOURCES, OPERATOR),
    "PUT /markers/{population}": (at("markers/results") + f"&phase={NOW}", MARKERS, OPERATOR),
    "PUT /claims/{code}": (at("claims/one"), CLAIM, OPERATOR),
    "PUT /rules/{code}": (at("rules/one"), RULE, OPERATOR),
}
FIELDS = {
    "PUT /units/{code}": {
        *("name", "kind", "portfolio", "region", "parent", "external", "since", "until", "formerly", "succeeded_by")
    },
    "PUT /plans/{code}": {
        *("title", "starts", "ends", "phases", "areas", "published", "version", "predecessor", "timezone", "rounds"),
        *("self_approval", "provenance"),
    },
    "PUT /indicators/{code}": {
        *("title", "area", "kind", "unit", "direction", "custodians", "fed_by", "categories", "targets", "earlier"),
        *("provenance", "custodians_provenance", "definition", "baseline", "aggregation", "disaggregation", "minimum"),
        *("maximum", "predecessor", "comparable", "comparability", "aligned_with"),
    },
    "POST /indicators/{code}/results": {
        *("phase", "place", "as_of", "value", "numerator", "denominator", "reached", "category", "parts", "no_data"),
        *("text", "comment", "evidence", "provenance", "breakdown"),
    },
    "POST /indicators/{code}/results/{phase}/{place}/{number}/send-back": {"reason"},
    "POST /indicators/{code}/results/{phase}/{place}/{number}/reopen": {"reason"},
    "POST /indicators/{code}/custodians": {"change", "units", "since", "reason"},
    "PUT /documents/{code}": {"title", "url"},
    "POST /documents/{code}/withdraw": {"reason"},
    "PATCH /actions/{code}": {
        *("text", "state", "needs_funding", "due", "note", "starts", "resources", "responsible_roles")
    },
    "PUT /resources/{area}": {"unit", "lines", "published_budget", "published_expenditure", "provenance"},
    "PUT /markers/{population}": {"levels", "provenance"},
    "PUT /claims/{code}": {
        *("text", "concept", "phase", "indicator", "place", "area", "as_of", "status", "value", "numerator"),
        *("denominator", "unit", "provenance"),
    },
    "PUT /rules/{code}": {"title", "left", "operator", "right", "constant", "severity"},
}
_ACTION = {
    *(
        "indicators",
        "places",
        "custodians",
        "text",
        "state",
        "none_required",
        "needs_funding",
        "due",
        "note",
        "provenance",
        "kind",
        "starts",
        "resources",
        "responsible_roles",
    ),
}
FIELDS |= {"POST /actions": {*_ACTION, "code"}, "PUT /actions/{code}": _ACTION}


def test_every_route_with_a_body_is_tried_with_every_column():
    with_body = {f"{m} {r.path}" for r in api_routes(service.router) if r.body_field for m in r.methods}
    assert with_body == set(BODIES) == set(FIELDS)


@pytest.mark.parametrize("name", BODIES)
async def test_what_only_the_service_sets_is_refused_in_a_body(ready, name):
    path, body, caller = BODIES[name]
    before = await rows_of(ready)
    theirs = sorted({*COLUMNS} - FIELDS[name])
    given = {**body, **dict.fromkeys(theirs, 1)}
    answer = await ready.request(name.split()[0], path, json=given, headers=version(1), **caller)
    assert answer.status_code == 422
    assert {error["pointer"]: error["value"] for error in answer.json()["errors"]} == {f"#/{one}": 1 for one in theirs}
    assert await rows_of(ready) == before
