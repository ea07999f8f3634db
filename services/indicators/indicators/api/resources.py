"""Budget and expenditure of areas, and the gender-equality marker's distribution: read by everybody, reported by operators."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from indicators import rules, schemas, store
from indicators.api.scope import KnownPlan, PlanCode, answer
from indicators.models import Markers, Resources
from indicators.service import resources
from shared.auth import Anyone, allow
from shared.database import Reader, Session
from shared.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.paging import Paging
from shared.versions import IfMatch

router = APIRouter(tags=["resources and markers"])
OPERATOR = [Depends(allow("operator"))]
CHANGES = responses(NotFound, Conflict, PreconditionFailed, PreconditionRequired)
CODE = r"^[a-z0-9][a-z0-9-]{0,99}$"
Area = Annotated[str, Path(pattern=CODE, description="an area or outcome of the plan")]
Population = Annotated[str, Path(pattern=CODE, description="what is counted, e.g. results, proposals")]
PhaseCode = Annotated[str, Query(alias="phase", pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")]
AnyPhase = Annotated[str | None, Query(alias="phase", pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")]
OfArea = Annotated[str | None, Query(alias="area", pattern=CODE, description="the whole plan where it is absent")]


def _resources(row: Resources) -> schemas.resources.Resources:
    state = row.state()
    lines = [
        {**line.model_dump(), "variance": rules.resources.variance_of(line.budget, line.expenditure)}
        for line in state.lines
    ]
    totals = rules.resources.totals_of(state.lines, state.published_budget, state.published_expenditure)
    return schemas.resources.Resources.model_validate(
        {**state.model_dump(), "lines": lines, "totals": totals, "version": row.sequence}
    )


def _markers(row: Markers) -> schemas.resources.Markers:
    return schemas.resources.Markers.model_validate({**row.state().model_dump(), "version": row.sequence})


@router.get("/resources", responses=responses(NotFound))
async def list_resources(
    _: Anyone, session: Reader, plan: KnownPlan, page: Paging, phase: AnyPhase = None
) -> schemas.resources.AllResources:
    """Budget and expenditure by area and source of funds, with what the lines add up to beside the published totals."""
    rows, following = await store.resources.list_resources(session, plan, page, phase=phase)
    return schemas.resources.AllResources(items=[_resources(row) for row in rows], next=following)


@router.get("/resources/{area}", response_model=schemas.resources.Resources, responses=responses(NotFound))
async def get_resources(_: Anyone, session: Reader, plan: PlanCode, phase: PhaseCode, area: Area) -> Response:
    row = await store.resources.get_resources(session, plan, phase, area)
    return answer(_resources(row), row.sequence)


@router.put(
    "/resources/{area}",
    dependencies=OPERATOR,
    response_model=schemas.resources.Resources,
    responses={**CHANGES, 201: {"model": schemas.resources.Resources}},
)
async def report_resources(
    session: Session,
    plan: PlanCode,
    phase: PhaseCode,
    area: Area,
    body: schemas.resources.ResourcesDefinition,
    if_match: IfMatch,
) -> Response:
    """Budget and expenditure of an area in a phase, or other figures than before (If-Match)."""
    row, new = await resources.report_resources(session, plan, phase, area, body, if_match)
    return answer(_resources(row), row.sequence, 201 if new else 200)


@router.get("/markers", responses=responses(NotFound))
async def list_markers(
    _: Anyone, session: Reader, plan: KnownPlan, page: Paging, phase: AnyPhase = None
) -> schemas.resources.AllMarkers:
    """How results, proposals or programmes are distributed over the levels of the gender-equality marker."""
    rows, following = await store.resources.list_markers(session, plan, page, phase=phase)
    return schemas.resources.AllMarkers(items=[_markers(row) for row in rows], next=following)


@router.get("/markers/{population}", response_model=schemas.resources.Markers, responses=responses(NotFound))
async def get_markers(
    _: Anyone, session: Reader, plan: PlanCode, phase: PhaseCode, population: Population, area: OfArea = None
) -> Response:
    row = await store.resources.get_markers(session, plan, phase, population, area)
    return answer(_markers(row), row.sequence)


@router.put(
    "/markers/{population}",
    dependencies=OPERATOR,
    response_model=schemas.resources.Markers,
    responses={**CHANGES, 201: {"model": schemas.resources.Markers}},
)
async def report_markers(
    session: Session,
    plan: PlanCode,
    phase: PhaseCode,
    population: Population,
    body: schemas.resources.MarkersDefinition,
    if_match: IfMatch,
    area: OfArea = None,
) -> Response:
    """The distribution of a population over the marker's levels, or another than before (If-Match)."""
    row, new = await resources.report_markers(session, plan, phase, population, area, body, if_match)
    return answer(_markers(row), row.sequence, 201 if new else 200)
