"""All plans at a glance: what each is, where each of its phases stands, and how fresh that is."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.consolidated.found import phase_of
from reporting.models import position_of
from reporting.projections import status
from shared.events.indicators import IndicatorState, PlanState, Status

Statuses = dict[tuple[str, str, str], Status]


async def plans_known(session: AsyncSession) -> dict[str, Any]:
    """{"items": [...], "position"}: first the plans that have results, of them the one that most is done for."""
    position = await position_of(session)
    indicators: dict[str, list[IndicatorState]] = defaultdict(list)
    statuses: dict[str, Statuses] = defaultdict(dict)
    changed: dict[str, list[datetime]] = defaultdict(list)
    days: dict[str, list[str]] = defaultdict(list)
    for indicator in await status.list_indicators(session):
        indicators[indicator.plan].append(indicator)
    for row in await status.list_statuses(session):
        statuses[row.plan][row.indicator, row.phase, row.place] = row.status
        changed[row.plan].append(row.at)
        days[row.plan] += [row.as_of] if row.as_of else []
    items = [
        {
            **_plan(plan, indicators[plan.code], statuses[plan.code]),
            "changed_at": max(changed[plan.code]).isoformat() if changed[plan.code] else None,
            "latest_result": max(map(date.fromisoformat, days[plan.code])) if days[plan.code] else None,
        }
        for plan in await status.list_plans(session)
    ]
    return {"items": items, "position": position}


def _plan(plan: PlanState, indicators: list[IndicatorState], known: Statuses) -> dict[str, Any]:
    return {
        "code": plan.code,
        "title": plan.title,
        "version": plan.version,
        "starts": plan.starts,
        "ends": plan.ends,
        "predecessor": plan.predecessor,
        "areas": len(plan.areas),
        "indicators": len(indicators),
        "current_phase": phase_of(plan, None, indicators).code,
        "phases": [
            {
                "code": phase.code,
                "title": phase.title,
                "starts": phase.starts,
                "ends": phase.ends,
                "vocabulary": phase.vocabulary,
                "targets": rules.tally(
                    [
                        known.get((code, phase.code, place), "data_unavailable")
                        for code, place in rules.counted(indicators, phase.code)
                    ],
                    phase.vocabulary,
                ),
            }
            for phase in plan.phases
        ],
    }
