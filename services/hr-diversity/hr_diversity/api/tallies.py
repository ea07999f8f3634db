"""Routes of the registers of counts: who took part, what was completed, who left and why."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from hr_diversity import store
from hr_diversity.models import DrawnMeasure, Tally
from hr_diversity.schemas.tallies import (
    NewCompliance,
    NewExits,
    NewParticipation,
    PublishedTallies,
    PublishedTally,
    Register,
)
from hr_diversity.service import tallies
from hr_diversity.service.disclosures import disclose
from shared.auth import Anyone, allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unprocessable,
    responses,
)
from shared.events.hr_diversity import MeasureState
from shared.limits import SmallBodyRoute
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters
from shared.versions import IfMatch, etag

router = APIRouter(tags=["registers"], route_class=SmallBodyRoute, dependencies=[Depends(refuse_unknown_parameters)])
FEEDER = [Depends(allow("hr-feeder"))]
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$")]
AsOf = Annotated[date | None, Query(description="the latest entry for this day or before; else the latest")]
Detail = Annotated[
    Literal["published", "full"], Query(description="full: with what was registered, for the HR role and on record")
]
PUT = {
    201: {"model": PublishedTally, "description": "There was no entry of this code and day"},
    **responses(BadRequest, PreconditionFailed, PreconditionRequired, TooLarge, Unprocessable),
}
GET = responses(Forbidden, NotFound)


def _published(tally: Tally, measure: DrawnMeasure, *, said: bool = False) -> PublishedTally:
    state = MeasureState.model_validate(measure.state).model_dump(exclude={"code", "snapshot", "revision", "source"})
    return PublishedTally(
        **state,
        source=tally.register,
        code=tally.code,
        measure=measure.code,
        version=measure.sequence,
        held=tally.released != tally.said,
        said=tally.said if said else None,
    )


async def _put(
    request: Request, session: Session, register: Register, code: str, body: tallies.NewTally, if_match: int | None
) -> Response:
    k = request.app.state.settings.suppression_threshold
    tally, measure, new = await tallies.register_tally(session, register, code, body, if_match, k)
    shown = _published(tally, measure, said=True)
    headers = {"ETag": etag(measure.sequence)}
    return Response(shown.model_dump_json(), 201 if new else 200, headers, "application/json")


@router.put("/participation/{code}", dependencies=FEEDER, response_model=PublishedTally, responses=PUT)
async def register_participation(
    request: Request, session: Session, code: Code, body: NewParticipation, if_match: IfMatch
) -> Response:
    """Who took part, up to a day: a new entry, or another count of the same code and day (If-Match)."""
    return await _put(request, session, "participation", code, body, if_match)


@router.put("/compliance/{code}", dependencies=FEEDER, response_model=PublishedTally, responses=PUT)
async def register_compliance(
    request: Request, session: Session, code: Code, body: NewCompliance, if_match: IfMatch
) -> Response:
    """How many have completed it, as of a day: a new entry, or another count of the same code and day (If-Match)."""
    return await _put(request, session, "compliance", code, body, if_match)


@router.put("/exits/{code}", dependencies=FEEDER, response_model=PublishedTally, responses=PUT)
async def register_exits(request: Request, session: Session, code: Code, body: NewExits, if_match: IfMatch) -> Response:
    """Who left and why, up to a day: a new entry, or another count of the same code and day (If-Match)."""
    return await _put(request, session, "exits", code, body, if_match)


async def _get(
    request: Request,
    principal: Anyone,
    session: Session,
    register: Register,
    code: str,
    as_of: date | None,
    detail: str,
) -> Response:
    if detail == "full":
        await disclose(session, principal, f"{request.url.path}?{request.url.query}")
    tally, measure = await store.tallies.get_tally(session, register, code, as_of)
    shown = _published(tally, measure, said=detail == "full")
    return Response(shown.model_dump_json(), 200, {"ETag": etag(measure.sequence)}, "application/json")


@router.get("/participation/{code}", response_model=PublishedTally, responses=GET)
async def get_participation(
    request: Request, principal: Anyone, session: Session, code: Code, as_of: AsOf = None, detail: Detail = "published"
) -> Response:
    return await _get(request, principal, session, "participation", code, as_of, detail)


@router.get("/compliance/{code}", response_model=PublishedTally, responses=GET)
async def get_compliance(
    request: Request, principal: Anyone, session: Session, code: Code, as_of: AsOf = None, detail: Detail = "published"
) -> Response:
    return await _get(request, principal, session, "compliance", code, as_of, detail)


@router.get("/exits/{code}", response_model=PublishedTally, responses=GET)
async def get_exits(
    request: Request, principal: Anyone, session: Session, code: Code, as_of: AsOf = None, detail: Detail = "published"
) -> Response:
    return await _get(request, principal, session, "exits", code, as_of, detail)


@router.get("/registers", dependencies=[Depends(allow("reader"))])
async def list_registers(session: Reader, page: Paging, register: Register | None = None) -> PublishedTallies:
    """Every entry as it may be shown, by register and day."""
    rows, following = await store.tallies.list_tallies(session, register, page)
    return PublishedTallies(items=[_published(*row) for row in rows], next=following)
