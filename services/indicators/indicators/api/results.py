"""Results: what is due, recording, history, review."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response
from pydantic import BaseModel

from indicators import rules, schemas, store
from indicators.api.scope import PlanCode, units_of
from indicators.models import Indicator, Plan
from indicators.service import results
from shared import clock
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import BadRequest, Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.events.results import Result
from shared.idempotency import OnceOnly
from shared.paging import Page
from shared.versions import IfMatch, etag

router = APIRouter(tags=["results"])
Custodian = Annotated[Principal, Depends(allow("custodian"))]
Reviewer = Annotated[Principal, Depends(allow("reviewer"))]
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
PhaseCode = Annotated[str, Path(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")]
Place = Annotated[str, Path(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
REVIEWS = responses(BadRequest, NotFound, Conflict, PreconditionFailed, PreconditionRequired)
ALL = 10_000


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


@router.post(
    "/indicators/{code}/results/{phase}/{place}/{number}/accept",
    response_model=schemas.results.TargetResult,
    responses=REVIEWS,
)
async def accept_result(
    principal: Reviewer,
    session: Session,
    plan: PlanCode,
    code: Code,
    phase: PhaseCode,
    place: Place,
    number: Number,
    if_match: IfMatch,
    once: OnceOnly,
) -> Response:
    """A reviewer accepts a result. If-Match names the version of the target's results that the reviewer read."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        key = (plan, code, phase, place)
        state, version = await results.review_result(session, key, number, "accepted", None, principal, if_match)
        return state, {"ETag": etag(version)}

    return await once.answer(session, 200, effect)


@router.post(
    "/indicators/{code}/results/{phase}/{place}/{number}/send-back",
    response_model=schemas.results.TargetResult,
    responses=REVIEWS,
)
async def send_back_result(
    principal: Reviewer,
    session: Session,
    plan: PlanCode,
    code: Code,
    phase: PhaseCode,
    place: Place,
    number: Number,
    body: schemas.results.SendingBack,
    if_match: IfMatch,
    once: OnceOnly,
) -> Response:
    """A reviewer sends a result back with a reason; the status rests on what stood before."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        key, reason = (plan, code, phase, place), body.reason
        state, version = await results.review_result(session, key, number, "sent_back", reason, principal, if_match)
        return state, {"ETag": etag(version)}

    return await once.answer(session, 200, effect)


@router.get("/due", responses=responses(NotFound))
async def list_due(principal: Anyone, session: Reader, plan: PlanCode) -> schemas.results.Dues:
    """What is wanted for every target of the plan, the most urgent first. A custodian sees its own units' targets."""
    defined = await store.definitions.get_plan(session, plan)
    rows, _ = await store.definitions.list_indicators(session, plan, units_of(principal), Page(ALL, None))
    lines = await store.results.lines_of(session, plan, [row.code for row in rows])
    found = await store.results.rows_of(session, *lines)
    results_of = {key: store.results.by_number(found[key]) for key in lines}
    dues = [due for row in rows for due in _dues(defined, row, results_of)]
    return schemas.results.Dues(
        items=sorted(dues, key=lambda due: (_URGENCY.index(due.state), due.due, due.indicator, due.place))
    )


_URGENCY: list[rules.calendar.DueState] = ["sent_back", "overdue", "due", "not_yet_due", "submitted", "accepted"]


def _dues(plan: Plan, indicator: Indicator, results_of: dict[str, dict[int, Result]]) -> list[schemas.results.Due]:
    phases = {phase.code: phase for phase in plan.state().phases}
    dues = []
    for target in indicator.state().targets:
        results_here = results_of.get(f"{indicator.key}/{target.phase}/{target.place}", {})
        latest = results_here[max(results_here)] if results_here else None
        dues.append(
            schemas.results.Due(
                plan=plan.key,
                indicator=indicator.code,
                title=indicator.title,
                phase=target.phase,
                place=target.place,
                target=target.text,
                due=rules.calendar.due_on(phases[target.phase]),
                state=rules.calendar.due_state(phases[target.phase], latest, clock.today()),
                reason=latest.review_reason if latest else None,
            )
        )
    return dues
