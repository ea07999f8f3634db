"""Statements on who saw figures that others do not see."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Disclosure
from shared.paging import Page


async def list_disclosures(session: AsyncSession, page: Page) -> tuple[list[Disclosure], str | None]:
    """Newest first by their ids, which sort by time of making."""
    query = select(Disclosure).order_by(Disclosure.id.desc()).limit(page.limit + 1)
    if page.after is not None:
        query = query.where(Disclosure.id < str(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.id])
