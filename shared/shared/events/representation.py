"""What the hr-diversity service states of geographic representation: by which data and rules, never who."""

from datetime import date
from typing import ClassVar

from shared.events.base import Aggregate, Event, State
from shared.figures import Figure


class MemberState(State):
    """A member State (ISO 3166 alpha-3): population in thousands, share of the scale of assessments in per cent."""

    country: str
    population: int
    scale: float


class RangeInputsState(State):
    """The member States of an organisation with what desirable ranges are drawn from, as of `effective_from`."""

    code: str
    effective_from: date
    title: str
    source: str
    verified: bool
    members: list[MemberState]


class RangeInputsDefined(RangeInputsState, Event, type="hr-diversity.range-inputs-defined.v1"):
    """Data that desirable ranges are drawn from are known from a day on, or known otherwise than before."""

    aggregate: ClassVar[Aggregate] = "range-inputs"


class RangePolicyState(State):
    """Which rule with which parameters, base and inputs applies from `effective_from` on. `base` None: the posts that a snapshot counts."""

    code: str
    effective_from: date
    effective_until: date | None = None
    title: str
    source: str
    verified: bool
    rule: str
    parameters: dict[str, Figure]
    base: int | None = None
    rounding: str
    inputs: str


class RangePolicyDefined(RangePolicyState, Event, type="hr-diversity.range-policy-defined.v1"):
    """A policy of representation applies from a day on, or applies otherwise than before."""

    aggregate: ClassVar[Aggregate] = "range-policy"
