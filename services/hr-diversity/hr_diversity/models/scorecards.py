"""Scorecards as they were issued, the meetings that had them on their agenda, and what cards take from plans."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import DateTime, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from hr_diversity.models.base import Base
from shared.database import AggregateRow
from shared.events.hr_diversity import ScorecardState, TablingState


class ScorecardIssue(AggregateRow, Base):
    """A scorecard as it was issued, key = its id. `content`, `page` and `paper` are kept as bytes: what was issued does not change
    with a later release. `digest` is the SHA-256 of `content`, in hex.
    """

    __tablename__ = "scorecard_issues"
    __table_args__ = (UniqueConstraint("portfolio", "number"),)

    portfolio: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(Integer)
    as_of: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    digest: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    page: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    paper: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    tablings: Mapped[list["ScorecardTabling"]] = relationship(
        lazy="selectin", order_by="ScorecardTabling.id", cascade="all, delete-orphan"
    )

    def state(self) -> ScorecardState:
        """What is stated of it: of a meeting its day and portfolio only."""
        return ScorecardState(
            id=self.key,
            portfolio=self.portfolio,
            number=self.number,
            as_of=self.as_of,
            source=self.source,
            issued_at=self.issued_at,
            digest=self.digest,
            tablings=[one.state() for one in self.tablings],
        )


class ScorecardTabling(Base):
    """A meeting that had the scorecard on its agenda. What the meeting was called stays here and is in no event."""

    __tablename__ = "scorecard_tablings"
    __table_args__ = (Index(None, "meeting_on"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    issue: Mapped[str] = mapped_column(ForeignKey("scorecard_issues.key", ondelete="CASCADE"), index=True)
    portfolio: Mapped[str] = mapped_column(Text)
    meeting_on: Mapped[date]
    meeting: Mapped[str] = mapped_column(Text)
    agenda_item: Mapped[str] = mapped_column(Text)
    minutes: Mapped[str | None] = mapped_column(Text)
    tabled_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)

    def state(self) -> TablingState:
        return TablingState(
            id=self.id, portfolio=self.portfolio, meeting_on=self.meeting_on, withdrawn=self.withdrawn_at is not None
        )


class PlanFact(Base):
    """What a card takes from the indicators service, as it told of it last: the portfolios of units, the phases of plans, and the
    indicators that a measure fills, with their targets. `key` is the aggregate, `kind` its first word.
    """

    __tablename__ = "plan_facts"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    kind: Mapped[str] = mapped_column(Text, index=True)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
