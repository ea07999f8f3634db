"""Requests and answers about units, plans, indicators and their targets."""

from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from shared.events.indicators import (
    IndicatorState,
    Kind,
    Operator,
    Status,
    UnitKind,
    Vocabulary,
)
from shared.events.indicators import Target as TargetState
from shared.figures import Figure
from shared.requests import Day, Flag, Label, Request, Words


def _known_zone(given: str) -> str:
    if given not in available_timezones():
        raise ValueError('no time zone has this name; write it like "Europe/Zurich"')
    return given


Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]


UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]


Place = Annotated[str, StringConstraints(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$")]


PhaseCode = Annotated[str, StringConstraints(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")]


TimeZone = Annotated[str, AfterValidator(_known_zone)]
IndicatorKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}/[a-z0-9][a-z0-9-]{0,99}$")]
Whole = Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)]


class Source(Request):
    """Where something stands in its source document."""

    document: Label
    table: Label | None = None
    row: Label | None = None
    column: Label | None = None


class FormerNameDefinition(Request):
    name: Label
    until: Day


class UnitDefinition(Request):
    name: Label
    kind: UnitKind
    portfolio: Code | None = None
    region: Code | None = None
    parent: UnitCode | None = None
    external: Flag = False
    since: Day | None = None
    until: Day | None = None
    formerly: Annotated[list[FormerNameDefinition], Field(max_length=20)] = []
    succeeded_by: UnitCode | None = None


class Unit(UnitDefinition):
    model_config = ConfigDict(extra="ignore")

    code: str


class PhaseDefinition(Request):
    code: PhaseCode
    title: Label
    starts: Day
    ends: Day
    vocabulary: Vocabulary
    due: Day | None = None


class AreaDefinition(Request):
    code: Code
    title: Label
    parent: Code | None = None


class RoundDefinition(Request):
    """Results as of a day, due by the end of another."""

    code: PhaseCode
    title: Label
    phase: PhaseCode
    as_of: Day
    due: Day


class PublishedFigures(Request):
    """As a source document printed them; `counts` and `shares` by status or by another word of the document."""

    phase: PhaseCode
    total: Whole
    counts: Annotated[dict[Label, Whole], Field(max_length=50)]
    shares: Annotated[dict[Label, Figure], Field(max_length=50)]
    rounding: Label | None = None
    provenance: Source | None = None


class PlanDefinition(Request):
    title: Label
    starts: Day
    ends: Day
    phases: Annotated[list[PhaseDefinition], Field(min_length=1, max_length=20)]
    areas: Annotated[list[AreaDefinition], Field(min_length=1, max_length=200)]
    published: Annotated[list[PublishedFigures], Field(max_length=100)] = []
    version: Label | None = None
    predecessor: Code | None = None
    timezone: TimeZone = "UTC"
    rounds: Annotated[list[RoundDefinition], Field(max_length=100)] = []
    self_approval: Flag = False
    provenance: Source | None = None


class Plan(PlanDefinition):
    model_config = ConfigDict(extra="ignore")

    code: str
    successors: list[str] = Field([], description="the plans that name this one as their predecessor")


class BaselineDefinition(Request):
    """A value, a share or words."""

    value: Figure | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None
    text: Label | None = None
    year: Annotated[int, Field(strict=True, ge=1900, le=2100)] | None = None
    provenance: Source | None = None


class PartDefinition(Request):
    name: Label
    operator: Operator
    value: Figure | None = None


class TargetDefinition(Request):
    phase: PhaseCode
    place: Place
    operator: Operator
    value: Figure | None = None
    category: Label | None = None
    text: Label
    parts: Annotated[list[PartDefinition], Field(min_length=1, max_length=20)] | None = None
    part_of: Place | None = None
    baseline: BaselineDefinition | None = None
    provenance: Source | None = None


class EarlierDefinition(Request):
    phase: PhaseCode
    status: Status
    text: Words
    provenance: Source | None = None


class AggregationDefinition(Request):
    places: Literal["sum", "ratio", "maximum", "latest", "none"] = "none"
    periods: Literal["sum", "latest", "maximum", "none"] = "latest"


class DimensionDefinition(Request):
    code: Code
    categories: Annotated[list[Label], Field(min_length=2, max_length=100)]


class IndicatorDefinition(Request):
    title: Label
    area: Code
    kind: Kind
    unit: Label | None = None
    direction: Literal["up", "down"] = "up"
    custodians: Annotated[list[UnitCode], Field(min_length=1, max_length=50)]
    fed_by: Code | None = None
    categories: Annotated[list[Label], Field(max_length=50)] | None = None
    targets: Annotated[
        list[TargetDefinition], Field(max_length=200, description="empty where the plan names no target for it")
    ]
    earlier: Annotated[list[EarlierDefinition], Field(max_length=100)] = []
    provenance: Source | None = None
    custodians_provenance: Source | None = None
    definition: Words | None = None
    baseline: BaselineDefinition | None = None
    aggregation: AggregationDefinition | None = None
    disaggregation: Annotated[list[DimensionDefinition], Field(max_length=10)] = []
    minimum: Figure | None = None
    maximum: Figure | None = None
    predecessor: IndicatorKey | None = None
    comparable: Flag | None = None
    comparability: Words | None = None
    aligned_with: Annotated[list[IndicatorKey], Field(max_length=20)] = []


class Target(TargetState):
    status: Status
    results: int = 0
    """how many were recorded"""


class Indicator(IndicatorState):
    targets: list[Target]  # type: ignore[assignment]  # each with its status


class Units(BaseModel):
    items: list[Unit]
    next: str | None


class Plans(BaseModel):
    items: list[Plan]
    next: str | None


class Indicators(BaseModel):
    items: list[Indicator]
    next: str | None
