"""The shapes of what is answered of plans, money, recommendations and changes."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Tally(BaseModel):
    """Counts with their shares in per cent, half up to one decimal, of all targets of the group."""

    total: int
    counts: dict[str, int] = Field(examples=[{"on_track": 2, "not_on_track": 20, "data_unavailable": 7}])
    shares: dict[str, float | int | None]


class GroupTally(Tally):
    """A tally of one area, custodian, portfolio or region, which is named by a field of that name. An area counts the areas below
    it too, and names its `parent`.
    """

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


class PhaseBrief(BaseModel):
    """`targets` are counted in the words of this phase's vocabulary."""

    code: str
    title: str
    starts: date
    ends: date
    vocabulary: str
    targets: Tally


class PlanBrief(BaseModel):
    """`current_phase` is the last that has targets. `changed_at`: when a result was last stated; `latest_result`: the day it is of."""

    code: str
    title: str
    version: str | None
    starts: date
    ends: date
    predecessor: str | None
    areas: int
    indicators: int
    current_phase: str
    phases: list[PhaseBrief]
    changed_at: datetime | None
    latest_result: date | None


class Plans(BaseModel):
    items: list[PlanBrief]
    position: str


class Card(BaseModel):
    plan: str
    code: str
    title: str
    area: str
    area_title: str
    kind: str
    unit: str | None
    direction: str
    definition: str | None
    categories: list[str] | None
    baseline: dict[str, Any] | None
    baseline_said: str | None
    aggregation: dict[str, str] | None
    disaggregation: list[dict[str, Any]]
    fed_by: str | None
    custodians: list[dict[str, str]]
    custodianships: list[dict[str, Any]] = Field(description="every unit that kept it, with the first and last day")
    aligned_with: list[dict[str, Any]] = Field(description="indicators of other plans that ask for the same")
    predecessor: dict[str, Any] | None = Field(
        description="with `comparable`: whether one trend may be drawn over both"
    )
    documents: list[dict[str, Any]] = Field(description="documents that its results cite as evidence")
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


class Actions(BaseModel):
    """`responsible` are the custodians and `serves` the indicators, by code and name."""

    items: list[dict[str, Any]]
    total: int
    position: str


class Sum(BaseModel):
    """What lines add up to; None where none of them has a number. `..._not_given`: how many have none."""

    budget: float | int | None
    budget_not_given: int
    expenditure: float | int | None
    expenditure_not_given: int


class AreaResources(BaseModel):
    """`difference` = sum - published. `part_of` names the area whose figures contain these."""

    area: str
    title: str
    parent: str | None
    part_of: str | None
    unit: str
    lines: list[dict[str, Any]]
    sum: Sum
    published: dict[str, float | int | None]
    difference: dict[str, float | int | None]
    provenance: dict[str, Any] | None


class SourceSum(Sum):
    source: str


class Total(Sum):
    """Over all areas that are no part of another, in one unit of money."""

    unit: str
    by_source: list[SourceSum]


class Distribution(BaseModel):
    """A population over the levels of the gender-equality marker, of an area or of the whole plan."""

    population: str
    area: str | None
    title: str | None
    total: int | None
    levels: list[dict[str, Any]]
    provenance: dict[str, Any] | None


class Resources(BaseModel):
    plan: str
    title: str
    phase: str
    phase_title: str
    by_area: list[AreaResources]
    totals: list[Total]
    markers: list[Distribution]
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


class Change(BaseModel):
    model_config = ConfigDict(extra="allow")

    id: str
    view: str
    key: str
    at: datetime


class Changes(BaseModel):
    items: list[Change]
    position: str
