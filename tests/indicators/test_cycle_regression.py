"""A target that was met, or on track, and is so no longer: stated as an event that opens a remedial action, once."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import (
    APGE,
    BEFORE,
    HRD,
    MEASURE,
    NOW,
    PLAN,
    PLAN_BODY,
    SHARE,
    V1,
    assert_heads_are_last_events,
    at,
    begin,
    changed,
    define,
    events_of,
    get,
    line_of,
    publish,
    record,
    review,
    set_clock,
    stated,
    status_of,
    types_of,
    version,
)

from indicators import rules

REGRESSED = "indicators.status-regressed.v1"
LINE = f"{PLAN}/share/{NOW}/global"


async def remedies_of(client, plan=PLAN):
    return [one for one in (await get(client, at("actions", plan)))["items"] if one["kind"] == "remedial"]


async def regressions_of(client, key="%"):
    return [json.loads(e.payload) for e in await events_of(client, key) if e.type == REGRESSED]


async def test_a_worse_result_is_a_regression_with_a_remedial_action_in_the_same_transaction(client, monkeypatch):
    set_clock(monkeypatch, "2021-06-01")
    await begin(client, "share")
    await record(client, 46, as_of="2020-06-30")
    await record(client, 44, as_of="2020-12-31")
    assert await types_of(client, f"{PLAN}/share/%") == ["result-recorded", "result-recorded", "status-regressed"]
    (event,) = await regressions_of(client)
    assert (event["before"], event["before_phase"], event["status"]) == ("on_track", NOW, "not_on_track")
    assert event["changed"]["value"] == event["standing"]["value"] == 44
    (action,) = await remedies_of(client)
    assert (action["code"], action["opened_by"], action["state"]) == (event["action"], LINE, "planned")
    assert (action["indicators"], action["places"], action["custodians"]) == (["share"], ["global"], ["HRD"])
    assert action["due"] == "2021-12-31"
    assert "45 per cent" in action["text"]
    await assert_heads_are_last_events(client)


async def test_the_answer_names_the_version_that_the_regression_made(client):
    await begin(client, "share")
    await record(client, 46, as_of="2020-06-30")
    body = {"phase": NOW, "value": 44, "as_of": "2020-12-31"}
    done = await client.post(at("indicators/share/results"), json=body, **HRD)
    assert done.headers["ETag"] == '"3"'
    assert (await line_of(client))["version"] == 3


async def test_a_target_that_is_missed_again_does_not_regress_again(client):
    await begin(client, "share")
    for value, day in ((46, "06-30"), (44, "07-31"), (43, "08-31")):
        await record(client, value, as_of=f"2020-{day}")
    await record(client, None, no_data="not_reported", as_of="2020-09-30")
    await record(client, 42, as_of="2020-10-31")
    assert len(await regressions_of(client)) == len(await remedies_of(client)) == 1


async def test_missing_data_in_between_is_no_new_start(client):
    await begin(client, "share")
    await record(client, 46, as_of="2020-06-30")
    await record(client, None, no_data="not_reported", as_of="2020-09-30")
    assert await regressions_of(client) == []
    await record(client, 44, as_of="2020-10-31")
    assert len(await regressions_of(client)) == 1


async def test_a_target_that_was_never_reached_does_not_regress(client):
    await begin(client, "share")
    await record(client, 44, as_of="2020-06-30")
    await record(client, 10, as_of="2020-12-31")
    assert await regressions_of(client) == await remedies_of(client) == []


async def test_a_result_for_an_earlier_day_moves_nothing_and_regresses_nothing(client):
    await begin(client, "share")
    await record(client, 46, as_of="2020-12-31")
    await record(client, 10, as_of="2020-06-30")
    assert await regressions_of(client) == []


async def test_a_result_that_is_sent_back_may_be_what_a_status_stood_on(client):
    await begin(client, "share")
    await record(client, 44, as_of="2020-06-30")
    await record(client, 46, as_of="2020-12-31")
    await review(client, 2, "send-back")
    assert await types_of(client, LINE) == [*["result-recorded"] * 2, "result-sent-back", "status-regressed"]


async def test_a_corrected_snapshot_that_misses_is_a_regression(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    assert await status_of(client) == "on_track"
    await publish(client, stated(MEASURE.model_copy(update={"women": 80, "men": 120, "revision": 2}), 2))
    (event,) = await regressions_of(client)
    assert event["changed"]["derived_from"]["revision"] == 2
    (trail,) = [e for e in (await get(client, at("indicators/share/changes")))["items"] if e["event"] == REGRESSED]
    assert trail["actor"] == f"measure:{MEASURE.code}"


@pytest.mark.parametrize("first", [BEFORE, NOW])
async def test_the_first_status_of_a_phase_is_compared_with_the_last_of_the_phase_before(client, first):
    """Whichever phase is loaded first: the 2018-19 figure is of an earlier day."""
    await begin(client, "share")
    if first == BEFORE:
        await record(client, 46, phase=BEFORE, as_of="2019-12-31")
    await record(client, 44, as_of="2020-12-31")
    assert [one["before_phase"] for one in await regressions_of(client)] == ([BEFORE] if first == BEFORE else [])


async def test_a_figure_of_a_later_day_was_not_there_before(client):
    await begin(client, "share")
    await record(client, 46, phase=BEFORE, as_of="2021-12-31")
    await record(client, 44, as_of="2020-12-31")
    assert await regressions_of(client) == []


@pytest.mark.parametrize(("earlier", "regresses"), [("met", True), ("not_met", False), ("data_unavailable", False)])
async def test_a_status_that_a_source_states_for_the_phase_before_counts_for_the_whole(client, earlier, regresses):
    await begin(client, "count")
    said = [{"phase": BEFORE, "status": earlier, "text": "as the report says"}]
    lonely = {**SHARE, "targets": [SHARE["targets"][0], SHARE["targets"][2]], "earlier": said}
    await define(client, at("indicators/share"), lonely)
    await record(client, 44)
    await record(client, 44, place="portfolio:policy")
    assert [one["place"] for one in await regressions_of(client)] == (["global"] if regresses else [])


async def test_a_target_that_is_raised_does_not_regress_by_that(client):
    await begin(client, "share")
    await record(client, 46)
    await define(client, at("indicators/share"), changed(SHARE, "targets/0/value", 50), 200, headers=version(1))
    assert await status_of(client) == "not_on_track"
    await record(client, 47, as_of="2020-12-31")
    assert await regressions_of(client) == []


async def test_reached_again_completes_the_remedial_action_with_a_note_and_a_new_regression_opens_another(client):
    await begin(client, "share")
    for value, day in ((46, "06-30"), (44, "07-31"), (47, "08-31")):
        await record(client, value, as_of=f"2020-{day}")
    (action,) = await remedies_of(client)
    assert (action["state"], action["note"]) == ("completed", "Reached again (on_track) as of 2020-08-31.")
    assert await types_of(client, f"{PLAN}/{action['code']}") == ["action-added", "action-updated"]
    await record(client, 48, as_of="2020-09-30")
    assert len(await events_of(client, f"{PLAN}/{action['code']}")) == 2
    await record(client, 40, as_of="2020-10-31")
    assert [one["state"] for one in await remedies_of(client)] == ["completed", "planned"]
    assert len({one["code"] for one in await remedies_of(client)}) == 2


async def test_a_remedial_action_that_its_custodian_dropped_is_left_alone(client):
    await begin(client, "share")
    await record(client, 46, as_of="2020-06-30")
    await record(client, 44, as_of="2020-07-31")
    (action,) = await remedies_of(client)
    body = {"state": "dropped", "note": "the target is given up"}
    await client.patch(at(f"actions/{action['code']}"), json=body, headers=version(1), **HRD)
    await record(client, 46, as_of="2020-08-31")
    (action,) = await remedies_of(client)
    assert (action["state"], action["note"]) == ("dropped", "the target is given up")


async def test_a_code_that_somebody_took_is_passed_over(client):
    await begin(client, "share")
    taken = {"indicators": ["share"], "custodians": ["HRD"], "text": "Mine"}
    await define(client, at("actions/remedy-share-1"), taken)
    await record(client, 46, as_of="2020-06-30")
    await record(client, 44, as_of="2020-07-31")
    assert [one["code"] for one in await remedies_of(client)] == ["remedy-share-2"]


async def test_the_words_of_an_ended_phase_regress_too(client):
    await begin(client, "share")
    await define(
        client, f"{V1}/plans/{PLAN}", changed(PLAN_BODY, "phases/1/vocabulary", "end_of_cycle"), 200, headers=version(1)
    )
    await record(client, 46, as_of="2020-06-30")
    await record(client, 44, as_of="2020-07-31")
    assert [(one["before"], one["status"]) for one in await regressions_of(client)] == [("met", "not_met")]


async def test_of_the_appendix_of_2021_the_unconscious_bias_sessions_regressed_and_nothing_else(loaded):
    found = await regressions_of(loaded)
    assert [(one["indicator"], one["before"], one["before_phase"], one["status"]) for one in found] == [
        ("unconscious-bias-sessions", "met", "2018-19", "not_on_track")
    ]
    (action,) = await remedies_of(loaded, APGE)
    assert action["opened_by"] == f"{APGE}/unconscious-bias-sessions/2020-21/global"


STATUSES = st.sampled_from(["on_track", "not_on_track", "met", "not_met", "data_unavailable"])


@given(st.none() | STATUSES.filter(lambda s: s != "data_unavailable"), st.lists(STATUSES, min_size=1, max_size=8))
def test_said_at_once_or_one_by_one_a_target_that_ends_missed_regressed_from_the_same(first, said):
    """Told one by one, what counts is the last regression of a target that is not reached after it."""
    before = None if first is None else rules.regression.Known(first, "p")
    at_once = rules.regression.regressed(before, "p", said)
    known, one_by_one = before, None
    for status in said:
        found = rules.regression.regressed(known, "p", [status])
        one_by_one = found or (None if status in rules.regression.REACHED else one_by_one)
        known = known if status == "data_unavailable" else rules.regression.Known(status, "p")
    assert at_once == one_by_one
