"""The cycle of a result: submitted, accepted or sent back, reopened, superseded; who may accept; what is refused and why."""

import pytest
from tests.indicators.plan import (
    HRD,
    MEASURE,
    NOW,
    PLAN,
    PLAN_BODY,
    REVIEWER,
    SHARE,
    V1,
    at,
    begin,
    changed,
    define,
    line_of,
    publish,
    record,
    results_of,
    review,
    rows_of,
    set_clock,
    stated,
    types_of,
    version,
)

REVIEWS_OF = {
    "submitted": [],
    "accepted": ["accept"],
    "sent back": ["send-back"],
    "reopened": ["accept", "reopen"],
}
ALLOWED = {("submitted", "accept"), ("submitted", "send-back"), ("accepted", "reopen")}
ALLOWED |= {("reopened", "accept"), ("reopened", "send-back")}


@pytest.mark.parametrize("verdict", ["accept", "send-back", "reopen"])
@pytest.mark.parametrize("state", REVIEWS_OF)
async def test_a_review_goes_from_its_own_state_only_and_is_otherwise_refused_with_both_named(client, state, verdict):
    await begin(client, "share")
    await record(client)
    for done in REVIEWS_OF[state]:
        await review(client, 1, done)
    if (state, verdict) in ALLOWED:
        await review(client, 1, verdict)
        return
    before = await rows_of(client)
    refused = await review(client, 1, verdict, 409)
    assert refused["type"] == "urn:apge:problem:review-out-of-order"
    now = {"reopened": "submitted"}.get(state, state)
    goal = {"accept": "accepted", "send-back": "sent back", "reopen": "submitted"}[verdict]
    assert f"is {now}" in refused["detail"]
    assert f"becomes {goal}" in refused["detail"]
    assert await rows_of(client) == before


async def test_a_reopened_result_waits_for_review_again_and_says_why(client):
    await begin(client, "share")
    await record(client, 46)
    await review(client, 1)
    done = await review(client, 1, "reopen", reason="the source was withdrawn")
    assert (done["changed"]["review"], done["changed"]["review_reason"]) == ("submitted", "the source was withdrawn")
    assert done["status"] == "on_track"
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded", "result-accepted", "result-reopened"]


@pytest.mark.parametrize("body", [None, {}, {"reason": " "}, {"reason": None}])
async def test_nothing_is_reopened_without_a_reason(client, body):
    await begin(client, "share")
    await record(client)
    await review(client, 1)
    refused = await client.post(results_of("share", 1, "reopen"), json=body, headers=version(2), **REVIEWER)
    assert refused.status_code == 422
    assert (await line_of(client))["results"][0]["review"] == "accepted"


@pytest.mark.parametrize(("headers", "status"), [({}, 428), (version(1), 412)])
async def test_a_reopening_names_the_version_that_was_read(client, headers, status):
    await begin(client, "share")
    await record(client)
    await review(client, 1)
    path = results_of("share", 1, "reopen")
    assert (await client.post(path, json={"reason": "-"}, headers=headers, **REVIEWER)).status_code == status


def caller(client, role, units=(), subject="jane"):
    return {"Authorization": f"Bearer {client.issuer.token(role, units, subject=subject)}"}


async def recorded_by_jane(client):
    await begin(client, "share")
    body = {"phase": NOW, "value": 45, "as_of": "2020-06-30"}
    done = await client.post(results_of("share"), json=body, headers=caller(client, "custodian", ["HRD"]))
    assert done.status_code == 201


async def test_who_recorded_a_result_may_not_accept_it_under_whatever_role_and_another_person_may(client):
    await recorded_by_jane(client)
    path = results_of("share", 1, "accept")
    refused = await client.post(path, headers={**caller(client, "reviewer"), **version(1)})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:apge:problem:self-approval")
    assert "jane" not in refused.text
    assert (await line_of(client))["results"][0]["review"] == "submitted"
    other = await client.post(path, headers={**caller(client, "reviewer", ["HRD"], "joan"), **version(1)})
    assert other.status_code == 200


async def test_who_recorded_a_result_may_send_it_back(client):
    await recorded_by_jane(client)
    headers = {**caller(client, "reviewer"), **version(1)}
    done = await client.post(results_of("share", 1, "send-back"), json={"reason": "-"}, headers=headers)
    assert done.status_code == 200


async def test_a_plan_may_let_everybody_accept_own_results(client):
    await recorded_by_jane(client)
    await define(client, f"{V1}/plans/{PLAN}", {**PLAN_BODY, "self_approval": True}, 200, headers=version(1))
    done = await client.post(results_of("share", 1, "accept"), headers={**caller(client, "reviewer"), **version(1)})
    assert done.status_code == 200


async def test_a_result_of_the_same_day_supersedes_and_both_stay_in_the_history(client):
    await begin(client, "share")
    await record(client, 45)
    done = await record(client, 46)
    assert (done["changed"]["supersedes"], done["standing"]["number"]) == (1, 2)
    assert [(r["number"], r["value"]) for r in (await line_of(client))["results"]] == [(1, 45), (2, 46)]
    assert (await record(client, 47, as_of="2020-07-31"))["changed"]["supersedes"] is None


@pytest.mark.parametrize("verdict", ["accept", "send-back"])
async def test_a_superseded_result_is_reviewed_no_more_until_the_newer_one_is_sent_back(client, verdict):
    await begin(client, "share")
    await record(client, 45)
    await record(client, 46)
    refused = await review(client, 1, verdict, 409)
    assert "superseded by result 2" in refused["detail"]
    await review(client, 2, "send-back")
    await review(client, 1, verdict)


async def test_an_accepted_value_is_superseded_only_by_one_that_says_why(client):
    await begin(client, "share")
    await record(client, 45)
    await review(client, 1)
    refused = await record(client, 46, status=422)
    assert [error["pointer"] for error in refused["errors"]] == ["#/comment"]
    assert len((await line_of(client))["results"]) == 1
    done = await record(client, 46, comment="the annex was counted twice")
    assert (done["changed"]["supersedes"], done["changed"]["review"]) == (1, "submitted")
    first, second = (await line_of(client))["results"]
    assert (first["value"], first["review"], second["value"]) == (45, "accepted", 46)
    trail = (await client.get(at("indicators/share/changes"), **REVIEWER)).json()["items"]
    assert trail[-1]["reason"] == "the annex was counted twice"
    values = {one["pointer"]: (one["old"], one["new"]) for one in trail[-1]["differences"]}
    assert values["#/standing/value"] == (45, 46)


async def test_a_result_of_another_day_than_the_accepted_one_needs_no_comment(client):
    await begin(client, "share")
    await record(client, 45)
    await review(client, 1)
    await record(client, 46, as_of="2020-07-31")


async def test_a_corrected_snapshot_supersedes_the_accepted_figure_of_its_day(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    corrected = MEASURE.model_copy(update={"revision": 2, "women": 100, "men": 100, "snapshot": "snapshot-2"})
    await publish(client, stated(corrected, 2))
    first, second = (await line_of(client))["results"]
    assert (second["supersedes"], second["review"], first["review"]) == (1, "accepted", "accepted")


async def test_what_was_sent_back_is_answered_by_a_new_result(client, monkeypatch):
    set_clock(monkeypatch, "2021-06-01")
    await begin(client, "share")
    await record(client, 45)
    await review(client, 1, "send-back", reason="counted twice")
    done = await record(client, 44)
    assert (done["changed"]["number"], done["changed"]["review"]) == (2, "submitted")
    await review(client, 2)
    assert [one["review"] for one in (await line_of(client))["results"]] == ["sent_back", "accepted"]


async def test_a_custodian_cannot_reopen(client):
    await begin(client, "share")
    await record(client)
    await review(client, 1)
    refused = await client.post(results_of("share", 1, "reopen"), json={"reason": "-"}, headers=version(2), **HRD)
    assert refused.status_code == 403


async def test_a_redefined_target_judges_what_stands_and_leaves_the_review_as_it_is(client):
    await begin(client, "share")
    await record(client, 44)
    await review(client, 1)
    await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 40), 200, headers=version(1))
    line = await line_of(client)
    assert (line["status"], line["results"][0]["review"]) == ("on_track", "accepted")
