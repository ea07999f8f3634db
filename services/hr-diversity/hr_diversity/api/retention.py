"""Routes that delete rows of people, or say what was deleted."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response

from hr_diversity import store
from hr_diversity.schemas.retention import RetentionRun, RetentionTrail
from hr_diversity.schemas.snapshots import Erased
from hr_diversity.service import retention
from shared.auth import allow
from shared.database import Reader, Session
from shared.errors import BadRequest, NotFound, Unprocessable, responses
from shared.idempotency import OnceOnly
from shared.limits import SmallBodyRoute
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters

router = APIRouter(tags=["retention"], route_class=SmallBodyRoute, dependencies=[Depends(refuse_unknown_parameters)])


@router.post(
    "/retention",
    dependencies=[Depends(allow("operator"))],
    response_model=RetentionRun,
    responses=responses(BadRequest, Unprocessable),
)
async def run_retention(
    request: Request,
    session: Session,
    once: OnceOnly,
    *,
    dry_run: Annotated[bool, Query(description="say what would be deleted, and delete nothing")] = False,
) -> Response:
    """Deletes now what the settings do not keep, the oldest first; the service does the same by itself. Measures stay."""

    async def effect() -> tuple[RetentionRun, dict[str, str]]:
        return await retention.run_retention(session, request.app.state.settings, dry_run=dry_run), {}

    return await once.answer(session, 200, effect)


@router.get("/retention", dependencies=[Depends(allow("operator", "hr-feeder"))], responses=responses(BadRequest))
async def get_retention(request: Request, session: Reader, page: Paging) -> RetentionTrail:
    """How long rows are kept, and the trail of what was deleted, the newest first."""
    rows, following = await store.retention.list_erasures(session, page)
    policy = retention.policy_of(request.app.state.settings)
    return RetentionTrail(policy=policy, items=[retention.show(row) for row in rows], next=following)


@router.delete(
    "/snapshots/{snapshot_id}/rows", dependencies=[Depends(allow("hr-feeder"))], responses=responses(NotFound)
)
async def erase_rows(session: Session, snapshot_id: Annotated[str, Path(max_length=100)]) -> Erased:
    """Deletes the rows of people of a snapshot and the values that were refused. Its measures stay, and no delta or flow can stand on
    it any more. Safe to repeat; the same file pushed again brings nothing back.
    """
    return await retention.erase_rows(session, snapshot_id)
