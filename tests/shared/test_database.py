"""Transactions and connections: committed whole or not at all, and given back whatever happens to the caller."""

import asyncio
import inspect
import random
from pathlib import Path

import pytest
from fastapi.params import Depends
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.shared.sample import execute, marks, scalar

from shared.database import Database, Reader, Session, connect
from shared.testing import Client, wait_until

NOTES = "/sample/v1/notes"
STORM = 1000


async def test_a_failing_commit_is_not_answered_201_as_it_would_be_without_scope_function(client: Client) -> None:
    first = {"text": "first", "label": "taken"}
    assert (await client.post(NOTES, role="custodian", json=first)).status_code == 201
    answer = await client.post(NOTES, role="custodian", json={"text": "second", "label": "taken"})
    assert answer.status_code == 500
    assert "taken" not in answer.text
    assert await scalar(client.app.state.database, "SELECT count(*) FROM notes") == 1
    assert await scalar(client.app.state.database, "SELECT count(*) FROM outbox") == 1


def test_sessions_end_before_the_answer_is_sent() -> None:
    for kind in (Session, Reader):
        declared = next(one for one in kind.__metadata__ if isinstance(one, Depends))
        assert declared.scope == "function"


async def test_a_transaction_that_fails_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.transaction() as session:
            await session.execute(marks.insert().values(id="a"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await scalar(database, "SELECT count(*) FROM marks") == 0


async def test_a_reader_sees_one_snapshot_and_cannot_write(database: Database) -> None:
    async with database.reading() as session:
        before = (await session.execute(text("SELECT count(*) FROM marks"))).scalar_one()
        await execute(database, "INSERT INTO marks VALUES ('a')")
        assert (await session.execute(text("SELECT count(*) FROM marks"))).scalar_one() == before == 0
        with pytest.raises(DBAPIError, match="read-only"):
            await session.execute(marks.insert().values(id="b"))


async def test_a_connection_that_read_can_write_afterwards(database: Database) -> None:
    single = connect(database.engine.url.render_as_string(hide_password=False), pool=1)
    try:
        async with single.reading() as session:
            await session.execute(text("SELECT 1"))
        await execute(single, "INSERT INTO marks VALUES ('a')")
        assert await scalar(single, "SELECT current_setting('transaction_isolation')") == "read committed"
    finally:
        await single.close()


async def test_an_error_of_the_database_does_not_tell_what_was_being_stored(database: Database) -> None:
    with pytest.raises(DBAPIError) as raised:
        await execute(database, "INSERT INTO marks SELECT NULL WHERE :secret = :secret", secret="a person")
    assert "a person" not in str(raised.value)


async def test_a_statement_that_takes_too_long_is_ended(database: Database) -> None:
    assert await scalar(database, "SELECT current_setting('statement_timeout')") == "30s"
    assert await scalar(database, "SELECT current_setting('lock_timeout')") == "10s"
    assert await scalar(database, "SELECT current_setting('idle_in_transaction_session_timeout')") == "1min"


async def test_a_thousand_cancelled_requests_leave_no_connection_behind(client: Client) -> None:
    """Cancelled at random points, from before the first statement to after the commit; seeded, so that a failure comes again."""
    chance = random.Random(20)
    database = client.app.state.database

    async def one() -> None:
        if chance.random() < 0.5:
            call = client.post(
                NOTES, role="custodian", json={"text": "x"}, headers={"Idempotency-Key": str(chance.random())}
            )
        else:
            call = client.get("/sample/v1/slow?seconds=0.002", role="reader")
        task = asyncio.ensure_future(call)
        _, late = await asyncio.wait([task], timeout=chance.random() * 0.06)
        if late:
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def caller() -> None:
        for _ in range(STORM // 20):
            await one()

    await asyncio.gather(*(caller() for _ in range(20)))

    async def all_given_back() -> bool:
        return database.engine.pool.checkedout() == 0

    await wait_until(all_given_back)
    idle = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
    )

    async def nobody_idles() -> bool:
        return await scalar(database, idle) == 0

    await wait_until(nobody_idles)
    assert (await client.post(NOTES, role="custodian", json={"text": "x"})).status_code == 201
    notes = await scalar(database, "SELECT count(*) FROM notes")
    assert notes == await scalar(database, "SELECT count(*) FROM outbox")
    await client.caught_up()
    assert notes == await scalar(database, "SELECT count(*) FROM note_views")


def test_only_the_database_module_commits() -> None:
    folder = Path(inspect.getfile(connect)).parent
    committing = {file.name for file in folder.rglob("*.py") if ".commit(" in file.read_text()}
    assert committing <= {"migrations.py"}
