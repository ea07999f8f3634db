"""Many callers at once: nothing is lost, nothing is done twice, nobody waits for ever."""

import asyncio
from collections import Counter
from contextlib import suppress

import pytest
from tests.indicators.plan import (
    ACTION,
    BEFORE,
    HRD,
    NOW,
    OPERATOR,
    PARDEV,
    PLAN,
    PLAN_BODY,
    REVIEWER,
    SHARE,
    UNIT,
    V1,
    at,
    begin,
    changed,
    define,
    events_of,
    get,
    line_of,
    record,
    results_of,
    status_of,
    types_of,
    version,
)

from indicators import store

WRITERS = 16


async def all_at_once(calls):
    return await asyncio.gather(*calls)


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


async def test_sixteen_recorders_on_one_target_are_all_recorded_and_numbered_without_a_gap(client):
    await begin(client, "share")
    bodies = [{"phase": NOW, "value": number, "as_of": "2020-06-30"} for number in range(1, WRITERS + 1)]
    answers = await all_at_once(client.post(results_of("share"), json=body, **HRD) for body in bodies)
    assert statuses(answers) == {201: WRITERS}
    line = await line_of(client)
    assert [one["number"] for one in line["results"]] == list(range(1, WRITERS + 1))
    assert sorted(one["value"] for one in line["results"]) == list(range(1, WRITERS + 1))
    assert sorted(answer.headers["ETag"] for answer in answers) == sorted(f'"{n}"' for n in range(1, WRITERS + 1))
    assert (line["standing"], line["version"]) == (WRITERS, WRITERS)
    events = await events_of(client, f"{PLAN}/share/%")
    assert [event.sequence for event in events] == list(range(1, WRITERS + 1))


async def test_recorders_on_several_targets_do_not_mix_their_numbers(client):
    await begin(client, "share")
    targets = [(NOW, "global"), (BEFORE, "global"), (NOW, "portfolio:policy")]
    bodies = [{"phase": phase, "place": place, "value": 1} for phase, place in targets * 5]
    answers = await all_at_once(client.post(results_of("share"), json=body, **HRD) for body in bodies)
    assert statuses(answers) == {201: 15}
    for line in (await get(client, results_of("share")))["items"]:
        assert [one["number"] for one in line["results"]] == [1, 2, 3, 4, 5]


async def test_twenty_equal_requests_under_one_key_are_one_result_and_one_event_with_one_answer(client):
    await begin(client, "share")
    body, headers = {"phase": NOW, "value": 45}, {"Idempotency-Key": "once"}
    answers = await all_at_once(client.post(results_of("share"), json=body, headers=headers, **HRD) for _ in range(20))
    assert statuses(answers) == {201: 20}
    assert len({answer.content for answer in answers}) == 1
    assert {answer.headers["ETag"] for answer in answers} == {'"1"'}
    assert len((await line_of(client))["results"]) == 1
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded"]


async def test_a_key_that_failed_is_free_for_the_right_request(client):
    await begin(client, "share")
    headers = {"Idempotency-Key": "once"}
    for value, status in ((101, 422), (45, 201), (46, 422)):
        answer = await client.post(results_of("share"), json={"phase": NOW, "value": value}, headers=headers, **HRD)
        assert answer.status_code == status
    assert [one["value"] for one in (await line_of(client))["results"]] == [45]


async def test_a_key_is_each_callers_own(client):
    await begin(client, "share", "foreign")
    headers = {"Idempotency-Key": "once"}
    for code, caller in (("share", HRD), ("foreign", PARDEV)):
        answer = await client.post(results_of(code), json={"phase": NOW, "value": 1}, headers=headers, **caller)
        assert answer.status_code == 201


@pytest.mark.parametrize("kind", ["unit", "plan", "indicator", "action"])
async def test_of_many_who_define_the_same_anew_one_makes_it_and_the_others_find_it(client, kind):
    await begin(client, "share")
    path, body = {
        "unit": (f"{V1}/units/NEW", UNIT),
        "plan": (f"{V1}/plans/new", PLAN_BODY),
        "indicator": (at("indicators/new"), SHARE),
        "action": (at("actions/new"), ACTION),
    }[kind]
    answers = await all_at_once(client.put(path, json=body, **OPERATOR) for _ in range(8))
    assert statuses(answers) == {201: 1, 200: 7}
    key = {"unit": "NEW", "plan": "new"}.get(kind, f"{PLAN}/new")
    assert len(await events_of(client, key)) == 1


async def test_of_many_who_add_actions_under_one_code_one_does_and_the_others_are_told(client):
    await begin(client, "share")
    bodies = [{**ACTION, "code": "new", "text": f"By {number}"} for number in range(8)]
    answers = await all_at_once(client.post(at("actions"), json=body, **HRD) for body in bodies)
    assert statuses(answers) == {201: 1, 409: 7}
    assert len(await events_of(client, f"{PLAN}/new")) == 1


async def test_of_many_who_change_one_version_one_does(client):
    await begin(client, "share")
    await define(client, at("actions/new"), ACTION)
    bodies = [{"note": f"By {number}"} for number in range(8)]
    answers = await all_at_once(client.patch(at("actions/new"), json=b, headers=version(1), **HRD) for b in bodies)
    assert statuses(answers) == {200: 1, 412: 7}
    assert [event.sequence for event in await events_of(client, f"{PLAN}/new")] == [1, 2]


async def test_of_many_reviews_of_one_version_one_counts(client):
    await begin(client, "share")
    await record(client)
    path = results_of("share", 1, "accept")
    answers = await all_at_once(client.post(path, headers=version(1), **REVIEWER) for _ in range(8))
    assert statuses(answers) == {200: 1, 412: 7}
    assert (await line_of(client))["version"] == 2


@pytest.mark.parametrize("what", ["target", "vocabulary"])
async def test_a_definition_that_changes_while_results_come_in_leaves_no_status_of_the_old_one(client, what):
    await begin(client, "share")
    body = {"phase": NOW, "value": 45, "as_of": "2020-06-30"}
    recorders = [client.post(results_of("share"), json=body, **HRD) for _ in range(WRITERS)]
    if what == "target":
        path, other = at("indicators/share"), changed(SHARE, "targets/0/value", 90)
    else:
        path, other = f"{V1}/plans/{PLAN}", changed(PLAN_BODY, "phases/1/vocabulary", "end_of_cycle")
    definer = client.put(path, json=other, headers=version(1), **OPERATOR)
    answers = await all_at_once([*recorders[:4], definer, *recorders[4:]])
    assert statuses(answers) == {201: WRITERS, 200: 1}
    assert await status_of(client) == {"target": "not_on_track", "vocabulary": "met"}[what]
    events = await events_of(client, f"{PLAN}/share/%")
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))


@pytest.mark.parametrize("what", ["target", "vocabulary"])
async def test_a_definition_that_comes_between_reading_a_target_and_judging_by_it_is_not_missed(
    client, monkeypatch, what
):
    await begin(client, "share")
    read, redefined = asyncio.Event(), asyncio.Event()
    lock_ledger = store.ledger.lock_ledger

    async def slowly(*given):
        read.set()
        with suppress(TimeoutError):
            await asyncio.wait_for(redefined.wait(), 0.5)
        return await lock_ledger(*given)

    async def redefine():
        await read.wait()
        if what == "target":
            await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 90), 200, headers=version(1))
        else:
            ended = changed(PLAN_BODY, "phases/1/vocabulary", "end_of_cycle")
            await define(client, f"{V1}/plans/{PLAN}", ended, 200, headers=version(1))
        redefined.set()

    monkeypatch.setattr(store.ledger, "lock_ledger", slowly)
    await asyncio.gather(record(client, 45), redefine())
    assert await status_of(client) == {"target": "not_on_track", "vocabulary": "met"}[what]
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded", "status-restated"]


async def test_another_body_under_a_used_key_is_refused_by_the_header(client):
    await begin(client, "share")
    headers = {"Idempotency-Key": "once"}
    for value, status in ((45, 201), (46, 422)):
        answer = await client.post(results_of("share"), json={"phase": NOW, "value": value}, headers=headers, **HRD)
        assert answer.status_code == status
    assert answer.json()["errors"][0]["header"] == "Idempotency-Key"
    assert answer.json()["errors"][0]["value"] == "once"
