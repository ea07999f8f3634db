"""Money and markers, by plan, phase and area."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Markers, Resources
from indicators.store.definitions import _page, find
from shared.errors import NotFound
from shared.paging import Page


class NoSuchResources(NotFound):
    slug = "no-such-resources"


class NoSuchMarkers(NotFound):
    slug = "no-such-markers"


async def get_resources(session: AsyncSession, plan: str, phase: str, area: str) -> Resources:
    found = await find(session, Resources, f"{plan}/{phase}/{area}")
    if found is None:
        raise NoSuchResources(f"there are no resources of the area {area} in the phase {phase} of the plan {plan}")
    return found


async def get_markers(session: AsyncSession, plan: str, phase: str, population: str, area: str | None) -> Markers:
    found = await find(session, Markers, f"{plan}/{phase}/{population}/{area or '-'}")
    if found is None:
        where = f"the area {area}" if area else "the whole plan"
        raise NoSuchMarkers(f"there are no markers of {population} for {where} in the phase {phase} of the plan {plan}")
    return found


async def list_resources(
    session: AsyncSession, plan: str, page: Page, *, phase: str | None = None
) -> tuple[list[Resources], str | None]:
    return await _page(session, _of(Resources, plan, phase), Resources.key, page)


async def list_markers(
    session: AsyncSession, plan: str, page: Page, *, phase: str | None = None
) -> tuple[list[Markers], str | None]:
    return await _page(session, _of(Markers, plan, phase), Markers.key, page)


def _of(kind: Any, plan: str, phase: str | None) -> Any:
    statement = select(kind).where(kind.plan == plan)
    return statement if phase is None else statement.where(kind.phase == phase)
