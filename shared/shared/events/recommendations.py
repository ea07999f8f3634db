"""What the recommendations service states, on the topic `apge.recommendations`."""

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Aggregate, Event, State
from shared.events.indicators import Provenance
from shared.events.results import Evidence

Level = Literal["high", "medium", "low"]
Horizon = Literal["short_term", "medium_term", "long_term"]
Answer = Literal["accepted", "partially_accepted", "rejected"]
FollowUpState = Literal["not_initiated", "initiated", "completed", "no_longer_applicable"]
RecommendationStatus = Literal["awaiting_response", "rejected", "not_started", "in_progress", "completed"]


class EvaluationState(State):
    code: str
    title: str
    kind: Literal["independent", "internal", "audit", "gender_audit"]
    issued: str
    provenance: Provenance | None = None


class EvaluationRegistered(EvaluationState, Event, type="recommendations.evaluation-registered.v1"):
    """An evaluation or audit is in the register; its recommendations follow."""

    aggregate: ClassVar[Aggregate] = "evaluation"


class SubAction(State):
    number: int
    text: str
    parent: int | None = None


class Response(State):
    """What management answered. A reason is there unless it accepted in full."""

    answer: Answer
    reason: str | None = None
    given_on: date
    given_by: str


class FollowUpAction(State):
    number: int
    text: str
    responsible: list[str]
    due: date | None = None
    state: FollowUpState
    note: str | None = None
    evidence: list[Evidence] = []


class RecommendationDetails(State):
    """A recommendation with its response and follow-up. Overdue is nowhere in it: it follows from `due` and the day of reading."""

    source: str
    number: int
    title: str
    group: str | None = None
    group_title: str | None = None
    summary: str | None = None
    units: list[str]
    units_text: str | None = None
    priority: Level
    time_implication: Horizon
    time_qualifier: str | None = None
    resource_implication: Level
    sub_actions: list[SubAction] = []
    depends_on: list[int] = []
    response: Response | None = None
    follow_up: list[FollowUpAction] = []
    state: RecommendationStatus
    provenance: Provenance | None = None


class RecommendationMade(RecommendationDetails, Event, type="recommendations.recommendation-made.v1"):
    """A recommendation is in the register, or its wording, units or implications are others than before."""

    aggregate: ClassVar[Aggregate] = "recommendation"


class ResponseGiven(RecommendationDetails, Event, type="recommendations.response-given.v1"):
    """Management accepted, partially accepted or rejected the recommendation."""

    aggregate: ClassVar[Aggregate] = "recommendation"


class FollowUpActionAdded(RecommendationDetails, Event, type="recommendations.follow-up-action-added.v1"):
    """A follow-up action was agreed."""

    aggregate: ClassVar[Aggregate] = "recommendation"


class FollowUpActionUpdated(RecommendationDetails, Event, type="recommendations.follow-up-action-updated.v1"):
    """A follow-up action has another state, due date or note than before."""

    aggregate: ClassVar[Aggregate] = "recommendation"
