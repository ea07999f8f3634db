"""Flow accounts as they are shown. A figure that is withheld is null, and its line says `suppressed`; it is never 0."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from hr_diversity.schemas.measures import Line


class Residual(BaseModel):
    """What no term explains: people whose sex was stated anew between the two days. Negative where it was stated otherwise before."""

    women: int | None
    men: int | None
    other: int | None
    suppressed: bool


class FlowLine(BaseModel):
    """before + in - out + residual = after, for women, for men and for other."""

    grade: str | None = Field(description="null for all grades; `senior`: P5 and above as one line")
    before: Line
    after: Line
    terms: dict[str, Line]
    residual: Residual


class Account(BaseModel):
    population: str = Field(description="whole, regular_budget, or a contract source")
    lines: list[FlowLine]
    total: FlowLine


class ComparedSnapshot(BaseModel):
    snapshot: str
    as_of: date


class Flows(BaseModel):
    """The whole staff by grade up to P4; the regular budget in all, and P5 and above. `full`: every grade of every contract source."""

    source: str
    since: date
    as_of: date
    detail: Literal["published", "full"]
    accounts: list[Account]
    terms: dict[str, str] = Field(description="what each term counts")
    measures: list[str] = Field(description="the measures that were drawn from it")
    rule: str
    before: ComparedSnapshot
    after: ComparedSnapshot
