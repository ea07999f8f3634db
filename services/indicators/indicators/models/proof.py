"""The tables of what proves something: documents, and the audit trail."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from indicators.models.base import Base, columns
from shared.database import AggregateRow
from shared.events.claims import DocumentState


class Document(AggregateRow, Base):
    """key = code. Its content, where it is kept here, stands in `document_contents`."""

    __tablename__ = "documents"

    title: Mapped[str]
    url: Mapped[str | None]
    media_type: Mapped[str | None]
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    digest: Mapped[str | None]
    withdrawn: Mapped[bool]
    reason: Mapped[str | None]
    units: Mapped[list[str]]
    """who attached it and may change it; empty: operators only"""

    def state(self) -> DocumentState:
        return DocumentState.model_validate({**columns(self), "code": self.key})


class DocumentContent(Base):
    __tablename__ = "document_contents"

    digest: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]


class Change(Base):
    """The audit trail: each version of each aggregate, with who made it, when, and why. What was before stands in the version before."""

    __tablename__ = "changes"

    aggregate: Mapped[str] = mapped_column(primary_key=True)
    """kind/key, e.g. `result/apge-2018-21/women-p5-plus/2020-21/global`"""
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event: Mapped[str]
    state: Mapped[dict[str, Any]]
    reason: Mapped[str | None]
    actor: Mapped[str]
    subject: Mapped[str]
    """the caller as the issuer names it; stays here and is in no event"""
    changed_at: Mapped[datetime]
