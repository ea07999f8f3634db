"""Flow accounts."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, DateTime, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base


class FlowAccount(Base):
    """From the released snapshot of `since` to that of `as_of`, which followed it when the account was drawn. `state` is as it may be
    shown, `schemas.flows.Flows`.
    """

    __tablename__ = "flow_accounts"

    source: Mapped[str] = mapped_column(Text, primary_key=True)
    as_of: Mapped[date] = mapped_column(Date, primary_key=True)
    since: Mapped[date] = mapped_column(Date)
    snapshot_id: Mapped[str] = mapped_column(Text)
    before_id: Mapped[str] = mapped_column(Text)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    drawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
