"""Commands that define: units, plans, indicators with their targets and custodians."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Indicator, Plan, Unit
from indicators.schemas import IndicatorDefinition, PlanDefinition, UnitDefinition
from shared.errors import Unprocessable, invalid
from shared.events.indicators import IndicatorDefined, PlanDefined, StatusRestated, UnitDefined
from shared.outbox import record
from shared.versions import check_version


class UnknownPlan(Unprocessable):
    slug = "unknown-plan"


async def define_unit(
    session: AsyncSession, code: str, given: UnitDefinition, if_match: int | None
) -> tuple[Unit, bool]:
    """The unit is as given; whether it is new. Defined as it is already, nothing happens."""
    unit = await store.find(session, Unit, code, lock=True)
    new = unit is None
    if unit is None:
        unit = Unit(key=code, sequence=0)
        session.add(unit)
    elif _same(unit, given.model_dump()):
        return unit, False
    else:
        check_version(unit, if_match)
    _set(unit, given.model_dump())
    await record(session, UnitDefined.model_validate(unit.state().model_dump()), unit)
    return unit, new


async def define_plan(
    session: AsyncSession, code: str, given: PlanDefinition, if_match: int | None
) -> tuple[Plan, bool]:
    """The plan is as given; whether it is new. Raises Unprocessable where its phases do not fit its period."""
    _check_plan(given)
    plan = await store.find(session, Plan, code, lock=True)
    new = plan is None
    columns = given.model_dump(mode="json") | {"starts": given.starts, "ends": given.ends}
    if plan is None:
        plan = Plan(key=code, sequence=0)
        session.add(plan)
    elif _same(plan, columns):
        return plan, False
    else:
        check_version(plan, if_match)
    _set(plan, columns)
    await record(session, PlanDefined.model_validate(plan.state().model_dump()), plan)
    return plan, new


def _check_plan(given: PlanDefinition) -> None:
    if given.ends < given.starts:
        raise invalid("#/ends", given.ends, "a plan ends after it starts")
    for place, phase in enumerate(given.phases):
        if not given.starts <= phase.starts <= phase.ends <= given.ends:
            raise invalid(
                f"#/phases/{place}/starts", phase.starts, "a phase lies within its plan and ends after it starts"
            )
    for name, codes in (("phases", [p.code for p in given.phases]), ("areas", [a.code for a in given.areas])):
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            raise invalid(f"#/{name}", twice, "stands there twice")


async def define_indicator(
    session: AsyncSession, plan_code: str, code: str, given: IndicatorDefinition, if_match: int | None
) -> tuple[Indicator, bool]:
    """The indicator is as given; whether it is new. Results recorded before are judged anew where their target changed."""
    plan = await store.find(session, Plan, plan_code)
    if plan is None:
        raise UnknownPlan(f"plan: there is no plan {plan_code}")
    _check_indicator(plan, given)
    indicator = await store.find(session, Indicator, f"{plan_code}/{code}", lock=True)
    new = indicator is None
    columns = given.model_dump(mode="json")
    if indicator is None:
        indicator = Indicator(key=f"{plan_code}/{code}", sequence=0, plan=plan_code, code=code)
        session.add(indicator)
    elif _same(indicator, columns):
        return indicator, False
    else:
        check_version(indicator, if_match)
    _set(indicator, columns)
    await record(session, IndicatorDefined.model_validate(indicator.state().model_dump()), indicator)
    if not new:
        await _judge_anew(session, plan, indicator)
    return indicator, new


def _check_indicator(plan: Plan, given: IndicatorDefinition) -> None:
    areas, phases = [a["code"] for a in plan.areas], [p["code"] for p in plan.phases]
    if given.area not in areas:
        raise invalid("#/area", given.area, f"must be an area of the plan: {', '.join(areas)}")
    places = [(target.phase, target.place) for target in given.targets]
    for place, target in enumerate(given.targets):
        here = f"#/targets/{place}"
        if target.phase not in phases:
            raise invalid(f"{here}/phase", target.phase, f"must be a phase of the plan: {', '.join(phases)}")
        if places.count((target.phase, target.place)) > 1:
            raise invalid(f"{here}/place", target.place, f"the phase {target.phase} has two targets for it")
        if target.part_of is not None and (target.phase, target.part_of) not in places:
            raise invalid(f"{here}/part_of", target.part_of, "there is no target for the whole in this phase")
        _check_operator(here, given, target.operator, target.model_dump())


def _check_operator(here: str, given: IndicatorDefinition, operator: str, target: dict[str, Any]) -> None:
    wanted = {"milestone": {"reached"}, "compound": {"all_of"}, "categorical": {"exactly"}}.get(
        given.kind, {"at_least", "at_most", "exactly"}
    )
    if operator not in wanted:
        raise invalid(f"{here}/operator", operator, f"a {given.kind} indicator takes {' or '.join(sorted(wanted))}")
    if given.kind in {"percentage", "count"} and target["value"] is None:
        raise invalid(f"{here}/value", None, "a number is needed")
    if given.kind == "categorical" and target["category"] not in (given.categories or []):
        raise invalid(f"{here}/category", target["category"], "must be one of the indicator's categories")
    if given.kind == "compound":
        for number, part in enumerate(target["parts"] or []):
            if (part["operator"] == "reached") == (part["value"] is not None) or part["operator"] == "all_of":
                raise invalid(
                    f"{here}/parts/{number}/value",
                    part["value"],
                    "a part is a milestone to reach, or a number with its operator",
                )
        if not target["parts"]:
            raise invalid(f"{here}/parts", target["parts"], "a compound target has parts")


async def _judge_anew(session: AsyncSession, plan: Plan, indicator: Indicator) -> None:
    state, phases = indicator.state(), {phase.code: phase for phase in plan.state().phases}
    for key in sorted(await store.lines_of(session, plan.key, [indicator.code])):
        line = await store.find_line(session, key, lock=True)
        target = rules.target_of(state, line.phase, line.place) if line else None
        if line is None or target is None:
            continue
        results = store.by_number((await store.rows_of(session, key))[key])
        standing = None if line.standing is None else results[line.standing]
        status = rules.judge(target, standing, phases[line.phase].vocabulary)
        if status != line.status:
            line.status = status
            await record(session, StatusRestated.model_validate(line.state(results).model_dump()), line)


def _same(row: Any, columns: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in columns.items())


def _set(row: Any, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
