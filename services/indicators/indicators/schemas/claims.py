"""Requests and answers about published claims and about rules between values."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from indicators.schemas.definitions import Code, PhaseCode, Place, Source, Whole
from shared.events.claims import ClaimState, RuleState
from shared.events.indicators import Status
from shared.figures import Figure
from shared.requests import Day, Label, Request, Words


class ClaimDefinition(Request):
    """What a source says, in its own words, and as far as they say it, as figures.

    A share is `value` in per cent with its `numerator` and `denominator` where the source gives them; a count or amount is `value`; a
    status names its target. `concept` is one word for the same thing in all sources; the code list `claim_concept` has those that are
    computed here as well.
    """

    text: Words
    concept: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9:-]{0,99}$")] | None = None
    phase: PhaseCode | None = None
    indicator: Code | None = None
    place: Place | None = None
    area: Code | None = None
    as_of: Day | None = None
    status: Status | None = None
    value: Figure | None = None
    numerator: Whole | None = None
    denominator: Whole | None = None
    unit: Label | None = None
    provenance: Source | None = None


class Claim(ClaimState):
    version: int


class Claims(BaseModel):
    items: list[Claim]
    next: str | None


TermPlace = Annotated[str, Field(pattern=r"^(global|(region|portfolio):(\*|[a-z][a-z-]{0,50}))$")]


class TermDefinition(Request):
    """The standing result of an indicator at a place, times `factor`; `region:*` and `portfolio:*` are the sum over all of them."""

    indicator: Code
    place: TermPlace = "global"
    phase: PhaseCode | None = Field(None, description="the phase of the result that is checked, where it is absent")
    factor: Figure | None = None


class RuleDefinition(Request):
    """`left operator right`, or `left operator constant`."""

    title: Label
    left: Annotated[list[TermDefinition], Field(min_length=1, max_length=200)]
    operator: Literal["equals", "at_least", "at_most"]
    right: Annotated[list[TermDefinition], Field(max_length=200)] = []
    constant: Figure | None = None
    severity: Literal["error", "warning"] = "error"


class Rule(RuleState):
    version: int


class Rules(BaseModel):
    items: list[Rule]
    next: str | None
