"""The live feed in trouble: clients that take nothing, go at any moment or come meanwhile, and a follower that loses its database."""

import asyncio
import gc
import os
import random
import socket
import sys
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.reporting.facts import LAST, envelope, indicator, plan, publish, recorded, result, tell, unit
from tests.reporting.sse import LIVE, Listening, Stream, beside, listening, open_stream, until, write

from reporting.live import feed, stream
from reporting.main import service
from reporting.models import changed, write_feed
from shared.database import Database
from shared.issuer import LocalIssuer
from shared.testing import Postgres, wait_until


class Held:
    """A connection that takes what it is sent only while `open` is set."""

    def __init__(self) -> None:
        self.open, self.gone, self.sent = asyncio.Event(), asyncio.Event(), list[bytes]()
        self.open.set()

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.open.wait()
        self.sent.append(message.get("body", b""))

    async def has_sent(self, count: int) -> None:
        await until(lambda: len(self.sent) >= count)


async def held_up(server: Listening, *changes: str) -> tuple[Held, "asyncio.Task[None]", list[str]]:
    """A stream that is let go after all these keys have changed; the first of them was being sent meanwhile."""
    held = Held()
    following = asyncio.create_task(
        stream.LiveStream(server.live, frozenset(), None, float("inf"))({}, held.receive, held.send)
    )
    await held.has_sent(2)
    held.open.clear()
    positions = []
    for number, key in enumerate(changes):
        positions.append(await server.write(("status", key, {"number": number})))
        await server.follows_up_to(positions[-1])
        if number == 0:
            await until(lambda: not any(one.waiting for one in server.live.subscribers))
    held.open.set()
    await held.has_sent(4)
    return held, following, positions


async def test_of_several_changes_of_a_key_a_slow_client_gets_the_last(server: Listening) -> None:
    held, following, positions = await held_up(server, "first", "a", "b", "a", "c", "a")
    news = held.sent[3].decode()
    assert [line for line in news.split("\n") if line.startswith("id:")] == [
        f"id: {positions[place]}" for place in (2, 4, 5)
    ]
    assert '"number":5' in news
    assert '"number":1' not in news
    held.gone.set()
    await following


async def test_a_client_for_whom_too_much_waits_is_told_to_load_anew_and_goes_on_from_there(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_WAITING", 3)
    held, following, positions = await held_up(server, "first", "a", "b", "c", "d", "e")
    assert held.sent[3].decode() == (f'id: {positions[-1]}\nevent: reset\ndata: {{"reason":"too much at once"}}\n\n')
    after = await server.write(("status", "f", {"number": 6}))
    await held.has_sent(5)
    assert held.sent[4].decode().startswith(f"id: {after}\nevent: change\n")
    held.gone.set()
    await following
    assert not server.live.subscribers


async def test_of_what_waits_for_a_client_only_a_bounded_part_is_held(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "MOST_WAITING", 5)
    subscriber = feed.Subscriber(frozenset())
    for number in range(100):
        subscriber.offer(feed.Frame(number, "status", ("status", str(number)), b"x"))
        assert len(subscriber.waiting) <= 5
    assert subscriber.take()[1]
    assert subscriber.take() == ([], False)


@pytest.mark.parametrize("seed", range(3))
async def test_between_what_a_client_loads_and_what_it_follows_nothing_falls(server: Listening, seed: int) -> None:
    """Fifty clients load and connect while results are recorded; some hang up and come back. All end with what the view says."""
    chance, code, count = random.Random(seed), f"plan-{seed}", 40
    codes = [f"i{number}" for number in range(8)]
    defined = [envelope(indicator(one, in_plan=code), f"{code}/{one}", 1, 0) for one in codes]
    await tell(server.client, envelope(plan(code), code, 1, 0), *defined)
    written = [asyncio.Event() for _ in range(count)]

    async def writes() -> None:
        sequences = dict.fromkeys(codes, 0)
        for number in range(count):
            one = chance.choice(codes)
            sequences[one] += 1
            state = recorded(one, chance.choice(["met", "not_met"]), result(50, sequences[one]), in_plan=code)
            await publish(server.app, envelope(state, f"{code}/{one}/{LAST}/global", sequences[one], number))
            written[number].set()
        await server.client.caught_up()
        await publish(server.app, envelope(unit(f"end-{seed}", "The end"), f"end-{seed}", 1, count))

    clients = [follows(server, code, written, f"unit/end-{seed}", random.Random(f"{seed}-{n}")) for n in range(50)]
    *found, _ = await asyncio.gather(*clients, writes())
    expected, _ = await load(server, code)
    assert [state for state in found if state != expected] == []


async def load(server: Listening, code: str) -> tuple[dict[str, str], str]:
    answer = (await server.client.get(f"/reporting/v1/indicators?plan={code}", role="reader")).json()
    return {item["code"]: item["targets"][0]["status"] for item in answer["items"]}, answer["position"]


async def follows(
    server: Listening, code: str, written: list[asyncio.Event], end: str, chance: random.Random
) -> dict[str, str]:
    """The state that a client ends with."""
    await written[chance.randrange(len(written))].wait()
    state, position = await load(server, code)
    if chance.random() < 0.3:  # something happens between the two
        await written[chance.randrange(len(written))].wait()
    found = await server.stream(f"view=status&since={position}")
    patience = chance.randrange(2, 30)
    while True:
        told = await found.event()
        assert told.event == "change"
        if told.data["key"] == end:
            return state
        if told.data.get("plan") == code:
            state[told.data["indicator"]] = told.data["status"]
        patience -= 1
        if patience == 0:
            found.close()
            found = await server.stream(f"view=status&since={position}", last=found.last_id)


async def test_a_process_that_is_told_to_stop_tells_its_clients_and_ends_well(
    postgres: Postgres, issuer: LocalIssuer
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    async with postgres.database() as log, postgres.database(service) as url, httpx.AsyncClient() as http:
        given = {"DATABASE_URL": url, "BUS": "postgres", "APGE_BUS_URL": log, "PORT": str(port)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.serve", "reporting"),
            env={**os.environ, **given, "APGE_AUTH_JWKS_FILE": str(issuer.jwks_file)},
        )

        try:
            await stops(process, port, issuer.token("reader"), http)
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


async def stops(process: asyncio.subprocess.Process, port: int, token: str, http: httpx.AsyncClient) -> None:
    async def ready() -> bool:
        try:
            return (await http.get(f"http://127.0.0.1:{port}/reporting/health/ready")).is_success
        except httpx.TransportError:
            return False

    await wait_until(ready, 60)
    streams = await asyncio.gather(*(open_stream(port, "", token) for _ in range(100)))
    assert [(await one.next()).comment for one in streams] == ["open"] * 100
    process.terminate()
    ends = [(await one.to_the_end())[-1].retry for one in streams]
    assert await process.wait() == 0
    assert len(set(ends)) > 1
    for one in streams:
        one.close()


LISTENERS = (
    "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'apge-reporting-live'"
)
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name <> 'beside'"


async def end(database: Database, those: str) -> None:
    """These connections are ended, and the follower listens anew."""
    async with database.transaction() as session:
        before = set((await session.execute(text(LISTENERS))).scalars())
        await session.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({those}) AS those"))

    async def listens_anew() -> bool:
        async with database.transaction() as session:
            return bool(set((await session.execute(text(LISTENERS))).scalars()) - before)

    await wait_until(listens_anew)


@pytest.mark.parametrize("those", [LISTENERS, OTHERS], ids=["the one that listens", "every connection"])
async def test_nothing_is_lost_when_the_database_ends_connections_of_the_follower(fresh: Listening, those: str) -> None:
    found = await fresh.stream()
    await found.next()
    async with beside(fresh) as other:
        for number in range(6):
            if number % 3 == 1:
                ending = asyncio.create_task(end(other, those))
                await write(other, ("status", f"key-{number}", {"number": number}))
                await ending
            else:
                await write(other, ("status", f"key-{number}", {"number": number}))
    told = await found.until(lambda one: one.data.get("number") == 5)
    assert [one.data["number"] for one in told] == list(range(6))


async def test_an_open_stream_holds_no_connection_of_the_database(server: Listening) -> None:
    since = await server.position()
    await server.write_each(3)
    streams = await asyncio.gather(*(server.stream(f"since={since}") for _ in range(40)))
    for one in streams:
        await one.until(lambda told: told.data["number"] == 2)
    await until(lambda: server.database.engine.pool.checkedout() == 0)
    assert len(server.live.subscribers) == 40


async def test_a_feed_of_another_history_resets_every_client(fresh: Listening) -> None:
    *_, last = await fresh.write_each(3)
    found = await fresh.stream("view=parity", last=last)
    await found.next()
    async with beside(fresh) as other:
        async with other.transaction() as session:  # as after a restore: another epoch, and fewer changes
            await session.execute(text("DELETE FROM feed WHERE position > 1"))
            await session.execute(text("UPDATE feed_head SET epoch = '0123456789ab', position = 1"))
        await end(other, LISTENERS)
    told = await found.event()
    assert (told.event, told.id, told.data) == ("reset", "0123456789ab:1", {"reason": "history was lost"})
    assert await fresh.write(("parity", "k", {"number": 1})) == "0123456789ab:2"
    assert (await found.event()).id == "0123456789ab:2"


async def test_a_follower_that_finds_a_hole_in_the_feed_resets_every_client(server: Listening) -> None:
    found = await server.stream()
    await found.next()
    async with server.database.transaction() as session:  # in one: written and thrown away before it can be read
        for number in range(2):
            changed(session, "status", f"key-{number}", {"number": number})
        await write_feed(session)
        await session.execute(text("DELETE FROM feed WHERE position = (SELECT max(position) - 1 FROM feed)"))
    told = await found.event()
    assert (told.event, told.data, told.id) == ("reset", {"reason": "too much was missed"}, await server.position())


async def test_a_client_that_has_read_more_than_this_process_was_told_is_not_reset(
    server: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It loads from the database, which may be a little ahead of the follower. What it has already is not told again."""
    await server.write_each(1)
    monkeypatch.setattr(server.live, "_take_in", lambda _: False)
    await server.write(("status", "before", {"number": 0}))
    first = await server.write(("status", "first", {"number": 1}))
    second = await server.write(("status", "second", {"number": 2}))
    assert server.live.place not in {first, second}
    at_first, at_second = await server.stream(f"since={first}"), await server.stream(f"since={second}")
    assert [(await one.next()).comment for one in (at_first, at_second)] == ["open", "open"]
    monkeypatch.undo()
    third = await server.write(("status", "third", {"number": 3}))
    assert [one.id for one in await at_first.to_position(third)] == [second, third]
    assert [one.id for one in await at_second.to_position(third)] == [third]


async def test_clients_that_take_nothing_are_dropped_and_the_others_get_everything(
    postgres: Postgres, issuer: LocalIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "SEND_TIMEOUT", 1.5)
    changes, size = 20, 10_000
    async with listening(postgres, issuer, send_buffer=16_384) as server:
        stalled = await asyncio.gather(*(server.stream(receive_buffer=1024) for _ in range(20)))
        others = await asyncio.gather(*(server.stream() for _ in range(180)))
        await until(lambda: len(server.live.subscribers) == 200)
        everything = [asyncio.create_task(takes(one, changes)) for one in others]
        for number in range(changes):
            await server.write(("status", f"key-{number}", {"number": number, "long": "x" * size}))
            await asyncio.sleep(0)
            assert all(len(one.waiting) <= changes for one in server.live.subscribers)
        assert await asyncio.gather(*everything) == [list(range(changes))] * 180
        await until(lambda: len(server.live.subscribers) == 180)
        assert server.app.state.metrics.live_dropped._value.get() == 20
        # a stalled connection holds what one send had put into it, and no more
        held = [one.transport.get_write_buffer_size() for one in server.uvicorn.server_state.connections]
        assert sum(held) < 20 * 2 * changes * size
        last = await server.write(("status", "last", {"number": changes}))
        assert [(await one.to_position(last))[-1].id for one in others] == [last] * 180
        assert len(stalled) == 20
    assert not server.live.subscribers


async def takes(one: Stream, changes: int) -> list[int]:
    return [told.data["number"] for told in await one.until(lambda told: told.data["number"] == changes - 1)]


READS = [
    (LIVE, b""),
    (LIVE, b"since=-:0"),
    (LIVE, b"view=parity&since=0123456789ab:1"),
    ("/reporting/v1/recommendations", b""),
    ("/reporting/v1/recommendations", b"unit=HRD"),
    ("/reporting/v1/changes", b""),
    ("/reporting/v1/status", b"plan=none"),
]


async def test_a_thousand_clients_that_go_at_any_moment_leave_nothing_behind(server: Listening) -> None:
    chance, troubles = random.Random(1), list[Any]()
    loop = asyncio.get_running_loop()
    token = f"Bearer {server.issuer.token('reader')}".encode()
    await server.write_each(3)
    before = {task for task in asyncio.all_tasks() if not task.done()}
    loop.set_exception_handler(lambda _, context: troubles.append(context))

    async def goes(turns: int, path: str, query: bytes, *, politely: bool) -> None:
        scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "http_version": "1.1"}
        scope |= {"headers": [(b"authorization", token)], "scheme": "http", "server": ("test", 80), "root_path": ""}
        held = Held()
        reading = asyncio.create_task(server.app(scope, held.receive, held.send))
        for _ in range(turns):
            await asyncio.sleep(0)
        if politely:
            held.gone.set()
        else:
            reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    for _ in range(20):
        clients = [goes(chance.randrange(60), *chance.choice(READS), politely=chance.random() < 0.5) for _ in range(50)]
        writing = server.write(("status", "k", {"number": 1}))
        await asyncio.gather(*clients, writing)
    await until(lambda: not server.live.subscribers and not server.app.state.documents.making)
    await until(lambda: server.database.engine.pool.checkedout() == 0)
    async with server.database.engine.connect() as connection:
        idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        assert (await connection.exec_driver_sql(idle)).scalar_one() == 0
    gc.collect()
    await until(lambda: len([task for task in asyncio.all_tasks() if not task.done()]) <= len(before))
    loop.set_exception_handler(None)
    assert troubles == []
