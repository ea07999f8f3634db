"""Who may read what, what is refused and how, and that ready bytes answer as the framework does, byte for byte."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from tests.reporting.facts import LAST, PLAN, WORLD, in_time, publish
from tests.reporting.sse import LIVE, Listening, listening, until

from reporting.api import router
from reporting.main import service
from shared import operations
from shared.auth import LEEWAY, ROLES, api_routes, permission_of
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, wait_until

V1 = "/reporting/v1"
STATUS = f"{V1}/status?plan={PLAN}"
HOT = [
    STATUS,
    f"{STATUS}&phase={LAST}",
    f"{STATUS}&as_of=2021-01-01T00:10:00Z",
    f"{V1}/indicators?plan={PLAN}",
    f"{V1}/indicators/share?plan={PLAN}",
    f"{V1}/plans",
    f"{V1}/actions?plan={PLAN}&kind=remedial&open=true",
    f"{V1}/resources?plan={PLAN}",
    f"{V1}/recommendations",
    f"{V1}/parity",
    f"{V1}/parity/staff-by-grade",
    f"{V1}/measures",
    f"{V1}/targets?measure=staff-by-grade",
    f"{V1}/units",
]
GIVEN = {"plan": PLAN, "measure": "staff-by-grade"}
PLACES = {"code": "share", "projection": "status", "aggregate": "result/x", "view": "parity"}


@pytest.fixture(scope="module")
async def world(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Listening]:
    """The small world on a real socket, and nothing changes in it."""
    async with listening(postgres, issuer) as server:
        await publish(server.app, *in_time(WORLD))
        await server.client.caught_up()
        await server.follows_up_to(await server.position())
        yield server


def routes() -> list[Any]:
    found = [
        (route, method)
        for part in (router, operations.router)
        for route in api_routes(part)
        for method in route.methods
    ]
    return [pytest.param(route, method, id=f"{method} {route.path}") for route, method in found]


async def call(server: Listening, route: APIRoute, method: str, **headers: str) -> int:
    """The status, without waiting for the end of a stream."""
    names = {parameter.alias for parameter in route.dependant.query_params}
    path = f"/reporting{route.path_format.format(**PLACES)}"
    given = {name: value for name, value in GIVEN.items() if name in names}
    async with server.client.http.stream(method, path, params=given, headers=headers) as answer:
        return answer.status_code


@pytest.mark.parametrize(("route", "method"), routes())
async def test_a_route_lets_exactly_the_roles_pass_that_it_names(
    world: Listening, route: APIRoute, method: str
) -> None:
    permission = permission_of(route)
    assert permission
    allowed = ROLES if permission & {"reader", "*"} else permission
    for role in sorted(ROLES):
        token = world.issuer.token(role)  # type: ignore[arg-type]
        found = await call(world, route, method, Authorization=f"Bearer {token}")
        assert (found == 403) == (role not in allowed), (role, found)
        assert found not in {401, 422, 500}
    without = await call(world, route, method)
    assert (without == 401) == ("*" not in permission)


@pytest.mark.parametrize("route", [pytest.param(route, id=route.path) for route in api_routes(router)])
async def test_every_view_is_for_every_role_and_is_only_read(route: APIRoute) -> None:
    assert (permission_of(route), route.methods) == (frozenset({"reader"}), {"GET"})


BAD_TOKENS = [
    "Bearer x",
    "Bearer",
    "Basic dTpw",
    "bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
    "Bearer " + "x" * 9000,
    "",
]


@pytest.mark.parametrize("header", BAD_TOKENS, ids=range(len(BAD_TOKENS)))
@pytest.mark.parametrize("path", [STATUS, LIVE, f"{V1}/changes"])
async def test_a_token_that_is_not_valid_opens_nothing_not_even_what_is_kept(
    world: Listening, path: str, header: str
) -> None:
    await kept(world, STATUS)
    answer = await world.client.get(path, headers={"Authorization": header})
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_a_token_that_was_known_and_has_ended_opens_nothing_that_is_kept(world: Listening) -> None:
    ends_soon = -(LEEWAY - 2) / 3600
    headers = {"Authorization": f"Bearer {world.issuer.token('reader', subject='short', hours=ends_soon)}"}
    assert (await kept(world, STATUS, headers)).status_code == 200

    async def refused() -> bool:
        answer = await world.client.http.get(STATUS, headers=headers)
        assert answer.status_code in {200, 401}
        return answer.status_code == 401

    await wait_until(refused)
    assert world.app.state.documents.kept


@pytest.mark.parametrize("path", [STATUS, f"{V1}/changes", f"{V1}/recommendations"])
async def test_without_a_token_views_are_read_only_where_that_is_set(
    postgres: Postgres, issuer: LocalIssuer, world: Listening, path: str
) -> None:
    assert (await world.client.get(path)).status_code == 401


async def test_where_anonymous_reading_is_set_views_are_open_and_operations_are_not(
    postgres: Postgres, issuer: LocalIssuer
) -> None:
    async with listening(postgres, issuer, anonymous_reading=True) as server:
        await publish(server.app, *in_time(WORLD))
        await server.client.caught_up()
        await server.follows_up_to(await server.position())
        for path in [*HOT, f"{V1}/changes"]:
            first, second = await server.client.get(path), await server.client.get(path)
            assert (first.status_code, second.status_code) == (200, 200)
            assert first.content == second.content
        found = await server.stream(role=None)
        assert (found.status, (await found.next()).comment) == (200, "open")
        assert (await server.client.get(STATUS, headers={"Authorization": "Bearer x"})).status_code == 401
        for method, path in [("GET", "heads"), ("GET", "parked"), ("POST", "rebuilds/status")]:
            assert (await server.client.request(method, f"{V1}/{path}")).status_code == 401


BAD = [
    (400, "status?plan=x&as_of=2021-01-01T00:00:00", "as_of"),
    (400, "status?plan=x&as_of=2021-01-01", "as_of"),
    (400, "status?plan=x&until=2021", "until"),
    (400, "status?plan=x&Plan=y", "Plan"),
    (400, "indicators?plan=x&page=2", "page"),
    (400, "indicators/share?plan=x&phase=y", "phase"),
    (400, "recommendations?soruce=gem", "soruce"),
    (400, "parity?measures=x", "measures"),
    (400, "changes?views=status", "views"),
    (400, "changes?view=x", "view"),
    (400, "plans?plan=x", "plan"),
    (400, "resources?plan=x&area=y", "area"),
    (422, "actions", "plan"),
    (422, "actions?plan=x&kind=urgent", "kind"),
    (422, "actions?plan=x&open=maybe", "open"),
    (422, "resources", "plan"),
    (404, "actions?plan=none", None),
    (404, "resources?plan=none", None),
    (404, f"resources?plan={PLAN}&phase=1999", None),
    (422, "status", "plan"),
    (422, "indicators", "plan"),
    (422, "indicators/share", "plan"),
    (422, f"status?plan={'x' * 101}", "plan"),
    (422, f"status?plan=x&phase={'x' * 51}", "phase"),
    (422, "status?plan=x&as_of=yesterday", "as_of"),
    (422, "status?plan=x&as_of=2021-13-01T00:00:00Z", "as_of"),
    (422, f"indicators/{'x' * 101}?plan=x", "code"),
    (422, f"recommendations?unit={'x' * 41}", "unit"),
    (422, f"recommendations?state={'x' * 41}", "state"),
    (422, "parity?as_of=2021-02-30", "as_of"),
    (422, "parity?as_of=2021-01-01T10:00:00Z", "as_of"),
    (422, "changes?limit=0", "limit"),
    (422, "changes?limit=201", "limit"),
    (422, "changes?limit=many", "limit"),
    (404, "status?plan=none", None),
    (404, f"status?plan={PLAN}&phase=1999", None),
    (404, "indicators?plan=none", None),
    (404, "indicators/share?plan=none", None),
    (404, f"indicators/none?plan={PLAN}", None),
    (404, f"indicators/%3F%23%5C?plan={PLAN}", None),
    (404, f"indicators/a%2Fb?plan={PLAN}", None),
    (404, "parity?measure=none", None),
    (404, "status?plan=x&as_of=0001-01-01T00:00:00%2B14:00", None),
    (404, "status?plan=x&as_of=9999-12-31T23:59:59-14:00", None),
    (404, "nothing", None),
]


@pytest.mark.parametrize(("status", "path", "names"), BAD)
async def test_what_cannot_be_answered_is_a_problem_that_names_the_parameter(
    world: Listening, status: int, path: str, names: str | None
) -> None:
    answer = await world.client.get(f"{V1}/{path}", role="reader")
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status), problem
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"].startswith("urn:apge:problem:")
    assert [one["parameter"] for one in problem["errors"]] == ([names] if names else [])


@pytest.mark.parametrize(
    "path", ["status?plan=%00", "recommendations?source=%00", "parity?measure=a%00", "indicators/%00?plan=x"]
)
async def test_a_text_with_nul_is_a_bad_request_and_no_failure(world: Listening, path: str) -> None:
    answer = await world.client.get(f"{V1}/{path}", role="reader")
    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")


async def kept(server: Listening, path: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """The framework's answer, which is kept from now on."""
    server.app.state.documents.kept.clear()
    headers = headers or {"Authorization": f"Bearer {server.issuer.token('reader')}"}
    answer = await server.client.http.get(path, headers=headers)
    address, _, query = path.partition("?")
    assert (address, query.encode()) in server.app.state.documents.kept
    return answer


OF_THE_REQUEST = {"x-request-id", "date"}


def compared(answer: httpx.Response) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
    headers = [
        (name.lower(), value) for name, value in answer.headers.raw if name.lower().decode() not in OF_THE_REQUEST
    ]
    return answer.status_code, answer.content, sorted(headers)


@pytest.mark.parametrize("path", HOT)
async def test_ready_bytes_are_the_framework_s_answer_byte_for_byte(world: Listening, path: str) -> None:
    headers = {"Authorization": f"Bearer {world.issuer.token('reader')}"}
    first = await kept(world, path, headers)
    assert compared(await world.client.http.get(path, headers=headers)) == compared(first)
    assert first.status_code == 200
    for matches in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*", '"another"', 'W/"*"'):
        asked = {**headers, "If-None-Match": matches}
        again = await kept(world, path, asked)
        assert compared(await world.client.http.get(path, headers=asked)) == compared(again)
        assert again.status_code == (200 if matches in {'"another"', 'W/"*"'} else 304)
        assert (again.status_code == 304) == (again.content == b"")


async def test_of_a_header_that_is_sent_twice_both_read_the_first(world: Listening) -> None:
    good = f"Bearer {world.issuer.token('reader')}"
    first = await kept(world, STATUS, {"Authorization": good})
    tag = first.headers["etag"]
    for given, status in [
        ([("Authorization", good), ("Authorization", "Bearer x")], 200),
        ([("Authorization", "Bearer x"), ("Authorization", good)], 401),
        ([("Authorization", good), ("If-None-Match", '"x"'), ("If-None-Match", tag)], 200),
        ([("Authorization", good), ("If-None-Match", tag), ("If-None-Match", '"x"')], 304),
    ]:
        ready = await world.client.http.get(STATUS, headers=given)
        world.app.state.documents.kept.clear()
        assert (ready.status_code, (await world.client.http.get(STATUS, headers=given)).status_code) == (status, status)
        await kept(world, STATUS)


async def test_an_address_with_an_unknown_parameter_is_never_kept(world: Listening) -> None:
    await kept(world, STATUS)
    for path in (f"{STATUS}&x=1", f"{STATUS}&x"):
        answer = await world.client.get(path, role="reader")
        assert answer.status_code == 400
    assert len(world.app.state.documents.kept) == 1


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_refused_whether_a_document_is_kept_or_not(world: Listening, method: str) -> None:
    await kept(world, STATUS)
    for path in (STATUS, LIVE):
        answer = await world.client.request(method, path, role="operator")
        assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
        assert answer.headers["allow"] == "GET"


async def test_answers_from_ready_bytes_are_counted_under_their_route(world: Listening) -> None:
    card = f"{V1}/indicators/share?plan={PLAN}"
    headers = {"Authorization": f"Bearer {world.issuer.token('reader')}"}
    await kept(world, card, headers)  # another token would not be known yet, and the framework would answer
    label = 'route="/v1/indicators/{code}",status="200"'

    def count(metrics: str) -> float:
        lines = [line for line in metrics.splitlines() if line.startswith("apge_http_request_seconds_count")]
        assert not any('route="unmatched",status="200"' in line for line in lines)
        return sum(float(line.split()[-1]) for line in lines if label in line)

    before = count((await world.client.get("/reporting/metrics")).text)
    for _ in range(3):
        await world.client.http.get(card, headers=headers)
    assert count((await world.client.get("/reporting/metrics")).text) == before + 3


async def test_the_latest_changes_come_first_and_each_can_be_resumed_from(world: Listening) -> None:
    found = (await world.client.get(f"{V1}/changes?view=parity&limit=2", role="reader")).json()
    assert len(found["items"]) == 2
    positions = [int(one["id"].partition(":")[2]) for one in found["items"]]
    assert positions == sorted(positions, reverse=True)
    assert {one["view"] for one in found["items"]} == {"parity"}
    follower = await world.stream(f"view=parity&since={found['items'][1]['id']}")
    assert (await follower.event()).id == found["items"][0]["id"]
    world.hang_up()
    await until(lambda: not world.live.subscribers)


async def test_before_any_event_the_lists_are_empty_and_the_position_is_the_first(fresh: Listening) -> None:
    client: Client = fresh.client
    assert (await client.get(f"{V1}/recommendations", role="reader")).json() == {
        "items": [],
        "evaluations": [],
        "total": 0,
        "by_state": {},
        "by_unit": [],
        "position": "-:0",
    }
    assert (await client.get(f"{V1}/changes", role="reader")).json() == {"items": [], "position": "-:0"}
    assert (await client.get(f"{V1}/status?plan=x", role="reader")).status_code == 404


def test_the_service_has_the_views_and_one_follower() -> None:
    assert [projection.name for projection in service.projections] == [
        "status", "actions", "resources", "recommendations", "parity", "registers",
    ]  # fmt: skip
    assert len(service.workers) == 1
