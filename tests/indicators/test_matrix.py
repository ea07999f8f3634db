"""Who may do what to whose: every route, every role, the caller's own, another unit's and an absent object."""

import pytest
from tests.indicators.matrix import ABSENT, FOREIGN, MATRIX, start
from tests.indicators.plan import rows_of, without

from indicators.main import service
from shared import operations, set_aside
from shared.auth import ROLES, api_routes, permission_of

OPERATIONS = {
    "GET /health/live": "*",
    "GET /health/ready": "*",
    "GET /metrics": "*",
    "GET /v1/parked": "operator",
    "POST /v1/parked/{projection}/{aggregate:path}/replay": "operator",
    "DELETE /v1/parked/{projection}/{aggregate:path}": "operator",
    "GET /v1/refused": "operator",
    "POST /v1/refused/{event}/retry": "operator",
    "GET /v1/heads": "operator",
    "POST /v1/rebuilds/{view}": "operator",
}
DENIED = (403, 403, 403)
HIDDEN = [name for name, row in MATRIX.items() if min(row.expected.get("custodian", (0, 0))[1:]) >= 400]
"""Where a custodian gets neither another unit's object nor an absent one."""


def routes(router):
    return {f"{method} {route.path}": route for route in api_routes(router) for method in route.methods or ()}


def test_every_route_is_in_the_matrix():
    missing = sorted(set(routes(service.router)) - set(MATRIX))
    assert not missing, f"add a row to tests/indicators/matrix.py for {', '.join(missing)}"
    gone = sorted(set(MATRIX) - set(routes(service.router)))
    assert not gone, f"no such route any more: {', '.join(gone)}"


@pytest.mark.parametrize("name", MATRIX)
def test_a_route_declares_the_roles_of_its_row(name):
    declared = permission_of(routes(service.router)[name])
    assert (ROLES if declared == {"reader"} else declared) == set(MATRIX[name].expected)


def test_every_operators_route_is_the_operators_and_health_is_everybodys():
    every = routes(operations.router) | routes(set_aside.router)
    found = {name: permission_of(route) for name, route in every.items()}
    assert found == {name: frozenset({role}) for name, role in OPERATIONS.items()}


@pytest.mark.parametrize("name", MATRIX)
async def test_a_role_does_what_its_row_says_and_nothing_else(client, name):
    await start(client)
    for role in sorted(ROLES):
        for whose, status in enumerate(MATRIX[name].expected.get(role, DENIED)):
            method, path, rest = MATRIX[name].request(name, whose, role)
            before = None if status < 300 else await rows_of(client)
            answer = await client.request(method, path, role=role, units=["HRD"], **rest)
            assert (role, whose, answer.status_code) == (role, whose, status), answer.text
            if status >= 300:
                assert answer.headers["content-type"] == "application/problem+json"
                assert await rows_of(client) == before


def problem_of(answer, *codes):
    """What the answer says but for the id of the request and the names in question."""
    problem, headers = answer.json(), without(dict(answer.headers), "x-request-id", "content-length", "traceparent")
    text = str({**problem, "instance": ""})
    for code in codes:
        text = text.replace(code, "-")
    return answer.status_code, headers, text


@pytest.mark.parametrize("name", HIDDEN)
async def test_anothers_object_is_told_apart_from_an_absent_one_by_nobody(client, name):
    await start(client)
    seen = []
    for whose, code in ((1, FOREIGN), (2, ABSENT)):
        method, path, rest = MATRIX[name].request(name, whose, "custodian")
        answer = await client.request(method, path, role="custodian", units=["HRD"], **rest)
        seen.append(problem_of(answer, code, "PARDEV", "HRD"))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("name", MATRIX)
async def test_the_wrong_role_is_refused_before_anything_is_looked_up_or_read(ready, name):
    seen = []
    for role in sorted(ROLES - set(MATRIX[name].expected)):
        for whose in (0, 2):
            method, path, rest = MATRIX[name].request(name, whose, role)
            for more in (rest, {"content": b"{"}, {"json": {"nonsense": 1}, "headers": {"If-Match": '"99"'}}):
                answer = await ready.request(method, path, role=role, units=["HRD"], **more)
                seen.append(problem_of(answer, role))
    assert {status for status, *_ in seen} <= {403}
    assert len({text for *_, text in seen}) <= 1


@pytest.mark.parametrize("name", MATRIX)
async def test_without_a_token_or_with_one_of_another_issuer_nothing_is_answered(ready, name):
    for headers in ({}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic b3BlcmF0b3I6"}):
        method, path, rest = MATRIX[name].request(name, 0, "")
        answer = await ready.request(method, path, **{**rest, "headers": {**rest["headers"], **headers}})
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:apge:problem:unauthenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
