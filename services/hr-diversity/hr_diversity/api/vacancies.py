"""Routes of the vacancy register. What single vacancies say of applicants is for the HR role, and that it read it is on record; others
read what is made of many.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel, ValidationError

from hr_diversity import store
from hr_diversity.models import Vacancy as VacancyRecord
from hr_diversity.schemas.vacancies import (
    REFERENCE,
    NewVacancy,
    Refusal,
    RegisterChange,
    RegisterChanges,
    RowAnswer,
    Vacancies,
    Vacancy,
    VacancyBatch,
    VacancyRow,
)
from hr_diversity.service import vacancies
from hr_diversity.service.disclosures import disclose
from hr_diversity.store.vacancies import Filters
from shared.auth import Principal, allow
from shared.database import Session
from shared.errors import (
    BadRequest,
    FieldError,
    NotFound,
    PreconditionFailed,
    PreconditionRequired,
    TooLarge,
    Unprocessable,
    UnsupportedMedia,
    responses,
    shorten,
)
from shared.events.hr_diversity import ContractSource, Track
from shared.idempotency import OnceOnly
from shared.limits import SmallBodyRoute
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters
from shared.versions import IfMatch, etag

router = APIRouter(
    prefix="/vacancies",
    tags=["vacancies"],
    route_class=SmallBodyRoute,
    dependencies=[Depends(allow("hr-feeder")), Depends(refuse_unknown_parameters)],
)
Reference = Annotated[str, Path(pattern=REFERENCE)]
Feeder = Annotated[Principal, Depends(allow("hr-feeder"))]
JSON, NDJSON = "application/json", "application/x-ndjson"
MOST_ROWS = 10_000
MOST_CONTAINERS = 100_000
"""A vacancy is six objects. Of `[],` repeated, 16 MB would become 400 MB of lists."""
_ROW = VacancyRow.model_json_schema(ref_template="#/components/schemas/{model}")
_ROW.pop("$defs")
BATCH = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": {"type": "array", "items": _ROW, "maxItems": MOST_ROWS}},
            NDJSON: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class NoRows(Unprocessable):
    slug = "no-rows"


def _asked(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}".rstrip("?")


def _answer(row: VacancyRecord) -> Vacancy:
    said = {name: getattr(row, name) for name in NewVacancy.model_fields}
    return Vacancy(reference=row.key, version=row.sequence, **said)


@router.put(
    "/{reference}",
    response_model=Vacancy,
    responses={
        201: {"model": Vacancy, "description": "It was not known before"},
        **responses(BadRequest, PreconditionFailed, PreconditionRequired, TooLarge, Unprocessable),
    },
)
async def register_vacancy(session: Session, reference: Reference, body: NewVacancy, if_match: IfMatch) -> Response:
    """A new vacancy, or another state of one that is known (If-Match). Said again as it stands, nothing happens."""
    row, new = await vacancies.register_vacancy(session, reference, body, if_match)
    headers = {"ETag": etag(row.sequence)}
    return Response(_answer(row).model_dump_json(), 201 if new else 200, headers, JSON)


@router.post(
    "",
    response_model=VacancyBatch,
    responses=responses(BadRequest, TooLarge, UnsupportedMedia, Unprocessable),
    openapi_extra=BATCH,
)
async def register_vacancies(
    request: Request,
    session: Session,
    once: OnceOnly,
    dry_run: Annotated[bool, Query(description="answer every row and store nothing")] = False,
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Many vacancies, as a JSON list or as NDJSON, each row answered. All are stored or, where one is refused, none (422 with every
    row's answer). Sent again, the same content changes nothing.
    """
    rows = list(_rows(_entries(await request.body(), content_type)))

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        return await vacancies.register_vacancies(session, rows, dry_run=dry_run), {}

    return await once.answer(session, 200, effect)


@router.get("")
async def list_vacancies(
    request: Request,
    principal: Feeder,
    session: Session,
    page: Paging,
    unit: Annotated[str | None, Query(max_length=40)] = None,
    track: Track | None = None,
    funding: ContractSource | None = None,
    grade: Annotated[str | None, Query(max_length=10)] = None,
    posted_from: date | None = None,
    posted_to: date | None = None,
    open_: Annotated[bool | None, Query(alias="open", description="neither on post nor cancelled")] = None,
) -> Vacancies:
    """By reference."""
    await disclose(session, principal, _asked(request))
    filters = Filters(unit, track, funding, grade, posted_from, posted_to, open_)
    rows, following = await store.vacancies.list_vacancies(session, filters, page)
    return Vacancies(items=[_answer(row) for row in rows], next=following)


@router.get("/{reference}", response_model=Vacancy, responses=responses(NotFound))
async def get_vacancy(request: Request, principal: Feeder, session: Session, reference: Reference) -> Response:
    await disclose(session, principal, _asked(request))
    row = await store.vacancies.get_vacancy(session, reference)
    return Response(_answer(row).model_dump_json(), 200, {"ETag": etag(row.sequence)}, JSON)


@router.get("/{reference}/changes", responses=responses(NotFound))
async def list_vacancy_changes(
    request: Request, principal: Feeder, session: Session, reference: Reference, page: Paging
) -> RegisterChanges:
    """Who changed it when, and what the register held from then on, by sequence."""
    await disclose(session, principal, _asked(request))
    await store.vacancies.get_vacancy(session, reference)
    rows, following = await store.changes.list_changes(session, f"vacancy/{reference}", page)
    return RegisterChanges(items=[RegisterChange.model_validate(row) for row in rows], next=following)


def _entries(body: bytes, content_type: str) -> list[Any]:
    """What stands for each row. Raises UnsupportedMedia, TooLarge, NoRows."""
    media = content_type.partition(";")[0].strip().lower()
    if media not in {JSON, NDJSON}:
        raise UnsupportedMedia(f"{media or 'no content type'}: a batch is {JSON} or {NDJSON}")
    if body.count(b"{") + body.count(b"[") > MOST_CONTAINERS:
        raise TooLarge("the body holds more lists and objects than the most vacancies would; send it in parts")
    lines = [body] if media == JSON else [line for line in body.splitlines() if line.strip()]
    if len(lines) > MOST_ROWS:
        raise TooLarge(f"{len(lines):,} rows; the most is {MOST_ROWS:,}. Send them in parts")
    entries = []
    for number, line in enumerate(lines, 1):
        try:
            entries.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            detail = f"no JSON: {error}"
            where = "" if media == JSON else f"row {number}: "
            raise NoRows(where + detail, errors=[FieldError(pointer="#", detail=where + detail)]) from error
    if media == JSON:
        entries = entries[0]
    if not isinstance(entries, list) or not 0 < len(entries) <= MOST_ROWS:
        detail = f"a batch is a list of 1 to {MOST_ROWS:,} vacancies"
        raise NoRows(detail, errors=[FieldError(pointer="#", value=shorten(entries), detail=detail)])
    return entries


def _rows(entries: list[Any]) -> Iterator[RowAnswer | VacancyRow]:
    for number, entry in enumerate(entries, 1):
        try:
            yield VacancyRow.model_validate(entry)
        except ValidationError as error:
            reference = entry.get("reference") if isinstance(entry, dict) else None
            refused = [
                Refusal(
                    field="/".join(map(str, one["loc"])),
                    value=shorten(one["input"]),
                    rule="invalid-request",
                    detail=one["msg"],
                )
                for one in error.errors(include_url=False, include_context=False)
            ]
            shown = reference[:64] if isinstance(reference, str) else None
            yield RowAnswer(row=number, reference=shown, outcome="refused", refused=refused)
