"""Requests and answers of the service. What a caller may not set (status, review, version, who recorded) is in no request."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from indicators.rules import DueState
from shared.events.indicators import (
    ActionState,
    Area,
    EarlierStatus,
    Evidence,
    Kind,
    NoDataReason,
    Operator,
    Phase,
    Provenance,
    Published,
    Result,
    ResultPart,
    Status,
    TargetPart,
    UnitKind,
)
from shared.events.indicators import Target as TargetState
from shared.figures import Figure
from shared.requests import Request

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Place = Annotated[str, StringConstraints(pattern=r"^(global|(region|portfolio):[a-z][a-z-]{0,50})$")]
PhaseCode = Annotated[str, StringConstraints(pattern=r"^[0-9a-z][0-9a-z-]{0,40}$")]
Whole = Annotated[int, Field(ge=-(10**12), le=10**12)]


class UnitDefinition(Request):
    name: Label
    kind: UnitKind
    portfolio: Code | None = None
    region: Code | None = None
    parent: UnitCode | None = None
    external: bool = False


class Unit(UnitDefinition):
    model_config = ConfigDict(extra="ignore")

    code: str


class PlanDefinition(Request):
    title: Label
    starts: date
    ends: date
    phases: Annotated[list[Phase], Field(min_length=1, max_length=20)]
    areas: Annotated[list[Area], Field(min_length=1, max_length=50)]
    published: Annotated[list[Published], Field(max_length=100)] = []


class Plan(PlanDefinition):
    model_config = ConfigDict(extra="ignore")

    code: str


class TargetDefinition(Request):
    phase: PhaseCode
    place: Place
    operator: Operator
    value: Figure | None = None
    category: Label | None = None
    text: Label
    parts: Annotated[list[TargetPart], Field(min_length=1, max_length=20)] | None = None
    part_of: Place | None = None
    provenance: Provenance | None = None


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
    earlier: Annotated[list[EarlierStatus], Field(max_length=100)] = []
    provenance: Provenance | None = None
    custodians_provenance: Provenance | None = None


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


class NewResult(Request):
    """Exactly one of value, numerator + denominator, reached, category, parts and no_data."""

    phase: PhaseCode
    place: Place = "global"
    as_of: date | None = Field(None, description="the day that the figure is of; today where it is absent")
    value: Figure | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None
    reached: bool | None = None
    category: Label | None = None
    parts: Annotated[list[ResultPart], Field(max_length=20)] | None = None
    no_data: NoDataReason | None = None
    text: Label | None = Field(None, description="the source's own wording")
    comment: Words | None = None
    evidence: Annotated[list[Evidence], Field(max_length=50)] = []
    provenance: Provenance | None = None


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
    none_required: bool = False
    needs_funding: bool = False
    due: date | None = None
    note: Words | None = None
    provenance: Provenance | None = None


class NewAction(ActionDefinition):
    code: Code


class ActionChange(Request):
    """Only what is given is changed."""

    text: Words | None = None
    state: ActionState | None = None
    needs_funding: bool | None = None
    due: date | None = None
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


class CodeList(BaseModel):
    name: str
    codes: dict[str, str]
    """each code with its meaning"""


class CodeLists(BaseModel):
    items: list[CodeList]
