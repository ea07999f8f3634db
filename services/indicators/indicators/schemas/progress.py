"""Answers about progress, pace and aggregates."""

from datetime import date

from pydantic import BaseModel

from indicators.rules.aggregation import Aggregate
from indicators.rules.figures import Computed
from indicators.rules.outlook import Outlook
from indicators.rules.progress import Attainment, Growth, Pace, Projection
from shared.events.indicators import Operator, Status


class Standing(BaseModel):
    """The result that the status rests on. `value` is derived from the counts where there are some."""

    number: int
    as_of: date
    value: Computed | None
    numerator: int | None
    denominator: int | None
    words: str


class StartingPoint(BaseModel):
    value: Computed
    numerator: int | None
    denominator: int | None
    day: date
    words: str


class TargetProgress(BaseModel):
    """What is None has nothing that it could be computed from: no figure, no number aimed at, no baseline."""

    phase: str
    place: str
    operator: Operator
    target: str
    unit: str
    status: Status
    standing: Standing | None
    baseline: StartingPoint | None
    attainment: Attainment | None
    pace: Pace | None
    growth: Growth | None
    projection: Projection | None
    outlook: Outlook | None


class Progress(BaseModel):
    plan: str
    indicator: str
    title: str
    items: list[TargetProgress]


class Aggregates(BaseModel):
    """`phase` is None where the figures of all phases make one."""

    plan: str
    indicator: str
    phase: str | None
    place: str | None
    items: list[Aggregate]
