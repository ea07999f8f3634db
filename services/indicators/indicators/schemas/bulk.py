"""Many results at once: what a row of an upload gives, and what every row is answered."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import orjson
from pydantic import BaseModel, Field, ValidationError

from indicators.rules.cells import Cell
from indicators.rules.sheet import SAID, fields_of
from indicators.schemas.definitions import Code, Whole
from indicators.schemas.results import NewResult
from indicators.sheets import MOST_ROWS, NoTable, Table, TooManyRows
from shared.errors import FieldError, shorten
from shared.events.indicators import Status
from shared.events.results import NoDataReason, ResultPart, Review
from shared.figures import Figure

INVALID = "invalid-request"
MOST_CONTAINERS, MOST_COMMAS = 200_000, 2_000_000
"""What a JSON body may hold of either: of `[],` repeated, 16 MB would become 400 MB of lists."""


class UploadedResult(NewResult):
    """One result with the indicator that it is of. `version` is that of the target's results when they were read (0: there were none);
    where it is given and others have reported since, the row is refused.
    """

    indicator: Code
    version: Whole | None = None


class Refusal(BaseModel):
    """Why a row is refused: `column` (or JSON field), its value, the rule's name, and what is wrong."""

    column: str
    value: Any = None
    rule: str
    detail: str


def _is_none(value: object) -> bool:
    return value is None


def said_or_left_out() -> Any:
    return Field(default=None, exclude_if=_is_none)


class Said(BaseModel):
    """A result in short: what it does not say is left out. `number` is there once it is recorded."""

    number: int | None = said_or_left_out()
    as_of: date
    value: Figure | None = said_or_left_out()
    numerator: int | None = said_or_left_out()
    denominator: int | None = said_or_left_out()
    reached: bool | None = said_or_left_out()
    category: str | None = said_or_left_out()
    parts: list[ResultPart] | None = said_or_left_out()
    no_data: NoDataReason | None = said_or_left_out()
    review: Review


Outcome = Literal["would_create", "would_change", "created", "changed", "unchanged", "refused"]


class RowAnswer(BaseModel):
    """What becomes of a row. `before` is what was said of the same day, otherwise what stands; `after` is what the row says. The
    statuses are the target's without and with the row, `version` that of its results with it.
    """

    row: int = Field(description="as a spreadsheet counts them (the header is row 1); in JSON from 1")
    indicator: str | None
    phase: str | None
    place: str | None
    outcome: Outcome
    before: Said | None = None
    after: Said | None = None
    status_before: Status | None = None
    status_after: Status | None = None
    version: int | None = None
    refused: list[Refusal] = []
    warnings: list[str] = []


class Upload(BaseModel):
    """`counts` by outcome. Of a dry run nothing was stored, nor where a row is refused: then rows say what they would do."""

    plan: str
    dry_run: bool
    rows: int
    counts: dict[Outcome, int]
    items: list[RowAnswer]


@dataclass(slots=True)
class Row:
    """A row as it came: what it gives, or why it cannot be read. `blank`: it says nothing beyond which target it is for."""

    number: int
    indicator: str | None
    phase: str | None
    place: str | None
    given: UploadedResult | None = None
    blank: bool = False
    of_sheet: bool = False
    """It came in a spreadsheet, where what was downloaded stays in each cell that nobody touches."""
    refused: list[Refusal] = field(default_factory=list)


def rows_of_table(table: Table) -> list[Row]:
    """Each row of a spreadsheet, read as the fields of one result."""
    return [_row_of_cells(number, dict(zip(table.names, row, strict=True))) for number, row in table.rows]


def _row_of_cells(number: int, cells: dict[str, Cell]) -> Row:
    fields, unreadable = fields_of(cells)
    row = _row(number, fields)
    row.of_sheet = True
    row.blank = not any(name in fields for name in SAID) and not unreadable
    row.refused += [
        Refusal(column=name, value=shorten(cell), rule=INVALID, detail=detail) for name, cell, detail in unreadable
    ]
    if row.blank:
        fields = {name: value for name, value in fields.items() if name in {"indicator", "phase", "place", "version"}}
    return _read(row, fields, {name for name, *_ in unreadable})


def rows_of_json(body: bytes) -> list[Row]:
    """Each object of the list. Raises NoTable, TooManyRows."""
    if body.count(b"[") + body.count(b"{") > MOST_CONTAINERS or body.count(b",") > MOST_COMMAS:
        raise TooManyRows("the body holds more lists and objects than the most results would; send it in parts")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise NoTable(
            f"the body is no JSON: {error}", errors=[FieldError(pointer="#", detail=f"no JSON: {error}")]
        ) from error
    entries = found.get("results") if isinstance(found, dict) else found
    if not isinstance(entries, list) or (isinstance(found, dict) and len(found) > 1):
        detail = 'must be a list of results, or {"results": [...]} and nothing else'
        raise NoTable(f"the body {detail}", errors=[FieldError(pointer="#", value=shorten(found), detail=detail)])
    if len(entries) > MOST_ROWS:
        raise TooManyRows(f"the list has {len(entries):,} results; the most is {MOST_ROWS:,}. Send it in parts")
    return [
        _read(_row(number, entry if isinstance(entry, dict) else {}), entry) for number, entry in enumerate(entries, 1)
    ]


def _row(number: int, fields: dict[str, Any]) -> Row:
    names = (fields.get(name) for name in ("indicator", "phase", "place"))
    indicator, phase, place = (name[:200] if isinstance(name, str) else None for name in names)
    return Row(number, indicator, phase, place)


def _read(row: Row, fields: Any, unread: Collection[str] = ()) -> Row:
    """`unread` are columns of which is said already what is wrong with them."""
    try:
        row.given = UploadedResult.model_validate(fields)
    except ValidationError as error:
        row.refused += [one for one in _refusals(error) if one.column.partition("/")[0] not in unread]
    if row.refused:
        row.given = None
    elif row.given is not None:
        row.place = row.given.place
    return row


def _refusals(error: ValidationError) -> Iterator[Refusal]:
    for one in error.errors(include_url=False, include_context=False):
        column = "/".join(str(part) for part in one["loc"])
        yield Refusal(column=column, value=shorten(one["input"]), rule=INVALID, detail=one["msg"])
