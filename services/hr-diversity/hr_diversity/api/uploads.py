"""Routes of files that are sent in parts: declare, add, look, complete, give up."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response

from hr_diversity import store
from hr_diversity.api.snapshots import read_asked, receive
from hr_diversity.models import Upload as UploadRecord
from hr_diversity.schemas.snapshots import DryRun, Receipt
from hr_diversity.schemas.uploads import Upload, Uploads
from hr_diversity.service import completions, uploads
from hr_diversity.service.deltas import Asked
from shared.auth import Principal, allow
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
from shared.idempotency import OnceOnly
from shared.limits import SmallBodyRoute
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters

permitted = allow("hr-feeder", "operator")
walls: dict[str, Any] = {
    "prefix": "/uploads",
    "tags": ["uploads"],
    "dependencies": [Depends(permitted), Depends(refuse_unknown_parameters)],
}
small = APIRouter(route_class=SmallBodyRoute, **walls)
parts = APIRouter(**walls)

Caller = Annotated[Principal, Depends(permitted)]
UploadId = Annotated[str, Path(max_length=100)]
Digest = Annotated[
    str | None, Query(pattern="^[0-9a-f]{64}$", description="SHA-256 of the whole file as it is sent, in hex")
]
PART: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@small.post(
    "",
    status_code=201,
    response_model=Upload,
    responses=responses(BadRequest, Conflict, UnsupportedMedia, Unprocessable),
)
async def declare_upload(
    request: Request,
    session: Session,
    caller: Caller,
    once: OnceOnly,
    asked: Annotated[Asked, Depends(read_asked)],
    digest: Digest = None,
    content_type: Annotated[str, Header(max_length=200)] = "",
    content_encoding: Annotated[str, Header(max_length=50)] = "",
) -> Response:
    """Says what file will come, with its Content-Type and Content-Encoding; this request itself has no body. A dry run is asked for at
    the completion.
    """

    async def effect() -> tuple[Upload, dict[str, str]]:
        row = await uploads.declare_upload(
            session, asked, (content_type, content_encoding), digest, caller, request.app.state.database
        )
        return await _shown(session, row), {"Location": f"/hr-diversity/v1/uploads/{row.id}"}

    return await once.answer(session, 201, effect)


@small.get("", responses=responses(BadRequest))
async def list_uploads(session: Reader, caller: Caller, page: Paging, digest: Digest = None) -> Uploads:
    """The caller's uploads, the newest first; of everybody for an operator. `digest` finds that of a file."""
    subject = None if caller.has("operator") else caller.subject
    rows, following = await store.uploads.list_uploads(session, subject, digest, page)
    return Uploads(items=[await _shown(session, row) for row in rows], next=following)


@small.get("/{upload_id}", responses=responses(NotFound))
async def get_upload(session: Reader, caller: Caller, upload_id: UploadId) -> Upload:
    """How far it is: bytes that are stored, lines that are counted, and the receipt, or the problem for which it was refused."""
    return await _shown(session, await uploads.get_upload(session, upload_id, caller))


@parts.patch(
    "/{upload_id}",
    status_code=204,
    response_class=Response,
    responses=responses(BadRequest, Conflict, NotFound, TooLarge, Unprocessable),
    openapi_extra=PART,
)
async def append_to_upload(
    request: Request,
    caller: Caller,
    upload_id: UploadId,
    upload_offset: Annotated[int, Header(ge=0, le=1 << 53, description="how many bytes of the file come before these")],
) -> Response:
    """Adds the bytes of the body. Whatever arrived is stored, also where the connection breaks; 409 says where to go on
    (Upload-Offset).
    """
    state = request.app.state
    offset = await uploads.append(
        state.database, upload_id, caller, upload_offset, receive(request), settings=state.settings
    )
    return Response(status_code=204, headers={"Upload-Offset": str(offset)})


@small.post(
    "/{upload_id}/completion",
    status_code=201,
    response_model=Receipt,
    responses={
        200: {
            "model": Receipt | DryRun,
            "description": "Taken in before, this is its receipt; or what would become of it",
        },
        **responses(Conflict, NotFound, TooLarge, Unavailable, Unprocessable),
    },
)
async def complete_upload(
    request: Request,
    caller: Caller,
    upload_id: UploadId,
    digest: Digest = None,
    *,
    dry_run: Annotated[bool, Query(description="say what would become of it, and keep the parts")] = False,
) -> Response:
    """Takes the file in as a push of the same bytes. Safe to repeat; after it the parts are deleted."""
    state = request.app.state
    receipt, new = await completions.complete_upload(
        state.database, upload_id, caller, digest=digest, dry_run=dry_run, settings=state.settings
    )
    headers = {} if isinstance(receipt, DryRun) else {"Location": f"/hr-diversity/v1/snapshots/{receipt.id}"}
    return Response(receipt.model_dump_json(), 201 if new else 200, headers, "application/json")


@small.delete("/{upload_id}", status_code=204, response_class=Response, responses=responses(Conflict, NotFound))
async def give_up(session: Session, caller: Caller, upload_id: UploadId) -> Response:
    """Deletes the upload and its parts. A snapshot that came of it stays."""
    await uploads.give_up(session, upload_id, caller)
    return Response(status_code=204)


async def _shown(session: Session, row: UploadRecord) -> Upload:
    """One that says it is counting, and that nobody counts, was interrupted: it waits for its completion."""
    state = row.state
    if state == "counting" and not await store.uploads.is_claimed(session, row.id):
        state = "receiving"
    told = {name: getattr(row, name) for name in Upload.model_fields if hasattr(row, name)}
    receipt = await completions.find_receipt(session, row)
    return Upload.model_validate({**told, "state": state, "offset": row.received, "receipt": receipt})


router = APIRouter()
router.include_router(small)
router.include_router(parts)
