"""Responses and follow-up actions: who may not, what must be said, what follows for the recommendation."""

import asyncio
from datetime import date

import pytest
from tests.recommendations.register import (
    ACTION,
    HRD,
    OFFICE,
    READER,
    SOURCE,
    V1,
    add,
    at,
    events_of,
    get,
    in_follow_up,
    make,
    register,
    respond,
    update,
    version,
)

from shared import clock


@pytest.fixture
async def made(client):
    await register(client)
    await make(client, 1)
    return client


async def test_a_response_is_given_by_a_role_and_its_units_today(made):
    answered = await made.post(at(1, "/response"), json={"answer": "accepted"}, **HRD)
    assert (answered.status_code, answered.headers["etag"]) == (201, '"2"')
    assert answered.json()["response"] == {
        "answer": "accepted",
        "reason": None,
        "given_on": clock.today().isoformat(),
        "given_by": "senior-manager:HRD",
    }
    assert answered.json()["state"] == "not_started"
    assert answered.json() == await get(made, 1)


@pytest.mark.parametrize("answer", ["partially_accepted", "rejected"])
async def test_a_response_that_does_not_accept_in_full_needs_a_reason(made, answer):
    refused = await made.post(at(1, "/response"), json={"answer": answer}, **HRD)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/reason")
    blank = await made.post(at(1, "/response"), json={"answer": answer, "reason": "  "}, **HRD)
    assert (blank.status_code, blank.json()["errors"][0]["pointer"]) == (422, "#/reason")
    given = await made.post(at(1, "/response"), json={"answer": answer, "reason": "no funds"}, **HRD)
    assert given.json()["response"]["reason"] == "no funds"


async def test_changing_a_response_takes_the_version(made):
    await respond(made, 1)
    body = {"answer": "rejected", "reason": "overtaken"}
    assert (await made.post(at(1, "/response"), json=body, **OFFICE)).status_code == 428
    assert (await made.post(at(1, "/response"), json=body, headers=version(1), **OFFICE)).status_code == 412
    changed = await made.post(at(1, "/response"), json=body, headers=version(2), **OFFICE)
    assert (changed.status_code, changed.json()["state"], changed.json()["version"]) == (201, "rejected", 3)


async def test_a_version_sent_with_the_first_response_is_held_to(made):
    body = {"answer": "accepted"}
    assert (await made.post(at(1, "/response"), json=body, headers=version(9), **OFFICE)).status_code == 412
    assert (await made.post(at(1, "/response"), json=body, headers=version(1), **OFFICE)).status_code == 201


@pytest.mark.parametrize("answer", [None, "rejected"])
async def test_there_is_no_follow_up_of_what_was_not_accepted(made, answer):
    if answer:
        await respond(made, 1, answer)
    refused = await made.post(at(1, "/follow-up-actions"), json=ACTION, **OFFICE)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:apge:problem:recommendation-not-accepted")


async def test_a_rejection_leaves_no_action_open(made):
    await respond(made, 1)
    await add(made, 1)
    body = {"answer": "rejected", "reason": "overtaken"}
    refused = await made.post(at(1, "/response"), json=body, headers=version(3), **OFFICE)
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:apge:problem:follow-up-open")
    await update(made, 1, state="no_longer_applicable", note="overtaken")
    await respond(made, 1, "rejected", headers=version(4))
    reopened = await made.patch(
        at(1, "/follow-up-actions/1"), json={"state": "initiated"}, headers=version(5), **OFFICE
    )
    assert reopened.status_code == 409


async def test_a_recommendation_goes_through_its_states(made):
    assert (await get(made, 1))["state"] == "awaiting_response"
    assert (await respond(made, 1, "partially_accepted"))["state"] == "not_started"
    assert (await add(made, 1))["state"] == "not_started"
    assert (await add(made, 1, text="Publish it"))["state"] == "not_started"
    assert (await update(made, 1, 1, state="initiated"))["state"] == "in_progress"
    evidence = [{"title": "The strategy", "url": "https://example.org/strategy.pdf"}]
    first = await update(made, 1, 1, state="completed", evidence=evidence)
    assert (first["state"], first["follow_up"][0]["evidence"]) == ("in_progress", evidence)
    done = await update(made, 1, 2, state="no_longer_applicable", note="part of the first")
    assert (done["state"], [action["number"] for action in done["follow_up"]]) == ("completed", [1, 2])
    assert (await update(made, 1, 2, state="initiated"))["state"] == "in_progress"


async def test_what_a_change_does_not_name_stays(client):
    before = (await in_follow_up(client))["follow_up"][0]
    after = (await update(client, 1, due="2023-01-31"))["follow_up"][0]
    assert after == {**before, "due": "2023-01-31"}


async def test_a_note_of_an_earlier_state_does_not_close_an_action(client):
    await in_follow_up(client)
    await update(client, 1, state="initiated", note="the draft circulates")
    silent = {"state": "no_longer_applicable"}
    refused = await client.patch(at(1, "/follow-up-actions/1"), json=silent, headers=version(4), **OFFICE)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/note")


async def test_the_note_that_closed_an_action_cannot_be_taken_away(client):
    await in_follow_up(client)
    await update(client, 1, state="no_longer_applicable", note="overtaken")
    refused = await client.patch(at(1, "/follow-up-actions/1"), json={"note": None}, headers=version(4), **OFFICE)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/note")


async def test_updating_takes_the_version_and_stating_the_same_states_nothing(client):
    await in_follow_up(client)
    path = at(1, "/follow-up-actions/1")
    assert (await client.patch(path, json={"state": "initiated"}, **OFFICE)).status_code == 428
    assert (await client.patch(path, json={"state": "initiated"}, headers=version(2), **OFFICE)).status_code == 412
    same = await client.patch(path, json={"state": "not_initiated"}, headers=version(3), **OFFICE)
    assert (same.status_code, same.headers["etag"]) == (200, '"3"')
    assert len(await events_of(client, f"{SOURCE}/1")) == 3


async def test_overdue_follows_from_the_day_of_reading_and_is_in_no_event(client, monkeypatch):
    await in_follow_up(client)

    async def overdue_on(day):
        monkeypatch.setattr(clock, "today", lambda: day)
        one = await get(client, 1)
        (listed,) = (await client.get(f"{V1}/recommendations", **READER)).json()["items"]
        assert listed == one
        return one["overdue"], one["follow_up"][0]["overdue"], one["version"]

    assert await overdue_on(date(2022, 6, 30)) == (False, False, 3)
    assert await overdue_on(date(2022, 7, 1)) == (True, True, 3)
    await update(client, 1, state="completed", note="published")
    assert await overdue_on(date(2022, 7, 1)) == (False, False, 4)
    assert not any("overdue" in row.payload for row in await events_of(client, f"{SOURCE}/1"))


async def test_sixteen_parallel_writers_lose_no_update(client):
    await in_follow_up(client)
    await update(client, 1, note="0")

    async def count_one_up():
        while True:
            now = await get(client, 1)
            note = str(int(now["follow_up"][0]["note"]) + 1)
            path = at(1, "/follow-up-actions/1")
            answer = await client.patch(path, json={"note": note}, headers=version(now["version"]), **OFFICE)
            if answer.status_code == 200:
                return
            assert answer.status_code == 412

    await asyncio.gather(*(count_one_up() for _ in range(16)))
    final = await get(client, 1)
    assert (final["follow_up"][0]["note"], final["version"]) == ("16", 20)
    assert [row.sequence for row in await events_of(client, f"{SOURCE}/1")] == list(range(1, 21))


async def test_sixteen_actions_added_at_once_get_sixteen_numbers(made):
    await respond(made, 1)
    await asyncio.gather(*(add(made, 1, text=f"Action {n}") for n in range(16)))
    follow_up = (await get(made, 1))["follow_up"]
    assert [action["number"] for action in follow_up] == list(range(1, 17))
    assert len({action["text"] for action in follow_up}) == 16


@pytest.mark.parametrize(
    ("tail", "body", "other"),
    [
        ("/follow-up-actions", ACTION, {**ACTION, "text": "Another"}),
        ("/response", {"answer": "accepted"}, {"answer": "rejected", "reason": "no"}),
    ],
)
async def test_twenty_equal_requests_with_one_key_have_one_effect(made, tail, body, other):
    if tail != "/response":
        await respond(made, 1)
    before = await get(made, 1)
    headers = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(made.post(at(1, tail), json=body, headers=headers, **OFFICE) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {201}
    assert {(answer.text, answer.headers["etag"]) for answer in answers} == {
        (answers[0].text, f'"{before["version"] + 1}"')
    }
    assert sum("idempotent-replay" not in answer.headers for answer in answers) == 1
    after = await get(made, 1)
    assert (after["version"], len(after["follow_up"])) == (before["version"] + 1, int(tail != "/response"))
    assert len(await events_of(made, f"{SOURCE}/1")) == after["version"]
    refused = await made.post(at(1, tail), json=other, headers=headers, **OFFICE)
    assert (refused.status_code, refused.json()["errors"][0]["header"]) == (422, "Idempotency-Key")
