"""Measures as they are shown. A figure that is withheld is null, and its line says `suppressed`; it is never 0."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from shared.figures import Figure


class Line(BaseModel):
    """share = women / (women + men) * 100, per cent, half up to one decimal; `other` (X or not stated) stands beside it."""

    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool = Field(description="at least one figure of this line is withheld, and is null")


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
    dimension: str | None = Field(
        description="a column of people, or two with a slash between them, as the groups have"
    )
    cells: list[GroupLine]
    definition: str
    population: str = Field(description="who is counted")
    unit: str = Field(description="what is counted")
    numerator: int | None = Field(None, description="of a rate that is not of women and men")
    denominator: int | None = None
    source_note: str | None = Field(
        None,
        description="what the source says of itself, as that nobody of its staff exists: show it beside the figure",
    )
    detail: Literal["published", "full"] = "published"
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
    population: str = Field(description="who is counted")
    unit: str = Field(description="what is counted")
    formula: str = Field(description="the document that the definition comes from")
    rule: str
    dimension: str | None
    drawn: list[DrawnFrom] = Field(description="the latest first, at most 500")


class Catalogue(BaseModel):
    items: list[CatalogueEntry]
