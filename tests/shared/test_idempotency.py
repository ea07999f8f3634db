"""A POST with an Idempotency-Key has its effect once, whoever repeats it and however often."""

import asyncio
from typing import Any

import httpx
from tests.shared.sample import execute, scalar

from shared.database import Database
from shared.idempotency import forget_old
from shared.testing import Client

PATH = "/sample/v1/notes"


async def post(client: Client, key: str | None, new: Any, **more: Any) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    return await client.post(PATH, role="custodian", json=new, headers=headers, **more)


async def count(client: Client, table: str) -> int:
    return await scalar(client.app.state.database, f"SELECT count(*) FROM {table}")


async def test_twenty_equal_requests_at_once_have_one_effect_one_event_and_equal_answers(client: Client) -> None:
    answers = await asyncio.gather(*(post(client, "k", {"text": "once"}) for _ in range(20)))
    assert {(answer.status_code, answer.content, answer.headers["etag"]) for answer in answers} == {
        (201, answers[0].content, '"1"')
    }
    assert await count(client, "notes") == 1
    assert await count(client, "outbox") == 1


async def test_only_the_repeated_answers_say_that_they_are_repeats(client: Client) -> None:
    answers = [await post(client, "k", {"text": "once"}) for _ in range(3)]
    assert [answer.headers.get("idempotent-replay") for answer in answers] == [None, "true", "true"]


async def test_a_key_used_for_another_body_is_refused_by_name(client: Client) -> None:
    await post(client, "k", {"text": "one"})
    answer = await post(client, "k", {"text": "two"})
    assert answer.status_code == 422
    assert answer.json()["type"] == "urn:apge:problem:idempotency-key-used-otherwise"
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"
    assert await count(client, "notes") == 1


async def test_a_key_used_for_another_query_is_refused(client: Client) -> None:
    await post(client, "k", {"text": "one"})
    assert (await post(client, "k", {"text": "one"}, params={"plan": "x"})).status_code == 422


async def test_two_callers_may_choose_the_same_key(client: Client) -> None:
    for units in (["HRD"], ["GENDER"]):
        answer = await post(client, "k", {"text": "one"}, units=units)
        assert answer.status_code == 201
        assert "idempotent-replay" not in answer.headers
    assert await count(client, "notes") == 2


async def test_a_post_without_a_key_acts_each_time(client: Client) -> None:
    for _ in range(2):
        assert (await post(client, None, {"text": "one"})).status_code == 201
    assert await count(client, "notes") == 2
    assert await count(client, "kept_answers") == 0


async def test_a_refused_request_does_not_use_its_key_up(client: Client) -> None:
    assert (await post(client, "k", {"text": "forbidden"})).status_code == 422
    assert (await post(client, "k", {"text": "allowed"})).status_code == 201


async def test_a_commit_that_fails_does_not_use_its_key_up(client: Client) -> None:
    await post(client, None, {"text": "first", "label": "taken"})
    assert (await post(client, "k", {"text": "second", "label": "taken"})).status_code == 500
    assert (await post(client, "k", {"text": "second", "label": "free"})).status_code == 201


async def test_an_empty_and_an_overlong_key_are_refused(client: Client) -> None:
    for key in ("", "k" * 256):
        answer = await post(client, key, {"text": "one"})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["header"].lower() == "idempotency-key"


async def test_old_answers_are_forgotten_and_young_ones_kept(database: Database) -> None:
    for key, age in (("old", 8), ("young", 6)):
        await execute(
            database,
            "INSERT INTO kept_answers (caller, key, request, kept_at) VALUES ('c', :key, 'r', now() - make_interval(days => :age))",
            key=key,
            age=age,
        )
    async with database.transaction() as session:
        await forget_old(session, 7)
    assert await scalar(database, "SELECT string_agg(key, ',') FROM kept_answers") == "young"
