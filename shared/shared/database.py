"""PostgreSQL, the only database. Only this module commits.

A command runs in one `transaction`: what it stores and the events it records are committed together, before the answer is sent.
`get_session` must be used with `Depends(get_session, scope="function")`: with FastAPI's default scope the code after `yield` runs
after the response, and a failed commit has then already been answered with 201.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from sqlalchemy import BigInteger, MetaData, Text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# A lock or statement that takes longer than this is a fault to see, not to wait for; migrations and rebuilds set their own.
SERVER_SETTINGS = {
    "statement_timeout": "30000",
    "lock_timeout": "10000",
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",
}

platform = MetaData(naming_convention=NAMING)
"""The tables that every service has for the plumbing: outbox, leases, positions, kept answers."""


def new_metadata() -> MetaData:
    return MetaData(naming_convention=NAMING)


class AggregateRow:
    """Columns of a table whose rows state events. `sequence` is the row's version, its ETag and its last event's number."""

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)


@dataclass
class Database:
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    recorded: asyncio.Event = field(default_factory=asyncio.Event)
    """Set after each commit that recorded an event: wakes the relay of this process."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """Commits at the end, rolls back on any error."""
        async with self.sessions() as session:
            async with session.begin():
                yield session
            if session.info.get("recorded"):
                self.recorded.set()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """One snapshot for all its statements, and no write."""
        async with self.sessions() as session:
            await session.connection(
                execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            )
            yield session

    async def close(self) -> None:
        await self.engine.dispose()


def dumps(value: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def connect(url: str, *, pool: int = 10, name: str = "apge") -> Database:
    engine = create_async_engine(
        url,
        pool_size=pool,
        max_overflow=0,
        pool_timeout=10,
        json_serializer=dumps,
        json_deserializer=orjson.loads,
        hide_parameters=True,  # an error's text goes to the log, and what was being stored may be about a person
        connect_args={"server_settings": {**SERVER_SETTINGS, "application_name": name}, "timeout": 10},
    )
    return Database(engine, async_sessionmaker(engine, expire_on_commit=False))


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.transaction() as session:
        yield session


async def get_reader(request: Request) -> AsyncIterator[AsyncSession]:
    database: Database = request.app.state.database
    async with database.reading() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session, scope="function")]
Reader = Annotated[AsyncSession, Depends(get_reader, scope="function")]
