"""Snapshots, the measures drawn from them, and the names of units."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base
from shared.database import AggregateRow


class SnapshotHead(AggregateRow, Base):
    """What is current for one source and as-of date, key "source/as_of". Its row is the lock of everything below it."""

    __tablename__ = "snapshot_heads"

    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    snapshot_id: Mapped[str | None] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(Integer, default=0)
    accepted: Mapped[int] = mapped_column(BigInteger, default=0)


class Snapshot(Base):
    """One content that was pushed. `digest` tells equal pushes, in hex; of a full one it is the SHA-256 of the file. `receipt` is the
    answer that the push got, `findings` all RefusedValues that were kept. A delta names the snapshot that it stands on.
    """

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("source", "as_of", "revision"), UniqueConstraint("source", "as_of", "digest"))

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    revision: Mapped[int] = mapped_column(Integer)
    digest: Mapped[str] = mapped_column(Text)
    receipt: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    taken_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    mode: Mapped[str] = mapped_column(Text, server_default="full")
    base_id: Mapped[str | None] = mapped_column(Text, index=True)
    headcount: Mapped[int] = mapped_column(BigInteger)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)
    rows_deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    released: Mapped[bool] = mapped_column(server_default=true())
    """whether its figures were published when it came"""
    covering: Mapped[list[list[str]]] = mapped_column(JSONB, server_default="[]")
    """the lines (code of a measure, group) that its figures withhold to hide small ones"""
    told: Mapped[list[list[str]]] = mapped_column(JSONB, server_default="[]")
    told_others: Mapped[list[list[str]]] = mapped_column(JSONB, server_default="[]")
    """lines that no measure prints and that can be worked out from its figures, in women and men or in others"""


class SnapshotChunk(Base):
    """Some rows of a snapshot as Parquet; `intake.keeping.Chunk` says which columns."""

    __tablename__ = "snapshot_chunks"

    snapshot_id: Mapped[str] = mapped_column(ForeignKey("snapshots.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    rows: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DrawnMeasure(AggregateRow, Base):
    """A measure of the current revision, key "source/as_of/code"; `state` is the MeasureState that was stated last."""

    __tablename__ = "measures"
    __table_args__ = (Index(None, "code", "as_of"),)

    code: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
    drawn_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class MeasuresVersion(Base):
    """One row. Triggers give it another version in every transaction that changes `measures` or `units`, as it commits."""

    __tablename__ = "measures_version"
    __table_args__ = (CheckConstraint("one", name="one_row"),)

    one: Mapped[bool] = mapped_column(primary_key=True, server_default=true())
    version: Mapped[int] = mapped_column(BigInteger)


class Unit(Base):
    """A unit that the indicators service knows. Only names and warnings rest on it."""

    __tablename__ = "units"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)


class ShownLine(Base):
    """The latest day on which a line of a measure was shown, of any source, and its numbers; `other` is that of the latest day that had one."""

    __tablename__ = "last_shown"

    code: Mapped[str] = mapped_column(Text, primary_key=True)
    group: Mapped[str] = mapped_column(Text, primary_key=True)
    as_of: Mapped[date] = mapped_column(Date)
    women: Mapped[int] = mapped_column(BigInteger)
    men: Mapped[int] = mapped_column(BigInteger)
    other: Mapped[int | None] = mapped_column(BigInteger)
