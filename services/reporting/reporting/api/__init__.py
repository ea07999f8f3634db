"""Routes: parse, one call, return. And what the views hold, for who compares them with the sources."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.api import parity as of_parity
from reporting.api import views
from reporting.projections import actions, parity, recommendations, registers, resources, status
from shared.operations import Head, digest

router = APIRouter()
for part in (views, of_parity):
    router.include_router(part.router)


async def list_heads(session: AsyncSession) -> AsyncIterator[Head]:
    """Version and digest of every aggregate as the views hold it."""
    for view in (status, actions, resources, recommendations, parity, registers):
        for row in await view.list_heads(session):
            yield Head(aggregate=row.aggregate, sequence=row.sequence, digest=digest(row.state))
