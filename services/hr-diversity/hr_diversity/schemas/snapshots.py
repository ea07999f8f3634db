"""What a push of a snapshot is answered."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from hr_diversity.schemas.measures import Line
from shared.figures import Figure


class RefusedValue(BaseModel):
    """A rule that one row breaks. `column` is "" where the line as a whole is no row."""

    line: int = Field(description="line of the file, from 1; the header is a line")
    column: str
    value: str | None = Field(description="cut to 40 characters; null for staff ids and whole lines")
    rule: str = Field(examples=["unknown_grade"])


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
