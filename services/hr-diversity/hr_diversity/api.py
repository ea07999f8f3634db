"""Routes: parse, one call, return."""

import hashlib
from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.requests import ClientDisconnect

from hr_diversity import service, store
from hr_diversity.intake import FORMATS, choose_form
from hr_diversity.measures import CATALOGUE
from hr_diversity.schemas import (
    Catalogue,
    CatalogueEntry,
    DerivedFrom,
    DrawnFrom,
    GroupLine,
    Measure,
    Receipt,
    SnapshotList,
    SnapshotSummary,
)
from shared.auth import allow
from shared.database import Reader, Session
from shared.errors import BadRequest, FieldError, NotFound, TooLarge, Unprocessable, UnsupportedMedia, responses
from shared.events.hr_diversity import MeasureState
from shared.paging import Paging

router = APIRouter(prefix="/v1")

Source = Annotated[
    str, Query(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="the system that the snapshot comes from")
]
FILE = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in FORMATS},
    }
}


class UploadBrokeOff(BadRequest):
    slug = "upload-broke-off"


class UnknownSnapshot(NotFound):
    slug = "unknown-snapshot"


class UnknownMeasure(NotFound):
    slug = "unknown-measure"


class MeasureNotDrawn(NotFound):
    slug = "measure-not-drawn"


async def receive(request: Request) -> AsyncIterator[bytes]:
    """The body as it comes. Raises UploadBrokeOff."""
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect as error:
        raise UploadBrokeOff("the connection was closed before the body ended") from error


@router.post(
    "/snapshots",
    status_code=201,
    dependencies=[Depends(allow("hr-feeder"))],
    response_model=Receipt,
    responses={
        200: {"model": Receipt, "description": "This content was pushed before; this is its receipt"},
        **responses(BadRequest, TooLarge, UnsupportedMedia, Unprocessable),
    },
    openapi_extra=FILE,
)
async def push_snapshot(
    request: Request,
    session: Session,
    source: Source,
    as_of: Annotated[date, Query(description="the day whose end the snapshot shows")],
    content_type: Annotated[str, Header()] = "",
    content_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Takes in who is on the staff, and draws all measures from it. Safe to repeat: the content is its own idempotency key.

    Another content for the same source and date is a correction, with the next revision. Rows that break a rule are left out and
    named in the receipt.
    """
    form, packed = choose_form(content_type, content_encoding)
    receipt, new = await service.push_snapshot(
        session,
        receive(request),
        form,
        packed=packed,
        source=source,
        as_of=as_of,
        settings=request.app.state.settings,
    )
    place = f"/hr-diversity/v1/snapshots/{receipt.id}"
    return Response(receipt.model_dump_json(), 201 if new else 200, {"Location": place}, "application/json")


@router.get("/snapshots", dependencies=[Depends(allow("hr-feeder"))])
async def list_snapshots(session: Reader, page: Paging) -> SnapshotList:
    """What was pushed, the newest first."""
    rows = await store.list_snapshots(session, page.limit + 1, str(page.after[0]) if page.after else None)
    shown, following = page.cut(rows, lambda row: [row.id])
    items = [SnapshotSummary.model_validate({**row.receipt, "taken_at": row.taken_at}) for row in shown]
    return SnapshotList(items=items, next=following)


@router.get("/snapshots/{snapshot_id}", dependencies=[Depends(allow("hr-feeder"))], responses=responses(NotFound))
async def get_snapshot(session: Reader, snapshot_id: Annotated[str, Path(max_length=100)]) -> Receipt:
    """The receipt again, as the push got it."""
    row = await store.find_snapshot(session, snapshot_id)
    if row is None:
        raise UnknownSnapshot(f"{snapshot_id}: no snapshot has this id")
    return Receipt.model_validate(row.receipt)


@router.get("/measures", dependencies=[Depends(allow("reader"))])
async def list_measures(session: Reader) -> Catalogue:
    """What is measured, by which definition, and for which dates it was drawn."""
    drawn: dict[str, list[DrawnFrom]] = {}
    for row in await store.list_drawn(session):
        drawn.setdefault(row.code, []).append(DrawnFrom(source=row.source, as_of=row.as_of, revision=row.revision))
    return Catalogue(
        items=[
            CatalogueEntry(
                code=measure.code,
                title=measure.title,
                definition=measure.definition,
                formula=measure.formula,
                rule=measure.rule,
                dimension=measure.dimension,
                drawn=drawn.get(measure.code, []),
            )
            for measure in CATALOGUE.values()
        ]
    )


@router.get(
    "/measures/{code}",
    dependencies=[Depends(allow("reader"))],
    response_model=Measure,
    responses={304: {"description": "You have it"}, **responses(NotFound)},
)
async def get_measure(
    session: Reader,
    code: Annotated[str, Path(max_length=100)],
    as_of: Annotated[date | None, Query(description="the latest drawn for this day or before; else the latest")] = None,
    source: Source | None = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The measure as it may be shown. Where two sources have the same day, the one drawn last, unless `source` names one."""
    measure = CATALOGUE.get(code)
    if measure is None:
        detail = f"measures are {', '.join(CATALOGUE)}"
        raise UnknownMeasure(
            f"{code}: there is no such measure; {detail}", errors=[FieldError(value=code, detail=detail)]
        )
    row = await store.find_measure(session, code, as_of, source)
    if row is None:
        raise MeasureNotDrawn(
            f"{code}: no snapshot{f' of {source}' if source else ''} until {as_of or 'today'} was pushed"
        )
    state = MeasureState.model_validate(row.state)
    names = await store.list_unit_names(session, [c.group for c in state.cells]) if state.dimension == "unit" else {}
    shown = Measure(
        **state.model_dump(exclude={"cells", "snapshot", "revision"}),
        cells=[GroupLine(**cell.model_dump(), name=names.get(cell.group)) for cell in state.cells],
        definition=measure.definition,
        derived_from=DerivedFrom(snapshot=state.snapshot, revision=state.revision),
    )
    return _with_etag(shown, if_none_match)


def _with_etag(body: BaseModel, if_none_match: str | None) -> Response:
    """The ETag is the content's digest: which row is the latest changes, and two rows may have the same version."""
    content = body.model_dump_json().encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if if_none_match is not None and tag in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(content, headers={"ETag": tag}, media_type="application/json")
