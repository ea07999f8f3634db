"""How the sources lay out the files that they push."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base
from shared.database import AggregateRow


class Source(AggregateRow, Base):
    """A source with a declaration, key = its name. `said` is the declaration as it came, without what was left at its default."""

    __tablename__ = "sources"

    said: Mapped[dict[str, Any]] = mapped_column(JSONB)
    declared_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
