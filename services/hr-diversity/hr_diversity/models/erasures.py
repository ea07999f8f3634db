"""What was deleted of snapshots, and why: the trail of retention."""

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, DateTime, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base


class Erasure(Base):
    """The rows of a snapshot were deleted; its measures stay. `reason` is old, superseded or asked."""

    __tablename__ = "erasures"

    snapshot_id: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    revision: Mapped[int] = mapped_column(Integer)
    rows: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """the caller as the issuer names it, or "system"; stays here and is in no event"""
    erased_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
