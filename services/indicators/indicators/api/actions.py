"""Accelerating actions: of one or several indicators, by the units that carry them out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from indicators import schemas, store
from indicators.api.scope import KnownPlan, PlanCode, answer, units_of
from indicators.models import Action
from indicators.service import actions
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import BadRequest, Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.idempotency import OnceOnly
from shared.paging import Paging
from shared.versions import IfMatch, etag

router = APIRouter(prefix="/actions", tags=["accelerating actions"])
Keeper = Annotated[Principal, Depends(allow("custodian", "operator"))]
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
CHANGES = responses(BadRequest, NotFound, Conflict, PreconditionFailed, PreconditionRequired)


def _keeps(principal: Principal) -> list[str] | None:
    """An operator keeps all actions, a custodian those of its units."""
    return None if principal.has("operator") else sorted(principal.units)


def _action(row: Action) -> schemas.actions.Action:
    return schemas.actions.Action.model_validate({**row.state().model_dump(), "version": row.sequence})


@router.get("", responses=responses(NotFound))
async def list_actions(
    principal: Anyone,
    session: Reader,
    plan: KnownPlan,
    page: Paging,
    indicator: Annotated[str | None, Query(max_length=100, description="an indicator's code")] = None,
) -> schemas.actions.Actions:
    """A plan's accelerating actions. A custodian sees those of its own units."""
    rows, following = await store.actions.list_actions(session, plan, units_of(principal), page, indicator=indicator)
    return schemas.actions.Actions(items=[_action(row) for row in rows], next=following)


@router.get("/{code}", response_model=schemas.actions.Action, responses=responses(NotFound))
async def get_action(principal: Anyone, session: Reader, plan: PlanCode, code: Code) -> Response:
    row = await store.actions.get_action(session, plan, code, units_of(principal))
    return answer(_action(row), row.sequence)


@router.post("", status_code=201, response_model=schemas.actions.Action, responses=CHANGES)
async def add_action(
    principal: Keeper, session: Session, plan: PlanCode, body: schemas.actions.NewAction, once: OnceOnly
) -> Response:
    """Adds an accelerating action to indicators of the caller's units."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        row = await actions.add_action(session, plan, body, _keeps(principal))
        return _action(row), {"ETag": etag(row.sequence)}

    return await once.answer(session, 201, effect)


@router.put(
    "/{code}", response_model=schemas.actions.Action, responses={**CHANGES, 201: {"model": schemas.actions.Action}}
)
async def define_action(
    principal: Keeper,
    session: Session,
    plan: PlanCode,
    code: Code,
    body: schemas.actions.ActionDefinition,
    if_match: IfMatch,
) -> Response:
    """A new action, or another definition of one that exists (If-Match). Defined as it is already, nothing happens."""
    row, new = await actions.define_action(session, plan, code, body, if_match, _keeps(principal))
    return answer(_action(row), row.sequence, 201 if new else 200)


@router.patch("/{code}", response_model=schemas.actions.Action, responses=CHANGES)
async def update_action(
    principal: Keeper,
    session: Session,
    plan: PlanCode,
    code: Code,
    body: schemas.actions.ActionChange,
    if_match: IfMatch,
) -> Response:
    """Changes what is given: the state as work goes on, the wording, the due date, the note."""
    row = await actions.update_action(session, plan, code, body, if_match, _keeps(principal))
    return answer(_action(row), row.sequence)
