"""Budget, expenditure and the gender-equality marker of a plan's phase."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.consolidated.found import NoSuchPlan, find, phase_of
from reporting.models import position_of
from reporting.projections import resources
from shared.events.resources import MarkersState, ResourcesState


async def resources_of(session: AsyncSession, plan_code: str, phase: str | None) -> dict[str, Any]:
    """Money by area and by source of funds, sums beside published totals; and each marker distribution. Without a phase: that of the status.

    Raises NoSuchPlan, NoSuchPhase.
    """
    position = await position_of(session)
    found = await find(session, plan_code)
    if (plan := found.plan) is None:
        raise NoSuchPlan(f"there is no plan {plan_code}")
    known = phase_of(plan, phase, found.indicators)
    money = [
        ResourcesState.model_validate(row) for row in await resources.list_resources(session, plan_code, known.code)
    ]
    spread = [MarkersState.model_validate(row) for row in await resources.list_markers(session, plan_code, known.code)]
    return {
        "plan": plan.code,
        "title": plan.title,
        "phase": known.code,
        "phase_title": known.title,
        "by_area": rules.resources.by_area(plan, money),
        "totals": rules.resources.totals(plan, money),
        "markers": [rules.resources.distribution(plan, one) for one in spread],
        "position": position,
    }
