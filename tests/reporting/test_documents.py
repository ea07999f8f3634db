"""Ready bytes: one makes what many ask for, and nobody is handed what is older than a change that was shown."""

import asyncio
import itertools
from typing import Any

import pytest
from sqlalchemy import text
from tests.reporting.facts import (
    LAST,
    action,
    envelope,
    indicator,
    measure,
    money,
    plan,
    publish,
    recommendation,
    recorded,
    result,
    tell,
    unit,
)
from tests.reporting.sse import until

from reporting import documents
from reporting.documents import Documents
from shared.errors import NotFound
from shared.events.indicators import ActionUpdated, Area
from shared.testing import Client

V1 = "/reporting/v1"
HERE = ("/here", b"")


class Making:
    """A document that is made when it is let go; each one says which it is and where the feed stood."""

    def __init__(self) -> None:
        self.begun, self.let_go, self.position = 0, asyncio.Event(), "0123456789ab:1"

    async def __call__(self) -> dict[str, Any]:
        self.begun += 1
        made = {"number": self.begun, "position": self.position}
        await self.let_go.wait()
        return made


@pytest.fixture
def kept() -> Documents:
    found = Documents()
    found.trust()
    found.shown("0123456789ab:1")
    return found


@pytest.fixture
def making() -> Making:
    return Making()


async def asks(kept: Documents, making: Making, count: int = 1) -> "list[asyncio.Task[documents.Document]]":
    """So many ask, and one has begun to make it."""
    tasks = [asyncio.create_task(kept.get(HERE, "status", making)) for _ in range(count)]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_of_many_who_ask_at_one_time_one_makes_it(kept: Documents, making: Making) -> None:
    tasks = await asks(kept, making, 50)
    making.let_go.set()
    assert len({one.body for one in await asyncio.gather(*tasks)}) == 1
    assert await kept.get(HERE, "status", making) == tasks[0].result()
    assert making.begun == 1
    assert not kept.making


async def test_who_asks_after_a_change_does_not_get_what_was_begun_before_it(kept: Documents, making: Making) -> None:
    (before,) = await asks(kept, making)
    kept.forget(["status"], "0123456789ab:2")
    (after,) = await asks(kept, making)
    making.let_go.set()
    assert (b'"number":1' in (await before).body, b'"number":2' in (await after).body) == (True, True)
    assert (await kept.get(HERE, "status", making)).body == after.result().body


async def test_what_was_begun_before_a_change_is_not_kept(kept: Documents, making: Making) -> None:
    (before,) = await asks(kept, making)
    kept.forget(["status"], "0123456789ab:2")
    making.let_go.set()
    await before
    assert kept.kept == {}


async def test_a_change_of_another_view_leaves_a_document_kept(kept: Documents, making: Making) -> None:
    making.let_go.set()
    await kept.get(HERE, "status", making)
    kept.forget(["parity", "indicators"], "0123456789ab:2")
    assert HERE in kept.kept


async def test_what_was_begun_before_the_process_followed_the_feed_is_not_kept(making: Making) -> None:
    """Between its reading and the follower's beginning a change may have gone untold."""
    starting = Documents()
    (before,) = await asks(starting, making)
    starting.trust()
    making.let_go.set()
    await before
    assert starting.kept == {}


@pytest.mark.parametrize("trusted_again", [True, False])
async def test_what_was_begun_before_the_process_lost_the_feed_is_not_kept(
    kept: Documents, making: Making, trusted_again: bool
) -> None:
    (before,) = await asks(kept, making)
    kept.distrust()
    if trusted_again:
        kept.trust()
    making.let_go.set()
    await before
    assert kept.kept == {}


async def test_when_one_shows_a_newer_position_all_that_is_older_is_forgotten(kept: Documents, making: Making) -> None:
    """Who reads the database may be ahead of the follower, and then asks elsewhere."""
    making.let_go.set()
    await kept.get(HERE, "status", making)
    making.position = "0123456789ab:7"
    await kept.get(("/there", b""), "parity", making)
    assert set(kept.kept) == {("/there", b"")}
    kept.shown("0123456789ab:7")
    kept.shown("0123456789ab:5")
    assert set(kept.kept) == {("/there", b"")}


async def test_who_asked_first_and_goes_away_takes_it_from_nobody(kept: Documents, making: Making) -> None:
    first, second = await asks(kept, making, 2)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    making.let_go.set()
    assert b'"number":1' in (await second).body


async def test_a_failure_is_everybody_s_and_is_not_kept(kept: Documents, making: Making) -> None:
    async def fails() -> dict[str, Any]:
        await making()
        raise NotFound("there is none")

    tasks = [asyncio.create_task(kept.get(HERE, "status", fails)) for _ in range(3)]
    making.let_go.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [NotFound] * 3
    assert b"number" in (await kept.get(HERE, "status", making)).body


async def test_what_is_kept_stays_within_its_bound(
    kept: Documents, making: Making, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "MOST_BYTES", 500)
    making.let_go.set()
    for number in range(100):
        await kept.get((f"/{number}", b""), "status", making)
        assert sum(len(one.document.body) for one in kept.kept.values()) <= 500
    assert len(kept.kept) > 1


CODES = itertools.count()


async def small_plan(client: Client) -> str:
    """The code of a plan of its own, with one indicator whose target is met, and an action."""
    code = f"plan-{next(CODES)}"
    state = recorded("one", "met", result(50), in_plan=code)
    await tell(
        client,
        envelope(plan(code), code, 1, 0),
        envelope(indicator("one", in_plan=code), f"{code}/one", 1, 0),
        envelope(indicator("two", in_plan=code), f"{code}/two", 1, 0),
        envelope(state, f"{code}/one/{LAST}/global", 1, 1),
        envelope(action("planned", ["one"], in_plan=code), f"{code}/outreach", 1, 2),
    )
    await client_follows(client)
    return code


async def client_follows(client: Client) -> None:
    """The process has been told of every change there is."""
    position = (await client.get(f"{V1}/changes", role="reader")).json()["position"]
    await until(lambda: client.app.state.live.place == position and client.app.state.documents.trusted)


async def is_kept(client: Client, path: str) -> Any:
    """The document at `path`, which is kept from now on."""
    answer = await client.get(f"{V1}/{path}", role="reader")
    assert answer.status_code == 200, answer.text
    address, _, query = path.partition("?")
    assert (f"{V1}/{address}", query.encode()) in client.app.state.documents.kept
    return answer.json()


async def test_a_document_changes_with_a_result(client: Client) -> None:
    code = await small_plan(client)
    paths = [f"status?plan={code}", f"indicators?plan={code}", f"indicators/one?plan={code}"]
    before = [await is_kept(client, path) for path in paths]
    state = recorded("one", "not_met", result(40, 2), in_plan=code)
    await tell(client, envelope(state, f"{code}/one/{LAST}/global", 2, 3))
    await client_follows(client)
    after = [await is_kept(client, path) for path in paths]
    assert [one["targets"]["counts"]["met"] for one in (before[0], after[0])] == [1, 0]
    assert [one["items"][0]["targets"][0]["status"] for one in (before[1], after[1])] == ["met", "not_met"]
    assert [one["state"][0]["status"] for one in (before[2], after[2])] == ["met", "not_met"]


async def test_a_card_changes_with_the_name_of_its_custodian_and_of_its_area(client: Client) -> None:
    code = await small_plan(client)
    await is_kept(client, f"indicators/one?plan={code}")
    await tell(client, envelope(unit("HRD", f"Renamed for {code}"), "HRD", 100 + next(CODES), 5))
    await client_follows(client)
    found = await is_kept(client, f"indicators/one?plan={code}")
    assert found["custodians"] == [{"unit": "HRD", "name": f"Renamed for {code}"}]
    renamed = plan(code).model_copy(update={"areas": [Area(code="staff", title="People")]})
    await tell(client, envelope(renamed, code, 2, 6))
    await client_follows(client)
    assert (await is_kept(client, f"indicators/one?plan={code}"))["area_title"] == "People"


async def test_money_changes_with_what_was_reported_and_with_the_name_of_its_area(client: Client) -> None:
    code = await small_plan(client)
    assert (await is_kept(client, f"resources?plan={code}"))["by_area"] == []
    reported = money("staff", budget=5).model_copy(update={"plan": code})
    await tell(client, envelope(reported, f"{code}/{LAST}/staff", 1, 7))
    await client_follows(client)
    (found,) = (await is_kept(client, f"resources?plan={code}"))["by_area"]
    assert (found["title"], found["sum"]["budget"]) == ("Staffing", 5)
    renamed = plan(code).model_copy(update={"areas": [Area(code="staff", title="People")]})
    await tell(client, envelope(renamed, code, 2, 8))
    await client_follows(client)
    assert [one["title"] for one in (await is_kept(client, f"resources?plan={code}"))["by_area"]] == ["People"]


async def test_an_action_that_moves_changes_the_card_that_loses_it_and_says_so(client: Client) -> None:
    code = await small_plan(client)
    assert len((await is_kept(client, f"indicators/one?plan={code}"))["actions"]) == 1
    told_before = (await changes_of_cards(client))[0]["id"]
    moved = action("ongoing", ["two"], kind=ActionUpdated, in_plan=code)
    await tell(client, envelope(moved, f"{code}/outreach", 2, 7))
    await client_follows(client)
    cards = [await is_kept(client, f"indicators/{one}?plan={code}") for one in ("one", "two")]
    assert [len(one["actions"]) for one in cards] == [0, 1]
    first, second, third = await changes_of_cards(client)
    assert {first["key"], second["key"]} == {f"{code}/one", f"{code}/two"}
    assert third["id"] == told_before


async def changes_of_cards(client: Client) -> Any:
    """The latest three."""
    return (await client.get(f"{V1}/changes?view=indicators&limit=3", role="reader")).json()["items"]


async def test_parity_and_recommendations_change_with_their_events(client: Client) -> None:
    await tell(client, envelope(measure(1, 9), "p/2020-12-31/x", 1, 0), envelope(recommendation(1), "audit-1/1", 1, 0))
    await client_follows(client)
    before = [await is_kept(client, "parity"), await is_kept(client, "recommendations")]
    rejected = recommendation(1, state="rejected")
    await tell(client, envelope(measure(2, 8), "p/2020-12-31/x", 2, 1), envelope(rejected, "audit-1/1", 2, 1))
    await client_follows(client)
    after = [await is_kept(client, "parity"), await is_kept(client, "recommendations")]
    assert [before[0]["women"], after[0]["women"]] == [1, 2]
    assert [before[1]["by_state"], after[1]["by_state"]] == [{"awaiting_response": 1}, {"rejected": 1}]


READS = [
    "status?plan={0}",
    "indicators?plan={0}",
    "indicators/one?plan={0}",
    "indicators/two?plan={0}",
    "plans",
    "actions?plan={0}",
    "resources?plan={0}",
    "parity",
    "changes",
]
RESTS_ON = {
    "status": "status",
    "indicators": "status",
    "plans": "status",
    "actions": "indicators",
    "resources": "resources",
    "parity": "parity",
    "changes": "",
}


async def test_no_reader_gets_a_document_older_than_a_change_that_was_shown_to_anybody(client: Client) -> None:
    """Readers read all views while results are recorded and measures drawn; `seen` is the newest position that any of them was shown."""
    code = await small_plan(client)
    await tell(client, envelope(measure(1, 9), f"{code}/2020-12-31/x", 1, 0))
    writing, seen, hits = True, 0, 0
    token = {"Authorization": f"Bearer {client.issuer.token('reader')}"}
    shown: list[tuple[str, int, int]] = []
    """(view, what had been seen before, where the document stood)"""

    async def reads(number: int) -> None:
        nonlocal seen, hits
        turn = number
        while writing:
            path = READS[turn % len(READS)].format(code)
            turn += 1
            before = seen
            address, _, query = path.partition("?")
            hits += (f"{V1}/{address}", query.encode()) in client.app.state.documents.kept
            answer = (await client.get(f"{V1}/{path}", headers=token)).json()
            stands = int(answer["position"].partition(":")[2])
            view = "indicators" if "/" in address else RESTS_ON[address]
            shown.append((view, before, stands))
            seen = max(seen, stands)

    async def writes() -> None:
        nonlocal writing
        for number in range(2, 22):
            state = recorded("one", "met" if number % 2 else "not_met", result(50, number), in_plan=code)
            await publish(client.app, envelope(state, f"{code}/one/{LAST}/global", number, number))
            if number % 4 == 0:
                await publish(client.app, envelope(measure(number, 9), f"{code}/2020-12-31/x", number, number))
            if number % 5 == 0:
                await client.caught_up()
        await client.caught_up()
        writing = False

    await asyncio.gather(writes(), *(reads(number) for number in range(4)))
    async with client.app.state.database.reading() as session:
        rows = (await session.execute(text("SELECT view, position FROM feed"))).all()
    stale = [
        (view, before, stands)
        for view, before, stands in shown
        if any(row.view == view and stands < row.position <= before for row in rows)
    ]
    assert stale == []
    assert hits > 0
    await client_follows(client)
    for path in READS[:-1]:
        address = (f"{V1}/{path.partition('?')[0]}", path.format(code).partition("?")[2].encode())
        handed_out = await is_kept(client, path.format(code))
        client.app.state.documents.kept.pop(address)
        assert handed_out | {"position": ""} == await is_kept(client, path.format(code)) | {"position": ""}
