"""What the API answers, composed from the views' rows: the consolidated status of a plan, and the card of an indicator."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from reporting import rules
from reporting.models import position_of
from reporting.projections import actions, status
from shared import clock
from shared.errors import NotFound
from shared.events.indicators import IndicatorState, PlanState, UnitState
from shared.events.results import ResultState
from shared.figures import as_number

FAR_PAST, FAR_FUTURE = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)


class NoSuchPlan(NotFound):
    slug = "no-such-plan"


class NoSuchPhase(NotFound):
    slug = "no-such-phase"


class NoSuchIndicator(NotFound):
    slug = "no-such-indicator"


async def status_of(session: AsyncSession, plan_code: str, phase: str | None, as_of: datetime | None) -> dict[str, Any]:
    """The consolidated status of one phase of a plan, now or as it was known at an instant. Without a phase: the plan's last.

    Raises NoSuchPlan (also where it was not known yet), NoSuchPhase.
    """
    instant = (
        FAR_FUTURE if as_of is None else min(max(as_of, FAR_PAST), FAR_FUTURE)
    )  # beyond, another zone has no such date
    position = await position_of(session)
    found = await status.list_definitions(session, plan_code, instant)
    states = await status.list_states(session, plan_code, instant)
    plan, indicators, units = _sort(found, plan_code)
    if plan is None:
        when = f" at {as_of.isoformat()}" if as_of else ""
        raise NoSuchPlan(f"no plan {plan_code} was known{when}" if as_of else f"there is no plan {plan_code}")
    code = phase or plan.phases[-1].code
    if code not in {known.code for known in plan.phases}:
        raise NoSuchPhase(f"{plan_code} has no phase {code}; it has {', '.join(known.code for known in plan.phases)}")
    by_target = {
        (state.indicator, state.phase, state.place): state
        for state in (ResultState.model_validate(row.state) for row in states)
    }
    rows = rules.rows_of(indicators, by_target, code)
    latest = max((row.at for row in (*found, *states)), default=clock.now())
    return {
        **rules.consolidate(plan, code, rows, units),
        "as_of": (as_of or latest).isoformat(),
        "position": position,
    }


def _sort(found: list[Any], plan_code: str) -> tuple[PlanState | None, list[IndicatorState], dict[str, UnitState]]:
    plan, indicators, units = None, [], {}
    for row in found:
        kind, _, key = row.aggregate.partition("/")
        if kind == "unit":
            units[key] = UnitState.model_validate(row.state)
        elif kind == "indicator":
            indicators.append(IndicatorState.model_validate(row.state))
        elif key == plan_code:
            plan = PlanState.model_validate(row.state)
    return plan, indicators, units


async def indicators_of(session: AsyncSession, plan_code: str, phase: str | None) -> dict[str, Any]:
    """Every indicator of a plan with the status of its targets, short: {"items": [...], "position"}."""
    position = await position_of(session)
    found = await status.list_definitions(session, plan_code, FAR_FUTURE)
    states = await status.list_states(session, plan_code, FAR_FUTURE)
    plan, indicators, units = _sort(found, plan_code)
    if plan is None:
        raise NoSuchPlan(f"there is no plan {plan_code}")
    order = {area.code: number for number, area in enumerate(plan.areas)}
    by_target = {
        (state.indicator, state.phase, state.place): state
        for state in (ResultState.model_validate(row.state) for row in states)
    }
    items = [
        {
            "code": indicator.code,
            "title": indicator.title,
            "area": indicator.area,
            "custodians": [_named(code, units) for code in indicator.custodians],
            "targets": [_target(row) for row in _rows(plan, indicator, by_target) if phase in {None, row.target.phase}],
        }
        for indicator in sorted(indicators, key=lambda one: (order.get(one.area, len(order)), one.code))
    ]
    return {"items": [item for item in items if item["targets"]], "position": position}


def _rows(plan: PlanState, indicator: IndicatorState, by_target: dict[tuple[str, str, str], Any]) -> list[rules.Row]:
    return [row for phase in plan.phases for row in rules.rows_of([indicator], by_target, phase.code)]


def _named(code: str, units: dict[str, UnitState]) -> dict[str, str]:
    return {"unit": code, "name": units[code].name if code in units else code}


def _target(row: rules.Row) -> dict[str, Any]:
    target, standing = row.target, row.standing
    return {
        "phase": target.phase,
        "place": target.place,
        "operator": target.operator,
        "value": None if target.value is None else as_number(target.value),
        "text": target.text,
        "part_of": target.part_of,
        "status": row.status,
        "result": standing.model_dump(mode="json", exclude_none=True) if standing else None,
        "said": (standing.text or rules.said(standing)) if standing else None,
    }


async def card_of(session: AsyncSession, plan_code: str, code: str) -> dict[str, Any]:
    """An indicator's card: its state, its targets with status and the reason for it, their history, custodians and actions.

    Raises NoSuchIndicator.
    """
    position = await position_of(session)
    defined = await status.find_definition(session, f"indicator/{plan_code}/{code}")
    if defined is None:
        raise NoSuchIndicator(f"there is no indicator {code} in the plan {plan_code}")
    indicator = IndicatorState.model_validate(defined.state)
    plan, _, units = _sort(await status.list_definitions(session, plan_code, FAR_FUTURE), plan_code)
    versions = await status.list_history(session, plan_code, code)
    states = {row.aggregate: ResultState.model_validate(row.state) for row in versions}
    by_target = {(state.indicator, state.phase, state.place): state for state in states.values()}
    rows = _rows(plan, indicator, by_target) if plan else []
    areas = {area.code: area.title for area in plan.areas} if plan else {}
    return {
        "plan": plan_code,
        "code": code,
        "title": indicator.title,
        "area": indicator.area,
        "area_title": areas.get(indicator.area, indicator.area),
        "kind": indicator.kind,
        "unit": indicator.unit,
        "fed_by": indicator.fed_by,
        "custodians": [_named(unit, units) for unit in indicator.custodians],
        "state": [_target(row) for row in rows],
        "why": [_why(row, versions) for row in rows],
        "history": [_version(row) for row in sorted(versions, key=lambda row: (row.at, row.aggregate, row.sequence))],
        "earlier": [earlier.model_dump(mode="json") for earlier in indicator.earlier],
        "actions": await actions.list_of_indicator(session, plan_code, code),
        "provenance": indicator.provenance.model_dump(exclude_none=True) if indicator.provenance else None,
        "version": defined.sequence,
        "position": position,
    }


def _version(row: Any) -> dict[str, Any]:
    """One entry of the history: what was stated when, and what the status was from then on."""
    state = ResultState.model_validate(row.state)
    return {
        "phase": state.phase,
        "place": state.place,
        "at": row.at.isoformat(),
        "event": row.type,
        "status": state.status,
        "result": state.changed.model_dump(mode="json", exclude_none=True),
        "said": state.changed.text or rules.said(state.changed),
        **{name: value for name, value in row.cause.items() if name == "actor"},
    }


def _why(row: rules.Row, versions: list[Any]) -> dict[str, Any]:
    """The chain that led to a target's status: the sentence, what the result is derived from, and the events that stated it."""
    key = f"result/{row.indicator.plan}/{row.indicator.code}/{row.target.phase}/{row.target.place}"
    standing = row.standing
    derived = standing.derived_from if standing else None
    return {
        "phase": row.target.phase,
        "place": row.target.place,
        "status": row.status,
        "because": rules.sentence(row),
        "derived_from": derived.model_dump(mode="json") if derived else None,
        "events": [
            {"type": version.type, "at": version.at.isoformat(), "status": version.status, **version.cause}
            for version in versions
            if version.aggregate == key
        ],
    }
