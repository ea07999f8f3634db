"""The view `registers`: what the registers of hr-diversity hold, one row per vacancy and per issued scorecard, as it was stated last: no count of a single vacancy."""

from typing import Any

from sqlalchemy import BigInteger, Column, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.models import Base
from reporting.projections.status import columns_of
from shared.events.hr_diversity import (
    ScorecardIssued,
    ScorecardTabled,
    ScorecardTablingWithdrawn,
    VacancyRegistered,
    VacancyUpdated,
)
from shared.projection import Fact, Projection

entries = Table(
    "register_entries",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("state", JSONB, nullable=False),
)

registers = Projection("registers", services=["hr-diversity"], tables=[entries])

_PUT = text("""
    INSERT INTO register_entries AS e (aggregate, sequence, state)
    SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:states AS jsonb[]))
    ON CONFLICT (aggregate) DO UPDATE SET sequence = excluded.sequence, state = excluded.state WHERE e.sequence < excluded.sequence
""")
_HEADS = text("SELECT aggregate, sequence, state FROM register_entries")


@registers.on(VacancyRegistered, VacancyUpdated, fold=True)
async def vacancy_registered(session: AsyncSession, facts: list[Fact[VacancyRegistered | VacancyUpdated]]) -> None:
    await _put(session, facts)


@registers.on(ScorecardIssued, ScorecardTabled, ScorecardTablingWithdrawn, fold=True)
async def scorecard_issued(
    session: AsyncSession, facts: list[Fact[ScorecardIssued | ScorecardTabled | ScorecardTablingWithdrawn]]
) -> None:
    await _put(session, facts)


async def _put(session: AsyncSession, facts: list[Any]) -> None:
    rows = columns_of(facts)
    del rows["times"]
    await session.execute(_PUT, rows)


async def list_heads(session: AsyncSession) -> list[Any]:
    return list(await session.execute(_HEADS))
