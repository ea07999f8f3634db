"""The tables of what is planned, reported and done: units, plans, indicators, results, actions, money, claims, rules."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from indicators.models.base import Base, columns
from shared.database import AggregateRow
from shared.events.claims import ClaimState, RuleState
from shared.events.indicators import ActionDetails, IndicatorState, PlanState, UnitState
from shared.events.resources import MarkersState, ResourcesState
from shared.events.results import Result, ResultState


class Unit(AggregateRow, Base):
    __tablename__ = "units"

    name: Mapped[str]
    kind: Mapped[str]
    portfolio: Mapped[str | None]
    region: Mapped[str | None]
    parent: Mapped[str | None]
    external: Mapped[bool]
    since: Mapped[date | None]
    until: Mapped[date | None]
    formerly: Mapped[list[Any]]
    succeeded_by: Mapped[str | None]

    def state(self) -> UnitState:
        return UnitState.model_validate({**columns(self), "code": self.key})


class Plan(AggregateRow, Base):
    __tablename__ = "plans"

    title: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]
    phases: Mapped[list[Any]]
    areas: Mapped[list[Any]]
    published: Mapped[list[Any]]
    version: Mapped[str | None]
    predecessor: Mapped[str | None]
    timezone: Mapped[str]
    rounds: Mapped[list[Any]]
    self_approval: Mapped[bool]
    provenance: Mapped[dict[str, Any] | None]

    def state(self) -> PlanState:
        return PlanState.model_validate({**columns(self), "code": self.key})


class Indicator(AggregateRow, Base):
    """key = plan/code"""

    __tablename__ = "indicators"
    __table_args__ = (
        Index("ix_indicators_plan", "plan", "code", unique=True),
        Index("ix_indicators_custodians", "custodians", postgresql_using="gin"),
        Index("ix_indicators_fed_by", "fed_by"),
    )

    plan: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    area: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str | None]
    direction: Mapped[str]
    custodians: Mapped[list[str]]
    fed_by: Mapped[str | None]
    categories: Mapped[list[str] | None]
    targets: Mapped[list[Any]]
    earlier: Mapped[list[Any]]
    provenance: Mapped[dict[str, Any] | None]
    custodians_provenance: Mapped[dict[str, Any] | None]
    definition: Mapped[str | None]
    baseline: Mapped[dict[str, Any] | None]
    aggregation: Mapped[dict[str, Any] | None]
    disaggregation: Mapped[list[Any]]
    minimum: Mapped[Decimal | None]
    maximum: Mapped[Decimal | None]
    custodianships: Mapped[list[Any]]
    predecessor: Mapped[str | None]
    comparable: Mapped[bool | None]
    comparability: Mapped[str | None]
    aligned_with: Mapped[list[str]]

    def state(self) -> IndicatorState:
        return IndicatorState.model_validate(columns(self))


class ResultLine(AggregateRow, Base):
    """The results of one target; key = plan/indicator/phase/place. `standing` and `changed` are numbers of results."""

    __tablename__ = "result_lines"
    __table_args__ = (Index("ix_result_lines_indicator", "plan", "indicator"),)

    plan: Mapped[str]
    indicator: Mapped[str]
    phase: Mapped[str]
    place: Mapped[str]
    status: Mapped[str]
    results: Mapped[int] = mapped_column(Integer)
    standing: Mapped[int | None]
    changed: Mapped[int]

    def state(self, results: dict[int, Result]) -> ResultState:
        standing = None if self.standing is None else results[self.standing]
        return ResultState.model_validate({**columns(self), "standing": standing, "changed": results[self.changed]})


class ResultRow(Base):
    """One recorded result, never deleted and never overwritten but for its review."""

    __tablename__ = "results"

    line: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    body: Mapped[dict[str, Any]]
    """what was said: every field of a Result that is no column here"""
    review: Mapped[str]
    review_reason: Mapped[str | None]
    reviewed_by: Mapped[str | None]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    subject: Mapped[str]
    """the caller as the issuer names it; stays here and is in no event"""

    def result(self) -> Result:
        return Result.model_validate({**columns(self), **self.body})


class Action(AggregateRow, Base):
    """key = plan/code"""

    __tablename__ = "actions"
    __table_args__ = (
        Index("ix_actions_indicators", "indicators", postgresql_using="gin"),
        Index("ix_actions_opened_by", "opened_by", postgresql_where=text("opened_by IS NOT NULL")),
    )

    plan: Mapped[str]
    code: Mapped[str]
    indicators: Mapped[list[str]]
    places: Mapped[list[str]]
    custodians: Mapped[list[str]]
    text: Mapped[str]
    status: Mapped[str]
    none_required: Mapped[bool]
    needs_funding: Mapped[bool]
    due: Mapped[date | None]
    note: Mapped[str | None]
    provenance: Mapped[dict[str, Any] | None]
    kind: Mapped[str]
    starts: Mapped[date | None]
    resources: Mapped[str | None]
    responsible_roles: Mapped[list[str]]
    opened_by: Mapped[str | None]

    def state(self) -> ActionDetails:
        return ActionDetails.model_validate({**columns(self), "state": self.status})


class Resources(AggregateRow, Base):
    """key = plan/phase/area"""

    __tablename__ = "resources"

    plan: Mapped[str]
    phase: Mapped[str]
    area: Mapped[str]
    unit: Mapped[str]
    lines: Mapped[list[Any]]
    published_budget: Mapped[Decimal | None]
    published_expenditure: Mapped[Decimal | None]
    provenance: Mapped[dict[str, Any] | None]

    def state(self) -> ResourcesState:
        return ResourcesState.model_validate(columns(self))


class Markers(AggregateRow, Base):
    """key = plan/phase/population/area, the area `-` for the whole plan"""

    __tablename__ = "markers"

    plan: Mapped[str]
    phase: Mapped[str]
    area: Mapped[str | None]
    population: Mapped[str]
    levels: Mapped[list[Any]]
    provenance: Mapped[dict[str, Any] | None]

    def state(self) -> MarkersState:
        return MarkersState.model_validate(columns(self))


class Claim(AggregateRow, Base):
    """key = plan/code"""

    __tablename__ = "claims"

    plan: Mapped[str]
    code: Mapped[str]
    text: Mapped[str]
    concept: Mapped[str | None]
    phase: Mapped[str | None]
    indicator: Mapped[str | None]
    place: Mapped[str | None]
    area: Mapped[str | None]
    as_of: Mapped[date | None]
    status: Mapped[str | None]
    value: Mapped[Decimal | None]
    numerator: Mapped[int | None] = mapped_column(BigInteger)
    denominator: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str | None]
    provenance: Mapped[dict[str, Any] | None]

    def state(self) -> ClaimState:
        return ClaimState.model_validate(columns(self))


class Rule(AggregateRow, Base):
    """key = plan/code"""

    __tablename__ = "rules"

    plan: Mapped[str]
    code: Mapped[str]
    title: Mapped[str]
    left: Mapped[list[Any]]
    operator: Mapped[str]
    right: Mapped[list[Any]]
    constant: Mapped[Decimal | None]
    severity: Mapped[str]

    def state(self) -> RuleState:
        return RuleState.model_validate(columns(self))
