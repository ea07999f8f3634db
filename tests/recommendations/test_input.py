"""Bad input: each error is a problem document that names the field and shows its value."""

import pytest
from fastapi.routing import APIRoute
from tests.recommendations.register import (
    ACTION,
    EVALUATION,
    OFFICE,
    READER,
    SOURCE,
    V1,
    WORDING,
    add,
    at,
    make,
    register,
    respond,
    version,
)

from recommendations.main import service

RESPONSE = {"answer": "accepted"}


@pytest.fixture(scope="module")
async def loaded(reading):
    await register(reading)
    await make(reading, 1)
    await respond(reading, 1)
    await add(reading, 1)
    await make(reading, 2)
    return reading


BODIES = [
    ("PUT", f"{V1}/evaluations/new", EVALUATION, {"title": ""}, "#/title", ""),
    ("PUT", f"{V1}/evaluations/new", EVALUATION, {"kind": "poll"}, "#/kind", "poll"),
    ("PUT", f"{V1}/evaluations/new", EVALUATION, {"issued": "September"}, "#/issued", "September"),
    ("PUT", f"{V1}/evaluations/new", EVALUATION, {"issued": "2021-13"}, "#/issued", "2021-13"),
    ("PUT", f"{V1}/evaluations/new", EVALUATION, {"issued": "2021-02-30"}, "#/issued", "2021-02-30"),
    ("PUT", f"{V1}/evaluations/new", EVALUATION, {"version": 3}, "#/version", 3),
    (
        "PUT",
        f"{V1}/evaluations/new",
        EVALUATION,
        {"period": {"starts": "2021-01-01", "ends": "2020-12-31"}},
        "#/period/ends",
        "2020-12-31",
    ),
    ("PUT", at(9), WORDING, {"title": None}, "#/title", None),
    ("PUT", at(9), WORDING, {"title": "x" * 4001}, "#/title", "x" * 200 + "..."),
    ("PUT", at(9), WORDING, {"units": []}, "#/units", "[]"),
    ("PUT", at(9), WORDING, {"units": ["HRD", "HRD"]}, "#/units", '["HRD","HRD"]'),
    ("PUT", at(9), WORDING, {"units": ["HRD", "hrd"]}, "#/units/1", "hrd"),
    ("PUT", at(9), WORDING, {"priority": "urgent"}, "#/priority", "urgent"),
    ("PUT", at(9), WORDING, {"time_implication": "short"}, "#/time_implication", "short"),
    ("PUT", at(9), WORDING, {"resource_implication": 3}, "#/resource_implication", 3),
    ("PUT", at(9), WORDING, {"state": "completed"}, "#/state", "completed"),
    ("PUT", at(9), WORDING, {"given_by": "me"}, "#/given_by", "me"),
    ("PUT", at(9), WORDING, {"depends_on": [9]}, "#/depends_on/0", 9),
    ("PUT", at(9), WORDING, {"depends_on": [1, 77]}, "#/depends_on/1", 77),
    ("PUT", at(9), WORDING, {"depends_on": [1, 1]}, "#/depends_on", "[1,1]"),
    ("PUT", at(9), WORDING, {"depends_on": [2**40]}, "#/depends_on/0", 2**40),
    ("PUT", at(9), WORDING, {"sub_actions": [{"number": 1}]}, "#/sub_actions/0/text", None),
    ("PUT", at(9), WORDING, {"sub_actions": [{"number": 1, "text": "a", "parent": 2}]}, "#/sub_actions/0/parent", 2),
    ("PUT", at(9), WORDING, {"provenance": {"document": "d", "page": 1}}, "#/provenance/page", 1),
    ("POST", at(2, "/response"), RESPONSE, {"answer": "perhaps"}, "#/answer", "perhaps"),
    ("POST", at(2, "/response"), RESPONSE, {"answer": "rejected"}, "#/reason", None),
    ("POST", at(2, "/response"), RESPONSE, {"given_on": "2999-01-01"}, "#/given_on", "2999-01-01"),
    ("POST", at(2, "/response"), RESPONSE, {"given_by": "me"}, "#/given_by", "me"),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"text": " "}, "#/text", " "),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"responsible": []}, "#/responsible", "[]"),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"due": "soon"}, "#/due", "soon"),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"due": None}, "#/due", None),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"state": "overdue"}, "#/state", "overdue"),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"state": "completed"}, "#/note", None),
    ("POST", at(1, "/follow-up-actions"), ACTION, {"number": 4}, "#/number", 4),
    (
        "POST",
        at(1, "/follow-up-actions"),
        ACTION,
        {"evidence": [{"title": "t", "url": "javascript:alert(1)"}]},
        "#/evidence/0/url",
        "javascript:alert(1)",
    ),
]


@pytest.mark.parametrize(("method", "path", "right", "wrong", "pointer", "value"), BODIES)
async def test_a_bad_field_is_named_with_its_value(loaded, method, path, right, wrong, pointer, value):
    answer = await loaded.request(method, path, json={**right, **wrong}, **OFFICE)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error.get("value")) == (pointer, value)
    assert pointer in answer.json()["detail"]


CHANGES = [
    ({"state": "no_longer_applicable"}, "#/note", None),
    ({"state": "completed"}, "#/note", None),
    ({"state": "completed", "evidence": []}, "#/note", None),
    ({"state": "done"}, "#/state", "done"),
    ({"state": None}, "#/state", None),
    ({"due": "2022-02-30"}, "#/due", "2022-02-30"),
    ({"responsible": []}, "#/responsible", "[]"),
    ({"number": 2}, "#/number", 2),
    ({"overdue": False}, "#/overdue", False),
    ({}, "#", "{}"),
]


@pytest.mark.parametrize(("change", "pointer", "value"), CHANGES)
async def test_a_change_that_lacks_or_mistakes_something_is_refused(loaded, change, pointer, value):
    answer = await loaded.patch(at(1, "/follow-up-actions/1"), json=change, headers=version(3), **OFFICE)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error.get("value")) == (pointer, value)


PARAMETERS = [
    ("GET", f"{V1}/recommendations?limit=0", 422, "limit", "0"),
    ("GET", f"{V1}/recommendations?limit=501", 422, "limit", "501"),
    ("GET", f"{V1}/recommendations?state=done", 422, "state", "done"),
    ("GET", f"{V1}/recommendations?priority=urgent", 422, "priority", "urgent"),
    ("GET", f"{V1}/recommendations?unit=hr%00d", 422, "unit", "hr\x00d"),
    ("GET", f"{V1}/recommendations?source=GEM", 422, "source", "GEM"),
    ("GET", f"{V1}/recommendations?after=abc", 400, "after", "abc"),
    ("GET", f"{V1}/recommendations?unti=HRD", 400, "unti", "HRD"),
    ("GET", f"{V1}/recommendations/x?source={SOURCE}", 422, "number", "x"),
    ("GET", f"{V1}/recommendations/0?source={SOURCE}", 422, "number", "0"),
    ("GET", f"{V1}/recommendations/99999999999?source={SOURCE}", 422, "number", "99999999999"),
    ("GET", f"{V1}/recommendations/1", 422, "source", None),
    ("GET", f"{V1}/evaluations/GEM%00", 422, "code", "GEM\x00"),
    ("GET", f"{V1}/evaluations?source={SOURCE}", 400, "source", SOURCE),
]


@pytest.mark.parametrize(("method", "path", "status", "parameter", "value"), PARAMETERS)
async def test_a_bad_parameter_is_named_with_its_value(loaded, method, path, status, parameter, value):
    answer = await loaded.request(method, path, **READER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    (error,) = answer.json()["errors"]
    assert (error["parameter"], error.get("value")) == (parameter, value)


@pytest.mark.parametrize(
    "route", [route for route in service.router.routes if isinstance(route, APIRoute)], ids=lambda route: route.name
)
async def test_no_route_takes_a_parameter_that_it_does_not_know(loaded, route):
    path = route.path.format(code=SOURCE, number=1, action=1).replace("/v1", V1, 1)
    (method,) = route.methods
    answer = await loaded.request(method, path, params={"source": SOURCE, "colour": "red"}, **OFFICE)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:apge:problem:unknown-parameter")
    assert {"parameter": "colour", "value": "red"}.items() <= answer.json()["errors"][-1].items()


@pytest.mark.parametrize("given", ["3", 'W/"3"', '"three"', "*", '"1", "2"'])
async def test_an_if_match_that_is_no_version_of_ours_is_refused(loaded, given):
    answer = await loaded.put(at(1), json=WORDING, headers={"If-Match": given}, **OFFICE)
    assert (answer.status_code, answer.json()["errors"][0]["header"]) == (400, "If-Match")


async def test_a_text_with_nul_is_refused(loaded):
    answer = await loaded.put(at(9), json={**WORDING, "title": "a\x00b"}, **OFFICE)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize("body", ["", "[]", "null", "{", '{"title": "\\ud800"}'])
async def test_a_body_that_is_no_object_is_refused(loaded, body):
    answer = await loaded.put(at(9), content=body, headers={"Content-Type": "application/json"}, **OFFICE)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


async def test_what_was_refused_left_nothing(loaded):
    listed = (await loaded.get(f"{V1}/recommendations", **READER)).json()["items"]
    assert [(item["number"], item["version"]) for item in listed] == [(1, 3), (2, 1)]
    assert len((await loaded.get(f"{V1}/evaluations", **READER)).json()["items"]) == 1
