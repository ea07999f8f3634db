"""Who runs a loop of which there may be one only: a lease in the database, fenced by a token that rises with every new holder.

Times are the database's, never this machine's. Holding a lease is no proof later: whoever acts on it checks the token again in the
transaction that acts (`fence`), so a holder that slept through its lease changes nothing.
"""

import asyncio
from dataclasses import dataclass

import structlog
from sqlalchemy import BigInteger, Column, DateTime, Table, Text, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from shared.database import Database, platform

leases = Table(
    "leases",
    platform,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

_TAKE = text("""
    INSERT INTO leases AS held (name, holder, token, expires_at)
    VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET
        holder = excluded.holder, expires_at = excluded.expires_at,
        token = CASE WHEN held.holder = excluded.holder THEN held.token ELSE held.token + 1 END
    WHERE held.holder = excluded.holder OR held.expires_at < clock_timestamp()
    RETURNING token
""")
_FENCE = text("SELECT 1 FROM leases WHERE name = :name AND token = :token AND holder = :holder FOR SHARE")
# the row stays, so that the next holder's token is higher
_RELEASE = text("""
    UPDATE leases SET expires_at = '-infinity' WHERE name = :name AND holder = :holder AND token = :token
""")
_GIVE_BACK = text("UPDATE leases SET expires_at = '-infinity' WHERE name = :name AND holder = :holder")
GIVE_BACK_SECONDS = 2.0

log = structlog.get_logger()


class LeaseLost(Exception):  # noqa: N818 (a state, not a mistake)
    """Somebody else runs this now."""


@dataclass(frozen=True, slots=True)
class Lease:
    name: str
    holder: str
    token: int

    async def fence(self, session: AsyncSession) -> None:
        """Nobody else can take over before this transaction ends. Raises LeaseLost."""
        row = await session.execute(_FENCE, {"name": self.name, "token": self.token, "holder": self.holder})
        if row.first() is None:
            raise LeaseLost(self.name)


async def take(database: Database, name: str, holder: str, seconds: float) -> Lease | None:
    """A lease, new or prolonged; None while somebody else holds it."""
    async with database.transaction() as session:
        token = (await session.execute(_TAKE, {"name": name, "holder": holder, "seconds": seconds})).scalar()
    return None if token is None else Lease(name, holder, token)


async def release(database: Database, lease: Lease) -> None:
    async with database.transaction() as session:
        await session.execute(_RELEASE, {"name": lease.name, "holder": lease.holder, "token": lease.token})


async def give_back(database: Database, name: str, holder: str) -> None:
    """For a loop that is being stopped, even while it took the lease: whatever `holder` holds is free. A database that does not
    answer keeps nobody waiting, the lease then runs out by itself.
    """
    try:
        async with asyncio.timeout(GIVE_BACK_SECONDS), database.transaction() as session:
            await session.execute(_GIVE_BACK, {"name": name, "holder": holder})
    except (SQLAlchemyError, OSError) as error:
        log.info("lease_not_given_back", lease=name, error=type(error).__name__)
