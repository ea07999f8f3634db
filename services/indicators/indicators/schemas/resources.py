"""Requests and answers about money and about the gender-equality marker."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field

from indicators.rules.resources import Totals, Variance
from indicators.schemas.definitions import Source
from shared.events.resources import BudgetLine, MarkersState, ResourcesState
from shared.figures import Figure
from shared.requests import Label, Request


class LineDefinition(Request):
    """One source of funds. No number is not a zero: the text says what the document prints instead."""

    source: Label
    budget: Figure | None = None
    budget_text: Label | None = None
    expenditure: Figure | None = None
    expenditure_text: Label | None = None


class ResourcesDefinition(Request):
    unit: Label
    lines: Annotated[list[LineDefinition], Field(min_length=1, max_length=50)]
    published_budget: Figure | None = None
    published_expenditure: Figure | None = None
    provenance: Source | None = None


class Line(BudgetLine):
    variance: Variance | None
    """None where budget or expenditure is no number."""


class Resources(ResourcesState):
    """As reported, with what the lines add up to beside what was published."""

    lines: list[Line]  # type: ignore[assignment]  # each with its variance
    totals: Totals
    version: int


class LevelDefinition(Request):
    level: Annotated[int, Field(strict=True, ge=0, le=9)]
    count: Annotated[int, Field(strict=True, ge=0, le=10**12)] | None = None
    share: Annotated[Decimal, Field(ge=0, le=100, max_digits=15, decimal_places=3)] | None = None
    expenditure: Figure | None = None


class MarkersDefinition(Request):
    levels: Annotated[list[LevelDefinition], Field(min_length=1, max_length=10)]
    provenance: Source | None = None


class Markers(MarkersState):
    version: int


class AllResources(BaseModel):
    items: list[Resources]
    next: str | None


class AllMarkers(BaseModel):
    items: list[Markers]
    next: str | None
