"""Results: recording and history."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from indicators import rules, schemas, store
from indicators.api.scope import PlanCode, units_of
from indicators.models import ResultLine, ResultRow
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
    """Every result of every target of the indicator, the oldest first; nothing is ever overwritten.

    A unit that kept the indicator before sees the results that it recorded itself, and nothing else.
    """
    units = await store.definitions.scope_of_results(session, plan, code, units_of(principal))
    lines = await store.results.lines_of(session, plan, [code])
    rows = await store.results.rows_of(session, *lines)
    withdrawn = await store.documents.withdrawn_of(session, [one.body for of_line in rows.values() for one in of_line])
    items = [_line(line, rows[key], units, withdrawn) for key, line in sorted(lines.items())]
    return schemas.results.Results(items=[one for one in items if units is None or one.results])


def _line(
    line: ResultLine, rows: Sequence[ResultRow], units: Sequence[str] | None, withdrawn: set[str]
) -> schemas.results.TargetResults:
    """With `units` only what they recorded, and nothing of how the target stands."""
    results = [row.result() for row in rows]
    cited = {one.document for result in results for one in result.evidence if one.document in withdrawn}
    if units is not None:
        own = [one for one in results if rules.custody.recorded_by_one_of(one.recorded_by, units)]
        return schemas.results.TargetResults(phase=line.phase, place=line.place, results=own)
    return schemas.results.TargetResults(
        phase=line.phase,
        place=line.place,
        status=line.status,
        version=line.sequence,
        standing=line.standing,
        results=results,
        withdrawn_documents=sorted(code for code in cited if code is not None),
    )
