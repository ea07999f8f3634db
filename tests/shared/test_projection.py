"""The projection of the sample service: the suite of all projections, and what one view is enough to show of the runner."""

import asyncio
import json

import pytest
from sqlalchemy.ext.asyncio import AsyncSession
from tests.contracts.projection_suite import ProjectionSuite, Stage, envelope
from tests.shared.sample import Note, NoteRead, NoteWritten, execute, scalar, service, view

from shared import rebuild as rebuilding
from shared.bus import BusUnavailable
from shared.cloudevents import Envelope
from shared.outbox import record
from shared.projection import Fact, Projection
from shared.telemetry import current
from shared.testing import Client, wait_until


class TestNoteViews(ProjectionSuite):
    service = service
    projection = view

    def facts(self) -> list[Envelope]:
        return [
            envelope(NoteWritten(text=f"{key} {number}"), key, number)
            for number in (1, 2, 3)
            for key in ("a", "b", "c")
        ]

    async def test_finish_runs_in_each_live_transaction_and_in_no_rebuild(self, stage: Stage) -> None:
        await stage.take(self.facts())
        turns = await scalar(stage.database, "SELECT count FROM turns")
        assert turns >= 1
        await stage.rebuild()
        assert await scalar(stage.database, "SELECT count FROM turns") == turns

    async def test_bytes_that_are_no_event_are_parked_at_their_place(self, stage: Stage) -> None:
        await stage.publish(self.facts()[:1])
        for event in ("no JSON \x01", "{}", '"\ufffd"'):
            await put_raw(stage, event)
        rows = await stage.take(self.facts()[1:])
        assert len(rows) == 3
        assert [aggregate for aggregate, _, _ in await stage.parked()] == [
            f"apge.sample/0/{offset}" for offset in (0, 1, 2)
        ]

    async def test_data_that_is_no_utf8_parks_its_aggregate(self, stage: Stage) -> None:
        """Only Kafka can bring such: the log's documents are texts."""
        from shared.applying import Applier
        from shared.bus import Delivery

        await stage.publish(self.facts())
        deliveries, at = await stage.deliveries()
        bad = Envelope("i", NoteWritten.type, "/sample", "unit/x", "2026-11-22T10:00:00Z", 1, b"\xff\xfe")
        await Applier(view, stage.database, stage.metrics).apply([*deliveries, Delivery("apge.sample", 0, 99, bad)], at)
        assert [aggregate for aggregate, _, _ in await stage.parked()] == ["unit/x"]
        assert len(await stage.rows()) == 3


async def put_raw(stage: Stage, event: str) -> None:
    pool = await stage.bus._connections()  # type: ignore[attr-defined]
    async with pool.acquire() as connection, connection.transaction():
        offset = await connection.fetchval(
            "UPDATE log_heads SET next_offset = next_offset + 1 WHERE topic = 'apge.sample' AND partition = 0 RETURNING next_offset - 1"
        )
        await connection.execute("INSERT INTO log VALUES ('apge.sample', 0, $1, $2)", offset, event)


def test_two_handlers_for_one_aggregate_are_refused() -> None:
    projection = Projection("p", ["sample"])

    @projection.on(NoteWritten)
    async def one(_: AsyncSession, __: list[Fact[NoteWritten]]) -> None: ...

    with pytest.raises(TypeError, match="two handlers for the aggregate unit"):

        @projection.on(NoteRead)
        async def two(_: AsyncSession, __: list[Fact[NoteRead]]) -> None: ...


async def test_what_a_handler_records_is_caused_by_the_event_that_it_handles(client: Client) -> None:
    cause = Envelope(
        "cause-1",
        NoteWritten.type,
        "/sample",
        "unit/a",
        "2026-11-22T10:00:00Z",
        1,
        b"{}",
        correlationid="correlation-1",
        actor="custodian:HRD",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )
    fact = Fact(NoteWritten(text="x"), cause)
    database = client.app.state.database
    async with database.transaction() as session:
        with fact.as_cause():
            note = Note(key="b", text="x")
            session.add(note)
            await record(session, NoteWritten(text="x"), note)
    row = await scalar(database, "SELECT row_to_json(outbox) FROM outbox")
    assert (row["correlationid"], row["causationid"], row["actor"]) == ("correlation-1", "cause-1", "system")
    assert row["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert current().causation is None


async def test_an_operator_sees_what_is_parked_and_replays_it(client: Client) -> None:
    database = client.app.state.database
    await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})
    await client.caught_up()
    key = await scalar(database, "SELECT key FROM notes")
    spoilt = "UPDATE outbox SET payload = :payload, sequence = 2, published_at = NULL, id = gen_random_uuid()"
    await execute(database, spoilt, payload='{"no":1}')

    async def parked() -> list[dict[str, object]]:
        return (await client.get("/sample/v1/parked", role="operator")).json()

    found = await wait_until(parked)
    assert [(one["projection"], one["aggregate"], one["events"]) for one in found] == [("note-views", f"unit/{key}", 1)]
    assert "ValidationError" in found[0]["reason"]

    async def degraded() -> bool:
        ready = (await client.get("/sample/health/ready")).json()
        return ready["status"] == "degraded" and ready["parts"]["projection:note-views"] == "1 aggregates are parked"

    await wait_until(degraded)
    path = f"/sample/v1/parked/note-views/unit/{key}/replay"
    assert (await client.post(path, role="custodian")).status_code == 403
    still = await client.post(path, role="operator")
    assert (still.status_code, still.json()["type"]) == (409, "urn:apge:problem:replay-failed")
    mended = "UPDATE projection_parked SET event = replace(event, :bad, :good)"
    await execute(database, mended, bad='{"no":1}', good='{"text":"mended"}')
    answer = await client.post(path, role="operator")
    assert (answer.status_code, answer.json()["events"]) == (200, 1)
    assert await scalar(database, "SELECT text FROM note_views") == "mended"
    assert (await client.post(path, role="operator")).status_code == 404


async def test_an_operator_drops_what_is_parked_and_the_next_event_heals_the_row(client: Client) -> None:
    database = client.app.state.database
    key = (await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})).json()["key"]
    await client.caught_up()
    state = "UPDATE outbox SET payload = :payload, sequence = :sequence, published_at = NULL, id = gen_random_uuid()"
    await execute(database, state, payload='{"no":1}', sequence=2)

    async def parked() -> list[dict[str, object]]:
        return (await client.get("/sample/v1/parked", role="operator")).json()

    await wait_until(parked)
    path = f"/sample/v1/parked/note-views/unit/{key}"
    assert (await client.request("DELETE", path, role="custodian")).status_code == 403
    dropped = await client.request("DELETE", path, role="operator")
    assert (dropped.status_code, dropped.json()["events"]) == (200, 1)
    assert (await client.request("DELETE", path, role="operator")).status_code == 404
    await execute(database, state, payload='{"text":"healed"}', sequence=3)

    async def healed() -> bool:
        return await scalar(database, "SELECT text FROM note_views") == "healed"

    await wait_until(healed)
    assert await parked() == []


async def test_an_operator_lets_the_bus_try_a_refused_event_again(client: Client) -> None:
    database = client.app.state.database
    await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})
    await client.caught_up()
    await execute(database, "UPDATE outbox SET refused = 'too large', published_at = NULL")
    refused = (await client.get("/sample/v1/refused", role="operator")).json()
    assert [(one["reason"], one["type"]) for one in refused] == [("too large", "sample.note-written.v1")]
    path = f"/sample/v1/refused/{refused[0]['event']}/retry"
    assert (await client.post(path, role="reader")).status_code == 403
    assert (await client.post(path, role="operator")).status_code == 204
    assert (await client.post(path, role="operator")).status_code == 404

    async def published() -> bool:
        return await scalar(database, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == 0

    await wait_until(published)


async def test_a_rebuild_by_command_tells_its_progress_line_by_line(client: Client) -> None:
    for _ in range(5):
        await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})
    await client.caught_up()
    answer = await client.post("/sample/v1/rebuilds/note-views", role="operator")
    assert answer.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert lines[-1] == {"view": "note-views", "done": 5, "total": 5, "rows": {"note_views": 5}, "error": None}
    assert all(line["rows"] is None for line in lines[:-1])


@pytest.mark.parametrize(
    ("error", "said"),
    [(BusUnavailable("the bus is away"), "BusUnavailable: the bus is away"), (KeyError("a bug"), None)],
)
async def test_a_rebuild_by_command_that_fails_ends_its_answer(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str | None
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(rebuilding, "begin_positions", fail)
    async with asyncio.timeout(10):
        try:
            answer = await client.post("/sample/v1/rebuilds/note-views", role="operator")
        except KeyError:
            assert said is None
            return
    if said is not None:
        assert answer.json()["error"] == said


async def test_a_rebuild_whose_caller_goes_away_leaves_the_view_and_bars_nobody(client: Client) -> None:
    await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})
    await client.caught_up()
    for patience in (0.0, 0.005, 0.02, 0.05):
        task = asyncio.ensure_future(client.post("/sample/v1/rebuilds/note-views", role="operator"))
        await asyncio.wait([task], timeout=patience)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await scalar(client.app.state.database, "SELECT count(*) FROM note_views") == 1

    async def rebuilt() -> bool:
        answer = await client.post("/sample/v1/rebuilds/note-views", role="operator")
        return '"rows":{"note_views":1}' in answer.text

    await wait_until(rebuilt)
