"""Loops beside the requests: seen when they are stuck, started again when they fail, gone when they are stopped."""

import asyncio

import pytest
from tests.shared.sample import execute, scalar, service

from shared import outbox, runner, workers
from shared.app import create_app
from shared.database import Database
from shared.issuer import LocalIssuer
from shared.leases import release, take
from shared.telemetry import Metrics
from shared.testing import Client, Postgres, running, running_service, test_settings, wait_until
from shared.workers import Worker


async def forever() -> None:
    await asyncio.Event().wait()


async def test_a_failing_loop_is_started_again_and_says_what_failed() -> None:
    runs = []

    async def run(worker: Worker) -> None:
        runs.append(worker.state())
        if len(runs) < 3:
            raise LookupError("something of the inside")
        worker.beat()
        await forever()

    worker = Worker("loop", run, Metrics())
    worker.start()
    try:

        async def well_again() -> bool:
            return len(runs) == 3 and worker.state() == "ok"

        await wait_until(well_again)
    finally:
        await worker.stop()
    assert runs == ["ok", "failed, tried again: LookupError", "failed, tried again: LookupError"]


async def test_a_stuck_loop_shows_in_readiness_and_the_service_stays_up(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = next(worker for worker in client.app.state.workers if worker.name == "relay")
    stuck._task.cancel()  # its heartbeat ends, as that of a loop that waits for ever
    monkeypatch.setattr(workers, "SILENCE", 0.0)

    async def seen() -> str | None:
        answer = await client.get("/sample/health/ready")
        assert answer.status_code == 200
        state = answer.json()["parts"]["relay"]
        return state if "no sign of life" in state else None

    assert await wait_until(seen) == "no sign of life for 0 s"
    assert (await client.get("/sample/health/ready")).json()["status"] == "degraded"
    assert (await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})).status_code == 201


async def test_an_idle_service_is_healthy_and_every_loop_beats(client: Client) -> None:
    beats = {worker.name: worker._last for worker in client.app.state.workers}
    assert set(beats) == {"projection:note-views", "relay", "housekeeping"}

    async def all_beat() -> bool:
        loops = [worker for worker in client.app.state.workers if worker.name != "housekeeping"]
        return all(worker._last > beats[worker.name] for worker in loops)

    await wait_until(all_beat)
    answer = await client.get("/sample/health/ready")
    assert answer.json() == {"status": "ok", "parts": {"database": "ok", **dict.fromkeys(beats, "ok")}}


async def test_readiness_refuses_a_database_that_was_never_migrated_and_serves_on_a_later_one(client: Client) -> None:
    await execute(client.app.state.database, "UPDATE alembic_version SET version_num = 'from_the_future'")
    assert (await client.get("/sample/health/ready")).json()["parts"]["database"] == "ok"
    await execute(client.app.state.database, "DELETE FROM alembic_version")
    answer = await client.get("/sample/health/ready")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"] == "is at migration None, this release needs 0001"


async def test_stopping_a_service_leaves_no_task_and_no_connection(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    before = asyncio.all_tasks()
    async with postgres.connected(service) as outside:
        for _ in range(5):  # at once after the start as well, when its parts are still connecting
            url = outside.engine.url.render_as_string(hide_password=False)
            async with running(create_app(service, test_settings(service, url, bus_url, issuer)), issuer):
                await asyncio.sleep(0)
        async with running(create_app(service, test_settings(service, url, bus_url, issuer)), issuer) as client:
            await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})
            await client.caught_up()

        async def nobody_left() -> bool:
            left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'apge-sample' AND datname = current_database()"
            return await scalar(outside, left) == 0

        await wait_until(nobody_left)

    async def no_task_left() -> bool:
        return {task for task in asyncio.all_tasks() - before if not task.done()} == {asyncio.current_task()} - before

    await wait_until(no_task_left)


async def test_a_service_stops_while_its_database_is_away(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    async with postgres.database(service) as url:
        name = url.partition("?")[0].rpartition("/")[2]
        app = create_app(service, test_settings(service, url, bus_url, issuer))
        async with asyncio.timeout(15), running(app, issuer) as client:
            await client.post("/sample/v1/notes", role="custodian", json={"text": "x"})
            await client.caught_up()
            await postgres.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        assert all(worker._task.done() for worker in app.state.workers)


async def test_a_stopped_loop_gives_its_lease_back_at_once(client: Client) -> None:
    database = client.app.state.database
    relay = next(worker for worker in client.app.state.workers if worker.name == "relay")

    async def holds() -> bool:
        return await scalar(database, "SELECT count(*) FROM leases WHERE name = 'relay' AND expires_at > now()") == 1

    await wait_until(holds)
    await relay.stop()
    assert await take(database, "relay", "another", 10) is not None


async def test_a_lease_has_one_holder_and_its_token_rises_with_each_new_one(database: Database) -> None:
    first = await take(database, "job", "a", 60)
    assert first is not None
    assert await take(database, "job", "b", 60) is None
    assert await take(database, "job", "a", 60) == first
    await release(database, first)
    second = await take(database, "job", "b", 60)
    assert second is not None
    assert second.token > first.token
    await execute(database, "UPDATE leases SET expires_at = now() - interval '1 second'")
    third = await take(database, "job", "a", 60)
    assert third is not None
    assert third.token > second.token


async def test_releasing_a_lease_that_was_lost_takes_it_from_nobody(database: Database) -> None:
    first = await take(database, "job", "a", 60)
    assert first is not None
    await execute(database, "UPDATE leases SET expires_at = now() - interval '1 second'")
    assert await take(database, "job", "b", 60) is not None
    await release(database, first)
    assert await take(database, "job", "a", 60) is None


async def test_of_two_replicas_one_follows_and_the_other_takes_over_when_it_goes(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(outbox, "LEASE_SECONDS", 0.6)
    async with running_service(service, postgres, issuer, bus_url) as first:
        url = first.app.state.settings.database_url.get_secret_value()
        app = create_app(service, test_settings(service, url, bus_url, issuer))
        async with running(app, issuer) as second:
            await first.post("/sample/v1/notes", role="custodian", json={"text": "one"})
            await first.caught_up()
            for worker in reversed(first.app.state.workers):
                await worker.stop()
            await second.post("/sample/v1/notes", role="custodian", json={"text": "two"})
            await second.caught_up()
            assert await scalar(second.app.state.database, "SELECT count(*) FROM note_views") == 2


async def test_the_pause_of_a_failing_loop_grows_to_ten_seconds_and_no_further() -> None:
    pauses: list[float] = []

    async def fail(_: Worker) -> None:
        raise LookupError

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 10:
            raise asyncio.CancelledError

    worker = Worker("loop", fail, Metrics())
    true_sleep = asyncio.sleep
    workers.asyncio.sleep = sleep  # type: ignore[assignment]
    try:
        with pytest.raises(asyncio.CancelledError):
            await worker._supervise()
    finally:
        workers.asyncio.sleep = true_sleep
    assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10, 10]
