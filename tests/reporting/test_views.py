"""What the views answer: the same in any order of arrival, as it was known at any instant, and why."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import text
from tests.reporting.facts import (
    FIRST,
    LAST,
    PLAN,
    START,
    WORLD,
    at,
    deliveries,
    envelope,
    in_time,
    recorded,
    result,
)

from reporting import consolidated, schemas
from reporting.main import service
from reporting.projections import actions, parity, recommendations, resources, status
from shared.applying import Applier
from shared.bus import PARTITIONS
from shared.cloudevents import Envelope
from shared.database import Database
from shared.operations import digest
from shared.projection import Projection
from shared.runner import begin_positions
from shared.telemetry import Metrics
from shared.testing import Client, Postgres

V1 = "/reporting/v1"
PROJECTIONS = [status.status, actions.actions, resources.resources, recommendations.recommendations, parity.parity]


@pytest.fixture(scope="module")
async def database(postgres: Postgres) -> AsyncIterator[Database]:
    async with postgres.connected(service) as database:
        yield database


async def forget_all(database: Database) -> None:
    tables = [table.name for projection in PROJECTIONS for table in projection.tables]
    tables += ["feed", "feed_head", "projection_positions", "projection_sequences", "projection_parked"]
    async with database.transaction() as session:
        await session.execute(text("SET LOCAL lock_timeout = '20s'"))
        for table in tables:
            await session.execute(text(f"DELETE FROM {table}"))


async def arrive(database: Database, events: Sequence[Envelope], chance: random.Random) -> None:
    """All projections take in these events in this order, in batches of any size, some of them twice."""
    await forget_all(database)
    for projection in PROJECTIONS:
        again = [one for one in events if chance.random() < 0.3]
        mine = [one for one in deliveries([*events, *again]) if one.topic in projection.topics]
        places = [(topic, number) for topic in projection.topics for number in range(PARTITIONS)]
        expected = await begin_positions(database, projection.name, places)
        applier = Applier(projection, database, Metrics())
        while mine:
            size = chance.randrange(1, 16)
            expected = await applier.apply(mine[:size], expected)
            mine = mine[size:]


async def answers(database: Database) -> dict[str, Any]:
    """Everything that can be asked, as JSON, but for the position."""
    async with database.reading() as session:
        found: dict[str, Any] = {
            "units": await recommendations.list_recommendations(session, None),
            "evaluations": await recommendations.list_evaluations(session),
            "measures": await parity.find_measure(session, "staff-by-grade", None),
            "series": await parity.list_series(session, "staff-by-grade"),
            "indicators": await consolidated.indicators_of(session, PLAN, None),
            "plans": await consolidated.plans_known(session),
            "resources": await consolidated.resources_of(session, PLAN, LAST),
            "actions": await consolidated.actions_of(session, PLAN, None, only_open=False),
        }
        for phase in (FIRST, LAST):
            found[phase] = await consolidated.status_of(session, PLAN, phase, None)
        for minute in (10, 20, 21, 30):
            found[f"as of {minute}"] = await consolidated.status_of(session, PLAN, LAST, at(minute))
        for code in ("share", "gone", "fell"):
            found[f"card {code}"] = await consolidated.card_of(session, PLAN, code)
        for view in (status, actions, resources, recommendations, parity):
            rows = await view.list_heads(session)
            found[view.__name__] = sorted([row.aggregate, row.sequence, digest(row.state)] for row in rows)
    for answer in found.values():
        if isinstance(answer, dict):
            answer.pop("position", None)
    return orjson.loads(orjson.dumps(found, default=str))


def in_any_order(chance: random.Random) -> list[Envelope]:
    """All events of the world; only the order within an aggregate is kept."""
    left, found = [list(events) for events in WORLD], []
    while left:
        events = chance.choice(left)
        found.append(events.pop(0))
        left = [events for events in left if events]
    return found


async def test_any_order_of_arrival_gives_the_same_answers(database: Database) -> None:
    await arrive(database, in_time(WORLD), random.Random(0))
    expected = await answers(database)
    assert expected["card share"]["history"]
    for seed in range(1, 9):
        chance = random.Random(seed)
        await arrive(database, in_any_order(chance), chance)
        found = await answers(database)
        assert found == expected, f"seed {seed}"


async def test_every_event_listened_to_is_in_the_world() -> None:
    stated = {one.type for events in WORLD for one in events}
    listened = {name for projection in PROJECTIONS for name in projection.subscribers}
    # states of the same aggregates, handled by the same functions
    similar = {
        "indicators.status-restated.v1",
        "recommendations.follow-up-action-updated.v1",
    }
    assert listened - stated == similar


async def test_whatever_an_event_says_of_its_cause_stands_on_the_card_as_it_was_said(database: Database) -> None:
    strange = 'custodian:A"B\\ü,\n{}'
    events = [*in_time(WORLD)]
    events[-1] = envelope(recorded("gone", "met", result(50, 2)), f"{PLAN}/gone/{LAST}/global", 2, 40, actor=strange)
    await arrive(database, events, random.Random(1))
    async with database.reading() as session:
        found = await consolidated.card_of(session, PLAN, "gone")
    assert [found["why"][0]["events"][-1]["actor"], found["history"][-1]["actor"]] == [strange, strange]


async def get(client: Client, path: str, **params: Any) -> Any:
    answer = await client.get(f"{V1}/{path}", role="reader", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def status_at(client: Client, minute: int | None) -> Any:
    instant = {} if minute is None else {"as_of": at(minute).isoformat()}
    return await get(client, "status", plan=PLAN, phase=LAST, **instant)


def counts(group: dict[str, Any]) -> tuple[int, int, int, int]:
    words = ("met", "not_met", "data_unavailable")
    return (group["total"], *(group["counts"][word] for word in words))  # type: ignore[return-value]


async def test_the_status_is_as_counted_by_hand(reading: Client) -> None:
    found = await status_at(reading, None)
    assert (found["plan"], found["title"], found["phase"], found["vocabulary"]) == (
        PLAN,
        "A small plan",
        LAST,
        "end_of_cycle",
    )
    assert counts(found["targets"]) == (3, 0, 1, 2)
    assert found["targets"]["shares"] == {"met": 0, "not_met": 33.3, "data_unavailable": 66.7}
    assert counts(found["indicators"]) == (2, 0, 1, 1)
    assert [(one["area"], counts(one)) for one in found["by_area"]] == [
        ("staff", (2, 0, 1, 1)),
        ("money", (1, 0, 0, 1)),
    ]
    assert [(one["custodian"], one["title"], counts(one)) for one in found["by_custodian"]] == [
        ("FIN", "Finance", (1, 0, 0, 1)),
        ("HRD", "People", (3, 0, 1, 2)),
    ]
    assert [(one["portfolio"], counts(one)) for one in found["by_portfolio"]] == [("policy", (1, 0, 0, 1))]
    assert [(one["region"], counts(one)) for one in found["by_region"]] == [("africa", (1, 1, 0, 0))]
    assert found["published"]["difference"] == {"total": -1, "counts": {"met": -2, "not_met": 0}}
    assert found["as_of"] == at(31).isoformat()


async def test_without_a_phase_the_last_one_is_meant(reading: Client) -> None:
    assert await get(reading, "status", plan=PLAN) == await get(reading, "status", plan=PLAN, phase=LAST)
    assert (await get(reading, "status", plan=PLAN, phase=FIRST))["targets"]["counts"] == {
        "on_track": 1,
        "not_on_track": 1,
        "data_unavailable": 0,
    }


@pytest.mark.parametrize(
    ("minute", "expected", "name", "published"),
    [
        (3, (0, 0, 0, 0), None, False),
        (4, (1, 0, 0, 1), "Human resources", False),
        (6, (3, 0, 0, 3), "Human resources", False),
        (10, (3, 1, 0, 2), "Human resources", False),
        (19, (3, 1, 0, 2), "Human resources", False),
        (20, (3, 0, 1, 2), "Human resources", False),
        (21, (3, 1, 0, 2), "Human resources", False),
        (22, (3, 0, 1, 2), "Human resources", False),
        (30, (3, 0, 1, 2), "People", False),
        (31, (3, 0, 1, 2), "People", True),
        (1_000_000, (3, 0, 1, 2), "People", True),
    ],
)
async def test_the_status_at_an_instant_is_what_was_known_then(
    reading: Client, minute: int, expected: Any, name: str | None, published: bool
) -> None:
    found = await status_at(reading, minute)
    assert counts(found["targets"]) == expected
    assert {one["custodian"]: one["title"] for one in found["by_custodian"]}.get("HRD") == name
    assert (found["published"] is not None) == published
    assert found["as_of"] == at(minute).isoformat()


async def test_an_instant_in_another_time_zone_is_the_same_instant(reading: Client) -> None:
    found = await get(reading, "status", plan=PLAN, phase=LAST, as_of="2021-01-01T02:10:00+02:00")
    assert found["targets"] == (await status_at(reading, 10))["targets"]


@pytest.mark.parametrize("minute", [2, 0, -1_000_000])
async def test_before_a_plan_was_known_there_is_none(reading: Client, minute: int) -> None:
    answer = await reading.get(
        f"{V1}/status", role="reader", params={"plan": PLAN, "as_of": (START + timedelta(minutes=minute)).isoformat()}
    )
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:apge:problem:no-such-plan")


async def card(client: Client, code: str = "share") -> Any:
    return await get(client, f"indicators/{code}", plan=PLAN)


async def test_the_history_of_a_card_shows_a_target_that_was_met_and_is_not_any_more(reading: Client) -> None:
    found = await card(reading)
    whole = [one for one in found["history"] if (one["phase"], one["place"]) == (LAST, "global")]
    assert [(one["at"], one["status"]) for one in whole] == [
        (at(10).isoformat(), "met"),
        (at(20).isoformat(), "not_met"),
        (at(21).isoformat(), "met"),
        (at(22).isoformat(), "not_met"),
    ]
    assert [one["event"] for one in whole][-1] == "indicators.result-sent-back.v1"
    assert whole[-1]["result"]["review_reason"] == "whose figures are these?"
    assert [one["at"] for one in found["history"]] == sorted(one["at"] for one in found["history"])


async def test_why_names_the_measure_the_snapshot_and_the_events(reading: Client) -> None:
    found = next(one for one in (await card(reading))["why"] if (one["phase"], one["place"]) == (LAST, "global"))
    assert found["because"] == (
        "The result of 2020-12-31 is 40 (40 of 100); the target is at least 45; so the status is not met."
    )
    assert (found["derived_from"]["measure"], found["derived_from"]["snapshot"]) == ("staff-by-grade", "snapshot-2")
    stated = next(events for events in WORLD if events[0].subject == f"result/{PLAN}/share/{LAST}/global")
    assert [(one["id"], one["type"], one["status"]) for one in found["events"]] == [
        (event.id, event.type, known) for event, known in zip(stated, ("met", "not_met", "met", "not_met"), strict=True)
    ]
    assert found["events"][0]["causationid"] == stated[0].causationid
    assert found["events"][0]["actor"] == "custodian:HRD"


async def test_a_card_shows_every_target_in_the_order_of_the_phases_with_custodians_and_actions(
    reading: Client,
) -> None:
    found = await card(reading)
    assert [(one["phase"], one["place"], one["status"]) for one in found["state"]] == [
        (FIRST, "global", "on_track"),
        (LAST, "global", "not_met"),
        (LAST, "region:africa", "met"),
        (LAST, "portfolio:policy", "data_unavailable"),
    ]
    assert found["custodians"] == [{"unit": "HRD", "name": "People"}]
    assert (found["area_title"], found["version"], found["actions"]) == ("Staffing", 2, [])
    assert [one["state"] for one in (await card(reading, "gone"))["actions"]] == ["completed"]


async def test_indicators_stand_in_the_order_of_the_plan_s_areas(reading: Client) -> None:
    found = await get(reading, "indicators", plan=PLAN)
    assert [(one["code"], one["area"], len(one["targets"])) for one in found["items"]] == [
        ("fell", "staff", 1),
        ("share", "staff", 4),
        ("gone", "money", 1),
    ]
    found = await get(reading, "indicators", plan=PLAN, phase=FIRST)
    assert [one["code"] for one in found["items"]] == ["fell", "share"]


async def test_recommendations_are_counted_by_state_and_by_every_responsible_unit(reading: Client) -> None:
    found = await get(reading, "recommendations")
    assert (found["total"], found["by_state"]) == (2, {"in_progress": 1, "awaiting_response": 1})
    assert found["by_unit"] == [
        {"unit": "FIN", "total": 1, "counts": {"awaiting_response": 1}},
        {"unit": "HRD", "total": 1, "counts": {"in_progress": 1}},
    ]
    assert found["items"][0]["follow_up"][0]["text"] == "Write it"
    for given, numbers in [({"unit": "FIN"}, [2]), ({"state": "in_progress"}, [1]), ({"source": "other"}, [])]:
        assert [one["number"] for one in (await get(reading, "recommendations", **given))["items"]] == numbers


async def test_parity_is_of_the_newest_revision_up_to_the_day(reading: Client) -> None:
    newest = await get(reading, "parity")
    assert (newest["women"], newest["as_of"], newest["derived_from"]["revision"]) == (45, "2020-12-31", 2)
    assert [(one["as_of"], one["women"]) for one in newest["series"]] == [("2019-12-31", 38), ("2020-12-31", 45)]
    assert (await get(reading, "parity", as_of="2020-12-30"))["women"] == 38
    answer = await reading.get(f"{V1}/parity?as_of=2019-12-30", role="reader")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:apge:problem:no-such-measure")


@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("plans", schemas.Plans),
        ("status", schemas.Status),
        ("actions", schemas.Actions),
        ("resources", schemas.Resources),
        ("indicators", schemas.IndicatorsBrief),
        ("indicators/share", schemas.Card),
        ("recommendations", schemas.Recommendations),
        ("parity", schemas.Parity),
        ("changes", schemas.Changes),
    ],
)
async def test_an_answer_is_what_its_description_says(reading: Client, path: str, described: Any) -> None:
    given = {"plan": PLAN} if path.startswith(("status", "indicators", "actions", "resources")) else {}
    found = await get(reading, path, **given)
    assert set(found) == set(described.model_fields)
    described.model_validate(found)


@pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda one: one.name)
async def test_a_view_made_anew_answers_as_the_live_one_did_and_says_so(
    reading: Client, projection: Projection
) -> None:
    database = reading.app.state.database
    before = await answers(database)
    answer = await reading.post(f"{V1}/rebuilds/{projection.name}", role="operator")
    assert orjson.loads(answer.text.splitlines()[-1])["error"] is None
    assert await answers(database) == before
    async with database.reading() as session:
        told = [
            row.view
            for row in await session.execute(text("SELECT view FROM feed WHERE kind = 'reset' ORDER BY position"))
        ]
    expected = {"status": ["status", "indicators", "resources"], "actions": ["indicators"]}.get(
        projection.name, [projection.name]
    )
    assert told[-len(expected) :] == expected
    async with database.transaction() as session:
        await session.execute(text("DELETE FROM feed WHERE kind = 'reset'"))


async def test_the_heads_of_the_views_are_those_of_the_services(reading: Client) -> None:
    found = (await reading.get(f"{V1}/heads", role="operator")).json()
    expected = [
        {"aggregate": last.subject, "sequence": len(events), "digest": digest(orjson.loads(last.data))}
        for events in WORLD
        for last in events[-1:]
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)
