"""The shapes of reporting's answers, for its description. The bytes themselves are composed in `consolidated` and kept ready."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.events.hr_diversity import Cell
from shared.figures import Figure


class Tally(BaseModel):
    """Counts with their shares in per cent, half up to one decimal, of all targets of the group."""

    total: int
    counts: dict[str, int] = Field(examples=[{"on_track": 2, "not_on_track": 20, "data_unavailable": 7}])
    shares: dict[str, float | int | None]


class GroupTally(Tally):
    """A tally of one area, custodian, portfolio or region, which is named by a field of that name."""

    model_config = ConfigDict(extra="allow")

    title: str


class PublishedFigures(BaseModel):
    """A source's headline figures; `difference` = computed - published."""

    total: int
    counts: dict[str, int]
    shares: dict[str, float | int | None]
    rounding: str | None
    provenance: dict[str, Any] | None
    difference: dict[str, Any]


class Status(BaseModel):
    plan: str
    title: str
    phase: str
    phase_title: str
    vocabulary: str
    targets: Tally
    indicators: Tally
    by_area: list[GroupTally]
    by_custodian: list[GroupTally]
    by_portfolio: list[GroupTally]
    by_region: list[GroupTally]
    published: PublishedFigures | None
    as_of: datetime
    position: str = Field(description="what `since` of the live feed takes, so that no change is missed")


class Card(BaseModel):
    plan: str
    code: str
    title: str
    area: str
    area_title: str
    kind: str
    unit: str | None
    fed_by: str | None
    custodians: list[dict[str, str]]
    state: list[dict[str, Any]]
    why: list[dict[str, Any]]
    history: list[dict[str, Any]]
    earlier: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    provenance: dict[str, Any] | None
    version: int
    position: str


class IndicatorsBrief(BaseModel):
    items: list[dict[str, Any]]
    position: str


class RecommendationGroup(BaseModel):
    """How many recommendations of a unit are in each state."""

    unit: str
    total: int
    counts: dict[str, int]


class Recommendations(BaseModel):
    items: list[dict[str, Any]]
    evaluations: list[dict[str, Any]]
    total: int
    by_state: dict[str, int]
    by_unit: list[RecommendationGroup]
    position: str


class Parity(BaseModel):
    code: str
    title: str
    as_of: date
    source: str
    dimension: str | None
    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool
    cells: list[Cell]
    derived_from: dict[str, Any]
    series: list[dict[str, Any]]
    position: str


class Change(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    view: str
    key: str
    at: datetime


class Changes(BaseModel):
    items: list[Change]
    position: str
