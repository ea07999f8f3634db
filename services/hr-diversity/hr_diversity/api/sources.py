"""Routes of the sources: how each lays out the files that it pushes."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from hr_diversity import store
from hr_diversity.models import Source as SourceRow
from hr_diversity.schemas.sources import Declaration, Source, Sources
from hr_diversity.schemas.vacancies import RegisterChange, RegisterChanges
from hr_diversity.service import sources
from shared.auth import allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unprocessable,
    responses,
)
from shared.limits import SmallBodyRoute
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters
from shared.versions import IfMatch, etag

router = APIRouter(
    prefix="/sources",
    route_class=SmallBodyRoute,
    dependencies=[Depends(allow("hr-feeder", "operator")), Depends(refuse_unknown_parameters)],
)
Key = Annotated[str, Path(alias="source", pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]


def _answer(row: SourceRow) -> Source:
    return Source(**row.said, source=row.key, version=row.sequence, declared_at=row.declared_at)


@router.put(
    "/{source}",
    response_model=Source,
    responses={
        201: {"model": Source, "description": "It had no declaration before"},
        **responses(BadRequest, PreconditionFailed, PreconditionRequired, TooLarge, Unprocessable),
    },
)
async def declare_source(session: Session, source: Key, body: Declaration, if_match: IfMatch) -> Response:
    """How the files of this source are laid out, from the next push on. Said again as it stands, nothing happens.

    Refusals then name their columns and their values. An empty declaration takes the one before back.
    """
    row, new = await sources.declare_source(session, source, body, if_match)
    headers = {"ETag": etag(row.sequence)}
    return Response(_answer(row).model_dump_json(), 201 if new else 200, headers, "application/json")


@router.get("")
async def list_sources(session: Reader, page: Paging) -> Sources:
    """Those that declared something, by name."""
    rows, following = await store.sources.list_sources(session, page)
    return Sources(items=[_answer(row) for row in rows], next=following)


@router.get("/{source}", response_model=Source, responses=responses(NotFound))
async def get_source(session: Reader, source: Key) -> Response:
    row = await store.sources.get_source(session, source)
    return Response(_answer(row).model_dump_json(), 200, {"ETag": etag(row.sequence)}, "application/json")


@router.get("/{source}/changes", responses=responses(NotFound))
async def list_source_changes(session: Reader, source: Key, page: Paging) -> RegisterChanges:
    """Who declared what when, by version."""
    await store.sources.get_source(session, source)
    rows, following = await store.changes.list_changes(session, f"source/{source}", page)
    return RegisterChanges(items=[RegisterChange.model_validate(row) for row in rows], next=following)
