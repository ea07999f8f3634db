"""Custodians: replaced, added or ended from a day on, with the reason that the audit trail keeps."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from indicators import schemas, store
from indicators.api.definitions import indicator_of
from indicators.api.scope import PlanCode
from indicators.service import custody
from shared.auth import allow
from shared.database import Session
from shared.errors import BadRequest, Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.idempotency import OnceOnly
from shared.versions import IfMatch, etag

router = APIRouter(tags=["indicators"])


@router.post(
    "/indicators/{code}/custodians",
    dependencies=[Depends(allow("operator"))],
    response_model=schemas.definitions.Indicator,
    responses=responses(BadRequest, NotFound, Conflict, PreconditionFailed, PreconditionRequired),
)
async def change_custodians(
    session: Session,
    plan: PlanCode,
    code: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")],
    body: schemas.custody.CustodyChange,
    if_match: IfMatch,
    once: OnceOnly,
) -> Response:
    """Replaces, adds or ends custodians. Who kept the indicator before may still read what it reported itself."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        row = await custody.change_custodians(session, plan, code, body, if_match)
        lines = await store.results.lines_of(session, plan, [code])
        return indicator_of(row, lines), {"ETag": etag(row.sequence)}

    return await once.answer(session, 200, effect)
