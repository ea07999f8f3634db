"""The view `recommendations`: a recommendation with its response and follow-up as it stands, and the evaluation it comes from."""

from typing import Any

from sqlalchemy import BigInteger, Column, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.models import Base, changed, write_feed
from reporting.projections.status import columns_of
from shared.events.recommendations import (
    EvaluationRegistered,
    FollowUpActionAdded,
    FollowUpActionUpdated,
    RecommendationMade,
    ResponseGiven,
)
from shared.projection import Fact, Projection

recommendation_rows = Table(
    "recommendations",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("source", Text, nullable=False, index=True),
    Column("state", JSONB, nullable=False),
)
evaluations = Table(
    "evaluations",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("source", Text, nullable=False),
    Column("state", JSONB, nullable=False),
)

recommendations = Projection(
    "recommendations", services=["recommendations"], tables=[recommendation_rows, evaluations], finish=write_feed
)


def _put(table: str) -> Any:
    return text(f"""
        INSERT INTO {table} AS r (aggregate, sequence, source, state)
        SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:sources AS text[]), CAST(:states AS jsonb[]))
        ON CONFLICT (aggregate) DO UPDATE SET sequence = excluded.sequence, source = excluded.source, state = excluded.state
        WHERE r.sequence < excluded.sequence
    """)


_PUT_RECOMMENDATION, _PUT_EVALUATION = _put("recommendations"), _put("evaluations")
_LIST = text("""
    SELECT state FROM recommendations WHERE (CAST(:source AS text) IS NULL OR source = :source)
    ORDER BY source, (state->>'number')::int
""")
_EVALUATIONS = text("SELECT state FROM evaluations ORDER BY source")
_HEADS = text(
    "SELECT aggregate, sequence, state FROM recommendations UNION ALL SELECT aggregate, sequence, state FROM evaluations"
)


@recommendations.on(EvaluationRegistered, fold=True)
async def evaluation_registered(session: AsyncSession, facts: list[Fact[EvaluationRegistered]]) -> None:
    rows = columns_of(facts)
    del rows["times"]
    await session.execute(_PUT_EVALUATION, rows | {"sources": [fact.event.code for fact in facts]})
    for fact in facts:
        changed(session, "recommendations", fact.event.code, {"evaluation": fact.event.code, "title": fact.event.title})


@recommendations.on(RecommendationMade, ResponseGiven, FollowUpActionAdded, FollowUpActionUpdated, fold=True)
async def recommendation_changed(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    rows = columns_of(facts)
    del rows["times"]
    await session.execute(_PUT_RECOMMENDATION, rows | {"sources": [fact.event.source for fact in facts]})
    for fact in facts:
        event = fact.event
        body = {
            "source": event.source,
            "number": event.number,
            "title": event.title,
            "units": event.units,
            "state": event.state,
            "follow_up": len(event.follow_up),
        }
        changed(session, "recommendations", f"{event.source}/{event.number}", body | {"at": fact.envelope.time})


async def list_recommendations(session: AsyncSession, source: str | None) -> list[dict[str, Any]]:
    return [row.state for row in await session.execute(_LIST, {"source": source})]


async def list_evaluations(session: AsyncSession) -> list[dict[str, Any]]:
    return [row.state for row in await session.execute(_EVALUATIONS)]


async def list_heads(session: AsyncSession) -> list[Any]:
    return list(await session.execute(_HEADS))
