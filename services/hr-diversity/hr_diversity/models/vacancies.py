"""Vacancies with their stage dates and their applicants as counts, and the trail of what was changed in the registers."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Index, Integer, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from hr_diversity.models.base import Base
from hr_diversity.rules.vacancies import STAGES
from shared.database import AggregateRow
from shared.events.hr_diversity import ContractSource, Track, VacancyState


class Vacancy(AggregateRow, Base):
    """A vacancy, key = its reference. `applicants` is {stage: {"women", "men", "other"}}; it stays in this service."""

    __tablename__ = "vacancies"
    __table_args__ = (Index(None, "posted"), Index(None, "selected"))

    unit: Mapped[str] = mapped_column(Text)
    portfolio: Mapped[str | None] = mapped_column(Text)
    region: Mapped[str | None] = mapped_column(Text)
    duty_station: Mapped[str | None] = mapped_column(Text)
    grade: Mapped[str] = mapped_column(Text)
    funding: Mapped[ContractSource] = mapped_column(Text)
    track: Mapped[Track] = mapped_column(Text)
    key_position: Mapped[bool]
    gender_text: Mapped[bool | None]
    geographic_post: Mapped[bool | None]
    posted: Mapped[date]
    closed: Mapped[date | None]
    shortlisted: Mapped[date | None]
    selected: Mapped[date | None]
    on_post: Mapped[date | None]
    cancelled: Mapped[date | None]
    applicants: Mapped[dict[str, dict[str, int]]] = mapped_column(JSONB)

    def state(self) -> VacancyState:
        """What is stated of it: which stages were counted, and no count."""
        return VacancyState(
            reference=self.key,
            unit=self.unit,
            portfolio=self.portfolio,
            region=self.region,
            duty_station=self.duty_station,
            grade=self.grade,
            funding=self.funding,
            track=self.track,
            key_position=self.key_position,
            gender_text=self.gender_text,
            geographic_post=self.geographic_post,
            posted=self.posted,
            closed=self.closed,
            shortlisted=self.shortlisted,
            selected=self.selected,
            on_post=self.on_post,
            cancelled=self.cancelled,
            counted=[stage for stage in STAGES if stage in self.applicants],
        )


class PublishedFunnel(Base):
    """The funnel of a year as it is out."""

    __tablename__ = "funnels"

    year: Mapped[int] = mapped_column(Integer, primary_key=True)
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB)


class Change(Base):
    """One change of a register: who made it, and what was kept from then on (`kept`, with the counts that no event carries)."""

    __tablename__ = "changes"

    aggregate: Mapped[str] = mapped_column(Text, primary_key=True)
    """kind/key, e.g. `vacancy/RAPS-2022-012`"""
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event: Mapped[str] = mapped_column(Text)
    kept: Mapped[dict[str, Any]] = mapped_column(JSONB)
    actor: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text)
    """the caller as the issuer names it; stays here and is in no event"""
    changed_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
