"""What `reconcile` rests on: the service's heads are its last events, aggregate by aggregate."""

from tests.indicators.plan import (
    ACTION,
    CLAIM,
    HRD,
    MARKERS,
    MEASURE,
    NOW,
    PLAN,
    PLAN_BODY,
    RESOURCES,
    RULE,
    SHARE,
    UNIT,
    V1,
    assert_heads_are_last_events,
    at,
    begin,
    changed,
    define,
    heads_of,
    publish,
    record,
    review,
    stated,
    version,
)


async def test_every_aggregate_of_a_changed_plan_is_as_its_last_event_says(client):
    await begin(client)
    await record(client, 33.3)
    await record(client, None, numerator=1, denominator=3, comment="été 💥")
    await record(client, 0, "count")
    await record(client, None, "milestone", reached=False)
    await record(client, None, "state", category="public")
    await record(
        client, None, "compound", parts=[{"name": "interviews", "value": 9.5}, {"name": "report", "reached": True}]
    )
    await review(client, 2, "send-back")
    await review(client, 1)
    await record(client, 46, as_of="2020-09-30")
    await record(client, 29, as_of="2020-10-31")
    await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 30), 200, headers=version(1))
    ended = changed(PLAN_BODY, "phases/1/vocabulary", "end_of_cycle")
    await define(client, f"{V1}/plans/{PLAN}", ended, 200, headers=version(1))
    await define(client, f"{V1}/units/HRD", {**UNIT, "region": "africa"}, 200, headers=version(1))
    await define(client, at("actions/one"), {**ACTION, "due": "2021-06-30", "places": ["global"]})
    done = await client.patch(at("actions/one"), json={"state": "ongoing"}, headers=version(1), **HRD)
    assert done.status_code == 200
    await define(client, at("resources/staff") + f"&phase={NOW}", RESOURCES)
    await define(client, at("markers/results") + f"&phase={NOW}", MARKERS)
    await define(client, at("claims/one"), {**CLAIM, "as_of": "2021-12-31"})
    await define(client, at("rules/one"), RULE)
    await publish(client, stated(MEASURE))
    heads = await assert_heads_are_last_events(client)
    kinds = {aggregate.partition("/")[0] for aggregate in heads}
    assert kinds == {"unit", "plan", "indicator", "result", "action", "resources", "markers", "claim", "rule"}


async def test_what_is_refused_moves_no_head(client):
    await begin(client, "share")
    await record(client)
    before = await heads_of(client)
    await record(client, 101, status=422)
    await review(client, 1, status=412, **{"If-Match": '"9"'})
    await define(client, f"{V1}/plans/{PLAN}", {**PLAN_BODY, "title": "-"}, 428)
    assert await heads_of(client) == before
