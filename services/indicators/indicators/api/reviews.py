"""Review: a reviewer accepts a result, sends it back, or takes an acceptance back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel

from indicators import rules, schemas
from indicators.api.scope import PlanCode
from indicators.service import reviews
from shared.auth import Principal, allow
from shared.database import Session
from shared.errors import BadRequest, Conflict, NotFound, PreconditionFailed, PreconditionRequired, responses
from shared.idempotency import OnceOnly
from shared.versions import IfMatch, etag

router = APIRouter(prefix="/indicators/{code}/results/{phase}/{place}/{number}", tags=["results"])
REVIEWS = responses(BadRequest, NotFound, Conflict, PreconditionFailed, PreconditionRequired)


class Review:
    """One review as a command: of which result, by whom, against which version of the target's results."""

    def __init__(
        self,
        principal: Annotated[Principal, Depends(allow("reviewer"))],
        session: Session,
        plan: PlanCode,
        code: Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")],
        phase: Annotated[str, Path(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")],
        place: Annotated[str, Path(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$")],
        number: Annotated[int, Path(ge=1, le=2**31 - 1)],
        if_match: IfMatch,
        once: OnceOnly,
    ) -> None:
        self.principal, self.session, self.if_match, self.once = principal, session, if_match, once
        self.key, self.number = (plan, code, phase, place), number

    async def answer(self, verdict: rules.review.Verdict, reason: str | None) -> Response:
        async def effect() -> tuple[BaseModel, dict[str, str]]:
            state, version = await reviews.review_result(
                self.session, self.key, self.number, verdict, reason, self.principal, self.if_match
            )
            return state, {"ETag": etag(version)}

        return await self.once.answer(self.session, 200, effect)


AReview = Annotated[Review, Depends()]


@router.post("/accept", response_model=schemas.results.TargetResult, responses=REVIEWS)
async def accept_result(review: AReview) -> Response:
    """Accepts a submitted result. If-Match names the version of the target's results that the reviewer read."""
    return await review.answer("accept", None)


@router.post("/send-back", response_model=schemas.results.TargetResult, responses=REVIEWS)
async def send_back_result(review: AReview, body: schemas.results.SendingBack) -> Response:
    """Sends a submitted result back with a reason; the status rests on what stood before."""
    return await review.answer("send_back", body.reason)


@router.post("/reopen", response_model=schemas.results.TargetResult, responses=REVIEWS)
async def reopen_result(review: AReview, body: schemas.results.Reopening) -> Response:
    """Takes the acceptance of a result back with a reason; it waits for review again."""
    return await review.answer("reopen", body.reason)
