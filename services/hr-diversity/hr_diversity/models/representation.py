"""Effective-dated inputs and policies of geographic representation, and what was published of each snapshot by them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Index, Integer, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base
from shared.database import AggregateRow


class RangeInputs(AggregateRow, Base):
    """An edition of the data of member States, key "code/effective_from"; `said` as it was put."""

    __tablename__ = "range_inputs"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    code: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date] = mapped_column(Date)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RangePolicy(AggregateRow, Base):
    """An edition of a policy, key "code/effective_from"; `said` as it was put."""

    __tablename__ = "range_policies"
    __table_args__ = (UniqueConstraint("code", "effective_from"),)

    code: Mapped[str] = mapped_column(Text)
    effective_from: Mapped[date] = mapped_column(Date)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Representation(Base):
    """What is published of the current revision, key "source/as_of". `shown` has no figure that is withheld (`service.representation`)."""

    __tablename__ = "representations"
    __table_args__ = (Index(None, "source", "as_of"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    snapshot_id: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer)
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB)
    drawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
