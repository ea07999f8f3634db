"""The tables of the service. A row of an aggregate composes its own state: the one form that events, heads and answers share."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from shared.database import AggregateRow, new_metadata
from shared.events.indicators import ActionDetails, IndicatorState, PlanState, Result, ResultState, UnitState


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {str: Text, list[str]: ARRAY(Text), dict[str, Any]: JSONB, list[Any]: JSONB, date: Date}


class Unit(AggregateRow, Base):
    __tablename__ = "units"

    name: Mapped[str]
    kind: Mapped[str]
    portfolio: Mapped[str | None]
    region: Mapped[str | None]
    parent: Mapped[str | None]
    external: Mapped[bool]

    def state(self) -> UnitState:
        return UnitState.model_validate({**_columns(self), "code": self.key})


class Plan(AggregateRow, Base):
    __tablename__ = "plans"

    title: Mapped[str]
    starts: Mapped[date]
    ends: Mapped[date]
    phases: Mapped[list[Any]]
    areas: Mapped[list[Any]]
    published: Mapped[list[Any]]

    def state(self) -> PlanState:
        return PlanState.model_validate({**_columns(self), "code": self.key})


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

    def state(self) -> IndicatorState:
        return IndicatorState.model_validate(_columns(self))


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
        return ResultState.model_validate({**_columns(self), "standing": standing, "changed": results[self.changed]})


class ResultRow(Base):
    """One recorded result, never deleted and never overwritten but for its review."""

    __tablename__ = "results"

    line: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    as_of: Mapped[date]
    body: Mapped[dict[str, Any]]
    """value, numerator, denominator, reached, category, parts, no_data, text, comment, evidence, derived_from, provenance"""
    review: Mapped[str]
    review_reason: Mapped[str | None]
    reviewed_by: Mapped[str | None]
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    recorded_by: Mapped[str]
    subject: Mapped[str]
    """the caller as the issuer names it; stays here and is in no event"""

    def result(self) -> Result:
        return Result.model_validate({**_columns(self), **self.body})


class Action(AggregateRow, Base):
    """key = plan/code"""

    __tablename__ = "actions"
    __table_args__ = (Index("ix_actions_indicators", "indicators", postgresql_using="gin"),)

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

    def state(self) -> ActionDetails:
        return ActionDetails.model_validate({**_columns(self), "state": self.status})


def _columns(row: Base) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in row.__table__.columns}
