"""Counts that somebody else made: who took part, what was completed, who left and why."""

from datetime import date
from typing import Any

from sqlalchemy import Date, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base


class Tally(Base):
    """One entry of a register, with the key of the measure that is drawn from it. `said` is what was registered, and `released` what the
    published figures are drawn from, which may be an earlier saying, or none; both stay here.
    """

    __tablename__ = "tallies"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    register: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    released: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
