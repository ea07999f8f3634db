"""Commands on published claims and on rules between values. What they are about must exist."""

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import store
from indicators.models import Claim, Indicator, Plan, Rule
from indicators.schemas.claims import ClaimDefinition, RuleDefinition, TermDefinition
from indicators.service.defining import define_row
from indicators.service.resources import get_plan_held
from shared.errors import invalid
from shared.events.claims import ClaimPublished, RuleDefined


async def publish_claim(
    session: AsyncSession, plan_code: str, code: str, given: ClaimDefinition, if_match: int | None
) -> tuple[Claim, bool]:
    """The claim is recorded as given; whether it is new. It changes nothing that is computed.

    Raises Unprocessable where what it is about is absent, or where it says nothing that could be compared.
    """
    plan = await get_plan_held(session, plan_code)
    _check_claim(plan, given)
    if given.indicator is not None:
        found = await store.claims.indicators_held(session, plan_code, [given.indicator])
        _check_target("#", found.get(given.indicator), given.indicator, given.phase, given.place, plan_code)
    columns = store.definitions.columns_of(Claim, given)
    return await define_row(session, Claim, {"plan": plan_code, "code": code}, columns, if_match, ClaimPublished)


def _check_claim(plan: Plan, given: ClaimDefinition) -> None:
    phases, areas = [one["code"] for one in plan.phases], [one["code"] for one in plan.areas]
    if given.phase is not None and given.phase not in phases:
        raise invalid("#/phase", given.phase, f"must be a phase of the plan: {', '.join(phases)}")
    if given.area is not None and given.area not in areas:
        raise invalid("#/area", given.area, f"must be an area of the plan: {', '.join(areas)}")
    if given.status is not None and (given.indicator is None or given.phase is None):
        name = "indicator" if given.indicator is None else "phase"
        raise invalid(f"#/{name}", None, "a status is of an indicator's target in a phase")
    if (given.numerator is None) != (given.denominator is None):
        name = "numerator" if given.numerator is None else "denominator"
        raise invalid(f"#/{name}", None, "numerator and denominator go together")
    if given.denominator == 0:
        raise invalid("#/denominator", 0, "nothing is a share of nothing")


def _check_target(
    here: str, indicator: Indicator | None, code: str, phase: str | None, place: str | None, plan: str
) -> None:
    """The indicator has a target there, or is broken down by such places. `region:*` needs one region at least."""
    if indicator is None:
        raise invalid(f"{here}/indicator", code, f"there is no such indicator in the plan {plan}")
    targets = indicator.state().targets
    if phase is not None and phase not in {target.phase for target in targets}:
        raise invalid(f"{here}/phase", phase, f"{code} has no target in this phase")
    kind, _, name = (place or "global").partition(":")
    declared = [f"{d.code}:{c}" for d in indicator.state().disaggregation for c in d.categories]
    known = [target.place for target in targets if phase in (None, target.phase)] + declared
    if place is None or place in known or (name == "*" and any(one.startswith(f"{kind}:") for one in known)):
        return
    raise invalid(f"{here}/place", place, f"{code} has a target at {', '.join(dict.fromkeys(known))}")


async def define_rule(
    session: AsyncSession, plan_code: str, code: str, given: RuleDefinition, if_match: int | None
) -> tuple[Rule, bool]:
    """The rule is as given; whether it is new. Results that are there already are not judged by it.

    Raises Unprocessable where a term is about nothing, or where the right side is absent or given twice.
    """
    plan = await get_plan_held(session, plan_code)
    if bool(given.right) == (given.constant is not None):
        raise invalid("#/right", None, "a rule compares with other terms or with a constant, one of the two")
    sides = (("left", given.left), ("right", given.right))
    named = sorted({term.indicator for _, terms in sides for term in terms})
    found = await store.claims.indicators_held(session, plan_code, named)
    for side, terms in sides:
        for place, term in enumerate(terms):
            _check_term(f"#/{side}/{place}", plan, found.get(term.indicator), term)
    columns = store.definitions.columns_of(Rule, given)
    return await define_row(session, Rule, {"plan": plan_code, "code": code}, columns, if_match, RuleDefined)


def _check_term(here: str, plan: Plan, indicator: Indicator | None, term: TermDefinition) -> None:
    _check_target(here, indicator, term.indicator, term.phase, term.place, plan.key)
    if indicator is not None and indicator.kind not in NUMERIC:
        raise invalid(f"{here}/indicator", term.indicator, f"a {indicator.kind} indicator has no figure to compare")
    if indicator is not None and indicator.kind == "percentage" and term.place.endswith(":*"):
        raise invalid(f"{here}/place", term.place, "percentages are not added up; name one place")


NUMERIC = frozenset({"percentage", "count", "quantity"})
