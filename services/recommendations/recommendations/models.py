"""The tables of the service. A row of an aggregate composes its own state (`details`): the one form that events and heads share.

What must not break: `details` of a recommendation reads nothing but the row and its follow-up actions, and never the clock.
"""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from recommendations.schemas import EvaluationKind
from shared.database import AggregateRow, new_metadata
from shared.events.indicators import Provenance
from shared.events.recommendations import (
    Answer,
    EvaluationState,
    FollowUpState,
    Horizon,
    Level,
    RecommendationDetails,
    RecommendationStatus,
    Response,
    SubAction,
)
from shared.events.recommendations import FollowUpAction as FollowUpActionState
from shared.events.results import Evidence

JSON = JSONB(none_as_null=True)


class Base(DeclarativeBase):
    metadata = new_metadata()
    type_annotation_map = {
        str: Text,
        list[str]: ARRAY(Text),
        list[int]: ARRAY(Integer),
        dict[str, Any]: JSON,
        list[dict[str, Any]]: JSON,
    }


class Evaluation(AggregateRow, Base):
    """`key` is its code."""

    __tablename__ = "evaluations"

    title: Mapped[str]
    kind: Mapped[EvaluationKind] = mapped_column(Text)
    issued: Mapped[str]
    period: Mapped[dict[str, Any] | None]
    provenance: Mapped[dict[str, Any] | None]

    def details(self) -> EvaluationState:
        return EvaluationState(
            code=self.key,
            title=self.title,
            kind=self.kind,
            issued=self.issued,
            provenance=_provenance(self.provenance),
        )


class FollowUpAction(Base):
    """A part of its recommendation: written only while that row is locked."""

    __tablename__ = "follow_up_actions"

    recommendation: Mapped[str] = mapped_column(ForeignKey("recommendations.key"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]
    responsible: Mapped[list[str]]
    due: Mapped[date]
    state: Mapped[FollowUpState] = mapped_column(Text)
    note: Mapped[str | None]
    evidence: Mapped[list[dict[str, Any]]]

    def details(self) -> FollowUpActionState:
        return FollowUpActionState(
            number=self.number,
            text=self.text,
            responsible=self.responsible,
            due=self.due,
            state=self.state,
            note=self.note,
            evidence=[Evidence.model_validate(one) for one in self.evidence],
        )


class Recommendation(AggregateRow, Base):
    """`key` is source/number. `state` is what `rules.status_of` says, kept so that lists can be filtered by it."""

    __tablename__ = "recommendations"
    __table_args__ = (
        Index("ix_recommendations_source_number", "source", "number", unique=True),
        CheckConstraint(
            "CASE WHEN answer IS NULL THEN num_nonnulls(reason, given_on, given_by) = 0"
            " ELSE num_nonnulls(given_on, given_by) = 2 AND (answer = 'accepted' OR reason IS NOT NULL) END",
            name="response_whole",
        ),
    )

    source: Mapped[str] = mapped_column(ForeignKey("evaluations.key"))
    number: Mapped[int]
    title: Mapped[str]
    group: Mapped[str | None]
    group_title: Mapped[str | None]
    summary: Mapped[str | None]
    units: Mapped[list[str]]
    units_text: Mapped[str | None]
    priority: Mapped[Level] = mapped_column(Text)
    time_implication: Mapped[Horizon] = mapped_column(Text)
    time_qualifier: Mapped[str | None]
    resource_implication: Mapped[Level] = mapped_column(Text)
    sub_actions: Mapped[list[dict[str, Any]]]
    depends_on: Mapped[list[int]]
    provenance: Mapped[dict[str, Any] | None]
    answer: Mapped[Answer | None] = mapped_column(Text)
    reason: Mapped[str | None]
    given_on: Mapped[date | None]
    given_by: Mapped[str | None]
    state: Mapped[RecommendationStatus] = mapped_column(Text, default="awaiting_response")
    follow_up: Mapped[list[FollowUpAction]] = relationship(order_by=FollowUpAction.number, lazy="selectin")

    def details(self) -> RecommendationDetails:
        return RecommendationDetails(
            source=self.source,
            number=self.number,
            title=self.title,
            group=self.group,
            group_title=self.group_title,
            summary=self.summary,
            units=self.units,
            units_text=self.units_text,
            priority=self.priority,
            time_implication=self.time_implication,
            time_qualifier=self.time_qualifier,
            resource_implication=self.resource_implication,
            sub_actions=[SubAction.model_validate(part) for part in self.sub_actions],
            depends_on=self.depends_on,
            response=self._response(),
            follow_up=[action.details() for action in self.follow_up],
            state=self.state,
            provenance=_provenance(self.provenance),
        )

    def _response(self) -> Response | None:
        if self.answer is None or self.given_on is None or self.given_by is None:
            return None
        return Response(answer=self.answer, reason=self.reason, given_on=self.given_on, given_by=self.given_by)


class Unit(Base):
    """A unit as the indicators service last stated it. Rebuilt from events, so nothing refers to it."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]


class Custodianship(Base):
    """A custodian of an indicator at the moment, as the indicators service last stated it; `indicator` is plan/code."""

    __tablename__ = "custodianships"

    indicator: Mapped[str] = mapped_column(primary_key=True)
    unit: Mapped[str] = mapped_column(primary_key=True, index=True)


def _provenance(kept: dict[str, Any] | None) -> Provenance | None:
    return None if kept is None else Provenance.model_validate(kept)
