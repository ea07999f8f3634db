"""Statements on inputs and policies of representation, and on what was published by them."""

from datetime import date
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import RangeInputs, RangePolicy, Representation
from hr_diversity.store.measures import lock_series
from shared.errors import NotFound

Edition = TypeVar("Edition", RangeInputs, RangePolicy)


class UnknownInputs(NotFound):
    slug = "unknown-inputs"


class UnknownPolicy(NotFound):
    slug = "unknown-policy"


class NoRepresentation(NotFound):
    slug = "representation-not-drawn"


async def lock_all(session: AsyncSession) -> None:
    """Until the transaction ends no policy changes and no table is drawn: either sees what the other did."""
    await lock_series(session, "representation")


async def lock_edition(session: AsyncSession, kind: type[Edition], code: str, effective_from: date) -> Edition:
    """Locked until the transaction ends; made with sequence 0 where there was none."""
    key = f"{code}/{effective_from}"
    values = {"key": key, "sequence": 0, "code": code, "effective_from": effective_from, "said": {}}
    await session.execute(upsert(kind).values(values).on_conflict_do_nothing())
    return (await session.execute(select(kind).where(kind.key == key).with_for_update())).scalar_one()


async def find_edition(session: AsyncSession, kind: type[Edition], code: str, day: date | None) -> Edition | None:
    """That in force on the day, or the latest."""
    query = select(kind).where(kind.code == code).order_by(kind.effective_from.desc()).limit(1)
    if day is not None:
        query = query.where(kind.effective_from <= day)
    return (await session.execute(query)).scalar_one_or_none()


async def list_editions(session: AsyncSession, kind: type[Edition]) -> list[Edition]:
    """By code, the latest first."""
    query = select(kind).order_by(kind.code, kind.effective_from.desc())
    return list((await session.execute(query)).scalars())


async def list_tables(
    session: AsyncSession, source: str, as_of: date, most: int, *, later: bool = False
) -> list[Representation]:
    """What is published for the days nearest to this one, the nearest first: up to it, or after it."""
    side = Representation.as_of > as_of if later else Representation.as_of <= as_of
    order = Representation.as_of if later else Representation.as_of.desc()
    query = select(Representation).where(Representation.source == source, side).order_by(order).limit(most)
    return list((await session.execute(query)).scalars())


async def list_tables_from(session: AsyncSession, since: date, most: int) -> list[Representation]:
    """Of all sources, the latest first, locked."""
    query = select(Representation).where(Representation.as_of >= since).order_by(Representation.as_of.desc())
    return list((await session.execute(query.limit(most).with_for_update())).scalars())


async def get_table(session: AsyncSession, as_of: date | None, source: str | None) -> Representation:
    """The latest not after `as_of`; of several sources of one day the one drawn last. Raises NoRepresentation."""
    query = select(Representation).order_by(Representation.as_of.desc(), Representation.drawn_at.desc()).limit(1)
    if as_of is not None:
        query = query.where(Representation.as_of <= as_of)
    if source is not None:
        query = query.where(Representation.source == source)
    row = (await session.execute(query)).scalar_one_or_none()
    if row is None:
        raise NoRepresentation(f"no snapshot{f' of {source}' if source else ''} until {as_of or 'today'} was published")
    return row


async def put_table(session: AsyncSession, values: dict[str, Any]) -> None:
    await session.execute(
        upsert(Representation).values(values).on_conflict_do_update(index_elements=["key"], set_=values)
    )
