"""The view `resources`: budget and expenditure of an area in a phase, and how results spread over the gender-equality marker's levels.

A row of `resources` is one area's money as it was last reported, one of `markers` the distribution of one population; the newest
version of each is kept. What they add up to is computed when it is asked for, from these rows.
"""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.models import Base, changed, write_feed
from reporting.projections.status import columns_of
from shared.events.resources import MarkersReported, ResourcesReported
from shared.projection import Fact, Projection

money = Table(
    "resources",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("plan", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("state", JSONB, nullable=False),
    Index("ix_resources_plan", "plan", "phase"),
)
markers = Table(
    "markers",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("plan", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("state", JSONB, nullable=False),
    Index("ix_markers_plan", "plan", "phase"),
)

resources = Projection("resources", services=["indicators"], tables=[money, markers], finish=write_feed)


def _put(table: str) -> Any:
    return text(f"""
        INSERT INTO {table} AS r (aggregate, sequence, plan, phase, state)
        SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:plans AS text[]),
            CAST(:phases AS text[]), CAST(:states AS jsonb[]))
        ON CONFLICT (aggregate) DO UPDATE SET sequence = excluded.sequence, plan = excluded.plan, phase = excluded.phase,
            state = excluded.state WHERE r.sequence < excluded.sequence
    """)


def _list(table: str) -> Any:
    return text(f"SELECT state FROM {table} WHERE plan = :plan AND phase = :phase ORDER BY aggregate")


_PUT_MONEY, _PUT_MARKERS = _put("resources"), _put("markers")
_MONEY, _MARKERS = _list("resources"), _list("markers")
_HEADS = text(
    "SELECT aggregate, sequence, state FROM resources UNION ALL SELECT aggregate, sequence, state FROM markers"
)


@resources.on(ResourcesReported, fold=True)
async def resources_reported(session: AsyncSession, facts: list[Fact[ResourcesReported]]) -> None:
    await session.execute(_PUT_MONEY, _columns(facts))
    for fact in facts:
        event = fact.event
        body = {"plan": event.plan, "phase": event.phase, "area": event.area, "at": fact.envelope.time}
        changed(session, "resources", fact.envelope.subject, body)


@resources.on(MarkersReported, fold=True)
async def markers_reported(session: AsyncSession, facts: list[Fact[MarkersReported]]) -> None:
    await session.execute(_PUT_MARKERS, _columns(facts))
    for fact in facts:
        event = fact.event
        body = {"plan": event.plan, "phase": event.phase, "population": event.population, "area": event.area}
        changed(session, "resources", fact.envelope.subject, body | {"at": fact.envelope.time})


def _columns(facts: list[Fact[Any]]) -> dict[str, list[Any]]:
    rows = columns_of(facts)
    del rows["times"]
    plans, phases = [fact.event.plan for fact in facts], [fact.event.phase for fact in facts]
    return rows | {"plans": plans, "phases": phases}


async def list_resources(session: AsyncSession, plan: str, phase: str) -> list[dict[str, Any]]:
    """The money of each area that something was reported for."""
    return [row.state for row in await session.execute(_MONEY, {"plan": plan, "phase": phase})]


async def list_markers(session: AsyncSession, plan: str, phase: str) -> list[dict[str, Any]]:
    """The distribution of each population, of areas and of the whole plan."""
    return [row.state for row in await session.execute(_MARKERS, {"plan": plan, "phase": phase})]


async def list_heads(session: AsyncSession) -> list[Any]:
    return list(await session.execute(_HEADS))
