"""What the indicators service states of money and of gender-equality markers, on the topic `apge.indicators`."""

from typing import ClassVar

from shared.events.base import Aggregate, Event, State
from shared.events.indicators import Provenance
from shared.figures import Figure


class BudgetLine(State):
    """One source of funds. Where a document gives no number, the text says what it gives ("Not defined")."""

    source: str
    budget: Figure | None = None
    budget_text: str | None = None
    expenditure: Figure | None = None
    expenditure_text: str | None = None


class ResourcesState(State):
    """Budget and expenditure of an area in a phase, by source of funds; the published totals stand beside what the lines add up to."""

    plan: str
    phase: str
    area: str
    unit: str
    lines: list[BudgetLine]
    published_budget: Figure | None = None
    published_expenditure: Figure | None = None
    provenance: Provenance | None = None


class ResourcesReported(ResourcesState, Event, type="indicators.resources-reported.v1"):
    """Budget and expenditure of an area were reported, or are others than before."""

    aggregate: ClassVar[Aggregate] = "resources"


class MarkerLevel(State):
    """One level of the marker: how many results, what share as published, what was spent on them."""

    level: int
    count: int | None = None
    share: Figure | None = None
    expenditure: Figure | None = None


class MarkersState(State):
    """How results (or proposals) are distributed over the levels of the gender-equality marker, in an area or in the whole plan."""

    plan: str
    phase: str
    area: str | None = None
    population: str
    """what is counted: results, proposals, country programme outcomes"""
    levels: list[MarkerLevel]
    provenance: Provenance | None = None


class MarkersReported(MarkersState, Event, type="indicators.markers-reported.v1"):
    """A distribution over the marker's levels was reported, or is another than before."""

    aggregate: ClassVar[Aggregate] = "markers"
