"""Statements on the units that the indicators service told of."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Unit


async def list_unit_names(session: AsyncSession, codes: Iterable[str] | None = None) -> dict[str, str]:
    """Name by code; of all units where `codes` is None."""
    query = select(Unit.code, Unit.name)
    if codes is not None:
        query = query.where(Unit.code.in_(list(codes)))
    return {row.code: row.name for row in await session.execute(query)}


async def put_units(session: AsyncSession, units: Sequence[dict[str, str]]) -> None:
    statement = upsert(Unit).values(list(units))
    await session.execute(
        statement.on_conflict_do_update(index_elements=[Unit.code], set_={"name": statement.excluded.name})
    )
