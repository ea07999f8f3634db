"""The cycle driven by random users of several units and roles, through the real API: no illegal state, no lost update, no event
without a change and no change without an event, whatever the order.

Bounded by steps and not by time, the same ones each time; CYCLE_EXAMPLES=500 looks for others for a night.
"""

import asyncio
import json
import os
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text
from tests.indicators.conftest import emptied
from tests.indicators.plan import MEASURE, NOW, OPERATOR, PLAN, SHARE, at, begin, changed, results_of, stated, version

from indicators import handlers, models, rules
from shared.events.hr_diversity import MeasureDrawn, MeasureState
from shared.operations import digest
from shared.projection import Fact
from shared.testing import Client

PLACES = ("global", "portfolio:policy")
DAYS = ("2020-03-31", "2020-06-30")
NAMES = {"accept": "accepted", "send-back": "sent_back", "reopen": "submitted"}
FROM = {"accept": "submitted", "send-back": "submitted", "reopen": "accepted"}
PEOPLE = {
    "ann, custodian": ("custodian", ["HRD"], "ann"),
    "ben, custodian": ("custodian", ["PARDEV"], "ben"),
    "eve, custodian": ("custodian", ["PROGRAM", "HRD"], "eve"),
    "ann, reviewer": ("reviewer", [], "ann"),
    "cem, reviewer": ("reviewer", ["HRD"], "cem"),
    "dia, reader": ("reader", [], "dia"),
}
CUSTODIAN = st.sampled_from(
    ["ann, custodian"] * 3 + ["ben, custodian", "eve, custodian", "cem, reviewer", "dia, reader"]
)
REVIEWER = st.sampled_from(["ann, reviewer", "cem, reviewer"] * 3 + ["ann, custodian", "dia, reader"])
REGRESSED = "indicators.status-regressed.v1"
_EVENTS = text("SELECT aggregatetype, aggregateid, sequence, type, payload, actor FROM outbox ORDER BY position")
_CHANGES = text("SELECT aggregate, sequence, event, state, actor, subject FROM changes")


@dataclass(frozen=True)
class Seen:
    """All that is stored, as of one moment."""

    events: dict
    """(aggregate, sequence) -> (type, payload)"""
    changes: dict
    lines: dict
    results: dict
    """(line, number) -> row"""
    indicator: models.Indicator
    subjects: frozenset


class Cycle(RuleBasedStateMachine):
    client: Client
    loop: asyncio.AbstractEventLoop

    @initialize()
    def a_small_plan(self):
        self.run(emptied(self.client))
        self.run(begin(self.client, "share"))
        self.drawn, self.keys, self.kept = 0, 0, []
        self.seen = self.run(self.look())

    def run(self, coroutine):
        return self.loop.run_until_complete(coroutine)

    async def look(self):
        async with self.client.app.state.database.reading() as session:
            events = (await session.execute(_EVENTS)).all()
            changes = (await session.execute(_CHANGES)).all()
            lines = (await session.execute(models.ResultLine.__table__.select())).mappings().all()
            results = (await session.execute(models.ResultRow.__table__.select())).mappings().all()
            indicator = await session.get(models.Indicator, f"{PLAN}/share")
        return Seen(
            {
                (f"{e.aggregatetype}/{e.aggregateid}", e.sequence): (e.type, json.loads(e.payload), e.actor)
                for e in events
            },
            {(c.aggregate, c.sequence): (c.event, c.state, c.actor) for c in changes},
            {line["key"]: line for line in lines},
            {(row["line"], row["number"]): row for row in results},
            indicator,
            frozenset(c.subject for c in changes),
        )

    async def send(self, person, method, path, **rest):
        role, units, subject = PEOPLE[person]
        token = self.client.issuer.token(role, units, subject=subject)
        headers = {"Authorization": f"Bearer {token}", **rest.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **rest)

    def line(self, place):
        return self.seen.lines.get(f"{PLAN}/share/{NOW}/{place}")

    def of_day(self, place, day):
        key = f"{PLAN}/share/{NOW}/{place}"
        rows = [r for (line, _), r in sorted(self.seen.results.items()) if line == key and str(r["as_of"]) == day]
        return [row for row in rows if row["review"] != "sent_back"]

    def acted(self, answer, expected):
        """A request with another answer than 2xx changed nothing; the state is legal in any case."""
        assert answer.status_code == expected, (answer.status_code, expected, answer.text)
        self.settle(changes=answer.status_code < 300)

    def settle(self, *, changes):
        before, after = self.seen, self.run(self.look())
        assert changes or after.events == before.events
        assert before.events.items() <= after.events.items()
        reviewed = {
            key: (row["review"], after.results[key]["review"])
            for key, row in before.results.items()
            if row["review"] != after.results[key]["review"]
        }
        legal = {("submitted", "accepted"), ("submitted", "sent_back"), ("accepted", "submitted")}
        assert len(reviewed) <= 1
        assert set(reviewed.values()) <= legal
        for key, row in before.results.items():
            assert [after.results[key][n] for n in ("body", "as_of", "recorded_by", "subject")] == [
                row[n] for n in ("body", "as_of", "recorded_by", "subject")
            ]
        self.seen = after

    @rule(
        person=CUSTODIAN,
        place=st.sampled_from(PLACES),
        day=st.sampled_from(DAYS),
        value=st.sampled_from([10, 44, 46, 60, None]),
        comment=st.sampled_from([None, "counted anew"]),
        keyed=st.booleans(),
    )
    def record(self, person, place, day, value, comment, keyed):
        self.keys += keyed
        self.recorded(person, place, day, value, comment, {"Idempotency-Key": f"key-{self.keys}"} if keyed else {})

    def recorded(self, person, place, day, value, comment, headers):
        body = {"phase": NOW, "place": place, "as_of": day, "comment": comment}
        body |= {"no_data": "not_reported"} if value is None else {"value": value}
        role, units, _ = PEOPLE[person]
        standing = self.of_day(place, day)
        expected = 201
        if role != "custodian":
            expected = 403
        elif not set(units) & set(self.seen.indicator.custodians):
            expected = 404
        elif standing and standing[-1]["review"] == "accepted" and comment is None:
            expected = 422
        answer = self.run(self.send(person, "POST", results_of("share"), json=body, headers=headers))
        self.acted(answer, expected)
        if headers and expected == 201:
            self.kept.append((person, body, headers, answer))

    @rule(place=st.sampled_from(PLACES), day=st.sampled_from(DAYS), value=st.sampled_from([40, 46]))
    def record_as_its_custodian(self, place, day, value):
        unit = self.seen.indicator.custodians[0]
        person = {"HRD": "ann, custodian", "PARDEV": "ben, custodian"}[unit]
        self.recorded(person, place, day, value, "as agreed", {})

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def repeat(self, data):
        person, body, headers, first = data.draw(st.sampled_from(self.kept))
        again = self.run(self.send(person, "POST", results_of("share"), json=body, headers=headers))
        assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])
        assert again.status_code == 201
        self.settle(changes=False)

    @rule(
        person=REVIEWER,
        which=st.integers(0, 11),
        verdict=st.sampled_from(sorted(FROM)),
        stale=st.sampled_from([False] * 5 + [True]),
    )
    def review(self, person, which, verdict, stale):
        self.reviewed(person, which, verdict, stale)

    @precondition(lambda self: self.seen.results)
    @rule(person=REVIEWER, which=st.integers(1, 11), verdict=st.sampled_from(["accept", "accept", "reopen"]))
    def review_by_the_present_version(self, person, which, verdict):
        self.reviewed(person, which, verdict, False)

    def reviewed(self, person, which, verdict, stale):
        role, _, subject = PEOPLE[person]
        known = sorted(self.seen.results)
        key, number = known[which % len(known)] if known and which else (f"{PLAN}/share/{NOW}/global", 99)
        place = key.rpartition("/")[2]
        line, row = self.line(place), self.seen.results.get((f"{PLAN}/share/{NOW}/{place}", number))
        sequence = (line["sequence"] if line else 1) - stale
        expected = 200
        if role != "reviewer":
            expected = 403
        elif row is None:
            expected = 404
        elif stale:
            expected = 412
        elif (
            row["review"] != FROM[verdict]
            or any(later["number"] > number for later in self.of_day(place, str(row["as_of"])))
            or (verdict == "accept" and row["subject"] == subject)
        ):
            expected = 409
        rest = {} if verdict == "accept" else {"json": {"reason": "as agreed"}}
        path = results_of("share", number, verdict, place=place)
        self.acted(self.run(self.send(person, "POST", path, headers=version(sequence), **rest)), expected)

    @rule(value=st.sampled_from([20, 45, 55]), stale=st.booleans())
    def redefine(self, value, stale):
        body = changed(SHARE, "targets/0/value", value) | {"custodians": list(self.seen.indicator.custodians)}
        same = self.seen.indicator.targets[0]["value"] == value
        sequence = self.seen.indicator.sequence + stale
        answer = self.run(self.client.put(at("indicators/share"), json=body, headers=version(sequence), **OPERATOR))
        self.acted(answer, 412 if stale and not same else 200)

    @precondition(lambda self: len(self.seen.events) % 3 == 0)
    @rule(units=st.sampled_from([["HRD"], ["PARDEV"], ["HRD", "PARDEV"]]))
    def hand_over(self, units):
        body = {"change": "replace", "units": units, "reason": "the mandate moved"}
        headers = version(self.seen.indicator.sequence)
        answer = self.run(self.client.post(at("indicators/share/custodians"), json=body, headers=headers, **OPERATOR))
        self.acted(answer, 409 if set(units) == set(self.seen.indicator.custodians) else 200)

    @rule(women=st.integers(5, 95), day=st.sampled_from(DAYS))
    def measure(self, women, day):
        self.drawn += 1
        drawn = {"women": women, "men": 100 - women, "as_of": day, "revision": self.drawn}
        state = MeasureState.model_validate(MEASURE.model_dump() | drawn)
        fact = Fact(MeasureDrawn.model_validate(state.model_dump()), stated(state, self.drawn))

        async def arrive():
            async with self.client.app.state.database.transaction() as session:
                await handlers.measure_drawn(session, [fact])

        self.run(arrive())
        self.settle(changes=True)

    @invariant()
    def each_change_is_one_event_and_one_row_of_the_trail(self):
        if not hasattr(self, "seen"):
            return
        assert self.seen.events == self.seen.changes
        last = {}
        for aggregate, sequence in sorted(self.seen.events):
            assert sequence == last.get(aggregate, 0) + 1, aggregate
            last[aggregate] = sequence
        for line in self.seen.lines.values():
            assert last[f"result/{line['key']}"] == line["sequence"]
        for _, payload, actor in self.seen.events.values():
            assert not {"ann", "ben", "cem", "eve"} & {actor, payload.get("recorded_by")}

    @invariant()
    def each_status_is_what_the_rule_makes_of_the_history(self):
        if not hasattr(self, "seen"):
            return
        state = self.seen.indicator.state()
        for key, line in self.seen.lines.items():
            rows = [row for (of_line, _), row in sorted(self.seen.results.items()) if of_line == key]
            assert [row["number"] for row in rows] == list(range(1, line["results"] + 1))
            results = [models.ResultRow(**row).result() for row in rows]
            standing = rules.status.standing_result(results)
            target = rules.status.target_of(state, line["phase"], line["place"])
            assert line["status"] == rules.status.judge(state, target, standing, "mid_cycle")
            assert line["standing"] == (standing.number if standing else None)

    @invariant()
    def heads_are_last_events_and_each_regression_has_its_action(self):
        if not hasattr(self, "seen"):
            return
        last = {}
        for (aggregate, sequence), (_, payload, _) in sorted(self.seen.events.items()):
            last[aggregate] = (sequence, digest(payload))
        answer = self.run(self.client.get("/indicators/v1/heads", **OPERATOR)).json()
        assert {one["aggregate"]: (one["sequence"], one["digest"]) for one in answer} == last
        regressions = [payload for kind, payload, _ in self.seen.events.values() if kind == REGRESSED]
        opened = {f"action/{PLAN}/{payload['action']}" for payload in regressions}
        assert opened == {aggregate for aggregate in last if aggregate.startswith("action/")}
        assert len(opened) == len(regressions)


@pytest.fixture
async def world(client):
    return client, asyncio.get_running_loop()


@pytest.mark.timeout(600)
def test_random_users_find_no_illegal_state_and_lose_no_update(world):
    Cycle.client, Cycle.loop = world
    run_state_machine_as_test(
        Cycle,
        settings=settings(
            max_examples=int(os.environ.get("CYCLE_EXAMPLES", "20")),
            stateful_step_count=20,
            deadline=None,
            derandomize="CYCLE_EXAMPLES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate, Phase.shrink],
        ),
    )
