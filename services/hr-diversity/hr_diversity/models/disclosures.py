"""Who saw figures that others do not see."""

from datetime import datetime

from sqlalchemy import DateTime, Text
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base


class Disclosure(Base):
    """Figures were answered as they are, without suppression. `asked` is the path with its parameters."""

    __tablename__ = "disclosures"

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    asked: Mapped[str] = mapped_column(Text)
    actor: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """the caller as the issuer names it; stays here and is in no event"""
    disclosed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
