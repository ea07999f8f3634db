"""Requests and responses. A figure that is withheld is null, and its line says `suppressed`; it is never 0."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from shared.figures import Figure


class RefusedValue(BaseModel):
    """A rule that one row breaks. `column` is "" where the line as a whole is no row."""

    line: int = Field(description="line of the file, from 1; the header is a line")
    column: str
    value: str | None = Field(description="cut to 40 characters; null for staff ids and whole lines")
    rule: str = Field(examples=["unknown_grade"])


class Line(BaseModel):
    """share = women / (women + men) * 100, per cent, half up to one decimal; `other` (X or not stated) stands beside it."""

    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool = Field(description="at least one figure of this line is withheld, and is null")


class MeasureLine(Line):
    code: str


class HeadcountJump(BaseModel):
    before: int
    after: int
    percent: Figure
    compared_with: date


class Warnings(BaseModel):
    unknown_units: list[str] = Field(description="units of the file that are defined nowhere; their rows count")
    headcount_jump: HeadcountJump | None


class Receipt(BaseModel):
    """What became of a push. `refused_total` rows were left out; `refused` holds what is wrong with the first of them, and
    `refused_by_rule` counts all that is wrong: a row may break several rules.
    """

    id: str
    source: str
    as_of: date
    revision: int = Field(
        description="counts the contents pushed for this source and date from 1; the highest is current"
    )
    rows: int
    accepted: int
    refused: list[RefusedValue]
    refused_total: int
    refused_by_rule: dict[str, int]
    measures: list[MeasureLine]
    warnings: Warnings


class SnapshotSummary(BaseModel):
    id: str
    source: str
    as_of: date
    revision: int
    rows: int
    accepted: int
    refused_total: int
    taken_at: datetime


class SnapshotList(BaseModel):
    items: list[SnapshotSummary]
    next: str | None


class GroupLine(Line):
    group: str
    name: str | None = Field(None, description="the unit's name, where it is known")


class DerivedFrom(BaseModel):
    snapshot: str
    revision: int


class Measure(Line):
    code: str
    title: str
    as_of: date
    source: str
    dimension: str | None
    cells: list[GroupLine]
    definition: str
    rule: str
    derived_from: DerivedFrom


class DrawnFrom(BaseModel):
    source: str
    as_of: date
    revision: int


class CatalogueEntry(BaseModel):
    code: str
    title: str
    definition: str
    formula: str = Field(description="the document that the definition comes from")
    rule: str
    dimension: str | None
    drawn: list[DrawnFrom] = Field(description="the latest first, at most 500")


class Catalogue(BaseModel):
    items: list[CatalogueEntry]
