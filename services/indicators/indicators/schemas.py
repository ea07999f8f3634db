"""Requests and answers of the service. What a caller may not set (status, review, version, who recorded) is in no request."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.rules import DueState
from shared.events.indicators import (
    ActionState,
    EarlierStatus,
    Kind,
    NoDataReason,
    Operator,
    Provenance,
    Result,
    Status,
    UnitKind,
    Vocabulary,
)
from shared.events.indicators import Target as TargetState
from shared.figures import Figure
from shared.requests import Day, Flag, Label, Link, Request, Words

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]
Place = Annotated[str, StringConstraints(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$")]
PhaseCode = Annotated[str, StringConstraints(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")]
Whole = Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)]


class Source(Request):
    """Where something stands in its source document."""

    document: Label
    table: Label | None = None
    row: Label | None = None
    column: Label | None = None


class UnitDefinition(Request):
    name: Label
    kind: UnitKind
    portfolio: Code | None = None
    region: Code | None = None
    parent: UnitCode | None = None
    external: Flag = False


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
    areas: Annotated[list[AreaDefinition], Field(min_length=1, max_length=50)]
    published: Annotated[list[PublishedFigures], Field(max_length=100)] = []


class Plan(PlanDefinition):
    model_config = ConfigDict(extra="ignore")

    code: str


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
    provenance: Source | None = None


class EarlierDefinition(Request):
    phase: PhaseCode
    status: Status
    text: Words
    provenance: Source | None = None


class IndicatorDefinition(Request):
    title: Label
    area: Code
    kind: Kind
    unit: Label | None = None
    direction: Literal["up", "down"] = "up"
    custodians: Annotated[list[UnitCode], Field(min_length=1, max_length=50)]
    fed_by: Code | None = None
    categories: Annotated[list[Label], Field(max_length=50)] | None = None
    targets: Annotated[list[TargetDefinition], Field(min_length=1, max_length=200)]
    earlier: Annotated[list[EarlierDefinition], Field(max_length=100)] = []
    provenance: Source | None = None
    custodians_provenance: Source | None = None


class Target(TargetState):
    status: Status
    results: int = 0
    """how many were recorded"""


class Indicator(BaseModel):
    plan: str
    code: str
    title: str
    area: str
    kind: Kind
    unit: str | None
    direction: Literal["up", "down"]
    custodians: list[str]
    fed_by: str | None
    categories: list[str] | None
    targets: list[Target]
    earlier: list[EarlierStatus]
    provenance: Provenance | None
    custodians_provenance: Provenance | None


class NewPart(Request):
    name: Label
    value: Figure | None = None
    reached: Flag | None = None


class NewEvidence(Request):
    title: Label
    url: Link | None = None


class NewResult(Request):
    """Exactly one of value, numerator + denominator, reached, category, parts and no_data."""

    phase: PhaseCode
    place: Place = "global"
    as_of: Day | None = Field(None, description="the day that the figure is of; today where it is absent")
    value: Figure | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None
    reached: Flag | None = None
    category: Label | None = None
    parts: Annotated[list[NewPart], Field(max_length=20)] | None = None
    no_data: NoDataReason | None = None
    text: Label | None = Field(None, description="the source's own wording")
    comment: Words | None = None
    evidence: Annotated[list[NewEvidence], Field(max_length=50)] = []
    provenance: Source | None = None


class TargetResult(BaseModel):
    """A target with the result that was just recorded or reviewed. `status` rests on `standing`."""

    plan: str
    indicator: str
    phase: str
    place: str
    status: Status
    standing: Result | None
    changed: Result


class SendingBack(Request):
    reason: Words


class Due(BaseModel):
    """What is wanted of a custodian for one target."""

    plan: str
    indicator: str
    title: str
    phase: str
    place: str
    target: str
    due: date
    state: DueState
    reason: str | None = None


class ActionDefinition(Request):
    indicators: Annotated[list[Code], Field(min_length=1, max_length=100)]
    places: Annotated[list[Place], Field(max_length=50)] = []
    custodians: Annotated[list[UnitCode], Field(min_length=1, max_length=50)]
    text: Words
    state: ActionState = "planned"
    none_required: Flag = False
    needs_funding: Flag = False
    due: Day | None = None
    note: Words | None = None
    provenance: Source | None = None


class NewAction(ActionDefinition):
    code: Code


class ActionChange(Request):
    """Only what is given is changed."""

    text: Words | None = None
    state: ActionState | None = None
    needs_funding: Flag | None = None
    due: Day | None = None
    note: Words | None = None


class Action(ActionDefinition):
    model_config = ConfigDict(extra="ignore")

    plan: str
    code: str
    version: int


class Units(BaseModel):
    items: list[Unit]
    next: str | None


class Plans(BaseModel):
    items: list[Plan]
    next: str | None


class Indicators(BaseModel):
    items: list[Indicator]
    next: str | None


class TargetResults(BaseModel):
    """All results of one target, the oldest first."""

    phase: str
    place: str
    status: Status
    version: int
    standing: int | None
    results: list[Result]


class Results(BaseModel):
    items: list[TargetResults]
    next: str | None = None


class Dues(BaseModel):
    items: list[Due]
    next: str | None = None


class Actions(BaseModel):
    items: list[Action]
    next: str | None
