"""Routes of the service: parse, one call, answer. Reading is open to every role; who may write is declared on each route."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from recommendations import models, rules, schemas, service, store
from shared import clock
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    Unauthenticated,
    Unprocessable,
    responses,
)
from shared.events.recommendations import Level, RecommendationStatus
from shared.idempotency import OnceOnly
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters
from shared.versions import IfMatch, etag

router = APIRouter(
    prefix="/v1",
    tags=["recommendations"],
    dependencies=[Depends(refuse_unknown_parameters)],
    responses=responses(BadRequest, Unauthenticated, Forbidden, Unprocessable),
)

Code = Annotated[schemas.EvaluationCode, Path(examples=["gem-evaluation-2016-21"])]
Source = Annotated[
    schemas.EvaluationCode, Query(description="the evaluation's code", examples=["gem-evaluation-2016-21"])
]
Number = Annotated[schemas.Ordinal, Path(description="the recommendation's number in its evaluation")]
ActionNumber = Annotated[schemas.Ordinal, Path(description="the follow-up action's number")]

Registrar = Depends(allow("evaluation-office", "operator"))
Responder = Annotated[Principal, Depends(allow("senior-manager", "evaluation-office"))]
Follower = Annotated[Principal, Depends(allow("custodian", "senior-manager", "evaluation-office"))]


@router.put(
    "/evaluations/{code}",
    dependencies=[Registrar],
    responses={201: {"model": schemas.Evaluation}, **responses(PreconditionFailed, PreconditionRequired)},
)
async def register_evaluation(
    code: Code, given: schemas.NewEvaluation, if_match: IfMatch, session: Session, response: Response
) -> schemas.Evaluation:
    """Creates the evaluation (201), or changes it, which takes If-Match. The same again is 200 and states nothing."""
    row, new = await service.register_evaluation(session, code, given, if_match)
    response.status_code = 201 if new else 200
    response.headers["ETag"] = etag(row.sequence)
    return _evaluation(row)


@router.get("/evaluations")
async def list_evaluations(_: Anyone, page: Paging, session: Reader) -> schemas.Evaluations:
    """By code."""
    rows, after = await store.list_evaluations(session, page)
    return schemas.Evaluations(items=[_evaluation(row) for row in rows], next=after)


@router.get("/evaluations/{code}", responses=responses(NotFound))
async def get_evaluation(code: Code, _: Anyone, session: Reader, response: Response) -> schemas.Evaluation:
    row = await store.get_evaluation(session, code)
    response.headers["ETag"] = etag(row.sequence)
    return _evaluation(row)


@router.put(
    "/recommendations/{number}",
    dependencies=[Registrar],
    responses={201: {"model": schemas.Recommendation}, **responses(PreconditionFailed, PreconditionRequired)},
)
async def make_recommendation(
    number: Number,
    source: Source,
    given: schemas.NewRecommendation,
    if_match: IfMatch,
    session: Session,
    response: Response,
) -> schemas.Recommendation:
    """Creates the recommendation (201), or changes its wording, units or implications, which takes If-Match. The same again is 200
    and states nothing. What it depends on must be in the register before it.
    """
    row, new = await service.make_recommendation(session, source, number, given, if_match)
    response.status_code = 201 if new else 200
    response.headers["ETag"] = etag(row.sequence)
    return _recommendation(row)


@router.get("/recommendations")
async def list_recommendations(
    _: Anyone,
    page: Paging,
    session: Reader,
    source: Source | None = None,
    unit: Annotated[schemas.UnitCode | None, Query(description="responsible, by itself or by a group")] = None,
    state: RecommendationStatus | None = None,
    priority: Level | None = None,
) -> schemas.Recommendations:
    """By evaluation and number. `unit` also finds what it is responsible for as a custodian or as a department."""
    rows, after = await store.list_recommendations(
        session, page, source=source, unit=unit, state=state, priority=priority
    )
    return schemas.Recommendations(items=[_recommendation(row) for row in rows], next=after)


@router.get("/recommendations/{number}", responses=responses(NotFound))
async def get_recommendation(
    number: Number, source: Source, _: Anyone, session: Reader, response: Response
) -> schemas.Recommendation:
    row = await store.get_recommendation(session, source, number)
    response.headers["ETag"] = etag(row.sequence)
    return _recommendation(row)


@router.post(
    "/recommendations/{number}/response",
    status_code=201,
    response_model=schemas.Recommendation,
    responses=responses(NotFound, Conflict, PreconditionFailed, PreconditionRequired),
)
async def give_response(
    number: Number,
    source: Source,
    given: schemas.NewResponse,
    caller: Responder,
    if_match: IfMatch,
    once: OnceOnly,
    session: Session,
) -> Response:
    """Management accepts, partially accepts or rejects. Changing an answer takes If-Match; a rejection takes that nothing is open."""

    async def effect() -> tuple[schemas.Recommendation, dict[str, str]]:
        return _answer(await service.give_response(session, caller, source, number, given, if_match))

    return await once.answer(session, 201, effect)


@router.post(
    "/recommendations/{number}/follow-up-actions",
    status_code=201,
    response_model=schemas.Recommendation,
    responses=responses(NotFound, Conflict, PreconditionFailed),
)
async def add_follow_up_action(
    number: Number,
    source: Source,
    given: schemas.NewFollowUpAction,
    caller: Follower,
    if_match: IfMatch,
    once: OnceOnly,
    session: Session,
) -> Response:
    """Adds an action with the next number to a recommendation that was accepted, in full or in part (409 otherwise)."""

    async def effect() -> tuple[schemas.Recommendation, dict[str, str]]:
        return _answer(await service.add_follow_up_action(session, caller, source, number, given, if_match))

    return await once.answer(session, 201, effect)


@router.patch(
    "/recommendations/{number}/follow-up-actions/{action}",
    responses=responses(NotFound, Conflict, PreconditionFailed, PreconditionRequired),
)
async def update_follow_up_action(
    number: Number,
    action: ActionNumber,
    source: Source,
    given: schemas.FollowUpChange,
    caller: Follower,
    if_match: IfMatch,
    session: Session,
    response: Response,
) -> schemas.Recommendation:
    """Changes what is named. If-Match is the recommendation's version. Units that the action itself names may change it too."""
    row = await service.update_follow_up_action(session, caller, source, number, action, given, if_match)
    response.headers["ETag"] = etag(row.sequence)
    return _recommendation(row)


def _evaluation(row: models.Evaluation) -> schemas.Evaluation:
    own = {**row.details().model_dump(), "period": row.period, "version": row.sequence}
    return schemas.Evaluation.model_validate(own)


def _answer(row: models.Recommendation) -> tuple[schemas.Recommendation, dict[str, str]]:
    return _recommendation(row), {"ETag": etag(row.sequence)}


def _recommendation(row: models.Recommendation) -> schemas.Recommendation:
    """What events carry, with what they do not: provenance of the parts, evidence, and what the day of reading makes of it."""
    today = clock.today()
    actions = [
        {
            **action.details().model_dump(),
            "evidence": action.evidence,
            "overdue": rules.is_overdue(action.state, action.due, today),
        }
        for action in row.follow_up
    ]
    return schemas.Recommendation.model_validate(
        {
            **row.details().model_dump(),
            "sub_actions": row.sub_actions,
            "follow_up": actions,
            "overdue": any(action["overdue"] for action in actions),
            "version": row.sequence,
        }
    )
