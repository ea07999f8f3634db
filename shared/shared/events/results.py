"""What the indicators service states of results and of the status that follows from them, on the topic `apge.indicators`."""

from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events.base import Aggregate, Event, State
from shared.events.indicators import Provenance, Status
from shared.figures import Figure

Review = Literal["submitted", "accepted", "sent_back"]
NoDataReason = Literal[
    "audit_not_done", "event_not_held", "report_under_preparation", "not_reported", "not_measurable", "small_numbers",
    "not_applicable",
]  # fmt: skip


class Evidence(State):
    """`document` is the code of a document that was attached to the platform and may be cited from many places."""

    title: str
    url: str | None = None
    document: str | None = None


class ResultPart(State):
    name: str
    value: Figure | None = None
    reached: bool | None = None


class BreakdownCell(State):
    """A part of a result: one category of one of the indicator's dimensions."""

    dimension: str
    category: str
    value: Figure | None = None
    numerator: int | None = None
    denominator: int | None = None


class Derivation(State):
    """From which measure a result was taken, with no hand in between."""

    measure: str
    source: str
    as_of: date
    snapshot: str
    revision: int
    rule: str


class Result(State):
    """One recorded result. Exactly one of value (with numerator and denominator where it is a share), reached, category, parts
    and no_data is given. `number` counts the results of its target from 1.
    """

    number: int
    as_of: date
    value: Figure | None = None
    numerator: int | None = None
    denominator: int | None = None
    reached: bool | None = None
    category: str | None = None
    parts: list[ResultPart] | None = None
    no_data: NoDataReason | None = None
    text: str | None = None
    comment: str | None = None
    evidence: list[Evidence] = []
    review: Review
    review_reason: str | None = None
    recorded_at: datetime
    recorded_by: str
    derived_from: Derivation | None = None
    provenance: Provenance | None = None
    breakdown: list[BreakdownCell] = []
    supersedes: int | None = None
    """The result of the same day that this one stands in for."""


class ResultState(State):
    """The results of one target. `standing` is the one its status rests on: the latest as-of date that was not sent back."""

    plan: str
    indicator: str
    phase: str
    place: str
    status: Status
    standing: Result | None
    changed: Result


class ResultRecorded(ResultState, Event, type="indicators.result-recorded.v1"):
    """A result was recorded, by a custodian or from a measure. `changed` is that result."""

    aggregate: ClassVar[Aggregate] = "result"


class ResultAccepted(ResultState, Event, type="indicators.result-accepted.v1"):
    """A reviewer accepted the result in `changed`."""

    aggregate: ClassVar[Aggregate] = "result"


class ResultSentBack(ResultState, Event, type="indicators.result-sent-back.v1"):
    """A reviewer sent the result in `changed` back with a reason; the status rests on what stood before."""

    aggregate: ClassVar[Aggregate] = "result"


class ResultReopened(ResultState, Event, type="indicators.result-reopened.v1"):
    """A reviewer took back the acceptance of the result in `changed`, with a reason; it waits for review again."""

    aggregate: ClassVar[Aggregate] = "result"


class StatusRegressed(ResultState, Event, type="indicators.status-regressed.v1"):
    """A target that was met, or on track, is so no longer. `action` is the remedial action that was opened for it."""

    aggregate: ClassVar[Aggregate] = "result"
    before: Status
    before_phase: str
    action: str


class StatusRestated(ResultState, Event, type="indicators.status-restated.v1"):
    """The target itself was defined anew, so the same results mean another status."""

    aggregate: ClassVar[Aggregate] = "result"
