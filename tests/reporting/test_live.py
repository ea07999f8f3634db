"""The live feed over a real socket: what a client is told when it comes, comes back, stays too long, is quiet or goes."""

import asyncio

import pytest
from sqlalchemy import text
from tests.reporting.facts import envelope, measure, tell
from tests.reporting.sse import LIVE, Listening, Told, until

from reporting.live import feed, stream
from shared.database import connect
from shared.testing import PATIENCE


async def opening(server: Listening, query: str = "", last: str | None = None) -> list[Told]:
    """What a client is told because of its id: all events before those of a change that is made once the stream is open."""
    found = await server.stream(query, last=last)
    first = await found.next()
    assert found.status == 200
    assert first is not None
    mark = await server.write(("status", "mark", {"number": -1}))
    return [one for one in [first, *await found.to_position(mark)] if one.event][:-1]


def asked(by: str, given: str) -> dict[str, str]:
    return {"last": given} if by == "Last-Event-ID" else {"query": f"since={given}"}


BY = pytest.mark.parametrize("by", ["Last-Event-ID", "since"])


@BY
async def test_after_a_valid_id_comes_all_that_came_after_it_in_order(server: Listening, by: str) -> None:
    first, *rest = await server.write_each(4)
    told = await opening(server, **asked(by, first))
    assert [(one.event, one.id, one.data["number"]) for one in told] == [
        ("change", position, number) for number, position in enumerate(rest, 1)
    ]


@BY
async def test_after_the_current_id_comes_nothing_old(server: Listening, by: str) -> None:
    *_, current = await server.write_each(3)
    assert await opening(server, **asked(by, current)) == []


@BY
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("0123456789ab:1", "the id is of another history"),
        ("-:3", "the id is of another history"),
        ("{epoch}:999999999999999999", "the id is of the future"),
        ("0123456789AB:1", "this is not an id of the feed"),
        ("{epoch}:", "this is not an id of the feed"),
        ("{epoch}:-1", "this is not an id of the feed"),
        ("{epoch}:1.5", "this is not an id of the feed"),
        ("{epoch}:1111111111111111111", "this is not an id of the feed"),
        ("17", "this is not an id of the feed"),
        ("x" * 500, "this is not an id of the feed"),
        ("-:%D9%A3", "this is not an id of the feed"),
    ],
)
async def test_an_id_from_which_nothing_can_be_told_is_answered_with_reset(
    server: Listening, by: str, given: str, reason: str
) -> None:
    *_, current = await server.write_each(2)
    told = await opening(server, **asked(by, given.format(epoch=current.partition(":")[0])))
    assert [(one.event, one.data, one.id) for one in told] == [("reset", {"reason": reason}, current)]


@BY
async def test_an_id_whose_changes_were_thrown_away_is_answered_with_reset(server: Listening, by: str) -> None:
    first, second, third = await server.write_each(3)
    async with server.database.transaction() as session:
        await session.execute(text("DELETE FROM feed WHERE position <= :upto"), {"upto": int(second.split(":")[1])})
    told = await opening(server, **asked(by, first))
    assert [(one.event, one.data, one.id) for one in told] == [("reset", {"reason": "the id is too old"}, third)]
    assert (await opening(server, **asked(by, second)))[0].id == third  # all after it is still there


async def test_a_client_that_missed_more_than_is_told_again_is_answered_with_reset(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_MISSED", 2)
    first, second, third, last = await server.write_each(4)
    assert [one.id for one in await opening(server, last=second)] == [third, last]
    assert [one.data for one in await opening(server, last=first)] == [{"reason": "too much was missed"}]


@BY
async def test_an_empty_id_is_no_id(server: Listening, by: str) -> None:
    await server.write_each(2)
    assert await opening(server, **asked(by, "")) == []


async def test_the_id_of_the_last_event_goes_before_the_address_that_was_first_asked(server: Listening) -> None:
    first, second, third = await server.write_each(3)
    told = await opening(server, f"since={first}", last=second)
    assert [one.id for one in told] == [third]
    assert [one.id for one in await opening(server, f"since={second}", last="")][:1] == [third]


async def test_what_was_read_before_the_first_change_is_followed_by_that_change(fresh: Listening) -> None:
    waiting = await fresh.stream("since=-:0")
    assert (await waiting.next()).comment == "open"
    first, second = await fresh.write_each(2)
    assert [one.id for one in await waiting.to_position(second)] == [first, second]
    assert [one.id for one in await opening(fresh, "since=-:0")] == [first, second]
    async with fresh.database.transaction() as session:
        await session.execute(text("DELETE FROM feed WHERE position = 1"))
    assert [one.data for one in await opening(fresh, "since=-:0")] == [{"reason": "the id is too old"}]


async def test_a_stream_says_its_position_before_anything_happens(server: Listening) -> None:
    *_, current = await server.write_each(2)
    first = await (await server.stream()).next()
    assert (first.id, first.comment, first.retry) == (current, "open", 2000)


async def test_no_proxy_may_keep_or_change_the_stream(server: Listening) -> None:
    headers = (await server.stream()).headers
    assert headers["content-type"].startswith("text/event-stream")
    assert headers["cache-control"] == "no-cache, no-transform"
    assert headers["x-accel-buffering"] == "no"
    assert "content-length" not in headers


@pytest.mark.parametrize("query", ["view=parity&view=recommendations", "view=parity,recommendations"])
async def test_only_the_views_that_were_asked_for_are_told(server: Listening, query: str) -> None:
    since = await server.position()
    before = await server.write(("status", "a", {"n": 1}), ("parity", "b", {"n": 2}))
    found = await server.stream(f"{query}&since={since}")
    await found.next()
    await server.write(("indicators", "c", {"n": 3}), ("recommendations", "d", {"n": 4}))
    last = await server.write(("status", "e", {"n": 5}), ("parity", "f", {"n": 6}))
    told = await found.to_position(last)
    assert [(one.data["view"], one.data["key"]) for one in told if one.event][-2:] == [
        ("recommendations", "d"),
        ("parity", "f"),
    ]
    assert {one.data["view"] for one in told} == {"parity", "recommendations"}
    assert before


@pytest.mark.parametrize("query", ["view=", "view=,", ""])
async def test_who_names_no_view_is_told_of_all(server: Listening, query: str) -> None:
    found = await server.stream(query)
    await found.next()
    last = await server.write(*((view, "k", {"n": 1}) for view in ("status", "indicators", "parity")))
    assert {one.data["view"] for one in await found.to_position(last)} == {"status", "indicators", "parity"}


@pytest.mark.parametrize("query", ["view=statu", "view=status,x", "view=actions", "views=status", "since=1&until=2"])
async def test_an_unknown_view_or_parameter_is_refused(server: Listening, query: str) -> None:
    answer = await server.client.get(f"{LIVE}?{query}", role="reader")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["parameter"] == query.partition("=")[0].replace("since", "until")


async def test_a_quiet_stream_shows_signs_of_life(server: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.01)
    found = await server.stream()
    told = [await found.next() for _ in range(4)]
    assert [one.comment for one in told] == ["open", "still here", "still here", "still here"]
    assert [one.event for one in told] == [""] * 4


async def test_a_client_of_a_quiet_view_is_not_reset_because_of_a_busy_one(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 0.01)
    monkeypatch.setattr(feed, "MOST_MISSED", 3)
    quiet = await server.stream("view=parity")
    *_, last = await server.write_each(6, "status")
    async with asyncio.timeout(PATIENCE):
        while quiet.last_id != last:
            assert (await quiet.next()).event == ""
    told = await opening(server, last=quiet.last_id)
    assert told == []


async def test_a_stream_ends_when_its_token_does(server: Listening) -> None:
    found = await server.stream(token=server.issuer.token("reader", hours=1 / 3600))
    assert (found.status, (await found.to_the_end())[-1].retry is not None) == (200, True)
    await until(lambda: not server.live.subscribers)


async def test_when_the_server_closes_every_stream_ends_and_its_client_is_told_when_to_come_back(
    fresh: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT", 3600)  # nothing else wakes them
    streams = await asyncio.gather(*(fresh.stream() for _ in range(20)))
    await until(lambda: len(fresh.live.subscribers) == 20)
    fresh.app.state.closing.set()
    ends = [(await one.to_the_end())[-1].retry for one in streams]
    assert all(500 <= pause <= 5000 for pause in ends)
    assert len(set(ends)) > 1  # not all at once
    assert not fresh.live.subscribers
    assert (await (await fresh.stream()).to_the_end())[-1].retry


async def test_a_client_whose_history_cannot_be_read_is_sent_away_with_its_id(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = await server.write_each(2)
    away = connect("postgresql+asyncpg://nobody@127.0.0.1:1/nothing")
    monkeypatch.setattr(server.live, "_database", away)
    found = await server.stream(last=first)
    told = await found.to_the_end()
    assert [(one.event, one.id, one.retry is not None) for one in told] == [("", None, True)]
    await away.close()


async def test_a_client_that_comes_before_the_follower_has_begun_waits_and_is_not_reset(server: Listening) -> None:
    first, second = await server.write_each(2)
    server.live.begun.clear()
    found = await server.stream(last=first)
    assert found.status == 200
    assert not server.live.subscribers
    server.live.begun.set()
    assert (await found.event()).id == second


async def test_a_rebuild_resets_the_clients_of_that_view_and_no_others(server: Listening) -> None:
    await tell(server.client, envelope(measure(1, 2), "m/2020-12-31/x", 1, 0))
    parity, others = await server.stream("view=parity"), await server.stream("view=status,indicators,recommendations")
    await parity.next()
    await others.next()
    answer = await server.client.post("/reporting/v1/rebuilds/parity", role="operator")
    assert answer.status_code == 200
    told = await parity.event()
    assert (told.event, told.data) == ("reset", {"view": "parity", "key": "", "reason": "rebuilt"})
    last = await server.write(("status", "k", {"number": 1}))
    assert [one.event for one in await others.to_position(last)] == ["change"]
    await server.client.post("/reporting/v1/rebuilds/actions", role="operator")
    assert ((await others.event()).data["view"], await server.position()) == ("indicators", others.last_id)
