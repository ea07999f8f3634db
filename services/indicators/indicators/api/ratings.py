"""Ratings on an ordinal scale, with both headline ratios of UN-SWAP."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from indicators import rules, schemas, store
from indicators.api.progress import NoSuchPhase
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import NotFound, responses

router = APIRouter(tags=["plans"])


@router.get("/plans/{code}/ratings", responses=responses(NotFound))
async def get_ratings(
    _: Anyone,
    session: Reader,
    code: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")],
    phase: Annotated[str | None, Query(max_length=50, description="the plan's last one where it is absent")] = None,
) -> schemas.ratings.PlanRatings:
    """How many ordinal indicators of the plan have which rating in a phase, and how many reach their target: of all, and of those that
    are applicable. They are figures of the whole plan, the same for everybody.
    """
    plan = (await store.definitions.get_plan(session, code)).state()
    wanted = phase or plan.phases[-1].code
    if wanted not in {one.code for one in plan.phases}:
        raise NoSuchPhase(f"there is no phase {wanted} in the plan {code}")
    rows = await store.definitions.list_of_kind(session, code, "ordinal")
    lines = await store.lines.lines_with_results(session, plan, [row.state() for row in rows])
    found = rules.ratings.rate([line for line in lines if line.target.phase == wanted])
    return schemas.ratings.PlanRatings(plan=code, phase=wanted, **found.model_dump())
