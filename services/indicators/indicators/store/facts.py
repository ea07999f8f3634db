"""Everything that is known of plans, read together."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Claim, Indicator, Markers, Plan, Resources, Rule
from indicators.rules.contradictions import Facts
from indicators.store.lines import lines_with_results
from shared.events.resources import MarkersState, ResourcesState


async def facts_of(session: AsyncSession, plan: Plan) -> Facts:
    state = plan.state()
    indicators = select(Indicator).where(Indicator.plan == plan.key).order_by(Indicator.code)
    states = [row.state() for row in (await session.execute(indicators)).scalars()]
    lines = await lines_with_results(session, state, states)
    of_plan = [await _states(session, kind, plan.key) for kind in (Claim, Rule, Resources, Markers)]
    return Facts(state, lines, *of_plan)


async def money_of(session: AsyncSession, plan: str) -> tuple[list[MarkersState], list[ResourcesState]]:
    return await _states(session, Markers, plan), await _states(session, Resources, plan)


async def _states(session: AsyncSession, kind: Any, plan: str) -> list[Any]:
    statement = select(kind).where(kind.plan == plan).order_by(kind.key)
    return [row.state() for row in (await session.execute(statement)).scalars()]


async def list_all_plans(session: AsyncSession) -> list[Plan]:
    return list((await session.execute(select(Plan).order_by(Plan.key))).scalars())
