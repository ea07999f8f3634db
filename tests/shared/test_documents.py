"""Ready bytes are handed to those whose token is known, and only while their keeper says so; the rest goes on to the framework."""

import asyncio
from typing import Any

import pytest
from tests.shared.sample import service

from shared.auth import Verifier
from shared.documents import Address, Document, Kept, ReadyBytes, document, make_once, respond
from shared.issuer import LocalIssuer
from shared.settings import Settings
from shared.testing import test_settings

HERE: Address = ("/here", b"a=1")
MADE = document(b'{"women":60}')


class Keeps:
    def __init__(self) -> None:
        self.kept = {HERE: Kept(MADE, "the route")}
        self.holds, self.asked = True, 0

    async def find(self, address: Address) -> Kept | None:
        self.asked += 1
        return self.kept.get(address) if self.holds else None


class Door:
    """Calls `ReadyBytes`; behind it everything is answered 418."""

    def __init__(self, settings: Settings) -> None:
        self.keeper, self.verifier = Keeps(), Verifier(settings)
        self.app = ReadyBytes(self._behind, self.keeper, self.verifier, settings)
        self.scope: dict[str, Any] = {}

    async def _behind(self, _: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 418, "headers": []})
        await send({"type": "http.response.body", "body": b"behind"})

    async def call(self, *, method: str = "GET", address: Address = HERE, **headers: str) -> tuple[int, bytes, Any]:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
        path, query = address
        self.scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": given}
        await self.app(self.scope, None, send)  # type: ignore[arg-type]
        return sent[0]["status"], sent[1]["body"], dict(sent[0]["headers"])


def settings(issuer: LocalIssuer, **more: Any) -> Settings:
    return test_settings(service, "postgresql+asyncpg://nowhere/nothing", "postgresql://nowhere/log", issuer, **more)


@pytest.fixture
async def door(issuer: LocalIssuer) -> Door:
    return Door(settings(issuer, anonymous_reading=False))


@pytest.fixture
async def bearer(door: Door, issuer: LocalIssuer) -> str:
    token = issuer.token("reader")
    await door.verifier.verify(token)
    return f"Bearer {token}"


async def test_a_known_caller_is_answered_under_the_route(door: Door, bearer: str) -> None:
    status, body, headers = await door.call(authorization=bearer)
    assert (status, body, headers) == (200, MADE.body, dict(MADE.headers))
    assert door.scope["route"] == "the route"


async def test_a_caller_who_is_not_known_goes_to_the_framework_and_costs_the_keeper_nothing(
    door: Door, issuer: LocalIssuer, bearer: str
) -> None:
    for header in ({}, {"authorization": f"Bearer {issuer.token('operator')}"}, {"authorization": bearer[7:]}):
        assert (await door.call(**header))[0] == 418
    assert door.keeper.asked == 0


async def test_anonymous_callers_are_answered_where_reading_is_open(issuer: LocalIssuer) -> None:
    door = Door(settings(issuer, anonymous_reading=True))
    assert (await door.call())[0] == 200
    assert (await door.call(authorization="Bearer nonsense"))[0] == 418


async def test_what_the_keeper_no_longer_holds_is_for_the_framework(door: Door, bearer: str) -> None:
    door.keeper.holds = False
    assert (await door.call(authorization=bearer))[0] == 418
    assert "route" not in door.scope


@pytest.mark.parametrize("other", [{"method": "POST"}, {"method": "HEAD"}, {"address": ("/here", b"a=2")}])
async def test_other_methods_and_addresses_go_to_the_framework(door: Door, bearer: str, other: Any) -> None:
    assert (await door.call(authorization=bearer, **other))[0] == 418


TAG = MADE.etag.decode()


@pytest.mark.parametrize(
    ("given", "status"),
    [(TAG, 304), (f"W/{TAG}", 304), (f'"other", {TAG}', 304), ("*", 304), ('"other"', 200), (TAG.strip('"'), 200)],
)
async def test_the_route_and_the_bytes_answer_alike_to_who_has_a_version(
    door: Door, bearer: str, given: str, status: int
) -> None:
    found, body, headers = await door.call(authorization=bearer, if_none_match=given)
    routed = respond(MADE, given)
    assert (found, body) == (routed.status_code, routed.body) == (status, MADE.body if status == 200 else b"")
    assert headers == {name: of for name, of in routed.raw_headers if status == 200 or name != b"content-length"}


async def test_of_those_who_ask_at_one_time_one_makes_it_and_who_goes_away_takes_it_from_nobody() -> None:
    made, let_go = 0, asyncio.Event()
    making: dict[Any, asyncio.Task[Document]] = {}

    async def make() -> Document:
        nonlocal made
        made += 1
        await let_go.wait()
        return MADE

    asking = [asyncio.create_task(make_once(making, HERE, make)) for _ in range(5)]
    await asyncio.sleep(0)
    asking[0].cancel()
    await asyncio.sleep(0)
    let_go.set()
    assert await asyncio.gather(*asking[1:]) == [MADE] * 4
    assert (made, making) == (1, {})
