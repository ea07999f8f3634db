"""Requests and answers about results and their review."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from indicators.rules.validation import Finding
from indicators.schemas.definitions import Code, PhaseCode, Place, Source, Whole
from shared.events.indicators import (
    Status,
)
from shared.events.results import NoDataReason, Result
from shared.figures import Figure
from shared.requests import Day, Flag, Label, Link, Request, Words


class NewPart(Request):
    name: Label
    value: Figure | None = None
    reached: Flag | None = None


class NewEvidence(Request):
    """A title with its address, or a document that is attached to the platform."""

    title: Label
    url: Link | None = None
    document: Code | None = None


class NewBreakdownCell(Request):
    dimension: Code
    category: Label
    value: Figure | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None


class NewResult(Request):
    """Exactly one of value, numerator + denominator, reached, category, parts and no_data."""

    phase: PhaseCode
    place: Place = "global"
    as_of: Day | None = Field(
        None, description="the day that the figure is of; today, or the last day of a phase that is over"
    )
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
    breakdown: Annotated[list[NewBreakdownCell], Field(max_length=500)] = []


class TargetResult(BaseModel):
    """A target with the result that was just recorded or reviewed. `status` rests on `standing`."""

    plan: str
    indicator: str
    phase: str
    place: str
    status: Status
    standing: Result | None
    changed: Result
    warnings: list[Finding] = []
    """what is unusual about the result, or does not fit with others; it is recorded all the same"""


class TrialResult(TargetResult):
    """What would be, were the result recorded. Nothing was."""

    dry_run: Literal[True] = True
    before: Status
    """the status as it is"""


class SendingBack(Request):
    reason: Words


class Reopening(Request):
    reason: Words


class TargetResults(BaseModel):
    """All results of one target, the oldest first. To a unit that kept the indicator once, only those that it recorded, and null
    for how the target stands.
    """

    phase: str
    place: str
    status: Status | None = None
    version: int | None = None
    standing: int | None = None
    results: list[Result]
    withdrawn_documents: list[str] = []
    """documents that results here cite and that were withdrawn"""


class Results(BaseModel):
    items: list[TargetResults]
    next: str | None = None
