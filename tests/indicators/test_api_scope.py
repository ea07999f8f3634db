"""What of others a caller sees, beyond the matrix of routes: lists, references, callers of several roles."""

from tests.indicators.matrix import ABSENT, FOREIGN, OWN, start
from tests.indicators.plan import ACTION, HRD, NOW, OPERATOR, PARDEV, READER, at, get, results_of, version
import pytest
from tests.indicators.plan import (
    ACTION,
    CLAIM,
    HRD,
    INDICATORS,
    MARKERS,
    NOW,
    OPERATOR,
    PARDEV,
    PLAN,
    PLAN_BODY,
    READER,
    RESOURCES,
    RULE,
    SHARE,
    UNIT,
    V1,
    at,
    begin,
    define,
    get,
    results_of,
    rows_of,
    version,
    without,
)

from indicators.main import service
from shared import operations
from shared.auth import ROLES, api_routes, permission_of

ALL = dict.fromkeys(ROLES, (200, 200, 200))
"""Lists: what a caller may see is in them, and there is no object to be absent."""
ANY_ONE = dict.fromkeys(ROLES, (200, 200, 404))
OWN_ONE = {**ANY_ONE, "custodian": (200, 404, 404)}
DEFINE = {"operator": (200, 200, 201)}
KEEP = {"operator": (200, 200, 201), "custodian": (200, 409, 201)}

MATRIX = {
    "GET /units": ALL,
    "GET /units/{code}": ANY_ONE,
    "PUT /units/{code}": DEFINE,
    "GET /plans": ALL,
    "GET /plans/{code}": ANY_ONE,
    "PUT /plans/{code}": DEFINE,
    "GET /indicators": ALL,
    "GET /indicators/{code}": OWN_ONE,
    "PUT /indicators/{code}": DEFINE,
    "GET /code-lists": ALL,
    "GET /template": ANY_ONE,
    "POST /results": {"custodian": (200, 422, 422), "operator": (200, 200, 422)},
    "POST /indicators/{code}/results": {"custodian": (201, 404, 404)},
    "GET /indicators/{code}/results": OWN_ONE,
    "POST /indicators/{code}/results/{phase}/{place}/{number}/accept": {"reviewer": (200, 200, 404)},
    "POST /indicators/{code}/results/{phase}/{place}/{number}/send-back": {"reviewer": (200, 200, 404)},
    "GET /due": ANY_ONE,
    "GET /changes": {"reviewer": (200, 200, 200), "operator": (200, 200, 200)},
    "GET /units/{code}/changes": ANY_ONE,
    "GET /plans/{code}/changes": ANY_ONE,
    "GET /indicators/{code}/changes": OWN_ONE,
    "GET /actions/{code}/changes": OWN_ONE,
    "GET /actions": ALL,
    "GET /actions/{code}": OWN_ONE,
    "POST /actions": {"operator": (201, 201, 422), "custodian": (201, 422, 422)},
    "PUT /actions/{code}": KEEP,
    "PATCH /actions/{code}": {"operator": (200, 200, 404), "custodian": (200, 404, 404)},
    "GET /indicators/{code}/progress": OWN_ONE,
    "GET /indicators/{code}/aggregate": OWN_ONE,
    "GET /contradictions": ALL,
    "GET /resources": ALL,
    "GET /resources/{area}": ANY_ONE,
    "PUT /resources/{area}": DEFINE,
    "GET /markers": ALL,
    "GET /markers/{population}": ANY_ONE,
    "PUT /markers/{population}": DEFINE,
    "GET /claims": ALL,
    "GET /claims/{code}": ANY_ONE,
    "PUT /claims/{code}": DEFINE,
    "GET /rules": ALL,
    "GET /rules/{code}": ANY_ONE,
    "PUT /rules/{code}": DEFINE,
}
"""What a role gets for its own, another unit's and an absent object; a role that is not named gets 403."""
OPERATIONS = {
    "GET /health/live": "*",
    "GET /health/ready": "*",
    "GET /metrics": "*",
    "GET /v1/parked": "operator",
    "POST /v1/parked/{projection}/{aggregate:path}/replay": "operator",
    "GET /v1/heads": "operator",
    "POST /v1/rebuilds/{view}": "operator",
}
OWN, FOREIGN, ABSENT = "share", "foreign", "absent"


def routes(router):
    return {f"{method} {route.path}": route for route in api_routes(router) for method in route.methods or ()}


def test_every_route_is_in_the_matrix_with_the_roles_that_it_declares():
    found = routes(service.router)
    assert set(found) == set(MATRIX)
    for name, route in found.items():
        declared = permission_of(route)
        assert (ROLES if declared == {"reader"} else declared) == set(MATRIX[name]), name


def test_every_operators_route_is_the_operators_and_health_is_everybodys():
    found = {name: permission_of(route) for name, route in routes(operations.router).items()}
    assert found == {name: frozenset({role}) for name, role in OPERATIONS.items()}


def code_for(name, whose, new):
    method, template = name.split()
    made = method == "PUT" and whose == ABSENT
    if template.startswith("/units"):
        return {OWN: "HRD", FOREIGN: "PARDEV", ABSENT: new.upper() if made else "NONE"}[whose]
    if template.startswith("/plans"):
        return {OWN: PLAN, FOREIGN: PLAN, ABSENT: new if made else ABSENT}[whose]
    if template.startswith("/resources"):
        return {OWN: "staff", FOREIGN: "staff", ABSENT: "oversight"}[whose]
    return new if made else whose


def body_for(name, whose, new):
    action = {**ACTION, "indicators": [whose], "custodians": ["PARDEV" if whose == FOREIGN else "HRD"]}
    bodies = {
        "PUT /units/{code}": {**UNIT, "name": code_for(name, whose, new)},
        "PUT /plans/{code}": PLAN_BODY,
        "PUT /indicators/{code}": INDICATORS.get(whose, SHARE),
        "POST /indicators/{code}/results": {"phase": NOW, "value": 45, "as_of": "2020-06-30"},
        "POST /indicators/{code}/results/{phase}/{place}/{number}/send-back": {"reason": "-"},
        "POST /results": [{"indicator": whose, "phase": NOW, "value": 46, "as_of": "2020-06-30"}],
        "POST /actions": {**action, "code": f"{whose}-{new}"},
        "PUT /actions/{code}": {**action, "indicators": [OWN if whose == ABSENT else whose]},
        "PATCH /actions/{code}": {"state": "planned"},
        "PUT /resources/{area}": RESOURCES,
        "PUT /markers/{population}": MARKERS,
        "PUT /claims/{code}": {**CLAIM, "indicator": FOREIGN if whose == FOREIGN else OWN},
        "PUT /rules/{code}": RULE,
    }
    return bodies.get(name)


def request_for(name, whose, role):
    """(method, path, the rest) of a request that would be right. What is made anew has a name of its own for each role."""
    method, template = name.split()
    new = f"new-{role or 'nobody'}"
    code = code_for(name, whose, new)
    path = V1 + template.format(code=code, area=code, population=code, phase=NOW, place="global", number=1)
    if not template.startswith(("/units", "/plans", "/code-lists", "/changes")):
        of_plan = template in {"/due", "/template"}
        path += f"?plan={ABSENT if of_plan and whose == ABSENT else PLAN}"
    if template in ("/resources/{area}", "/markers/{population}"):
        path += f"&phase={NOW}"
    if name == "POST /results" and role == "operator":
        path += "&published=true"
    body = body_for(name, whose, new)
    versioned = method == "PATCH" or template.endswith(("/accept", "/send-back"))
    rest = {} if body is None else {"json": body}
    return method, path, {**rest, "headers": version(1) if versioned else {}}


async def start(client):
    """One of everything is the caller's own (HRD), and one another unit's (PARDEV)."""
    await begin(client, OWN, FOREIGN)
    for code, caller, unit in ((OWN, HRD, "HRD"), (FOREIGN, PARDEV, "PARDEV")):
        body = {**ACTION, "indicators": [code], "custodians": [unit]}
        await define(client, at(f"actions/{code}"), body)
        done = await client.post(results_of(code), json={"phase": NOW, "value": 1, "as_of": "2020-03-31"}, **caller)
        assert done.status_code == 201
        await define(client, at(f"markers/{code}") + f"&phase={NOW}", MARKERS)
        await define(client, at(f"claims/{code}"), {**CLAIM, "indicator": code})
        await define(client, at(f"rules/{code}"), RULE)
    await define(client, at("resources/staff") + f"&phase={NOW}", RESOURCES)


@pytest.mark.parametrize("name", MATRIX)
async def test_a_role_does_what_its_row_says_and_nothing_else(client, name):
    await start(client)
    for role in sorted(ROLES):
        expected = MATRIX[name].get(role, (403, 403, 403))
        for whose, status in zip((OWN, FOREIGN, ABSENT), expected, strict=True):
            method, path, rest = request_for(name, whose, role)
            before = None if status < 300 else await rows_of(client)
            answer = await client.request(method, path, role=role, units=["HRD"], **rest)
            assert (role, whose, answer.status_code) == (role, whose, status), answer.text
            if status >= 300:
                assert answer.headers["content-type"] == "application/problem+json"
                assert await rows_of(client) == before


@pytest.mark.parametrize("name", MATRIX)
async def test_without_a_token_or_with_one_of_another_issuer_nothing_is_answered(ready, name):
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic b3BlcmF0b3I6"}):
        method, path, rest = request_for(name, OWN, "")
        answer = await ready.request(method, path, **{**rest, "headers": {**rest["headers"], **headers}})
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:apge:problem:unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


FOREIGN_IS_ABSENT = [
    ("GET", "indicators/{}"),
    ("GET", "indicators/{}/results"),
    ("GET", "indicators/{}/progress"),
    ("GET", "indicators/{}/aggregate"),
    ("POST", "indicators/{}/results"),
    ("GET", "actions/{}"),
    ("PATCH", "actions/{}"),
]


@pytest.mark.parametrize(("method", "path"), FOREIGN_IS_ABSENT)
async def test_anothers_object_is_told_apart_from_an_absent_one_by_nobody(client, method, path):
    await start(client)
    seen = []
    for code in (FOREIGN, ABSENT):
        body = {"POST": {"phase": NOW, "value": 1}, "PATCH": {"state": "dropped"}}.get(method)
        rest = {} if body is None else {"json": body, "headers": version(1)}
        answer = await client.request(method, at(path.format(code)), **rest, **HRD)
        headers = {
            name: value for name, value in answer.headers.items() if name not in {"x-request-id", "content-length"}
        }
        problem = {**answer.json(), "instance": "", "detail": answer.json()["detail"].replace(code, "-")}
        seen.append((answer.status_code, without(headers, "traceparent"), problem))
    assert seen[0] == seen[1]
    assert seen[0][0] == 404


async def test_an_action_for_anothers_indicator_is_refused_like_one_for_an_absent_indicator(client):
    await start(client)
    seen = []
    for code in (FOREIGN, ABSENT):
        body = {**ACTION, "code": "new", "indicators": [code]}
        answer = await client.post(at("actions"), json=body, **HRD)
        seen.append(answer.text.replace(code, "-").replace(answer.json()["instance"], ""))
    assert seen[0] == seen[1]


async def test_lists_and_what_is_due_show_a_custodian_nothing_of_others(client):
    await start(client)
    for path in ("indicators", "due", "actions"):
        assert FOREIGN not in str((await get(client, at(path), **HRD))["items"])
        assert OWN not in str((await get(client, at(path), **PARDEV))["items"])
        both = str((await get(client, at(path), **READER))["items"])
        assert OWN in both
        assert FOREIGN in both
        assert (await get(client, at(path), role="custodian", units=[]))["items"] == []


async def test_a_caller_of_several_roles_records_for_its_own_units_only(client, monkeypatch):
    await start(client)
    issuer = client.issuer
    token = issuer.token("custodian", ["HRD"])
    known = await client.app.state.verifier.verify(token)
    both = type(known)(known.subject, frozenset({"custodian", "operator"}), known.units, known.expires)

    async def verify(_):
        return both

    monkeypatch.setattr(client.app.state.verifier, "verify", verify)
    headers = {"Authorization": f"Bearer {token}"}
    body = {"phase": NOW, "value": 1}
    assert (await client.get(at("indicators/foreign"), headers=headers)).status_code == 200
    assert (await client.post(results_of(FOREIGN), json=body, headers=headers)).status_code == 404
    assert (await client.post(results_of(OWN), json=body, headers=headers)).status_code == 201


async def test_an_operator_does_not_record_and_a_custodian_does_not_review(client):
    await start(client)
    body = {"phase": NOW, "value": 1}
    assert (await client.post(results_of(OWN), json=body, **OPERATOR)).status_code == 403
    assert (await client.post(results_of(OWN, 1, "accept"), headers=version(1), **HRD)).status_code == 403
