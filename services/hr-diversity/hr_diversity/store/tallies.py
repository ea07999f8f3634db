"""Statements on the registers of counts. An entry and the measure drawn from it have one key, "register/as_of/register-code"."""

from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import DrawnMeasure, Tally
from shared.errors import NotFound
from shared.paging import Page

Entry = tuple[Tally, DrawnMeasure]


class UnknownEntry(NotFound):
    slug = "unknown-entry"


async def lock_tally(session: AsyncSession, values: dict[str, Any]) -> tuple[Tally, DrawnMeasure | None]:
    """The entry, made as given where there is none, locked until the transaction ends; and its measure, None where it is new."""
    await session.execute(upsert(Tally).values(values).on_conflict_do_nothing())
    query = select(Tally).where(Tally.key == values["key"]).with_for_update()
    row = (await session.execute(query)).scalar_one()
    return row, await session.get(DrawnMeasure, row.key)


def _entries() -> Select[Tally, DrawnMeasure]:
    return select(Tally, DrawnMeasure).join(DrawnMeasure, DrawnMeasure.key == Tally.key)


async def get_tally(session: AsyncSession, register: str, code: str, as_of: date | None) -> Entry:
    """The latest not after `as_of`. Raises UnknownEntry."""
    query = _entries().where(Tally.register == register, Tally.code == code)
    if as_of is not None:
        query = query.where(Tally.as_of <= as_of)
    row = (await session.execute(query.order_by(Tally.as_of.desc()).limit(1))).first()
    if row is None:
        raise UnknownEntry(f"{code}: the register of {register} has no such entry until {as_of or 'today'}")
    return row[0], row[1]


async def list_overlapping(session: AsyncSession, tally: Tally, since: date | None) -> list[dict[str, Any]]:
    """What other entries of the code are published of that may count the same people: those of a time that has days in common with this
    one's where the register has a first day, else those of the same calendar year.
    """
    chosen = (
        Tally.register == tally.register,
        Tally.code == tally.code,
        Tally.key != tally.key,
        Tally.released.is_not(None),
    )
    time = Tally.as_of.between(date(tally.as_of.year, 1, 1), date(tally.as_of.year, 12, 31))
    if since is not None:
        time = (Tally.as_of >= since) & (Tally.released["since"].astext <= str(tally.as_of))
    query = select(Tally.released).where(*chosen, time)
    return [dict(released) for released in (await session.execute(query)).scalars() if released]


async def list_tallies(session: AsyncSession, register: str | None, page: Page) -> tuple[list[Entry], str | None]:
    """By key."""
    query = _entries().order_by(Tally.key).limit(page.limit + 1)
    if register is not None:
        query = query.where(Tally.register == register)
    if page.after is not None:
        query = query.where(Tally.key > str(page.after[0]))
    return page.cut([(row[0], row[1]) for row in await session.execute(query)], lambda entry: [entry[0].key])
