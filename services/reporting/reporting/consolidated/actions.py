"""What is being done: the actions of a plan, in words that need no other document."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting.consolidated.found import Found, NoSuchPlan, find
from reporting.models import position_of
from reporting.projections import actions


async def actions_of(session: AsyncSession, plan_code: str, kind: str | None, *, only_open: bool) -> dict[str, Any]:
    """The plan's actions, those due first before the rest, with the names of units and indicators. Raises NoSuchPlan."""
    position = await position_of(session)
    found = await find(session, plan_code)
    if found.plan is None:
        raise NoSuchPlan(f"there is no plan {plan_code}")
    titles = {indicator.code: indicator.title for indicator in found.indicators}
    items = [
        {
            **named(state, found),
            "serves": [{"code": code, "title": titles.get(code, code)} for code in state["indicators"]],
        }
        for state in await actions.list_of_plan(session, plan_code, kind, only_open=only_open)
    ]
    return {"items": items, "total": len(items), "position": position}


def named(state: dict[str, Any], found: Found) -> dict[str, Any]:
    """An action as it stands, with the names of its custodians."""
    return {**state, "responsible": [found.named(unit) for unit in state["custodians"]]}
