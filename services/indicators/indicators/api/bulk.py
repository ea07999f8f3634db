"""Bulk work: a template with the present state, and results by the thousand from XLSX, CSV or JSON."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel

from indicators import rules, schemas, sheets, store
from indicators.api.scope import PlanCode, units_of
from indicators.code_lists import CODE_LISTS
from indicators.schemas.bulk import Row, Upload
from indicators.service import bulk
from indicators.store.ledger import Ledger, Line
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import (
    BadRequest,
    Forbidden,
    NotFound,
    TooLarge,
    Unavailable,
    Unprocessable,
    UnsupportedMedia,
    responses,
)
from shared.events.indicators import IndicatorState, Target
from shared.events.results import Review
from shared.idempotency import OnceOnly

router = APIRouter(tags=["bulk"])
Uploader = Annotated[Principal, Depends(allow("custodian", "operator"))]
JSON = "application/json"
EXPLAINED_LISTS = ("no_data", "status", "kind")
_ROW = schemas.bulk.UploadedResult.model_json_schema(ref_template="#/components/schemas/{model}")
_ROW.pop("$defs")  # they are described with the request for a single result
FILE = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {
                "schema": {
                    "type": "object",
                    "required": ["results"],
                    "properties": {"results": {"type": "array", "items": _ROW}},
                    "additionalProperties": False,
                }
            },
            **{media: {"schema": {"type": "string", "format": "binary"}} for media in (sheets.CSV, sheets.XLSX)},
        },
    }
}
TEMPLATE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The template",
        "content": {media: {"schema": {"type": "string", "format": "binary"}} for media in (sheets.XLSX, sheets.CSV)},
    }
}


class NoRows(Unprocessable):
    slug = "no-rows"


class OwnResultsOnly(Forbidden):
    slug = "own-results-only"


@router.get("/template", response_class=Response, responses={**TEMPLATE, **responses(NotFound)})
async def get_template(
    principal: Anyone,
    session: Reader,
    plan: PlanCode,
    custodian: Annotated[
        str | None, Query(pattern=r"^[A-Z][A-Z0-9-]{0,39}$", description="a unit's code: its indicators only")
    ] = None,
    phase: Annotated[
        str | None, Query(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$", description="targets of this phase only")
    ] = None,
    form: Annotated[
        Literal["csv", "xlsx"] | None, Query(alias="format", description="where absent, as Accept says, otherwise XLSX")
    ] = None,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """A row for each target with what stands there now, to be filled in and sent back. A custodian gets its own units' rows."""
    await store.definitions.get_plan(session, plan)
    found = await store.bulk.list_all(session, plan, units_of(principal), custodian=custodian)
    targets = [
        (state, target)
        for state in (row.state() for row in found)
        for target in state.targets
        if phase in {None, target.phase}
    ]
    lines = [Line(plan, state.code, target.phase, target.place) for state, target in targets]
    ledger = await store.ledger.find_ledger(session, lines, [])
    form = form or ("csv" if sheets.CSV in accept.lower() else "xlsx")
    body = await asyncio.to_thread(_template, form, targets, ledger)
    media = sheets.CSV + "; charset=utf-8" if form == "csv" else sheets.XLSX
    name = "-".join(word.lower() for word in (plan, custodian, phase) if word)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{form}"', "Vary": "Accept, Authorization"}
    return Response(body, media_type=media, headers=headers)


def _template(form: str, targets: Sequence[tuple[IndicatorState, Target]], ledger: Ledger) -> bytes:
    rows, choices = [], []
    for number, (state, target) in enumerate(targets, 1):
        key = f"{state.plan}/{state.code}/{target.phase}/{target.place}"
        line = ledger.lines[key]
        rows.append(rules.sheet.cells_of(state, target, ledger.standing(key), line.status, line.sequence))
        choices += [sheets.Choice(number, *choice) for choice in rules.sheet.choices_of(state)]
    if form == "csv":
        return sheets.write_csv(rules.sheet.COLUMNS, rows)
    explained = list(rules.sheet.EXPLAINED.items())
    explained += [(code, meaning) for name in EXPLAINED_LISTS for code, meaning in CODE_LISTS[name].items()]
    fixed, widths = rules.sheet.FIXED, rules.sheet.WIDTHS
    return sheets.write_xlsx(sheets.Sheet(rules.sheet.COLUMNS, rows, fixed, widths, explained, choices))


@router.post(
    "/results",
    response_model=Upload,
    responses=responses(BadRequest, NotFound, TooLarge, UnsupportedMedia, Unprocessable, Unavailable),
    openapi_extra=FILE,
)
async def record_results(
    request: Request,
    principal: Uploader,
    session: Session,
    plan: PlanCode,
    once: OnceOnly,
    dry_run: Annotated[bool, Query(description="answer every row and record nothing")] = False,
    published: Annotated[
        bool, Query(description="an operator's: published figures of any unit, accepted at once")
    ] = False,
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Records every row of an XLSX or CSV file, or of a JSON list, and answers each: what it creates or changes, that it changes
    nothing, or why it is refused. All of them are recorded or, where one is refused, none (422 with every row's answer). Sent again,
    the same content changes nothing.
    """
    units, review = _acts_as(principal, published=published)
    rows = await _rows(content_type, await request.body())

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        done = await bulk.record_results(session, plan, rows, principal, units, dry_run=dry_run, review=review)
        return done, {}

    return await once.answer(session, 200, effect)


def _acts_as(principal: Principal, *, published: bool) -> tuple[list[str] | None, Review]:
    """A custodian records what waits for review, for its own units; an operator what was published, for all."""
    if published:
        if not principal.has("operator"):
            raise OwnResultsOnly("published figures are loaded by an operator; leave published out to report your own")
        return None, "accepted"
    if not principal.has("custodian"):
        raise OwnResultsOnly("an operator loads published figures only: say published=true")
    return sorted(principal.units), "submitted"


async def _rows(content_type: str, body: bytes) -> list[Row]:
    """At least one. Raises NoRows, and what the formats raise."""
    rows = await _read(content_type, body)
    if not rows:
        raise NoRows("there is no row with a result: the file ends with its header, or the list is empty")
    return rows


async def _read(content_type: str, body: bytes) -> list[Row]:
    media = content_type.partition(";")[0].strip().lower()
    columns, needed = rules.sheet.COLUMNS, rules.sheet.NEEDED
    if media == JSON:
        return await asyncio.to_thread(schemas.bulk.rows_of_json, body)
    if media == sheets.CSV:
        table = await asyncio.to_thread(sheets.read_csv, body, columns, needed)
    elif media == sheets.XLSX:
        table = await sheets.read_xlsx(body, columns, needed)
    else:
        raise UnsupportedMedia(f"Content-Type {media[:100]!r}: read are {JSON}, {sheets.CSV}, {sheets.XLSX}")
    return await asyncio.to_thread(schemas.bulk.rows_of_table, table)
