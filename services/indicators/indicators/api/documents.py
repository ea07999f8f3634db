"""Documents: read and cited by everybody, attached by custodians, changed and withdrawn by who attached them or an operator."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel

from indicators import rules, schemas, store
from indicators.api.scope import answer, units_of
from indicators.models import Document
from indicators.service import documents
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    Conflict,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    UnsupportedMedia,
    responses,
)
from shared.idempotency import OnceOnly
from shared.paging import Paging
from shared.versions import IfMatch, etag

router = APIRouter(prefix="/documents", tags=["documents"])
Keeper = Annotated[Principal, Depends(allow("custodian", "operator"))]
Code = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
CHANGES = responses(BadRequest, NotFound, Conflict, PreconditionFailed, PreconditionRequired)
CONTENT = {media_type: {"schema": {"type": "string", "format": "binary"}} for media_type in rules.documents.BEGINS}


def _units(principal: Principal) -> list[str] | None:
    return None if principal.has("operator") else sorted(principal.units)


def _document(row: Document) -> schemas.documents.Document:
    return schemas.documents.Document.model_validate({**row.state().model_dump(), "version": row.sequence})


@router.get("")
async def list_documents(_: Anyone, session: Reader, page: Paging) -> schemas.documents.Documents:
    rows, following = await store.documents.list_documents(session, page)
    return schemas.documents.Documents(items=[_document(row) for row in rows], next=following)


@router.get("/{code}", response_model=schemas.documents.Document, responses=responses(NotFound))
async def get_document(_: Anyone, session: Reader, code: Code) -> Response:
    row = await store.documents.get_document(session, code)
    return answer(_document(row), row.sequence)


@router.put(
    "/{code}",
    response_model=schemas.documents.Document,
    responses={**CHANGES, 201: {"model": schemas.documents.Document}},
)
async def attach_document(
    principal: Keeper, session: Session, code: Code, body: schemas.documents.DocumentDefinition, if_match: IfMatch
) -> Response:
    """A new document, or another title or address of one that the caller's unit attached (If-Match)."""
    row, new = await documents.attach_document(session, code, body, if_match, _units(principal))
    return answer(_document(row), row.sequence, 201 if new else 200)


@router.get("/{code}/content", response_class=Response, responses={**responses(NotFound), 200: {"content": CONTENT}})
async def get_content(_: Anyone, session: Reader, code: Code) -> Response:
    """The file, to be saved and never to be shown by the browser itself."""
    row = await store.documents.get_document(session, code)
    content = await store.documents.get_content(session, row)
    headers = {
        "ETag": f'"{row.digest}"',
        "Content-Disposition": f'attachment; filename="{code}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Response(content, 200, headers, row.media_type)


@router.put(
    "/{code}/content",
    response_model=schemas.documents.Document,
    responses={**CHANGES, **responses(TooLarge, UnsupportedMedia)},
    openapi_extra={"requestBody": {"required": True, "content": CONTENT}},
)
async def keep_content(
    principal: Keeper, session: Session, code: Code, request: Request, if_match: IfMatch
) -> Response:
    """The file itself, up to 10 MB; Content-Type says what it is."""
    media_type = rules.documents.media_type_of(request.headers.get("content-type", ""))
    if media_type not in rules.documents.BEGINS:
        known = ", ".join(sorted(rules.documents.BEGINS))
        raise UnsupportedMedia(f"Content-Type: {media_type or 'none'} is not taken; send {known}")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > rules.documents.LARGEST:
            raise TooLarge(f"a document has {rules.documents.LARGEST} bytes at the most")
    row = await documents.keep_content(session, code, media_type, bytes(content), if_match, _units(principal))
    return answer(_document(row), row.sequence)


@router.post("/{code}/withdraw", response_model=schemas.documents.Document, responses=CHANGES)
async def withdraw_document(
    principal: Keeper,
    session: Session,
    code: Code,
    body: schemas.documents.Withdrawal,
    if_match: IfMatch,
    once: OnceOnly,
) -> Response:
    """The document proves nothing any more. Results that cite it are flagged."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        row = await documents.withdraw_document(session, code, body.reason, if_match, _units(principal))
        return _document(row), {"ETag": etag(row.sequence)}

    return await once.answer(session, 200, effect)


@router.get("/{code}/citations", responses=responses(NotFound))
async def list_citations(principal: Anyone, session: Reader, code: Code, page: Paging) -> schemas.documents.Citations:
    """The results that cite the document. A custodian sees those of its own units."""
    document = await store.documents.get_document(session, code)
    found, following = await store.documents.list_citations(session, code, units_of(principal), page)
    items = [
        schemas.documents.Citation.model_validate(
            {
                **{name: getattr(line, name) for name in ("plan", "indicator", "phase", "place")},
                "number": row.number,
                "review": row.review,
            }
        )
        for line, row in found
    ]
    return schemas.documents.Citations(withdrawn=document.withdrawn, items=items, next=following)
