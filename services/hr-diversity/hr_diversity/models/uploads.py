"""Files that arrive in parts, and what became of them. Parts are sealed with a key that the database does not hold."""

from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base

State = Literal["receiving", "counting", "done", "refused"]


class Upload(Base):
    """A file that was declared. `received` bytes of it are there in `parts` parts; `counted` of its lines were taken in so far.
    `digest` is the SHA-256 of the whole in hex, where the caller named it. `problem` is the answer where it was refused.
    """

    __tablename__ = "uploads"
    __table_args__ = (Index(None, "touched_at"), Index(None, "subject", "digest"))

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    mode: Mapped[str] = mapped_column(Text)
    base: Mapped[date | None] = mapped_column(Date)
    content_type: Mapped[str] = mapped_column(Text)
    content_encoding: Mapped[str] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """who declared it, as the issuer names the caller; stays here and is in no event"""
    state: Mapped[str] = mapped_column(Text)
    received: Mapped[int] = mapped_column(BigInteger, default=0)
    parts: Mapped[int] = mapped_column(Integer, default=0)
    counted: Mapped[int] = mapped_column(BigInteger, default=0)
    snapshot_id: Mapped[str | None] = mapped_column(Text)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    declared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    touched_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class UploadPart(Base):
    """Some bytes of an upload, as `intake.sealing` sealed them: until they are taken in they hold staff ids."""

    __tablename__ = "upload_parts"

    upload_id: Mapped[str] = mapped_column(ForeignKey("uploads.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
