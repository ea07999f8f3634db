"""Commands on money and markers: what an area had and spent, how results are distributed over the marker's levels."""

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import store
from indicators.models import Markers, Plan, Resources
from indicators.schemas.resources import MarkersDefinition, ResourcesDefinition
from indicators.service.defining import define_row, unknown
from shared.errors import invalid
from shared.events.resources import MarkersReported, ResourcesReported


async def report_resources(
    session: AsyncSession, plan: str, phase: str, area: str, given: ResourcesDefinition, if_match: int | None
) -> tuple[Resources, bool]:
    """Budget and expenditure of the area are as given; whether they are new.

    Raises Unprocessable where plan, phase or area is absent, or a source of funds stands twice.
    """
    await _check(session, plan, phase, area)
    sources = [line.source for line in given.lines]
    for place, source in enumerate(sources):
        if source in sources[:place]:
            raise invalid(f"#/lines/{place}/source", source, "stands there twice")
    identity = {"plan": plan, "phase": phase, "area": area}
    columns = store.definitions.columns_of(Resources, given)
    return await define_row(session, Resources, identity, columns, if_match, ResourcesReported)


async def report_markers(
    session: AsyncSession,
    plan: str,
    phase: str,
    population: str,
    area: str | None,
    given: MarkersDefinition,
    if_match: int | None,
) -> tuple[Markers, bool]:
    """The distribution over the marker's levels is as given; whether it is new.

    Raises Unprocessable where plan, phase or area is absent, or a level stands twice or says nothing.
    """
    await _check(session, plan, phase, area)
    levels = [level.level for level in given.levels]
    for place, level in enumerate(given.levels):
        if level.level in levels[:place]:
            raise invalid(f"#/levels/{place}/level", level.level, "stands there twice")
        if level.count is None and level.share is None and level.expenditure is None:
            raise invalid(f"#/levels/{place}", level.level, "a level has a count, a share or an expenditure")
    identity = {"plan": plan, "phase": phase, "population": population, "area": area}
    columns = store.definitions.columns_of(Markers, given)
    return await define_row(session, Markers, identity, columns, if_match, MarkersReported)


async def _check(session: AsyncSession, plan: str, phase: str, area: str | None) -> None:
    found = await get_plan_held(session, plan)
    phases, areas = [one["code"] for one in found.phases], [one["code"] for one in found.areas]
    if phase not in phases:
        raise unknown("phase", phase, f"must be a phase of the plan: {', '.join(phases)}")
    if area is not None and area not in areas:
        raise unknown("area", area, f"must be an area of the plan: {', '.join(areas)}")


async def get_plan_held(session: AsyncSession, code: str) -> Plan:
    """The plan, standing still until the transaction ends. Raises Unprocessable where it is absent."""
    found = await store.definitions.find_plan_held(session, code)
    if found is None:
        raise unknown("plan", code, f"there is no plan {code}")
    return found
