"""From a measure to a status: what hr-diversity states becomes a result by itself."""

import json
from datetime import timedelta

import pytest
from tests.indicators.plan import (
    BEFORE,
    INDICATORS,
    MEASURE,
    NOW,
    OPERATOR,
    PLAN,
    PLAN_BODY,
    SHARE,
    V1,
    at,
    begin,
    define,
    events_of,
    get,
    line_of,
    on_the_bus,
    publish,
    record,
    results_of,
    review,
    rows_of,
    stated,
    status_of,
)

from indicators.handlers import measures

COUNT = INDICATORS["count"]
FED = f"{PLAN}/share/{NOW}/global"


def drawn(**fields):
    return MEASURE.model_copy(update=fields)


async def test_a_measure_becomes_the_result_of_the_indicator_it_feeds(client):
    await begin(client, "share", "count", "foreign")
    await publish(client, stated(MEASURE))
    line = await line_of(client)
    result = line["results"][0]
    assert line["status"] == "on_track"
    assert (result["numerator"], result["denominator"], result["value"]) == (90, 200, 45)
    assert (result["as_of"], result["review"], result["recorded_by"]) == ("2020-12-31", "accepted", "hr-diversity")
    assert result["derived_from"] == {
        "measure": "women-p5-plus-regular-budget",
        "source": "hris",
        "as_of": "2020-12-31",
        "snapshot": "snapshot-1",
        "revision": 1,
        "rule": "women-p5-plus-regular-budget/1",
    }
    assert len((await get(client, results_of("share")))["items"]) == 1
    for other in ("count", "foreign"):
        assert (await get(client, results_of(other)))["items"] == []


async def test_the_result_is_stated_as_caused_by_the_measures_event(client):
    await begin(client, "share")
    cause = stated(MEASURE)
    await publish(client, cause)
    event = next(one for one in await on_the_bus(client) if one.subject == f"result/{FED}")
    assert (event.type, event.sequence) == ("indicators.result-recorded.v1", 1)
    assert (event.causationid, event.correlationid, event.actor) == (
        cause.id,
        cause.correlationid,
        f"measure:{MEASURE.code}",
    )
    state = json.loads(event.data)
    assert (state["status"], state["standing"]["number"]) == ("on_track", 1)
    assert state["changed"]["derived_from"]["snapshot"] == "snapshot-1"


async def test_a_measure_that_names_no_correlation_is_the_beginning_of_one(client):
    await begin(client, "share")
    cause = stated(MEASURE)
    cause = type(cause)(**{**{name: getattr(cause, name) for name in cause.__slots__}, "correlationid": ""})
    await publish(client, cause)
    event = next(one for one in await on_the_bus(client) if one.subject == f"result/{FED}")
    assert (event.causationid, event.correlationid) == (cause.id, cause.id)


async def test_a_corrected_snapshot_replaces_and_the_first_figure_stays_in_the_history(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    await publish(client, stated(drawn(revision=2, snapshot="snapshot-2", women=89, men=111), 2))
    line = await line_of(client)
    assert (line["status"], line["standing"]) == ("not_on_track", 2)
    assert [one["numerator"] for one in line["results"]] == [90, 89]
    assert [one["derived_from"]["revision"] for one in line["results"]] == [1, 2]


async def test_a_late_snapshot_enters_the_history_and_moves_nothing(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    await publish(client, stated(drawn(as_of=MEASURE.as_of - timedelta(days=180), women=1, men=199)))
    line = await line_of(client)
    assert (line["status"], line["standing"], len(line["results"])) == ("on_track", 1, 2)


async def test_a_measure_of_small_groups_gives_a_reason_and_no_number(client):
    await begin(client, "share")
    await publish(client, stated(MEASURE))
    hidden = drawn(
        as_of=MEASURE.as_of + timedelta(days=1), women=None, men=None, total=None, share=None, suppressed=True
    )
    await publish(client, stated(hidden))
    line = await line_of(client)
    assert line["status"] == "data_unavailable"
    last = line["results"][-1]
    assert (last["no_data"], last["value"], last["numerator"], last["denominator"]) == ("small_numbers", *[None] * 3)


async def test_a_source_that_feeds_no_indicators_moves_none(client):
    await begin(client, "share")
    await publish(client, stated(drawn(feeds_indicators=False)))
    assert (await get(client, results_of("share")))["items"] == []


async def test_a_measure_that_is_a_rate_gives_its_numerator_and_denominator(client):
    await begin(client, "share")
    rate = {"women": None, "men": None, "other": None, "total": None}
    await publish(client, stated(drawn(**rate, numerator=880, denominator=1000)))
    of_nobody = drawn(**rate, as_of=MEASURE.as_of + timedelta(days=1), numerator=0, denominator=0)
    await publish(client, stated(of_nobody))
    first, last = (await line_of(client))["results"]
    assert (first["numerator"], first["denominator"], first["value"]) == (880, 1000, 88)
    assert last["no_data"] == "not_measurable"


async def test_women_and_men_are_taken_where_only_others_are_withheld(client):
    await begin(client, "share")
    await publish(client, stated(drawn(other=None, total=None, suppressed=True)))
    result = (await line_of(client))["results"][0]
    assert (result["no_data"], result["numerator"], result["denominator"]) == (None, 90, 200)


async def test_a_measure_of_nobody_is_not_measurable(client):
    await begin(client, "share")
    await publish(client, stated(drawn(women=0, men=0, other=3, total=3, share=None)))
    assert (await line_of(client))["results"][0]["no_data"] == "not_measurable"


@pytest.mark.parametrize(("women", "status"), [(0, "not_on_track"), (200, "on_track")])
async def test_no_woman_is_a_result_and_so_is_no_man(client, women, status):
    await begin(client, "share")
    await publish(client, stated(drawn(women=women, men=200 - women)))
    assert (await line_of(client))["status"] == status


@pytest.mark.parametrize("days", [-3 * 366, 366])
async def test_a_measure_of_a_day_outside_of_every_phase_feeds_nothing(client, days):
    await begin(client, "share")
    await publish(client, stated(drawn(as_of=MEASURE.as_of + timedelta(days=days))))
    assert (await get(client, results_of("share")))["items"] == []


async def test_a_measure_of_an_earlier_day_feeds_the_phase_that_the_day_is_in(client):
    await begin(client, "share")
    await publish(client, stated(drawn(as_of=MEASURE.as_of - timedelta(days=366))))
    lines = (await get(client, results_of("share")))["items"]
    assert [(line["phase"], line["place"], line["status"]) for line in lines] == [(BEFORE, "global", "met")]


async def test_a_measure_that_feeds_nobody_changes_nothing(client):
    await begin(client, "share")
    before = await rows_of(client)
    await publish(client, stated(drawn(code="men-on-leave")))
    assert await rows_of(client) == before


async def test_every_indicator_of_every_plan_that_the_measure_feeds_has_its_result(client):
    await begin(client, "share")
    await define(client, f"{V1}/plans/other", PLAN_BODY)
    await define(client, at("indicators/first", "other"), SHARE)
    await define(client, at("indicators/unfed", "other"), {**SHARE, "fed_by": None})
    await publish(client, stated(MEASURE))
    fed = [event.aggregateid for event in await events_of(client) if event.aggregatetype == "result"]
    assert sorted(fed) == [f"other/first/{NOW}/global", FED]


async def test_an_event_that_is_delivered_again_has_no_second_effect(client):
    await begin(client, "share")
    cause = stated(MEASURE)
    await publish(client, cause, cause)
    await publish(client, cause)
    assert len((await line_of(client))["results"]) == 1
    assert len(await events_of(client, FED)) == 1


async def test_of_revisions_that_arrive_together_the_last_one_is_recorded(client):
    await begin(client, "share")
    envelopes = [stated(drawn(revision=n, snapshot=f"snapshot-{n}", women=80 + n, men=120 - n), n) for n in (1, 2, 3)]
    await publish(client, *envelopes)
    line = await line_of(client)
    assert line["results"][-1]["numerator"] == 83
    assert line["standing"] == len(line["results"])


async def test_a_measured_result_can_be_sent_back_and_the_custodians_stands_again(client):
    await begin(client, "share")
    await record(client, 40)
    await publish(client, stated(MEASURE))
    assert await status_of(client) == "on_track"
    await review(client, 2, "reopen", reason="a unit told that it was forgotten")
    done = await review(client, 2, "send-back", reason="the snapshot lacks the field offices")
    assert (done["status"], done["standing"]["number"]) == ("not_on_track", 1)


async def test_an_event_that_cannot_be_read_sets_its_measure_aside_and_the_others_go_on(client):
    await begin(client, "share")
    broken = stated(drawn(source="other"))
    broken = type(broken)(**{**{name: getattr(broken, name) for name in broken.__slots__}, "data": b'{"code": 5}'})
    await publish(client, broken, stated(MEASURE))
    assert (await line_of(client))["status"] == "on_track"
    parked = await get(client, f"{V1}/parked", **OPERATOR)
    assert [one["aggregate"] for one in parked] == [broken.subject]


def test_the_service_listens_to_hr_diversity_and_only_to_measures():
    assert measures.topics == ["apge.hr-diversity"]
    assert set(measures.subscribers) == {"hr-diversity.measure-drawn.v1"}


MEETINGS = {
    "code": "scorecards-tabled",
    "source": "scorecards",
    "rule": "scorecards-tabled/1",
    **dict.fromkeys(("women", "men", "other", "total", "share")),
}


def counted(meetings, place="global", **more):
    envelope = stated(drawn(**MEETINGS, numerator=meetings, place=place, **more))
    fields = {name: getattr(envelope, name) for name in envelope.__slots__}
    return type(envelope)(**{**fields, "subject": f"{envelope.subject}/{place}"})


async def begin_counting(client):
    await begin(client, "share")
    there = {"phase": NOW, "operator": "at_least", "value": 2, "text": "two meetings"}
    places = ["global", "portfolio:policy", "portfolio:management-reform"]
    body = {**COUNT, "fed_by": "scorecards-tabled", "targets": [{**there, "place": place} for place in places]}
    await define(client, at("indicators/meetings"), body)


async def test_a_count_fills_an_indicator_of_counts_with_its_value_and_no_denominator(client):
    await begin_counting(client)
    await publish(client, counted(2))
    line = await line_of(client, "meetings")
    result = line["results"][0]
    assert (line["status"], result["value"], result["numerator"], result["denominator"]) == ("on_track", 2, None, None)
    assert result["derived_from"]["measure"] == "scorecards-tabled"


async def test_no_meeting_is_a_result_and_not_a_small_number(client):
    await begin_counting(client)
    await publish(client, counted(0))
    line = await line_of(client, "meetings")
    assert (line["status"], line["results"][0]["value"], line["results"][0]["no_data"]) == ("not_on_track", 0, None)


async def test_a_measure_of_a_place_fills_the_target_of_that_place_only(client):
    await begin_counting(client)
    await publish(client, counted(2, "portfolio:policy"), counted(7, "portfolio:field-operations"))
    lines = (await get(client, results_of("meetings")))["items"]
    assert [(line["place"], line["results"][0]["value"]) for line in lines] == [("portfolio:policy", 2)]


async def test_a_count_says_nothing_of_a_percentage_and_a_share_nothing_of_a_count(client):
    await begin(client, "share")
    await define(client, at("indicators/meetings"), {**COUNT, "fed_by": MEASURE.code})
    await publish(client, stated(drawn(**dict.fromkeys(("women", "men", "other", "total", "share")), numerator=3)))
    await publish(client, stated(drawn(as_of=MEASURE.as_of + timedelta(days=1))))
    share, meetings = await line_of(client), await line_of(client, "meetings")
    assert [one["no_data"] for one in share["results"]] == ["not_measurable", None]
    assert [one["no_data"] for one in meetings["results"]] == [None, "not_measurable"]
    assert meetings["results"][0]["value"] == 3
