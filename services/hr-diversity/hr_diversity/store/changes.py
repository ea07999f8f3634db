"""Statements on the trail of the registers."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Change
from shared.paging import Page


async def list_changes(session: AsyncSession, aggregate: str, page: Page) -> tuple[list[Change], str | None]:
    """From the first on, by sequence."""
    query = select(Change).where(Change.aggregate == aggregate).order_by(Change.sequence).limit(page.limit + 1)
    if page.after is not None:
        query = query.where(Change.sequence > int(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.sequence])
