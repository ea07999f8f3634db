"""What is due when, and who reported in time: rounds, deadlines that end with their day in the plan's zone, counts per custodian."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.indicators.plan import (
    BEFORE,
    HRD,
    INDICATORS,
    NOW,
    OPERATOR,
    PARDEV,
    PLAN,
    PLAN_BODY,
    READER,
    REVIEWER,
    V1,
    at,
    begin,
    define,
    get,
    record,
    review,
    set_clock,
    version,
)

from indicators import rules
from shared.events.indicators import PlanState
from shared.events.results import Result

ROUNDS = [
    {"code": "mid", "title": "Mid-term", "phase": NOW, "as_of": "2020-12-31", "due": "2021-01-22"},
    {"code": "end", "title": "Final", "phase": NOW, "as_of": "2021-12-31", "due": "2022-01-22"},
]
ZURICH = {**PLAN_BODY, "timezone": "Europe/Zurich", "rounds": ROUNDS}
MID, END = ("mid", "end")


def plan_of(**more):
    return PlanState.model_validate({**ZURICH, "code": PLAN, **more})


def result_of(number, as_of, recorded_at, review="submitted"):
    at_instant = datetime.fromisoformat(recorded_at)
    return Result(number=number, as_of=as_of, value=1, review=review, recorded_at=at_instant, recorded_by="custodian")


def mid_of(zone="Europe/Zurich", due="2021-01-22"):
    plan = plan_of(timezone=zone, rounds=[{**ROUNDS[0], "due": due}, ROUNDS[1]])
    return rules.calendar.asks_of(plan, NOW)[0]


# deadlines


@pytest.mark.parametrize(
    ("day", "zone", "ends"),
    [
        ("2021-01-22", "UTC", "2021-01-23T00:00:00+00:00"),
        ("2021-01-22", "Europe/Zurich", "2021-01-22T23:00:00+00:00"),
        ("2021-07-22", "Europe/Zurich", "2021-07-22T22:00:00+00:00"),
        ("2021-03-27", "Europe/Zurich", "2021-03-27T23:00:00+00:00"),
        ("2021-03-28", "Europe/Zurich", "2021-03-28T22:00:00+00:00"),
        ("2021-10-31", "Europe/Zurich", "2021-10-31T23:00:00+00:00"),
        # midnight itself is skipped when summer time begins in Beirut; it comes twice when it ends in Havana
        ("2021-03-27", "Asia/Beirut", "2021-03-27T22:00:00+00:00"),
        ("2021-11-06", "America/Havana", "2021-11-07T04:00:00+00:00"),
        # on both sides of the date line; Samoa had no 30 December 2011
        ("2021-01-22", "Pacific/Kiritimati", "2021-01-22T10:00:00+00:00"),
        ("2021-01-22", "Pacific/Pago_Pago", "2021-01-23T11:00:00+00:00"),
        ("2011-12-29", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
    ],
)
def test_a_deadline_ends_with_its_day_in_the_zone(day, zone, ends):
    assert rules.calendar.deadline(date.fromisoformat(day), zone) == datetime.fromisoformat(ends)


@pytest.mark.parametrize(
    ("recorded_at", "said"),
    [
        ("2021-01-22T23:59:59+01:00", "on_time"),
        ("2021-01-22T22:59:59+00:00", "on_time"),
        ("2021-01-23T00:00:00+01:00", "late"),
        ("2021-01-22T23:30:00+00:00", "late"),
        ("2021-01-01T00:00:00+00:00", "on_time"),
    ],
)
def test_a_minute_to_midnight_in_zurich_is_in_time_and_midnight_is_late(recorded_at, said):
    results = [result_of(1, "2020-12-31", recorded_at)]
    now = datetime(2021, 2, 1, tzinfo=UTC)
    assert rules.calendar.timeliness(mid_of(), "Europe/Zurich", results, now) == said


ZONES = st.sampled_from(
    ["UTC", "Europe/Zurich", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Beirut", "Asia/Kolkata"]
)
INSTANTS = st.integers(0, 3 * 365 * 86_400).map(lambda s: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=s))


@given(ZONES, INSTANTS, st.dates(date(2021, 1, 1), date(2021, 12, 31)))
def test_before_the_deadline_it_is_the_due_day_or_earlier_in_the_zone_and_after_it_a_later_day(zone, now, day):
    over = now >= rules.calendar.deadline(day, zone)
    assert over == (now.astimezone(ZoneInfo(zone)).date() > day)


@given(ZONES, INSTANTS, INSTANTS)
def test_what_is_due_never_becomes_less_urgent_as_time_goes_by(zone, one, other):
    order = ["not_yet_due", "due", "overdue"]
    states = [rules.calendar.due_state(mid_of(zone), zone, [], now) for now in sorted((one, other))]
    assert order.index(states[0]) <= order.index(states[1])


# rounds


def test_a_phase_without_rounds_is_asked_for_once_by_its_own_deadline():
    (ask,) = rules.calendar.asks_of(plan_of(rounds=[]), BEFORE)
    assert (ask.code, ask.due) == (BEFORE, date(2019, 12, 31))
    early = plan_of(rounds=[], phases=[{**PLAN_BODY["phases"][0], "due": "2019-10-31"}])
    assert rules.calendar.asks_of(early, BEFORE)[0].due == date(2019, 10, 31)


@pytest.mark.parametrize(
    ("as_of", "answered"),
    [
        ("2020-01-01", MID),
        ("2020-12-31", MID),
        ("2021-01-01", END),
        ("2021-12-31", END),
        ("2022-01-15", END),
    ],
)
def test_a_result_answers_the_one_round_that_its_day_falls_to(as_of, answered):
    found = [
        ask.code
        for ask in rules.calendar.asks_of(plan_of(), NOW)
        if ask.answers([result_of(1, as_of, "2022-01-15T00:00:00+00:00")])
    ]
    assert found == [answered]


LATE, EARLY = "2021-01-25T00:00:00+00:00", "2021-01-20T00:00:00+00:00"


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([], "missing"),
        ([("2020-12-31", EARLY, "submitted")], "on_time"),
        ([("2020-12-31", EARLY, "submitted"), ("2020-12-31", LATE, "submitted")], "on_time"),
        ([("2020-12-31", EARLY, "sent_back")], "missing"),
        ([("2020-12-31", EARLY, "sent_back"), ("2020-12-31", LATE, "submitted")], "late"),
        ([("2021-03-31", EARLY, "submitted")], "missing"),
    ],
)
def test_the_first_answer_that_was_not_sent_back_decides_who_was_in_time(results, said):
    given = [result_of(n, day, at_, review) for n, (day, at_, review) in enumerate(results, 1)]
    now = datetime(2021, 2, 1, tzinfo=UTC)
    assert rules.calendar.timeliness(mid_of(), "Europe/Zurich", given, now) == said


def test_before_its_deadline_nobody_is_in_time_or_missing():
    now = rules.calendar.deadline(date(2021, 1, 22), "Europe/Zurich") - timedelta(microseconds=1)
    assert rules.calendar.timeliness(mid_of(), "Europe/Zurich", [], now) is None


@pytest.mark.parametrize(
    ("now", "due"),
    [("2021-01-22T22:00", "2021-01-22"), ("2021-01-22T23:00", "2022-01-22"), ("2022-02-01T00:00", None)],
)
def test_the_next_deadline_is_the_first_that_is_not_over(now, due):
    found = rules.calendar.next_due(plan_of(), NOW, datetime.fromisoformat(f"{now}:00+00:00"))
    assert found == (None if due is None else date.fromisoformat(due))


# GET /due


async def in_zurich(client, *codes):
    await begin(client, *codes)
    await define(client, f"{V1}/plans/{PLAN}", ZURICH, 200, headers=version(1))


async def dues_of(client, indicator="count", **caller):
    found = (await get(client, at("due"), **(caller or HRD)))["items"]
    return {due["round"]: due for due in found if due["indicator"] == indicator}


async def test_each_target_is_asked_for_in_each_round_with_the_instant_and_the_days_left(client, monkeypatch):
    set_clock(monkeypatch, "2021-01-22T22:59:59+00:00")
    await in_zurich(client, "count")
    dues = await dues_of(client)
    assert set(dues) == {MID, END}
    assert (dues[MID]["state"], dues[MID]["days_left"], dues[MID]["timeliness"]) == ("due", 0, None)
    assert dues[MID]["deadline"] == "2021-01-22T23:00:00Z"
    assert (dues[END]["state"], dues[END]["days_left"]) == ("not_yet_due", 365)
    set_clock(monkeypatch, "2021-01-22T23:00:00+00:00")
    dues = await dues_of(client)
    assert (dues[MID]["state"], dues[MID]["days_left"], dues[MID]["timeliness"]) == ("overdue", -1, "missing")


async def test_a_result_recorded_on_the_due_day_in_zurich_is_in_time(client, monkeypatch):
    await in_zurich(client, "count")
    set_clock(monkeypatch, "2021-01-22T23:59:00+01:00")
    await record(client, 1, "count", as_of="2020-12-31")
    set_clock(monkeypatch, "2021-02-01")
    due = (await dues_of(client))[MID]
    assert (due["state"], due["timeliness"], due["number"]) == ("submitted", "on_time", 1)


async def test_a_figure_of_the_day_that_has_begun_in_the_plans_zone_is_not_of_the_future(client, monkeypatch):
    await in_zurich(client, "count")
    set_clock(monkeypatch, "2020-12-31T23:30:00+00:00")
    await record(client, 1, "count", as_of="2021-01-01")
    await record(client, 1, "count", as_of="2021-01-02", status=422)


async def test_a_result_that_was_sent_back_and_not_resubmitted_is_due_with_its_reason(client, monkeypatch):
    set_clock(monkeypatch, "2021-01-10")
    await in_zurich(client, "share")
    await record(client, 45, as_of="2020-12-31")
    await review(client, 1, "send-back", reason="the annex is missing")
    due = (await get(client, at("due"), **HRD))["items"][0]
    assert (due["state"], due["round"], due["reason"]) == ("sent_back", MID, "the annex is missing")
    await record(client, 45, as_of="2020-12-31")
    dues = [one for one in (await get(client, at("due"), **HRD))["items"] if one["round"] == MID]
    assert [(one["state"], one["reason"]) for one in dues if one["place"] == "global"] == [("submitted", None)]
    await review(client, 2)
    dues = [one for one in (await get(client, at("due"), **HRD))["items"] if one["round"] == MID]
    assert [one["state"] for one in dues if one["place"] == "global"] == ["accepted"]


# GET /timeliness


async def timeliness_of(client, query="", **caller):
    found = (await get(client, at("timeliness") + query, **(caller or READER)))["items"]
    return {(one["custodian"], one["round"]): one for one in found}


async def reported(client, monkeypatch):
    """Of HRD three targets in the mid-term round: one in time, one late, one missing. Of PARDEV one: in time."""
    await begin(client, "count", "milestone", "state", "foreign")
    await define(client, f"{V1}/plans/{PLAN}", ZURICH, 200, headers=version(1))
    set_clock(monkeypatch, "2021-01-20")
    await record(client, 2, "count", as_of="2020-12-31")
    body = {"phase": NOW, "value": 45, "as_of": "2020-12-31"}
    assert (await client.post(at("indicators/foreign/results"), json=body, **PARDEV)).status_code == 201
    set_clock(monkeypatch, "2021-01-25")
    await record(client, None, "milestone", reached=True, as_of="2020-12-31")
    set_clock(monkeypatch, "2021-02-01")


async def test_timeliness_counts_what_was_asked_for_per_custodian_and_round_with_shares(client, monkeypatch):
    await reported(client, monkeypatch)
    found = await timeliness_of(client)
    assert set(found) == {
        ("HRD", MID),
        ("PARDEV", MID),
    }  # the final round is not due yet, and the first phase has no targets
    hrd = found["HRD", MID]
    assert hrd["counts"] == {"on_time": 1, "late": 1, "missing": 1}
    assert hrd["expected"] == sum(hrd["counts"].values())
    assert hrd["shares"] == {"on_time": 33.3, "late": 33.3, "missing": 33.3}
    assert found["PARDEV", MID]["shares"] == {"on_time": 100, "late": 0, "missing": 0}
    assert set(await timeliness_of(client, "&custodian=PARDEV")) == {("PARDEV", MID)}


async def test_a_custodian_sees_its_own_timeliness_only(client, monkeypatch):
    await reported(client, monkeypatch)
    assert set(await timeliness_of(client, **HRD)) == {("HRD", MID)}
    assert await timeliness_of(client, "&custodian=PARDEV", **HRD) == {}
    assert len(await timeliness_of(client, **REVIEWER)) == 2


async def test_a_round_stays_with_who_kept_the_indicator_on_its_due_day(client, monkeypatch):
    await reported(client, monkeypatch)
    set_clock(monkeypatch, "2021-06-01")
    moved = {**INDICATORS["count"], "custodians": ["PARDEV"]}
    done = await client.put(at("indicators/count"), json=moved, headers=version(1), **OPERATOR)
    assert done.status_code == 200
    set_clock(monkeypatch, "2022-02-01")
    found = await timeliness_of(client)
    assert (found["HRD", MID]["expected"], found["PARDEV", MID]["expected"]) == (3, 1)
    assert (found["HRD", END]["expected"], found["PARDEV", END]["expected"]) == (2, 2)


async def test_an_indicator_of_two_units_counts_for_each(client, monkeypatch):
    await begin(client, "milestone")
    await define(client, at("indicators/shared"), {**INDICATORS["count"], "custodians": ["PROGRAM", "PARDEV"]})
    set_clock(monkeypatch, "2022-02-01")
    found = await timeliness_of(client)
    assert {unit: one["expected"] for (unit, _), one in found.items()} == {"PROGRAM": 1, "PARDEV": 1, "HRD": 1}


async def publish(client, code, **said):
    row = {"indicator": code, "phase": NOW, "as_of": "2020-12-31", **said}
    done = await client.post(at("results") + "&published=true", json={"results": [row]}, **OPERATOR)
    assert done.status_code == 200, done.text


async def test_a_figure_that_was_loaded_as_published_is_counted_apart_and_makes_nobody_late(client, monkeypatch):
    await reported(client, monkeypatch)
    await publish(client, "state", category="public")
    hrd = (await timeliness_of(client))["HRD", MID]
    assert (hrd["published"], hrd["expected"]) == (1, 2)
    assert hrd["counts"] == {"on_time": 1, "late": 1, "missing": 0}
    assert hrd["shares"] == {"on_time": 50, "late": 50, "missing": 0}
    due = (await dues_of(client, "state"))[MID]
    assert (due["state"], due["timeliness"]) == ("accepted", "published")


async def test_where_all_was_loaded_as_published_there_is_no_share_of_it(client, monkeypatch):
    await begin(client, "count")
    await define(client, f"{V1}/plans/{PLAN}", ZURICH, 200, headers=version(1))
    set_clock(monkeypatch, "2021-02-01")
    await publish(client, "count", value=2)
    hrd = (await timeliness_of(client))["HRD", MID]
    assert (hrd["published"], hrd["expected"]) == (1, 0)
    assert hrd["shares"] == {"on_time": None, "late": None, "missing": None}


async def test_who_reported_before_it_was_published_stays_in_time_or_late(client, monkeypatch):
    await reported(client, monkeypatch)
    await publish(client, "milestone", reached=False, comment="the report says otherwise")
    hrd = (await timeliness_of(client))["HRD", MID]
    assert (hrd["published"], hrd["counts"]) == (0, {"on_time": 1, "late": 1, "missing": 1})
