"""Routes of staffing snapshots: a push and its receipts."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from hr_diversity import store
from hr_diversity.intake import FORMATS, choose_form
from hr_diversity.models import Snapshot
from hr_diversity.schemas.snapshots import (
    DryRun,
    Mode,
    Receipt,
    RefusedValue,
    RefusedValues,
    SnapshotList,
    SnapshotSummary,
)
from hr_diversity.service import snapshots
from hr_diversity.service.deltas import Asked
from hr_diversity.service.sources import find_layout
from shared.auth import allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    Conflict,
    NotFound,
    TooLarge,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
    responses,
)
from shared.formulas import guard
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters

router = APIRouter(dependencies=[Depends(allow("hr-feeder")), Depends(refuse_unknown_parameters)])

Source = Annotated[
    str, Query(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", description="the system that the snapshot comes from")
]
FILE = {
    "requestBody": {
        "required": True,
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in FORMATS},
    }
}


def read_asked(
    source: Source,
    as_of: Annotated[date, Query(description="the day whose end the snapshot shows")],
    mode: Annotated[
        Mode, Query(description="full: the whole staff; delta: who is new or changed, and, with `gone` true, who left")
    ] = "full",
    base: Annotated[
        date | None,
        Query(description="the day of the snapshot that a delta stands on; without it the latest one not after as_of"),
    ] = None,
    *,
    dry_run: Annotated[bool, Query(description="say what would become of it, and do nothing")] = False,
) -> Asked:
    return Asked(source, as_of, mode, base, dry_run)


class UploadBrokeOff(BadRequest):
    slug = "upload-broke-off"


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
    response_model=Receipt,
    responses={
        200: {
            "model": Receipt | DryRun,
            "description": "Pushed before, this is its receipt; or what would become of it",
        },
        **responses(BadRequest, Conflict, NotFound, TooLarge, Unavailable, UnsupportedMedia, Unprocessable),
    },
    openapi_extra=FILE,
)
async def push_snapshot(
    request: Request,
    session: Session,
    asked: Annotated[Asked, Depends(read_asked)],
    content_type: Annotated[str, Header()] = "",
    content_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Takes in who is on the staff, and draws all measures from it. Safe to repeat: the content is its own idempotency key.

    Another content for the same source and date is a correction, with the next revision. Rows that break a rule are left out and
    named in the receipt, by their line: of CSV and XLSX the header is line 1, of NDJSON and Parquet the first row. Where the source
    has a declaration, its own names of columns and values are read and named.

    A delta (mode=delta) has the rows of those who are new or changed, and may have a column `gone` (true or false); of those who are
    gone it needs no more than the staff id. What comes of it is a snapshot of the whole staff like any other.
    """
    layout = await find_layout(request.app.state.database, asked.source)
    form, packed = choose_form(content_type, content_encoding, layout.encoding)
    receipt, new = await snapshots.push_snapshot(
        session,
        receive(request),
        form,
        packed=packed,
        asked=asked,
        layout=layout,
        settings=request.app.state.settings,
    )
    if isinstance(receipt, DryRun):
        return Response(receipt.model_dump_json(), 200, media_type="application/json")
    place = f"/hr-diversity/v1/snapshots/{receipt.id}"
    return Response(receipt.model_dump_json(), 201 if new else 200, {"Location": place}, "application/json")


@router.get("/snapshots")
async def list_snapshots(session: Reader, page: Paging) -> SnapshotList:
    """What was pushed, the newest first."""
    rows, following = await store.snapshots.list_snapshots(session, page)
    return SnapshotList(items=[_summary(row) for row in rows], next=following)


@router.get("/snapshots/{snapshot_id}", responses=responses(NotFound))
async def get_snapshot(session: Reader, snapshot_id: Annotated[str, Path(max_length=100)]) -> Receipt:
    """The receipt again, as the push got it."""
    return Receipt.model_validate((await store.snapshots.get_snapshot(session, snapshot_id)).receipt)


@router.get(
    "/snapshots/{snapshot_id}/refused",
    response_model=RefusedValues,
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}, **responses(NotFound)},
)
async def get_refused(
    session: Reader,
    snapshot_id: Annotated[str, Path(max_length=100)],
    form: Annotated[
        Literal["json", "csv"], Query(alias="format", description="csv: a file for a spreadsheet")
    ] = "json",
) -> Response:
    """All that was refused of a push, ten thousand findings at the most, where the receipt shows the first hundred."""
    row = await store.snapshots.get_snapshot(session, snapshot_id)
    found = await store.snapshots.list_findings(session, snapshot_id)
    if form == "json":
        total = row.receipt["refused_total"]
        values = {"snapshot": row.id, "kept": len(found), "refused_total": total, "items": found}
        return Response(RefusedValues.model_validate(values).model_dump_json(), media_type="application/json")
    name = f"refused-{row.source}-{row.as_of}-{row.revision}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write_refused(found), 200, headers, "text/csv; charset=utf-8")


def write_refused(found: Iterable[dict[str, Any]]) -> bytes:
    """UTF-8 with the mark that makes Excel read it so, and no formula in it: values are what others sent."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(RefusedValue.model_fields)
    for one in found:
        writer.writerow(guard(str(one[name])) if one[name] is not None else "" for name in RefusedValue.model_fields)
    return out.getvalue().encode("utf-8-sig")


def _summary(row: Snapshot) -> SnapshotSummary:
    since = {"headcount": row.headcount, "taken_at": row.taken_at, "rows_deleted_at": row.rows_deleted_at}
    return SnapshotSummary.model_validate({**row.receipt, **since})
