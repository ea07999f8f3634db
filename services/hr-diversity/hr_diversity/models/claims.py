"""Figures that documents publish of what is measured here, as the indicators service told of them."""

from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base


class PublishedFigure(Base):
    """A claim of a source on a concept, key "plan/code". It stands beside our own figure and never instead of it."""

    __tablename__ = "published_figures"
    __table_args__ = (Index(None, "concept"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    concept: Mapped[str] = mapped_column(Text)
    state: Mapped[dict[str, Any]] = mapped_column(JSONB)
