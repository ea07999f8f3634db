"""Requests and answers of the service. What a caller may not set (state, version, who answered, overdue) is in no request."""

from collections.abc import Hashable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, field_validator, model_validator

from shared.events.recommendations import Answer, FollowUpState, Horizon, Level, RecommendationStatus, Response
from shared.requests import Request

EvaluationKind = Literal["independent", "internal", "audit", "gender_audit"]

T = TypeVar("T", bound=Hashable)


def _distinct(values: list[T]) -> list[T]:
    twice = [value for place, value in enumerate(values) if value in values[:place]]
    if twice:
        raise ValueError(f"{twice[0]} is named twice")
    return values


def _day_or_month(text: str) -> str:
    date.fromisoformat(text if text.count("-") > 1 else f"{text}-01")
    return text


EvaluationCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")]
UnitCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]
Ordinal = Annotated[int, Field(ge=1, le=9999)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
Issued = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}(-\d{2})?$"), AfterValidator(_day_or_month)]
Units = Annotated[list[UnitCode], Field(min_length=1, max_length=50), AfterValidator(_distinct)]


class Provenance(Request):
    """Where this stands in its source document."""

    document: Label
    table: Label | None = None
    row: Label | None = None
    column: Label | None = None


class Period(Request):
    """What an evaluation covers, both days included."""

    starts: date
    ends: date

    @field_validator("ends")
    @classmethod
    def ends_after_it_starts(cls, ends: date, info: Any) -> date:
        if "starts" in info.data and ends < info.data["starts"]:
            raise ValueError(f"the period ends before it starts ({info.data['starts']})")
        return ends


class NewEvaluation(Request):
    """`issued` is a month (2021-09) or a day."""

    title: Label
    kind: EvaluationKind
    issued: Issued
    period: Period | None = None
    provenance: Provenance | None = None


class NewSubAction(Request):
    """`parent` is the number of a sub-action before this one that it is a part of."""

    number: Ordinal
    text: Words
    parent: Ordinal | None = None
    provenance: Provenance | None = None


class NewRecommendation(Request):
    """`units` are codes, `units_text` is how the document puts it; `depends_on` are numbers of the same evaluation."""

    title: Words
    group: Label | None = None
    group_title: Label | None = None
    summary: Words | None = None
    units: Units
    units_text: Words | None = None
    priority: Level
    time_implication: Horizon
    time_qualifier: Label | None = None
    resource_implication: Level
    sub_actions: Annotated[list[NewSubAction], Field(max_length=200)] = []
    depends_on: Annotated[list[Ordinal], Field(max_length=50), AfterValidator(_distinct)] = []
    provenance: Provenance | None = None


class NewResponse(Request):
    """`reason` is needed unless management accepts in full; `given_on` is today where it is left out."""

    answer: Answer
    reason: Words | None = None
    given_on: date | None = None


class NewEvidence(Request):
    title: Label
    url: Link | None = None


class NewFollowUpAction(Request):
    """`due` is the last day that is not late. A completed action needs evidence or a note, a dropped one a note."""

    text: Words
    responsible: Units
    due: date
    state: FollowUpState = "not_initiated"
    note: Words | None = None
    evidence: Annotated[list[NewEvidence], Field(max_length=50)] = []


class FollowUpChange(Request):
    """What is left out stays as it is. A change of state brings its own note or evidence: an old note says nothing of it."""

    text: Words | None = None
    responsible: Units | None = None
    due: date | None = None
    state: FollowUpState | None = None
    note: Words | None = None
    evidence: Annotated[list[NewEvidence], Field(max_length=50)] | None = None

    @field_validator("text", "responsible", "due", "state", "evidence")
    @classmethod
    def left_out_or_given(cls, value: T | None) -> T:
        if value is None:
            raise ValueError("may be left out, but not be null")
        return value

    @model_validator(mode="after")
    def changes_something(self) -> "FollowUpChange":
        if not self.model_fields_set:
            raise ValueError(f"name at least one of {', '.join(type(self).model_fields)}")
        return self


class Evaluation(BaseModel):
    code: str
    title: str
    kind: EvaluationKind
    issued: str
    period: Period | None
    provenance: Provenance | None
    version: int


class Evaluations(BaseModel):
    items: list[Evaluation]
    next: str | None


class SubAction(BaseModel):
    number: int
    text: str
    parent: int | None
    provenance: Provenance | None


class Evidence(BaseModel):
    title: str
    url: str | None


class FollowUpAction(BaseModel):
    """`overdue` follows from `due` and the day of reading."""

    number: int
    text: str
    responsible: list[str]
    due: date
    state: FollowUpState
    note: str | None
    evidence: list[Evidence]
    overdue: bool


class Recommendation(BaseModel):
    """`overdue` is true where one of its follow-up actions is. `version` is the ETag; it does not change with the day."""

    source: str
    number: int
    title: str
    group: str | None
    group_title: str | None
    summary: str | None
    units: list[str]
    units_text: str | None
    priority: Level
    time_implication: Horizon
    time_qualifier: str | None
    resource_implication: Level
    sub_actions: list[SubAction]
    depends_on: list[int]
    response: Response | None
    follow_up: list[FollowUpAction]
    state: RecommendationStatus
    overdue: bool
    provenance: Provenance | None
    version: int


class Recommendations(BaseModel):
    items: list[Recommendation]
    next: str | None
