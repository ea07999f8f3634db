"""What the hr-diversity service states, on the topic `apge.hr-diversity`. Only aggregates: rows of staff never leave the service."""

from datetime import date, datetime
from typing import ClassVar, Literal

from shared.events.base import Aggregate, Event, State
from shared.figures import Figure

ContractSource = Literal["regular_budget", "development_cooperation", "other"]
Track = Literal["raps", "development_cooperation", "other"]
Stage = Literal["applied", "shortlisted", "recommended", "selected"]


class SnapshotState(State):
    """A staffing snapshot as counted. `revision` counts the snapshots of one source and as-of date from 1.

    `rows` and `accepted` are None where the total of the measures is suppressed: they would give it away.
    """

    id: str
    source: str
    as_of: date
    revision: int
    rows: int | None
    accepted: int | None
    refused: int
    digest: str


class SnapshotAccepted(SnapshotState, Event, type="hr-diversity.snapshot-accepted.v1"):
    """A staffing snapshot was taken in; a higher revision replaces the one before it."""

    aggregate: ClassVar[Aggregate] = "snapshot"


class Cell(State):
    """Women and men of one group. A suppressed cell has no counts: the group is too small, or its counts would give away
    those of a group that is. Never zero in their place.
    """

    group: str
    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool = False


class MeasureState(State):
    """A measure drawn from one snapshot, or from an entry of a register (`source` is the register). `dimension` None: one figure; otherwise one cell per group of that column.

    share = women / (women + men) * 100, per cent, half up to one decimal; `other` (X or not stated) stands beside it.
    Of a rate that is not about women and men, `numerator` of `denominator` is the figure, and share is their ratio. Of a count that is
    not about people at all, `numerator` alone is the figure. `place` is where the figure is of, in the words of targets.
    `source_note` is what the source says of itself, as that its staff does not exist: it belongs beside the figure.
    Where not `feeds_indicators`, the source declared that its figures are nobody's results.
    """

    code: str
    title: str
    source: str
    as_of: date
    snapshot: str
    revision: int
    rule: str
    dimension: str | None = None
    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool
    cells: list[Cell] = []
    numerator: int | None = None
    denominator: int | None = None
    place: str = "global"
    source_note: str | None = None
    feeds_indicators: bool = True


class MeasureDrawn(MeasureState, Event, type="hr-diversity.measure-drawn.v1"):
    """A measure was drawn from a snapshot or a register, or drawn anew because what it is drawn from was corrected."""

    aggregate: ClassVar[Aggregate] = "measure"


class VacancyState(State):
    """A vacancy with the days on which it reached its stages; None: not reached, or not known.

    `counted` names the stages whose applicants were counted by sex. No count of a single vacancy is stated: the one who is selected is
    one person, and two states of a vacancy would show one applicant. Counts are published over many vacancies.
    """

    reference: str
    unit: str
    portfolio: str | None = None
    region: str | None = None
    duty_station: str | None = None
    grade: str
    funding: ContractSource
    track: Track
    key_position: bool = False
    gender_text: bool | None = None
    geographic_post: bool | None = None
    posted: date
    closed: date | None = None
    shortlisted: date | None = None
    selected: date | None = None
    on_post: date | None = None
    cancelled: date | None = None
    counted: list[Stage] = []


class VacancyRegistered(VacancyState, Event, type="hr-diversity.vacancy-registered.v1"):
    """A vacancy is known, with the stages that it has reached so far."""

    aggregate: ClassVar[Aggregate] = "vacancy"


class VacancyUpdated(VacancyState, Event, type="hr-diversity.vacancy-updated.v1"):
    """A vacancy reached a further stage, or something else of it is recorded otherwise than before."""

    aggregate: ClassVar[Aggregate] = "vacancy"


class TablingState(State):
    """A meeting held by a Deputy Director-General with the scorecard on its agenda: its day and portfolio, and nothing that could name
    somebody. `withdrawn`: it was recorded by mistake.
    """

    id: str
    portfolio: str
    meeting_on: date
    withdrawn: bool = False


class ScorecardState(State):
    """A one-page scorecard as it was issued. `number` counts the issues of a portfolio from 1; `digest` is the SHA-256 of its content."""

    id: str
    portfolio: str
    number: int
    as_of: date
    source: str
    issued_at: datetime
    digest: str
    tablings: list[TablingState] = []


class ScorecardIssued(ScorecardState, Event, type="hr-diversity.scorecard-issued.v1"):
    """A scorecard was frozen as it stood: what it shows does not change any more."""

    aggregate: ClassVar[Aggregate] = "scorecard"


class ScorecardTabled(ScorecardState, Event, type="hr-diversity.scorecard-tabled.v1"):
    """A meeting had the scorecard on its agenda; it is the last of `tablings`."""

    aggregate: ClassVar[Aggregate] = "scorecard"


class ScorecardTablingWithdrawn(ScorecardState, Event, type="hr-diversity.scorecard-tabling-withdrawn.v1"):
    """A meeting that was recorded did not have the scorecard on its agenda; it counts no longer."""

    aggregate: ClassVar[Aggregate] = "scorecard"
