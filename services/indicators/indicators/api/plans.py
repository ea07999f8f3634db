"""A plan as a whole: what differs from another plan or version, and its gender-equality marker by count and by money."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, schemas, store
from indicators.api.progress import NoSuchPhase
from indicators.api.scope import units_of
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import BadRequest, FieldError, NotFound, responses
from shared.events.indicators import IndicatorState, PlanState

router = APIRouter(prefix="/plans/{code}", tags=["plans"])
CODE = r"^[a-z0-9][a-z0-9-]{0,99}$"
Code = Annotated[str, Path(pattern=CODE)]


@router.get("/diff", responses=responses(BadRequest, NotFound))
async def get_diff(
    principal: Anyone,
    session: Reader,
    code: Code,
    other: Annotated[
        str | None,
        Query(alias="with", pattern=CODE, description="the earlier plan; the plan itself where it is absent"),
    ] = None,
    version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="of this plan; as it is where it is absent")
    ] = None,
    with_version: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="of the earlier plan; as it is where it is absent")
    ] = None,
) -> schemas.plans.PlanDiff:
    """Indicators that this plan added to the other, dropped, re-targeted, reworded or defined otherwise, and whether they are
    comparable. Without another plan, two versions of this one. A custodian sees its own units' indicators.
    """
    if other in (None, code) and version == with_version:
        detail = "name another plan, or two versions of this one"
        raise BadRequest(f"with: {detail}", errors=[FieldError(parameter="with", value=other, detail=detail)])
    units = units_of(principal)
    after = await _plan(session, code, version, units)
    before = await _plan(session, other or code, with_version, units)
    found = rules.plan_diff.compare(before, after)
    return schemas.plans.PlanDiff(
        plan=code, version=version, before=other or code, before_version=with_version, **found.model_dump()
    )


async def _plan(
    session: AsyncSession, code: str, version: int | None, units: store.definitions.Scope
) -> tuple[PlanState, list[IndicatorState]]:
    plan = await store.definitions.get_plan(session, code)
    if version is not None:
        return await store.plan_diff.plan_at(session, code, version, units)
    return plan.state(), await store.plan_diff.indicators_now(session, code, units)


@router.get("/totals", responses=responses(NotFound))
async def get_totals(
    _: Anyone,
    session: Reader,
    code: Code,
    phase: Annotated[str | None, Query(max_length=50, description="the plan's last one where it is absent")] = None,
) -> schemas.plans.PlanTotals:
    """Results beside targets, added up for the plan and each of its areas, with how many indicators are above, on or below their
    targets. Counts of unlike things are added by unit only. They are figures of the whole plan, the same for everybody.
    """
    plan = await store.definitions.get_plan(session, code)
    wanted = phase or plan.state().phases[-1].code
    if wanted not in {one.code for one in plan.state().phases}:
        raise NoSuchPhase(f"there is no phase {wanted} in the plan {code}")
    facts = await store.facts.facts_of(session, plan)
    return schemas.plans.PlanTotals(plan=code, phase=wanted, items=rules.totals.totals_of(facts, wanted))


@router.get("/markers", responses=responses(NotFound))
async def get_plan_markers(_: Anyone, session: Reader, code: Code) -> schemas.plans.PlanMarkers:
    """The share at level 2 or 3 by count and by expenditure, each with its method, and areas that spend much and are marked little."""
    plan = await store.definitions.get_plan(session, code)
    facts = await store.facts.money_of(session, plan.key)
    return schemas.plans.PlanMarkers(plan=code, items=rules.markers.summarise(*facts, plan.state().areas))
