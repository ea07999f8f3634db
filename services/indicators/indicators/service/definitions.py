"""Commands that define: units, plans, indicators with their targets and custodians."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Indicator, Plan, Unit
from indicators.schemas.definitions import IndicatorDefinition, PlanDefinition, TargetDefinition, UnitDefinition
from indicators.service import stating
from indicators.service.custody import check_units
from shared import clock
from shared.errors import FieldError, Unprocessable, invalid
from shared.events.indicators import Custodianship, IndicatorDefined, PlanDefined, UnitDefined
from shared.events.results import StatusRestated
from shared.versions import check_version, refuse_version_of_nothing


class UnknownPlan(Unprocessable):
    slug = "unknown-plan"


async def define_unit(
    session: AsyncSession, code: str, given: UnitDefinition, if_match: int | None
) -> tuple[Unit, bool]:
    """The unit is as given; whether it is new. Defined as it is already, nothing happens.

    Raises Unprocessable where its parent is absent or below it.
    """
    await _check_parent(session, code, given.parent)
    await _check_successor(session, code, given)
    columns = store.definitions.columns_of(Unit, given)
    unit = await store.definitions.claim(session, Unit, code)
    new = unit is None
    if unit is None:
        refuse_version_of_nothing(code, if_match)
        unit = Unit(key=code, sequence=0)
        session.add(unit)
    elif _same(unit, columns):
        return unit, False
    else:
        check_version(unit, if_match)
    _set(unit, columns)
    await stating.state(session, UnitDefined.model_validate(unit.state().model_dump()), unit)
    return unit, new


async def _check_parent(session: AsyncSession, code: str, parent: str | None) -> None:
    above, passed = parent, set[str]()
    while above is not None and above not in passed:
        passed.add(above)
        unit = await store.definitions.find(session, Unit, above)
        if unit is None:
            raise invalid("#/parent", parent, "there is no such unit")
        if above == code:
            raise invalid("#/parent", parent, f"{code} would be above itself")
        above = unit.parent


async def _check_successor(session: AsyncSession, code: str, given: UnitDefinition) -> None:
    if given.since is not None and given.until is not None and given.until < given.since:
        raise invalid("#/until", given.until, "a unit ends after it begins")
    if given.succeeded_by == code:
        raise invalid("#/succeeded_by", code, "a unit cannot succeed itself")
    if given.succeeded_by is not None and await store.definitions.find(session, Unit, given.succeeded_by) is None:
        raise invalid("#/succeeded_by", given.succeeded_by, "there is no such unit")


async def define_plan(
    session: AsyncSession, code: str, given: PlanDefinition, if_match: int | None
) -> tuple[Plan, bool]:
    """The plan is as given; whether it is new. Where a phase has another vocabulary, its targets' statuses have other words.

    Raises Unprocessable where its phases do not fit its period, or where a phase or area is gone that an indicator is of.
    """
    _check_plan(given)
    plan = await store.definitions.claim(session, Plan, code)
    new = plan is None
    columns = store.definitions.columns_of(Plan, given)
    if plan is None:
        refuse_version_of_nothing(code, if_match)
        plan = Plan(key=code, sequence=0)
        session.add(plan)
    elif _same(plan, columns):
        return plan, False
    else:
        check_version(plan, if_match)
    indicators = [] if new else await store.definitions.claim_indicators(session, code)
    _check_in_use(given, indicators)
    _set(plan, columns)
    await stating.state(session, PlanDefined.model_validate(plan.state().model_dump()), plan)
    for indicator in indicators:
        await _judge_anew(session, plan, indicator)
    return plan, new


def _check_plan(given: PlanDefinition) -> None:
    if given.ends < given.starts:
        raise invalid("#/ends", given.ends, "a plan ends after it starts")
    for place, phase in enumerate(given.phases):
        if not given.starts <= phase.starts <= phase.ends <= given.ends:
            raise invalid(
                f"#/phases/{place}/starts", phase.starts, "a phase lies within its plan and ends after it starts"
            )
    for name, codes in (
        ("phases", [p.code for p in given.phases]),
        ("areas", [a.code for a in given.areas]),
        ("rounds", [r.code for r in given.rounds]),
    ):
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            raise invalid(f"#/{name}", twice, "stands there twice")
    _check_references(given)
    _check_tree(given)


def _check_references(given: PlanDefinition) -> None:
    phases = [phase.code for phase in given.phases]
    for place, published in enumerate(given.published):
        if published.phase not in phases:
            raise invalid(f"#/published/{place}/phase", published.phase, f"must be one of {', '.join(phases)}")
    for place, one in enumerate(given.rounds):
        if one.phase not in phases:
            raise invalid(f"#/rounds/{place}/phase", one.phase, f"must be one of {', '.join(phases)}")
        if one.due < one.as_of:
            raise invalid(f"#/rounds/{place}/due", one.due, "figures cannot be due before the day that they are of")


def _check_tree(given: PlanDefinition) -> None:
    parents = {area.code: area.parent for area in given.areas}
    for place, area in enumerate(given.areas):
        above, passed = area.parent, {area.code}
        while above is not None:
            if above not in parents:
                raise invalid(f"#/areas/{place}/parent", area.parent, "must be an area of the plan")
            if above in passed:
                raise invalid(f"#/areas/{place}/parent", area.parent, f"{area.code} would be above itself")
            passed.add(above)
            above = parents[above]


def _check_in_use(given: PlanDefinition, indicators: list[Indicator]) -> None:
    phases, areas = {phase.code for phase in given.phases}, {area.code for area in given.areas}
    for indicator in indicators:
        if indicator.area not in areas:
            raise invalid("#/areas", sorted(areas), f"{indicator.area} is the area of {indicator.code}")
        used = {part["phase"] for part in [*indicator.targets, *indicator.earlier]}
        if not used <= phases:
            raise invalid("#/phases", sorted(phases), f"{indicator.code} has targets in {min(used - phases)}")


async def define_indicator(
    session: AsyncSession, plan_code: str, code: str, given: IndicatorDefinition, if_match: int | None
) -> tuple[Indicator, bool]:
    """The indicator is as given; whether it is new. Results recorded before are judged anew where their target changed."""
    plan = await store.definitions.find_plan_held(session, plan_code)
    if plan is None:
        detail = f"there is no plan {plan_code}"
        raise UnknownPlan(f"plan: {detail}", errors=[FieldError(parameter="plan", value=plan_code, detail=detail)])
    _check_indicator(plan, given)
    indicator = await store.definitions.claim(session, Indicator, f"{plan_code}/{code}")
    today = rules.calendar.day_in(clock.now(), plan.timezone)
    before, now = ([], plan.starts) if indicator is None else (indicator.custodians, min(today, plan.ends))
    days = (now, plan.ends if indicator is None else now)
    await check_units(session, given.custodians, "#/custodians", set(given.custodians) - set(before), days)
    new = indicator is None
    columns = store.definitions.columns_of(Indicator, given)
    if indicator is None:
        refuse_version_of_nothing(f"{plan_code}/{code}", if_match)
        indicator = Indicator(key=f"{plan_code}/{code}", sequence=0, plan=plan_code, code=code)
        session.add(indicator)
    elif _same(indicator, columns):
        return indicator, False
    else:
        check_version(indicator, if_match)
    _set(indicator, columns)
    kept = [Custodianship.model_validate(one) for one in indicator.custodianships or []]
    custody = rules.custody.hand_over(kept, given.custodians, today)
    indicator.custodianships = [one.model_dump(mode="json") for one in custody]
    await stating.state(session, IndicatorDefined.model_validate(indicator.state().model_dump()), indicator)
    if not new:
        await _judge_anew(session, plan, indicator)
    return indicator, new


def _check_indicator(plan: Plan, given: IndicatorDefinition) -> None:
    areas, phases = [a["code"] for a in plan.areas], {p["code"]: p["vocabulary"] for p in plan.phases}
    if given.area not in areas:
        raise invalid("#/area", given.area, f"must be an area of the plan: {', '.join(areas)}")
    if given.fed_by is not None and given.kind not in {"percentage", "count"}:
        detail = f"a measure is a percentage or a count, and this is a {given.kind} indicator"
        raise invalid("#/fed_by", given.fed_by, detail)
    _check_coherence(given)
    places = [(target.phase, target.place) for target in given.targets]
    for place, target in enumerate(given.targets):
        here = f"#/targets/{place}"
        if target.phase not in phases:
            raise invalid(f"{here}/phase", target.phase, f"must be a phase of the plan: {', '.join(phases)}")
        if places.count((target.phase, target.place)) > 1:
            raise invalid(f"{here}/place", target.place, f"the phase {target.phase} has two targets for it")
        if target.part_of is not None and (
            (target.phase, target.part_of) not in places or target.part_of == target.place
        ):
            raise invalid(f"{here}/part_of", target.part_of, "there is no target for the whole in this phase")
        _check_target(here, given, target)
    for place, earlier in enumerate(given.earlier):
        if earlier.phase not in phases:
            raise invalid(
                f"#/earlier/{place}/phase", earlier.phase, f"must be a phase of the plan: {', '.join(phases)}"
            )
        if earlier.status not in rules.status.WORDS[phases[earlier.phase]]:
            raise invalid(f"#/earlier/{place}/status", earlier.status, f"is no word of the phase {earlier.phase}")


def _check_coherence(given: IndicatorDefinition) -> None:
    """A percentage is a share of one whole: no sum, and within 0 and 100 (a rise of 150 per cent is a quantity)."""
    if given.kind != "percentage":
        return
    for name in ("places", "periods"):
        if given.aggregation is not None and getattr(given.aggregation, name) == "sum":
            raise invalid(f"#/aggregation/{name}", "sum", "percentages are not added up; use ratio, latest or none")
    for name in ("minimum", "maximum"):
        bound = getattr(given, name)
        if bound is not None and not 0 <= bound <= rules.status.HUNDRED:
            raise invalid(f"#/{name}", bound, "a percentage is a share and lies within 0 and 100")


def _check_target(here: str, given: IndicatorDefinition, target: TargetDefinition) -> None:
    operators, wanted = _OF_KIND[given.kind]
    if target.operator not in operators:
        raise invalid(f"{here}/operator", target.operator, f"a {given.kind} indicator takes {' or '.join(operators)}")
    if target.operator in _AGAINST[given.direction]:
        raise invalid(f"{here}/operator", target.operator, f"contradicts the indicator's direction, {given.direction}")
    if target.operator in DIRECTIONS:
        wanted = None
    for name in ("value", "category", "parts"):
        said = getattr(target, name)
        if name == wanted and not said and said != 0:
            raise invalid(f"{here}/{name}", said, f"a {given.kind} indicator needs it")
        if name != wanted and said is not None:
            raise invalid(f"{here}/{name}", said, f"does not belong to a {given.kind} indicator")
    if wanted == "category" and target.category not in (given.categories or []):
        raise invalid(f"{here}/category", target.category, "must be one of the indicator's categories")
    highest = rules.status.HUNDRED if given.kind == "percentage" else target.value
    if target.value is not None and highest is not None and not 0 <= target.value <= highest:
        raise invalid(f"{here}/value", target.value, f"no {given.kind} can be that")
    _check_parts(here, target)


_NUMBERS = ("at_least", "at_most", "exactly")
DIRECTIONS = ("increases", "decreases")
_AGAINST = {"up": ("at_most", "decreases"), "down": ("at_least", "increases")}
_OF_KIND: dict[str, tuple[tuple[str, ...], str | None]] = {
    "percentage": ((*_NUMBERS, *DIRECTIONS), "value"),
    "count": ((*_NUMBERS, *DIRECTIONS), "value"),
    "quantity": ((*_NUMBERS, *DIRECTIONS), "value"),
    "milestone": (("reached",), None),
    "categorical": (("exactly",), "category"),
    "ordinal": (("at_least", "exactly"), "category"),
    "compound": (("all_of",), "parts"),
}


def _check_parts(here: str, target: TargetDefinition) -> None:
    names = [part.name for part in target.parts or []]
    for number, part in enumerate(target.parts or []):
        if (part.operator == "reached") == (part.value is not None) or part.operator == "all_of":
            detail = "a part is a milestone to reach, or a number with its operator"
            raise invalid(f"{here}/parts/{number}/value", part.value, detail)
        if names.count(part.name) > 1:
            raise invalid(f"{here}/parts/{number}/name", part.name, "stands there twice")


async def _judge_anew(session: AsyncSession, plan: Plan, indicator: Indicator) -> None:
    state, phases = indicator.state(), {phase.code: phase for phase in plan.state().phases}
    for key in sorted(await store.results.lines_of(session, plan.key, [indicator.code])):
        line = await store.results.find_line(session, key, lock=True)
        target = rules.status.target_of(state, line.phase, line.place) if line else None
        if line is None or target is None:
            continue
        results = store.results.by_number((await store.results.rows_of(session, key))[key])
        standing = None if line.standing is None else results[line.standing]
        status = rules.status.judge(state, target, standing, phases[line.phase].vocabulary)
        if status != line.status:
            line.status = status
            await stating.state(session, StatusRestated.model_validate(line.state(results).model_dump()), line)


def _same(row: Any, columns: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in columns.items())


def _set(row: Any, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)
