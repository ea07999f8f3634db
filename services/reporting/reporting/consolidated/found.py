"""What several documents share: the plan, its indicators and the units, and how a target is shown with its status."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.projections import status
from shared.errors import NotFound
from shared.events.indicators import IndicatorState, Phase, PlanState, UnitState
from shared.events.results import ResultState
from shared.figures import as_number

FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)

States = dict[tuple[str, str, str], ResultState]
"""(indicator, phase, place) -> the results of that target."""


class NoSuchPlan(NotFound):
    slug = "no-such-plan"


class NoSuchPhase(NotFound):
    slug = "no-such-phase"


class NoSuchMeasure(NotFound):
    slug = "no-such-measure"


@dataclass
class Found:
    """A plan (None where it is not known) as it stood at an instant, with its indicators, and all units."""

    plan: PlanState | None = None
    indicators: list[IndicatorState] = field(default_factory=list)
    units: dict[str, UnitState] = field(default_factory=dict)
    latest: datetime | None = None

    def named(self, unit: str) -> dict[str, str]:
        return {"unit": unit, "name": self.units[unit].name if unit in self.units else unit}


async def find(session: AsyncSession, plan_code: str, instant: datetime = FAR_FUTURE) -> Found:
    """What is known at `instant`."""
    found = Found()
    for row in await status.list_definitions(session, plan_code, instant):
        kind, _, key = row.aggregate.partition("/")
        found.latest = max(row.at, found.latest or row.at)
        if kind == "unit":
            found.units[key] = UnitState.model_validate(row.state)
        elif kind == "indicator":
            found.indicators.append(IndicatorState.model_validate(row.state))
        elif key == plan_code:
            found.plan = PlanState.model_validate(row.state)
    return found


def by_target(states: list[ResultState]) -> States:
    return {(state.indicator, state.phase, state.place): state for state in states}


def phase_of(plan: PlanState, code: str | None, indicators: list[IndicatorState]) -> Phase:
    """The phase that is named; without a name the last that has targets, else the last. Raises NoSuchPhase."""
    if code is None:
        aimed_at = {target.phase for indicator in indicators for target in indicator.targets}
        return next((phase for phase in reversed(plan.phases) if phase.code in aimed_at), plan.phases[-1])
    for phase in plan.phases:
        if phase.code == code:
            return phase
    raise NoSuchPhase(f"{plan.code} has no phase {code}; it has {', '.join(known.code for known in plan.phases)}")


def shown(row: rules.Row) -> dict[str, Any]:
    """A target with its status and the result that stands."""
    target, standing = row.target, row.standing
    stood = target.baseline or row.indicator.baseline
    return {
        "phase": target.phase,
        "place": target.place,
        "operator": target.operator,
        "value": None if target.value is None else as_number(target.value),
        "category": target.category,
        "text": target.text,
        "part_of": target.part_of,
        "baseline": stood.model_dump(mode="json", exclude_none=True) if stood else None,
        "status": row.status,
        "result": standing.model_dump(mode="json", exclude_none=True) if standing else None,
        "said": (standing.text or rules.said(standing, row.indicator.unit)) if standing else None,
    }
