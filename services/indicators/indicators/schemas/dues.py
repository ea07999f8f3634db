"""Answers about what is due and who reported in time."""

from datetime import date, datetime
from typing import get_args

from pydantic import BaseModel, Field

from indicators.rules.calendar import Answered, DueState
from indicators.rules.calendar import Timeliness as Word
from shared.figures import Figure

TIMELINESS: tuple[Word, ...] = get_args(Word)


class Due(BaseModel):
    """What is wanted of a custodian for one target in one round."""

    plan: str
    indicator: str
    title: str
    phase: str
    place: str
    target: str
    round: str = Field(description="the round's code; the phase's where the plan has no rounds for it")
    as_of: date = Field(description="the day that the figure is asked for")
    due: date = Field(description="the last day to report")
    deadline: datetime = Field(description="the instant at which that day is over in the plan's time zone")
    days_left: int = Field(description="until the last day; 0 on the day, below 0 after it")
    state: DueState
    timeliness: Answered | None = Field(
        description="once the deadline is over; published where an operator loaded the published figure before any custodian reported"
    )
    number: int | None = Field(description="the result that answers, the one recorded last")
    reason: str | None = Field(description="why it was sent back or reopened")


class Dues(BaseModel):
    items: list[Due]
    next: str | None = None


class Timeliness(BaseModel):
    """One custodian in one round. `expected` is the sum of the counts; shares are of it, in per cent, and null where it is 0.

    `published` counts apart, and in none of these, the targets whose first figure an operator loaded as a published one.
    """

    custodian: str
    phase: str
    round: str
    due: date
    expected: int
    published: int
    counts: dict[Word, int]
    shares: dict[Word, Figure | None]


class Timelinesses(BaseModel):
    items: list[Timeliness]
    next: str | None = None
