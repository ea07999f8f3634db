"""Registers of counts: participation, compliance, exits. No person stands anywhere."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, Field

from hr_diversity.schemas.measures import Line
from hr_diversity.schemas.vacancies import Applicants, Count
from shared.figures import Figure
from shared.requests import Day, Label, Request

Register = Literal["participation", "compliance", "exits"]


class NewParticipation(Request):
    """Who took part, counted by sex; `as_of` is the last day of what was counted."""

    kind: Literal["event", "training", "programme", "delegation", "speakers", "authors"]
    title: Label
    as_of: Day
    women: Count
    men: Count
    other: Count = 0


class NewCompliance(Request):
    """How many of those who were to complete it have: appraisals, or a course that is mandatory."""

    kind: Literal["appraisals", "mandatory_learning"]
    title: Label
    as_of: Day
    completed: Count
    of: Count = Field(description="those who were to")


Reason = Literal[
    "resignation", "retirement", "end_of_contract", "agreed_termination", "transfer", "dismissal", "death", "other"
]


class NewExits(Request):
    """Who left from the first day to `as_of`, by reason and sex, and how many exit interviews were held."""

    title: Label
    since: Day
    as_of: Day
    reasons: dict[Reason, Applicants]
    interviews: Count = 0


class PublishedGroup(Line):
    group: str


class PublishedTally(Line):
    """The measure that is drawn from an entry, as it may be shown; `measure` is its code, by which it can feed an indicator.

    Of compliance `numerator` of `denominator` is what is shown, and share is their ratio in per cent.
    """

    source: Register
    code: str
    measure: str
    title: str
    as_of: date
    version: int
    numerator: int | None
    denominator: int | None
    share: Figure | None
    cells: list[PublishedGroup]
    held: bool = Field(
        description="the figures are not of what was registered last: they would be too near to others that are out, of the same people"
    )
    said: dict[str, Any] | None = Field(
        None, description="what was registered: for the HR role that asks for it, and on record"
    )


class PublishedTallies(BaseModel):
    items: list[PublishedTally]
    next: str | None
