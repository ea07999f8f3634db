"""Results: recording and history."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from indicators import schemas, store
from indicators.api.scope import PlanCode, units_of
from indicators.service import results
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import BadRequest, NotFound, responses
from shared.idempotency import OnceOnly
from shared.versions import etag

router = APIRouter(tags=["results"])
Custodian = Annotated[Principal, Depends(allow("custodian"))]
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]


@router.post(
    "/indicators/{code}/results",
    status_code=201,
    response_model=schemas.results.TargetResult,
    responses={**responses(BadRequest, NotFound), 200: {"model": schemas.results.TrialResult}},
)
async def record_result(
    principal: Custodian,
    session: Session,
    plan: PlanCode,
    code: Code,
    body: schemas.results.NewResult,
    once: OnceOnly,
    dry_run: Annotated[bool, Query(description="say what would be, and record nothing")] = False,
) -> Response:
    """Records one result of an indicator of the caller's units; another unit's is as if absent (404).

    It is held to the plan's rules: an error refuses it with the values of both sides, warnings come with the answer.
    """
    if dry_run:
        tried = await results.try_result(session, plan, code, body, principal, sorted(principal.units))
        return Response(tried.model_dump_json(), 200, media_type="application/json")

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        # a caller with further roles still records only for its own units
        recorded, version = await results.record_result(session, plan, code, body, principal, sorted(principal.units))
        return recorded, {"ETag": etag(version)}

    return await once.answer(session, 201, effect)


@router.get("/indicators/{code}/results", responses=responses(NotFound))
async def list_results(principal: Anyone, session: Reader, plan: PlanCode, code: Code) -> schemas.results.Results:
    """Every result of every target of the indicator, the oldest first; nothing is ever overwritten."""
    await store.definitions.get_indicator(session, plan, code, units_of(principal))
    lines = await store.results.lines_of(session, plan, [code])
    rows = await store.results.rows_of(session, *lines)
    items = [
        schemas.results.TargetResults(
            phase=line.phase,
            place=line.place,
            status=line.status,
            version=line.sequence,
            standing=line.standing,
            results=[row.result() for row in rows[key]],
        )
        for key, line in sorted(lines.items())
    ]
    return schemas.results.Results(items=items)
