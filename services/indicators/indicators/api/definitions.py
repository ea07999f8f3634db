"""Units, plans, indicators and code lists: read by everybody, defined by operators."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Response

from indicators import schemas, store
from indicators.api.scope import KnownPlan, PlanCode, answer, units_of
from indicators.code_lists import CODE_LISTS, CodeList, CodeLists
from indicators.models import Indicator, ResultLine
from indicators.models.base import columns
from indicators.service import definitions
from shared.auth import Anyone, allow
from shared.database import Reader, Session
from shared.errors import Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.paging import Paging
from shared.versions import IfMatch

router = APIRouter()
OPERATOR = [Depends(allow("operator"))]
CHANGES = responses(NotFound, Conflict, PreconditionFailed, PreconditionRequired)
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
Version = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="an earlier version; the present one where absent")
]
UnitCode = Annotated[str, Path(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]


@router.get("/units", tags=["units"])
async def list_units(_: Anyone, session: Reader, page: Paging) -> schemas.definitions.Units:
    """Organisation units, by code."""
    rows, following = await store.definitions.list_units(session, page)
    return schemas.definitions.Units(
        items=[schemas.definitions.Unit.model_validate(row.state().model_dump()) for row in rows], next=following
    )


@router.get("/units/{code}", tags=["units"], response_model=schemas.definitions.Unit, responses=responses(NotFound))
async def get_unit(_: Anyone, session: Reader, code: UnitCode) -> Response:
    row = await store.definitions.get_unit(session, code)
    return answer(schemas.definitions.Unit.model_validate(row.state().model_dump()), row.sequence)


@router.put(
    "/units/{code}",
    tags=["units"],
    dependencies=OPERATOR,
    response_model=schemas.definitions.Unit,
    responses={**CHANGES, 201: {"model": schemas.definitions.Unit}},
)
async def define_unit(
    session: Session, code: UnitCode, body: schemas.definitions.UnitDefinition, if_match: IfMatch
) -> Response:
    """A new unit, or another definition of one that exists (If-Match). Defined as it is already, nothing happens."""
    row, new = await definitions.define_unit(session, code, body, if_match)
    return answer(schemas.definitions.Unit.model_validate(row.state().model_dump()), row.sequence, 201 if new else 200)


@router.get("/plans", tags=["plans"])
async def list_plans(_: Anyone, session: Reader, page: Paging) -> schemas.definitions.Plans:
    rows, following = await store.definitions.list_plans(session, page)
    return schemas.definitions.Plans(
        items=[schemas.definitions.Plan.model_validate(row.state().model_dump()) for row in rows], next=following
    )


@router.get("/plans/{code}", tags=["plans"], response_model=schemas.definitions.Plan, responses=responses(NotFound))
async def get_plan(_: Anyone, session: Reader, code: Code, version: Version = None) -> Response:
    """The plan as it is defined, or as it was in an earlier version."""
    row = await store.definitions.get_plan(session, code)
    if version is None:
        following = await store.definitions.successors_of(session, code)
        plan = schemas.definitions.Plan.model_validate({**row.state().model_dump(), "successors": following})
        return answer(plan, row.sequence)
    then = await store.changes.get_version(session, f"plan/{code}", version)
    return answer(schemas.definitions.Plan.model_validate(then.state), version)


@router.put(
    "/plans/{code}",
    tags=["plans"],
    dependencies=OPERATOR,
    response_model=schemas.definitions.Plan,
    responses={**CHANGES, 201: {"model": schemas.definitions.Plan}},
)
async def define_plan(
    session: Session, code: Code, body: schemas.definitions.PlanDefinition, if_match: IfMatch
) -> Response:
    """A new plan with its phases, areas and published figures, or another definition of one that exists (If-Match)."""
    row, new = await definitions.define_plan(session, code, body, if_match)
    return answer(schemas.definitions.Plan.model_validate(row.state().model_dump()), row.sequence, 201 if new else 200)


@router.get(
    "/indicators", tags=["indicators"], response_model=schemas.definitions.Indicators, responses=responses(NotFound)
)
async def list_indicators(
    principal: Anyone,
    session: Reader,
    plan: KnownPlan,
    page: Paging,
    area: Annotated[str | None, Query(max_length=100)] = None,
    custodian: Annotated[str | None, Query(max_length=40, description="a unit's code")] = None,
) -> Response:
    """A plan's indicators with the status of every target. A custodian sees those of its own units."""
    rows, following = await store.definitions.list_indicators(
        session, plan, units_of(principal), page, area=area, custodian=custodian
    )
    lines = await store.results.lines_of(session, plan, [row.code for row in rows])
    found = schemas.definitions.Indicators(items=[indicator_of(row, lines) for row in rows], next=following)
    return Response(
        found.model_dump_json(), media_type="application/json"
    )  # the framework would check it all once more


@router.get(
    "/indicators/{code}",
    tags=["indicators"],
    response_model=schemas.definitions.Indicator,
    responses=responses(NotFound),
)
async def get_indicator(
    principal: Anyone, session: Reader, plan: PlanCode, code: Code, version: Version = None
) -> Response:
    """The indicator as it is defined, or as it was in an earlier version, its targets as they stood at the end of that."""
    row = await store.definitions.get_indicator(session, plan, code, units_of(principal))
    lines = await store.results.lines_of(session, plan, [code])
    if version is None:
        return answer(indicator_of(row, lines), row.sequence)
    then = await store.changes.get_version(session, f"indicator/{row.key}", version)
    stood = await store.changes.lines_until(session, row.key, version, lines)
    return answer(_with_statuses(row.key, then.state, stood), version)


@router.put(
    "/indicators/{code}",
    tags=["indicators"],
    dependencies=OPERATOR,
    response_model=schemas.definitions.Indicator,
    responses={**CHANGES, 201: {"model": schemas.definitions.Indicator}},
)
async def define_indicator(
    session: Session, plan: PlanCode, code: Code, body: schemas.definitions.IndicatorDefinition, if_match: IfMatch
) -> Response:
    """A new indicator with its targets and custodians, or another definition of one that exists (If-Match)."""
    row, new = await definitions.define_indicator(session, plan, code, body, if_match)
    return answer(
        indicator_of(row, await store.results.lines_of(session, plan, [code])), row.sequence, 201 if new else 200
    )


def indicator_of(row: Indicator, lines: dict[str, ResultLine]) -> schemas.definitions.Indicator:
    keys = (f"{row.key}/{target['phase']}/{target['place']}" for target in row.targets)
    stand = {key: (lines[key].status, lines[key].results) for key in keys if key in lines}
    return _with_statuses(row.key, columns(row), stand)


def _with_statuses(key: str, state: dict[str, Any], stand: dict[str, tuple[str, int]]) -> schemas.definitions.Indicator:
    targets = []
    for target in state["targets"]:
        line = f"{key}/{target['phase']}/{target['place']}"
        status, results = stand.get(line, ("data_unavailable", 0))
        targets.append({**target, "status": status, "results": results})
    return schemas.definitions.Indicator.model_validate({**state, "targets": targets})


@router.get("/code-lists", tags=["code lists"])
async def list_code_lists(_: Anyone) -> CodeLists:
    """Every code that the service knows, with its meaning."""
    return CodeLists(items=[CodeList(name=name, codes=codes) for name, codes in CODE_LISTS.items()])
