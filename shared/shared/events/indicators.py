"""What the indicators service states, on the topic `apge.indicators`."""

from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events.base import Aggregate, Event, State
from shared.figures import Figure

Vocabulary = Literal["mid_cycle", "end_of_cycle"]
Status = Literal["on_track", "not_on_track", "met", "not_met", "data_unavailable"]
Kind = Literal["percentage", "count", "milestone", "categorical", "compound"]
Operator = Literal["at_least", "at_most", "exactly", "reached", "all_of"]
Review = Literal["submitted", "accepted", "sent_back"]
NoDataReason = Literal[
    "audit_not_done", "event_not_held", "report_under_preparation", "not_reported", "not_measurable", "small_numbers"
]  # fmt: skip
ActionState = Literal["planned", "ongoing", "completed", "dropped"]
UnitKind = Literal["portfolio", "department", "branch", "office", "region", "body", "group", "external"]


class Provenance(State):
    """Where a figure stands in its source document."""

    document: str
    table: str | None = None
    row: str | None = None
    column: str | None = None


class UnitState(State):
    code: str
    name: str
    kind: UnitKind
    portfolio: str | None = None
    region: str | None = None
    parent: str | None = None
    external: bool = False


class UnitDefined(UnitState, Event, type="indicators.unit-defined.v1"):
    """An organisation unit exists, or has another name, place in the tree, portfolio or region than before."""

    aggregate: ClassVar[Aggregate] = "unit"


class Phase(State):
    """A part of a plan's period. Its vocabulary decides the words for status: mid-cycle and end-of-cycle are never mixed."""

    code: str
    title: str
    starts: date
    ends: date
    vocabulary: Vocabulary
    due: date | None = None
    """Results are due by the end of this day; by the phase's last day where it is absent."""


class Area(State):
    code: str
    title: str


class Published(State):
    """Headline figures as a source document printed them; they stand beside the computed ones, never instead."""

    phase: str
    total: int
    counts: dict[str, int]
    shares: dict[str, Figure]
    rounding: str | None = None
    provenance: Provenance | None = None


class PlanState(State):
    code: str
    title: str
    starts: date
    ends: date
    phases: list[Phase]
    areas: list[Area]
    published: list[Published] = []


class PlanDefined(PlanState, Event, type="indicators.plan-defined.v1"):
    """A plan exists with its period, phases, areas and published headline figures."""

    aggregate: ClassVar[Aggregate] = "plan"


class TargetPart(State):
    """One condition of a compound target: a number to reach, or a milestone."""

    name: str
    operator: Operator
    value: Figure | None = None


class Target(State):
    """What is aimed at, in one phase and place. `part_of` names the place of the whole: a part has a status of its own and is
    not counted beside its whole.
    """

    phase: str
    place: str
    operator: Operator
    value: Figure | None = None
    category: str | None = None
    text: str
    parts: list[TargetPart] | None = None
    part_of: str | None = None
    provenance: Provenance | None = None


class EarlierStatus(State):
    """A status that a source states for an earlier phase without giving its figures."""

    phase: str
    status: Status
    text: str
    provenance: Provenance | None = None


class IndicatorState(State):
    plan: str
    code: str
    title: str
    area: str
    kind: Kind
    unit: str | None = None
    direction: Literal["up", "down"] = "up"
    custodians: list[str]
    fed_by: str | None = None
    categories: list[str] | None = None
    targets: list[Target]
    earlier: list[EarlierStatus] = []
    provenance: Provenance | None = None
    custodians_provenance: Provenance | None = None


class IndicatorDefined(IndicatorState, Event, type="indicators.indicator-defined.v1"):
    """An indicator exists, or its wording, targets or custodians are others than before."""

    aggregate: ClassVar[Aggregate] = "indicator"


class Evidence(State):
    title: str
    url: str | None = None


class ResultPart(State):
    name: str
    value: Figure | None = None
    reached: bool | None = None


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


class StatusRestated(ResultState, Event, type="indicators.status-restated.v1"):
    """The target itself was defined anew, so the same results mean another status."""

    aggregate: ClassVar[Aggregate] = "result"


class ActionDetails(State):
    """An accelerating action. It may serve several indicators; `places` narrows it to some of their targets."""

    plan: str
    code: str
    indicators: list[str]
    places: list[str] = []
    custodians: list[str]
    text: str
    state: ActionState
    none_required: bool = False
    needs_funding: bool = False
    due: date | None = None
    note: str | None = None
    provenance: Provenance | None = None


class ActionAdded(ActionDetails, Event, type="indicators.action-added.v1"):
    """An accelerating action was added to one or more indicators."""

    aggregate: ClassVar[Aggregate] = "action"


class ActionUpdated(ActionDetails, Event, type="indicators.action-updated.v1"):
    """An accelerating action has another state, wording, due date or responsible unit than before."""

    aggregate: ClassVar[Aggregate] = "action"
