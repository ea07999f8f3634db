"""What a push of a snapshot is answered."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field, field_validator

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


Mode = Literal["full", "delta"]


class Base(BaseModel):
    """The snapshot that a delta was laid on. Where it was corrected since, the delta's snapshot is still of this one."""

    id: str
    as_of: date
    revision: int


class Outcome(BaseModel):
    """What becomes of a push. `refused_total` rows are left out; `refused` holds what is wrong with the first of them, and
    `refused_by_rule` counts all that is wrong: a row may break several rules.

    rows = accepted + gone + refused_total, all of the file. `headcount` is the number of people in the snapshot that comes of it:
    of a delta, added + changed + unchanged.
    """

    source: str
    as_of: date
    mode: Mode = "full"
    base: Base | None = Field(None, description="of a delta only")
    revision: int = Field(
        description="counts the contents pushed for this source and date from 1; the highest is current"
    )
    rows: int
    accepted: int
    headcount: int | None = Field(None, description="null in receipts of before it was counted: it is `accepted` there")
    added: int | None = Field(None, description="people who are not in the base; of a delta only, as the next three")
    changed: int | None = Field(None, description="people of whom the file says something else than the base")
    unchanged: int | None = Field(None, description="people of the base who stay as they are, given again or not")
    gone: int | None = Field(None, description="people of the base who left")
    refused: list[RefusedValue]
    refused_total: int
    refused_by_rule: dict[str, int]
    unknown_codes: dict[str, dict[str, int]] | None = Field(
        None,
        description="column: {code: rows refused for it}, of each column the 20 that are most often there, in the words of the file",
        examples=[{"grade": {"P9": 12}}],
    )
    missing: dict[str, int] | None = Field(
        None,
        description="our column: accepted rows that say nothing in it. A row without sex is accepted, and counted as other",
        examples=[{"sex": 3, "birth_year": 40}],
    )
    released: bool = Field(True, description="whether its figures are published")
    held: str | None = Field(None, description="why they are not: too few came or left since those that are")
    measures: list[MeasureLine] = Field(description="as they may be shown; none where the snapshot is held")
    warnings: Warnings

    @field_validator("refused_by_rule", "missing")
    @classmethod
    def by_name(cls, counts: dict[str, int] | None) -> dict[str, int] | None:
        """In one order, whatever order the database gives: a push that comes again is answered the same bytes."""
        return None if counts is None else dict(sorted(counts.items()))

    @field_validator("unknown_codes")
    @classmethod
    def by_count(cls, codes: dict[str, dict[str, int]] | None) -> dict[str, dict[str, int]] | None:
        if codes is None:
            return None
        most_first = {name: sorted(of.items(), key=lambda one: (-one[1], one[0])) for name, of in sorted(codes.items())}
        return {name: dict(of) for name, of in most_first.items()}


class Receipt(Outcome):
    """What became of a push: it is stored, and its measures are stated."""

    id: str
    dry_run: Literal[False] = False


class DryRun(Outcome):
    """What would become of a push: nothing is stored, and no measure is stated. The measures are as they would be shown."""

    id: None = None
    dry_run: Literal[True] = True


class SnapshotSummary(BaseModel):
    id: str
    source: str
    as_of: date
    mode: Mode = "full"
    base: Base | None = None
    revision: int
    rows: int
    accepted: int
    headcount: int | None = None
    refused_total: int
    released: bool = True
    taken_at: datetime
    rows_deleted_at: datetime | None = Field(
        None, description="when the rows were deleted; the measures stay, and no delta or flow can stand on it any more"
    )


class SnapshotList(BaseModel):
    items: list[SnapshotSummary]
    next: str | None


class RefusedValues(BaseModel):
    """All findings of a push that were kept, in the order of the lines; `refused_by_rule` of the receipt counts those beyond, too."""

    snapshot: str
    kept: int
    refused_total: int
    items: list[RefusedValue]


class Erased(BaseModel):
    """The rows of a snapshot are deleted. `carried_by` are the snapshots that deltas made of it: they hold its people in rows of their
    own, which stay.
    """

    snapshot: str
    rows: int
    rows_deleted_at: datetime
    carried_by: list[str]
