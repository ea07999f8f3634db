"""What the service states: the resulting state, in sequence, and never a person."""

import json

from tests.recommendations.register import (
    OFFICE,
    OPERATOR,
    SOURCE,
    V1,
    WORDING,
    at,
    events_of,
    get,
    in_follow_up,
    make,
    register,
    update,
    version,
)

from shared.events.base import EVENTS
from shared.operations import digest
from shared.testing import wait_until

KEY = f"{SOURCE}/1"
FACTS = [
    ("recommendations.recommendation-made.v1", 1),
    ("recommendations.response-given.v1", 2),
    ("recommendations.follow-up-action-added.v1", 3),
    ("recommendations.follow-up-action-updated.v1", 4),
    ("recommendations.recommendation-made.v1", 5),
]


async def tell_a_story(client):
    await in_follow_up(client)
    await update(client, 1, state="completed", note="published")
    body = {**WORDING, "title": "Do best"}
    await client.put(at(1), json=body, headers=version(4), **OFFICE)


async def test_each_change_states_the_state_it_leaves_behind(client):
    await tell_a_story(client)
    rows = await events_of(client, KEY)
    assert [(row.type, row.sequence) for row in rows] == FACTS
    stated = [json.loads(row.payload) for row in rows]
    assert [state["state"] for state in stated] == [
        "awaiting_response",
        "not_started",
        "not_started",
        "completed",
        "completed",
    ]
    shown = await get(client, 1)
    for name in ("overdue", "version"):
        del shown[name]
    for action in shown["follow_up"]:
        del action["overdue"]
    assert stated[-1] == shown


async def test_a_head_is_the_last_event_of_its_aggregate(client):
    await tell_a_story(client)
    await make(client, 2, sub_actions=[{"number": 1, "text": "First", "provenance": {"document": "d"}}])
    heads = (await client.get("/recommendations/v1/heads", **OPERATOR)).json()
    assert [head["aggregate"] for head in heads] == [
        f"evaluation/{SOURCE}",
        f"recommendation/{SOURCE}/1",
        f"recommendation/{SOURCE}/2",
    ]
    for head in heads:
        last = (await events_of(client, head["aggregate"].partition("/")[2]))[-1]
        assert (head["sequence"], head["digest"]) == (last.sequence, digest(json.loads(last.payload)))


async def test_a_change_that_events_do_not_carry_is_a_version_all_the_same(client):
    await register(client)
    path = f"{V1}/evaluations/{SOURCE}"
    body = {"title": "An audit", "kind": "audit", "issued": "2021-09"}
    period = {"starts": "2016-01-01", "ends": "2021-12-31"}
    changed = await client.put(path, json={**body, "period": period}, headers=version(1), **OFFICE)
    assert (changed.json()["period"], changed.headers["etag"]) == (period, '"2"')
    assert [row.sequence for row in await events_of(client, SOURCE)] == [1, 2]


async def test_every_payload_can_be_read_as_its_event(client):
    await tell_a_story(client)
    for row in await events_of(client, KEY):
        event = EVENTS[row.type].model_validate_json(row.payload)
        assert event.model_dump_json() == row.payload


async def test_the_events_reach_the_bus_in_order(client):
    await tell_a_story(client)
    bus = client.app.state.bus
    await client.caught_up()

    async def read():
        async with bus.subscribe(["apge.recommendations"], {}) as subscription:
            found = await subscription.read(100, 0.1)
        return [d.envelope for d in found if d.envelope.subject == f"recommendation/{KEY}"]

    envelopes = await wait_until(read)
    assert [(envelope.type, envelope.sequence) for envelope in envelopes] == FACTS


async def test_no_person_is_in_an_event_or_an_answer(client):
    await register(client)
    await make(client, 1)
    token = client.issuer.token("senior-manager", ["HRD"], subject="canary.person@example.org")
    headers = {"Authorization": f"Bearer {token}"}
    answered = await client.post(at(1, "/response"), json={"answer": "accepted"}, headers=headers)
    assert answered.status_code == 201
    assert "canary" not in answered.text
    rows = await events_of(client, KEY)
    assert rows[-1].actor == "senior-manager:HRD"
    assert "canary" not in repr(rows)
