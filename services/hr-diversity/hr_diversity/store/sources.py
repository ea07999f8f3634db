"""Statements on the sources and how they lay out their files."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Source
from shared.errors import NotFound
from shared.paging import Page


class UnknownSource(NotFound):
    slug = "unknown-source"


async def lock_source(session: AsyncSession, key: str, at: datetime) -> Source:
    """The source, made with an empty declaration in version 0 where there is none, locked until the transaction ends."""
    values = {"key": key, "sequence": 0, "said": {}, "declared_at": at}
    await session.execute(upsert(Source).values(values).on_conflict_do_nothing())
    return (await session.execute(select(Source).where(Source.key == key).with_for_update())).scalar_one()


async def find_source(session: AsyncSession, key: str) -> Source | None:
    return await session.get(Source, key)


async def find_standing(session: AsyncSession, key: str) -> tuple[str | None, bool]:
    """What a source says of its figures, and whether they feed indicators."""
    said = (await session.execute(select(Source.said).where(Source.key == key))).scalar_one_or_none() or {}
    return said.get("note"), said.get("feeds_indicators", True)


async def get_source(session: AsyncSession, key: str) -> Source:
    """Raises UnknownSource."""
    row = await find_source(session, key)
    if row is None:
        raise UnknownSource(f"{key}: this source has no declaration; its files have our own columns")
    return row


async def list_sources(session: AsyncSession, page: Page) -> tuple[list[Source], str | None]:
    """By name."""
    query = select(Source).order_by(Source.key).limit(page.limit + 1)
    if page.after is not None:
        query = query.where(Source.key > str(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.key])
