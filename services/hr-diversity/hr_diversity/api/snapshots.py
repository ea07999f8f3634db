"""Routes of staffing snapshots: a push and its receipts."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from hr_diversity import store
from hr_diversity.intake import FORMATS, choose_form
from hr_diversity.schemas.snapshots import Receipt, SnapshotList, SnapshotSummary
from hr_diversity.service import snapshots
from shared.auth import allow
from shared.database import Reader, Session
from shared.errors import BadRequest, NotFound, TooLarge, Unprocessable, UnsupportedMedia, responses
from shared.paging import Paging

router = APIRouter()

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
    receipt, new = await snapshots.push_snapshot(
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
    rows = await store.snapshots.list_snapshots(session, page.limit + 1, str(page.after[0]) if page.after else None)
    shown, following = page.cut(rows, lambda row: [row.id])
    items = [SnapshotSummary.model_validate({**row.receipt, "taken_at": row.taken_at}) for row in shown]
    return SnapshotList(items=items, next=following)


@router.get("/snapshots/{snapshot_id}", dependencies=[Depends(allow("hr-feeder"))], responses=responses(NotFound))
async def get_snapshot(session: Reader, snapshot_id: Annotated[str, Path(max_length=100)]) -> Receipt:
    """The receipt again, as the push got it."""
    row = await store.snapshots.find_snapshot(session, snapshot_id)
    if row is None:
        raise UnknownSnapshot(f"{snapshot_id}: no snapshot has this id")
    return Receipt.model_validate(row.receipt)
