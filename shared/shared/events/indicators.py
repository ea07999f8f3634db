"""What the indicators service states, on the topic `apge.indicators`."""

from datetime import date
from typing import ClassVar, Literal

from shared.events.base import Aggregate, Event, State
from shared.figures import Figure

Vocabulary = Literal["mid_cycle", "end_of_cycle"]
Status = Literal["on_track", "not_on_track", "met", "not_met", "data_unavailable"]
Kind = Literal["percentage", "count", "quantity", "milestone", "categorical", "ordinal", "compound"]
Operator = Literal["at_least", "at_most", "exactly", "reached", "all_of", "increases", "decreases"]
ActionState = Literal["planned", "ongoing", "completed", "dropped"]
ActionKind = Literal["accelerating", "remedial"]
UnitKind = Literal["portfolio", "department", "branch", "office", "region", "body", "group", "external"]


class Provenance(State):
    """Where a figure stands in its source document."""

    document: str
    table: str | None = None
    row: str | None = None
    column: str | None = None


class FormerName(State):
    """What the unit was called, up to and with this day."""

    name: str
    until: date


class UnitState(State):
    """`since` and `until` bound the days on which the unit exists; `succeeded_by` took its work over."""

    code: str
    name: str
    kind: UnitKind
    portfolio: str | None = None
    region: str | None = None
    parent: str | None = None
    external: bool = False
    since: date | None = None
    until: date | None = None
    formerly: list[FormerName] = []
    succeeded_by: str | None = None


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
    """An area, result area or outcome of a plan; `parent` is the one that it is a part of."""

    code: str
    title: str
    parent: str | None = None


class Round(State):
    """A time at which results are asked for: figures as of a day, due by the end of another in the plan's time zone."""

    code: str
    title: str
    phase: str
    as_of: date
    due: date


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
    version: str | None = None
    predecessor: str | None = None
    """The plan that this one follows."""
    timezone: str = "UTC"
    """Deadlines end with the day in this zone (IANA name)."""
    rounds: list[Round] = []
    self_approval: bool = False
    """Whether who recorded a result may accept it."""
    provenance: Provenance | None = None


class PlanDefined(PlanState, Event, type="indicators.plan-defined.v1"):
    """A plan exists with its period, phases, areas and published headline figures."""

    aggregate: ClassVar[Aggregate] = "plan"


class TargetPart(State):
    """One condition of a compound target: a number to reach, or a milestone."""

    name: str
    operator: Operator
    value: Figure | None = None


class Baseline(State):
    """Where things stood before the plan: a value, a share or words, with the year and the source."""

    value: Figure | None = None
    numerator: int | None = None
    denominator: int | None = None
    text: str | None = None
    year: int | None = None
    provenance: Provenance | None = None


class Target(State):
    """What is aimed at, in one phase and place. `part_of` names the place of the whole: a part has a status of its own and is
    not counted beside its whole. `increases` and `decreases` name a direction from `baseline` (the indicator's where absent) and no
    number; `at_least` a category takes that or a later one of the indicator's.
    """

    phase: str
    place: str
    operator: Operator
    value: Figure | None = None
    category: str | None = None
    text: str
    parts: list[TargetPart] | None = None
    part_of: str | None = None
    baseline: Baseline | None = None
    provenance: Provenance | None = None


class EarlierStatus(State):
    """A status that a source states for an earlier phase without giving its figures."""

    phase: str
    status: Status
    text: str
    provenance: Provenance | None = None


class Aggregation(State):
    """How figures of several places, or of several periods, make one. `ratio`: summed numerators over summed denominators."""

    places: Literal["sum", "ratio", "maximum", "latest", "none"] = "none"
    periods: Literal["sum", "latest", "maximum", "none"] = "latest"


class Dimension(State):
    """A declared set of categories, by which results may be broken down."""

    code: str
    categories: list[str]


class Custodianship(State):
    """From when to when (both days included) a unit kept the indicator; open where a day is absent."""

    unit: str
    since: date | None = None
    until: date | None = None


class IndicatorState(State):
    """`categories` of an ordinal indicator are in order, the lowest first. `custodians` are those of today, `custodianships` all that
    there were. `predecessor` is `plan/code` in an earlier plan; `comparable` says whether one trend may be drawn over both.
    """

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
    definition: str | None = None
    baseline: Baseline | None = None
    aggregation: Aggregation | None = None
    disaggregation: list[Dimension] = []
    minimum: Figure | None = None
    maximum: Figure | None = None
    custodianships: list[Custodianship] = []
    predecessor: str | None = None
    comparable: bool | None = None
    comparability: str | None = None
    """Why it is comparable with its predecessor, or not."""
    aligned_with: list[str] = []
    """Indicators of other plans (`plan/code`) that ask for the same."""


class IndicatorDefined(IndicatorState, Event, type="indicators.indicator-defined.v1"):
    """An indicator exists, or its wording, targets or custodians are others than before."""

    aggregate: ClassVar[Aggregate] = "indicator"


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
    kind: ActionKind = "accelerating"
    starts: date | None = None
    resources: str | None = None
    responsible_roles: list[str] = []
    """Functions, never persons: "Chief, HRD"."""
    opened_by: str | None = None
    """`plan/indicator/phase/place` of the target whose regression opened a remedial action."""


class ActionAdded(ActionDetails, Event, type="indicators.action-added.v1"):
    """An accelerating action was added to one or more indicators."""

    aggregate: ClassVar[Aggregate] = "action"


class ActionUpdated(ActionDetails, Event, type="indicators.action-updated.v1"):
    """An accelerating action has another state, wording, due date or responsible unit than before."""

    aggregate: ClassVar[Aggregate] = "action"
