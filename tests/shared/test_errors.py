"""One shape for every error, whoever raises it: the service, the framework, the database, a bug."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from tests.shared.sample import service

from shared import errors
from shared.app import create_app
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running, running_service, test_settings

NOTES = "/sample/v1/notes"
CASES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("GET", "/nowhere", {}, 404, "not-found"),
    ("GET", "/sample/v1/nowhere", {}, 404, "not-found"),
    ("GET", f"{NOTES}/absent", {"role": "reader"}, 404, "not-found"),
    ("GET", f"{NOTES}/a%00b", {"role": "reader"}, 400, "bad-request"),
    ("PATCH", NOTES, {"role": "custodian"}, 405, "method-not-allowed"),
    ("BREW", NOTES, {"role": "custodian"}, 405, "method-not-allowed"),
    ("GET", NOTES, {}, 401, "unauthenticated"),
    ("POST", NOTES, {"role": "reader", "json": {"text": "x"}}, 403, "forbidden"),
    ("POST", NOTES, {"role": "custodian"}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": {}}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": {"text": ""}}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": {"text": "x", "owner": "me"}}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": {"text": "a\0b"}}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": {"text": 10**40}}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": [1, 2]}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "json": {"text": "forbidden"}}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "content": b'{"text": "x'}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "content": rb'{"text": "\ud800"}'}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "content": rb'{"\ud800": "x"}'}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "content": b'{"text": NaN}'}, 422, "invalid-request"),
    ("POST", NOTES, {"role": "custodian", "content": b"\xff\xfe\x00"}, 400, "bad-request"),
    ("POST", NOTES, {"role": "custodian", "content": b"[" * 100_000}, 400, "bad-request"),
    ("GET", f"{NOTES}?limit=x%0d%0aX-Evil:1", {"role": "reader"}, 422, "invalid-request"),
    ("GET", f"{NOTES}?after=x", {"role": "reader"}, 400, "bad-request"),
    ("PUT", f"{NOTES}/absent", {"role": "custodian", "json": {"text": "x"}}, 404, "not-found"),
    ("GET", "/sample/v1/broken", {"role": "reader"}, 500, "internal-error"),
    ("POST", "/sample/v1/rebuilds/nothing", {"role": "operator"}, 404, "no-such-view"),
    ("POST", "/sample/v1/parked/nothing/a/b/replay", {"role": "operator"}, 404, "not-found"),
    ("POST", "/sample/v1/parked/note-views/unit/b/replay", {"role": "operator"}, 404, "not-found"),
]


def check(answer: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    """The shape that every error has, and nothing else."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    problem: dict[str, Any] = answer.json()
    assert set(problem) == {"type", "title", "status", "detail", "instance", "errors"}
    assert (problem["type"], problem["status"]) == (f"urn:apge:problem:{slug}", status)
    assert problem["instance"] == answer.headers["x-request-id"]
    assert problem["title"]
    assert problem["detail"]
    for error in problem["errors"]:
        assert set(error) <= {"pointer", "parameter", "header", "value", "detail"}
        assert error["detail"]
        assert "pointer" not in error or re.fullmatch(r"#(/.*)?", error["pointer"])
    return problem


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[3]} {case[0]} {case[1]} {str(case[2])[:60]}")
async def test_every_error_has_the_one_shape(common: Client, case: tuple[str, str, dict[str, Any], int, str]) -> None:
    method, path, rest, status, slug = case
    if "content" in rest:
        rest = {**rest, "headers": {"Content-Type": "application/json"}}
    check(await common.request(method, path, **rest), status, slug)


async def test_a_field_is_named_by_its_json_pointer_with_its_value(common: Client) -> None:
    answer = await common.post(NOTES, role="custodian", json={"text": "", "count": "seven", "a/b~c": 1})
    found = {error["pointer"]: error.get("value") for error in check(answer, 422, "invalid-request")["errors"]}
    assert found == {"#/text": "", "#/count": "seven", "#/a~1b~0c": 1}


async def test_a_body_that_is_no_json_is_named_as_a_whole(common: Client) -> None:
    answer = await common.post(
        NOTES, role="custodian", content=b'{"text": }', headers={"Content-Type": "application/json"}
    )
    assert [error["pointer"] for error in check(answer, 422, "invalid-request")["errors"]] == ["#"]


async def test_a_long_value_is_cut(common: Client) -> None:
    answer = await common.post(NOTES, role="custodian", json={"text": "x" * 100_000})
    assert len(answer.content) < 2000


async def test_a_bug_shows_an_id_and_nothing_of_the_inside(common: Client) -> None:
    answer = await common.get("/sample/v1/broken", role="reader")
    problem = check(answer, 500, "internal-error")
    assert problem["instance"] in problem["detail"]
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_405_names_the_methods_that_are_there(common: Client) -> None:
    answer = await common.request("DELETE", NOTES, role="custodian")
    check(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_401_says_how_to_authenticate(common: Client) -> None:
    answer = await common.get(NOTES)
    check(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="apge"'


async def test_the_page_of_the_api_shows_itself_from_our_own_files(common: Client) -> None:
    page = (await common.get("/sample/docs")).text
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(named) == 3
    assert all(address.startswith("/sample/docs/resources/") for address in named), named
    for address in named:
        assert (await common.get(address)).status_code == 200


async def test_cr_and_lf_reach_no_header(common: Client) -> None:
    for given in ("a\r\nX-Evil: 1", "a\nb", "\xe9", "-" * 70, ""):
        answer = await common.get("/nowhere", headers={"X-Request-ID": given.encode("latin-1")})
        assert answer.headers["x-request-id"] not in {given, given.encode("latin-1").decode("utf-8", "replace")}
        assert "x-evil" not in answer.headers
        check(answer, 404, "not-found")


@pytest.fixture
async def small(postgres: Postgres, issuer: LocalIssuer, bus_url: str) -> AsyncIterator[Client]:
    """A service that takes bodies of 2,000 bytes and keeps one connection."""
    async with running_service(service, postgres, issuer, bus_url, largest_body_bytes=2000, database_pool=4) as client:
        yield client


@pytest.mark.parametrize("path", [NOTES, "/sample/v1/upload"])
@pytest.mark.parametrize("length", ["told", "hidden", "lied"])
async def test_a_body_over_the_limit_is_answered_413_whatever_its_header_says(
    small: Client, path: str, length: str
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(21):
            yield b'"' + b"x" * 99

    content: Any = b"".join([piece async for piece in pieces()]) if length == "told" else pieces()
    headers = {"Content-Type": "application/json", **({"Content-Length": "10"} if length == "lied" else {})}
    check(await small.post(path, role="custodian", content=content, headers=headers), 413, "too-large")


async def test_a_body_at_the_limit_is_read(small: Client) -> None:
    answer = await small.post("/sample/v1/upload", role="custodian", content=b"x" * 2000)
    assert (answer.status_code, answer.json()) == (201, {"bytes": 2000})


async def test_a_busy_pool_is_answered_503_and_not_as_a_bug(small: Client) -> None:
    small.app.state.database.engine.pool._timeout = 0.2
    requests = (small.get("/sample/v1/slow?seconds=1", role="reader") for _ in range(8))
    answers = await asyncio.gather(*requests)
    assert {answer.status_code for answer in answers} == {200, 503}
    refused = next(answer for answer in answers if answer.status_code == 503)
    check(refused, 503, "unavailable")
    assert refused.headers["retry-after"] == "1"


async def test_an_absent_database_is_answered_503_and_readiness_says_down(issuer: LocalIssuer, bus_url: str) -> None:
    away = "postgresql+asyncpg://nobody@127.0.0.1:1/nothing"
    async with running(create_app(service, test_settings(service, away, bus_url, issuer)), issuer) as client:
        check(await client.get(NOTES, role="reader"), 503, "unavailable")
        check(await client.post(NOTES, role="custodian", json={"text": "x"}), 503, "unavailable")
        assert (await client.get("/sample/health/live")).status_code == 200
        ready = await client.get("/sample/health/ready")
    assert ready.status_code == 503
    assert ready.json()["status"] == "down"


def test_every_class_of_the_tree_has_a_slug_and_a_status_of_its_own() -> None:
    kinds = errors.Problem.__subclasses__()
    assert len({kind.status for kind in kinds}) == len({kind.slug for kind in kinds}) == len(kinds)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", kind.slug) for kind in kinds)


async def test_the_description_says_that_errors_are_problem_documents(common: Client) -> None:
    schema = (await common.get("/sample/openapi.json")).json()
    assert {"ProblemDocument", "FieldError"} <= set(schema["components"]["schemas"])
    assert "HTTPValidationError" not in schema["components"]["schemas"]
    content = [
        list(answer["content"])
        for path in schema["paths"].values()
        for operation in path.values()
        for status, answer in operation["responses"].items()
        if status[0] == "4"
    ]
    assert content
    assert all(kinds == ["application/problem+json"] for kinds in content)
