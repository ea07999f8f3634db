"""The consolidated status of a plan's phase, and its indicators in short."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.consolidated.found import FAR_FUTURE, NoSuchPlan, by_target, find, phase_of, shown
from reporting.models import position_of
from reporting.projections import status
from shared import clock
from shared.events.results import ResultState

FAR_PAST = datetime(1, 1, 2, tzinfo=UTC)


async def status_of(session: AsyncSession, plan_code: str, phase: str | None, as_of: datetime | None) -> dict[str, Any]:
    """The consolidated status of one phase of a plan, now or as it was known at an instant. Without a phase: the last with targets.

    Raises NoSuchPlan (also where it was not known yet), NoSuchPhase.
    """
    instant = (
        FAR_FUTURE if as_of is None else min(max(as_of, FAR_PAST), FAR_FUTURE)
    )  # beyond, another zone has no such date
    position = await position_of(session)
    found = await find(session, plan_code, instant)
    states = await status.list_states(session, plan_code, instant)
    if found.plan is None:
        when = f" at {as_of.isoformat()}" if as_of else ""
        raise NoSuchPlan(f"no plan {plan_code} was known{when}" if as_of else f"there is no plan {plan_code}")
    code = phase_of(found.plan, phase, found.indicators).code
    known = by_target([ResultState.model_validate(row.state) for row in states])
    rows = rules.rows_of(found.indicators, known, code)
    latest = max([row.at for row in states] + [found.latest or clock.now()])
    return {
        **rules.consolidate(found.plan, code, rows, found.units),
        "as_of": (as_of or latest).isoformat(),
        "position": position,
    }


async def indicators_of(session: AsyncSession, plan_code: str, phase: str | None) -> dict[str, Any]:
    """Every indicator of a plan with the status of its targets, short: {"items": [...], "position"}. Raises NoSuchPlan."""
    position = await position_of(session)
    found = await find(session, plan_code)
    states = await status.list_states(session, plan_code, FAR_FUTURE)
    if found.plan is None:
        raise NoSuchPlan(f"there is no plan {plan_code}")
    order = {area.code: number for number, area in enumerate(found.plan.areas)}
    known = by_target([ResultState.model_validate(row.state) for row in states])
    phases = [one.code for one in found.plan.phases if phase in {None, one.code}]
    items = [
        {
            "code": indicator.code,
            "title": indicator.title,
            "area": indicator.area,
            "kind": indicator.kind,
            "unit": indicator.unit,
            "custodians": [found.named(code) for code in indicator.custodians],
            "targets": [shown(row) for code in phases for row in rules.rows_of([indicator], known, code)],
        }
        for indicator in sorted(found.indicators, key=lambda one: (order.get(one.area, len(order)), one.code))
    ]
    return {"items": [item for item in items if item["targets"]], "position": position}
