"""Who may do what to whose: every route, every role, the caller's own, another unit's and nobody's object."""

import pytest
from fastapi.routing import APIRoute
from tests.recommendations.register import (
    ACTION,
    EVALUATION,
    HRD,
    HRD_CUSTODIAN,
    OFFICE,
    OPERATOR,
    READER,
    SOURCE,
    V1,
    WORDING,
    add,
    at,
    get,
    in_follow_up,
    make,
    register,
    respond,
    state,
    version,
)

from recommendations.main import service
from shared.auth import ROLES
from shared.events.indicators import IndicatorDefined, UnitDefined

OWN, FOREIGN, ABSENT = 1, 2, 3
ALL = dict.fromkeys(ROLES, (200, 200, 200))
ANY_ONE = dict.fromkeys(ROLES, (200, 200, 404))
REGISTRARS = dict.fromkeys(("evaluation-office", "operator"), (200, 200, 201))

MATRIX = {
    "PUT /v1/evaluations/{code}": REGISTRARS,
    "GET /v1/evaluations": ALL,
    "GET /v1/evaluations/{code}": ANY_ONE,
    "PUT /v1/recommendations/{number}": REGISTRARS,
    "GET /v1/recommendations": ALL,
    "GET /v1/recommendations/{number}": ANY_ONE,
    "POST /v1/recommendations/{number}/response": {
        "senior-manager": (201, 404, 404),
        "evaluation-office": (201, 201, 404),
    },
    "POST /v1/recommendations/{number}/follow-up-actions": {
        "senior-manager": (201, 404, 404),
        "custodian": (201, 404, 404),
        "evaluation-office": (201, 201, 404),
    },
    "PATCH /v1/recommendations/{number}/follow-up-actions/{action}": {
        "senior-manager": (200, 404, 404),
        "custodian": (200, 404, 404),
        "evaluation-office": (200, 200, 404),
    },
}
"""What a role gets for its own, another unit's and an absent object; a role that is not named gets 403."""


def test_every_route_is_in_the_matrix():
    routes = [route for route in service.router.routes if isinstance(route, APIRoute)]
    assert {f"{method} {route.path}" for route in routes for method in route.methods} == set(MATRIX)


@pytest.mark.parametrize("route", MATRIX)
async def test_a_role_does_what_its_row_says_and_nothing_else(client, route):
    for source in (SOURCE, "audit-2019"):
        await register(client, source)
    for number, unit in ((OWN, "HRD"), (FOREIGN, "PROGRAM")):
        await make(client, number, units=[unit])
        await respond(client, number)
        await add(client, number, responsible=[unit])
    for role in sorted(ROLES):
        expected = MATRIX[route].get(role, (403, 403, 403))
        for number, status in zip((OWN, FOREIGN, ABSENT), expected, strict=True):
            method, path, rest = await request_for(client, route, number, role)
            caller = {"role": role, "units": ["HRD"]}
            answer = await client.request(method, path, **rest, **caller)
            assert (role, number, answer.status_code) == (role, number, status), answer.text
    method, path, rest = await request_for(client, route, OWN, "")
    assert (await client.request(method, path, **rest)).status_code == 401


async def request_for(client, route, number, role):
    """(method, path, the rest) of a request that would be right; what is absent is another one for each role."""
    method, template = route.split()
    absent = f"absent-{role}" if method == "PUT" else "absent"
    code = {OWN: SOURCE, FOREIGN: "audit-2019", ABSENT: absent}[number]
    target = 100 + sorted(ROLES).index(role) if number == ABSENT and role else number
    path = template.format(code=code, number=target, action=1).replace("/v1", V1, 1)
    if "{number}" in template:
        path += f"?source={SOURCE}"
    if method == "GET":
        return method, path, {}
    if method == "PUT":
        units = {OWN: ["HRD"], FOREIGN: ["PROGRAM"]}.get(number, ["HRD"])
        return method, path, {"json": EVALUATION if "evaluations" in template else {**WORDING, "units": units}}
    body = {"response": {"answer": "accepted"}, "follow-up-actions": ACTION, "1": {"note": f"by {role}"}}
    rest = {"json": body[path.partition("?")[0].rpartition("/")[2]]}
    if "/follow-up-actions" not in template or method == "PATCH":
        rest["headers"] = version((await get(client, number))["version"]) if number != ABSENT else {}
    return method, path, rest


async def test_anothers_recommendation_is_told_apart_from_an_absent_one_by_nobody(client):
    await register(client)
    await make(client, 2, units=["PROGRAM"])
    problems = []
    for number in (2, 7):
        answer = await client.post(at(number, "/response"), json={"answer": "accepted"}, headers=version(1), **HRD)
        problem = answer.json()
        problem["detail"] = problem["detail"].replace(f"/{number}:", "/n:")
        problems.append({**problem, "instance": ""})
    assert problems[0] == problems[1]


async def test_a_caller_without_units_owns_nothing(client):
    await in_follow_up(client)
    refused = await client.post(at(1, "/follow-up-actions"), json=ACTION, role="custodian", units=[])
    assert refused.status_code == 404


async def test_a_unit_that_an_action_names_may_update_that_action_and_no_other(client):
    await in_follow_up(client)
    await add(client, 1, responsible=["DCOMM"])
    caller = {"role": "custodian", "units": ["DCOMM"]}
    for number, status in ((1, 404), (2, 200), (3, 404)):
        path = at(1, f"/follow-up-actions/{number}")
        answer = await client.patch(path, json={"note": "begun"}, headers=version(4), **caller)
        assert answer.status_code == status
    assert (await client.post(at(1, "/follow-up-actions"), json=ACTION, **caller)).status_code == 404


async def test_an_operator_registers_but_does_not_answer(client):
    await register(client)
    await make(client, 1)
    refused = await client.post(at(1, "/response"), json={"answer": "accepted"}, **OPERATOR)
    assert refused.status_code == 403


def indicator(code, *custodians, plan="apge-2018-21"):
    return IndicatorDefined(
        plan=plan, code=code, title=code, area="a", kind="count", unit="n", custodians=list(custodians), targets=[]
    )


def unit(code, kind):
    return UnitDefined(code=code, name=code, kind=kind)


async def may_add(client, number, **caller):
    return (await client.post(at(number, "/follow-up-actions"), json=ACTION, **caller)).status_code == 201


async def responsible(client, code):
    listed = (await client.get(f"{V1}/recommendations?unit={code}", **READER)).json()["items"]
    return [item["number"] for item in listed]


async def test_who_is_a_custodian_at_the_moment_is_responsible_where_custodians_are_named(client):
    await in_follow_up(client, units=["APGE-CUSTODIANS"])
    assert not await may_add(client, 1, **HRD_CUSTODIAN)
    assert await responsible(client, "HRD") == []
    await state(client, ("apge/p5", 1, indicator("p5", "HRD")), ("apge/web", 1, indicator("web", "DCOMM", "HRD")))
    assert await may_add(client, 1, **HRD_CUSTODIAN)
    assert await responsible(client, "HRD") == [1]
    await state(client, ("apge/p5", 2, indicator("p5", "PROGRAM")))
    assert await may_add(client, 1, **HRD_CUSTODIAN)
    assert await may_add(client, 1, role="senior-manager", units=["PROGRAM"])
    await state(client, ("apge/web", 2, indicator("web", "DCOMM")))
    assert not await may_add(client, 1, **HRD_CUSTODIAN)
    assert await responsible(client, "HRD") == []


async def test_the_same_code_in_two_plans_is_two_indicators(client):
    await in_follow_up(client, units=["APGE-CUSTODIANS"])
    await state(client, ("one/p5", 1, indicator("p5", "HRD")), ("two/p5", 1, indicator("p5", "DCOMM", plan="un-swap")))
    await state(client, ("two/p5", 2, indicator("p5", plan="un-swap")))
    assert await may_add(client, 1, **HRD_CUSTODIAN)
    assert not await may_add(client, 1, role="custodian", units=["DCOMM"])


async def test_every_department_is_responsible_where_all_departments_are_named(client):
    await in_follow_up(client, units=["ALL-DEPARTMENTS"])
    assert not await may_add(client, 1, **HRD_CUSTODIAN)
    await state(client, ("HRD", 1, unit("HRD", "department")), ("IAO", 1, unit("IAO", "office")))
    assert await may_add(client, 1, **HRD_CUSTODIAN)
    assert not await may_add(client, 1, role="custodian", units=["IAO"])
    assert await responsible(client, "HRD") == [1]
    await state(client, ("HRD", 2, unit("HRD", "branch")))
    assert not await may_add(client, 1, **HRD_CUSTODIAN)


async def test_a_group_makes_nobody_responsible_where_it_is_not_named(client):
    await in_follow_up(client, units=["SMT"])
    await state(client, ("apge/p5", 1, indicator("p5", "HRD")), ("HRD", 1, unit("HRD", "department")))
    assert not await may_add(client, 1, **HRD_CUSTODIAN)


async def test_a_repeated_or_late_event_does_not_bring_a_former_custodian_back(client):
    await in_follow_up(client, units=["APGE-CUSTODIANS"])
    await state(client, ("apge/p5", 2, indicator("p5", "PROGRAM")))
    await state(client, ("apge/p5", 1, indicator("p5", "HRD")), ("apge/p5", 2, indicator("p5", "PROGRAM")))
    assert await responsible(client, "HRD") == []
    assert await responsible(client, "PROGRAM") == [1]


async def test_the_groups_rebuilt_are_the_groups_as_they_were(client):
    await in_follow_up(client, units=["APGE-CUSTODIANS", "ALL-DEPARTMENTS"])
    events = [("apge/p5", 1, indicator("p5", "HRD")), ("apge/p5", 2, indicator("p5", "PROGRAM"))]
    await state(client, *events, ("DCOMM", 1, unit("DCOMM", "department")))
    built = await client.post(f"{V1}/rebuilds/recommendations-groups", **OPERATOR)
    assert '"rows":{"units":1,"custodianships":1}' in built.text
    found = [await responsible(client, code) for code in ("HRD", "PROGRAM", "DCOMM")]
    assert found == [[], [1], [1]]


async def test_the_service_works_with_its_sibling_absent(client):
    await in_follow_up(client, units=["HRD", "APGE-CUSTODIANS"])
    assert await may_add(client, 1, **HRD_CUSTODIAN)
    ready = (await client.get("/recommendations/health/ready")).json()
    assert (ready["status"], ready["parts"]["projection:recommendations-groups"]) == ("ok", "ok")


async def test_reading_is_open_to_every_role(client):
    await in_follow_up(client, units=["PROGRAM"])
    for role in sorted(ROLES):
        assert (await client.get(at(1), role=role)).status_code == 200
    await register(client)
    assert (await client.get(f"{V1}/evaluations", **OFFICE)).json()["items"][0]["code"] == SOURCE
