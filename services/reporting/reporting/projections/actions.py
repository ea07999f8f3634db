"""The view `actions`: an accelerating action as it stands. Shown on the cards of the indicators that it serves."""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Column, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.models import Base, changed, write_feed
from reporting.projections.status import columns_of
from shared.events.indicators import ActionAdded, ActionUpdated
from shared.projection import Fact, Projection

action_rows = Table(
    "actions",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("plan", Text, nullable=False),
    Column("indicators", ARRAY(Text), nullable=False),
    Column("state", JSONB, nullable=False),
    Index("ix_actions_indicators", "indicators", postgresql_using="gin"),
)

actions = Projection("actions", services=["indicators"], tables=[action_rows], finish=write_feed)

_PUT = text("""
    INSERT INTO actions AS a (aggregate, sequence, plan, indicators, state)
    SELECT aggregate, sequence, plan, ARRAY(SELECT jsonb_array_elements_text(state->'indicators')), state
    FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:plans AS text[]), CAST(:states AS jsonb[]))
        AS new(aggregate, sequence, plan, state)
    ON CONFLICT (aggregate) DO UPDATE SET sequence = excluded.sequence, plan = excluded.plan, indicators = excluded.indicators,
        state = excluded.state WHERE a.sequence < excluded.sequence
""")
_OF_INDICATOR = text(
    "SELECT state FROM actions WHERE plan = :plan AND indicators @> ARRAY[:indicator] ORDER BY aggregate"
)
_OF_PLAN = text("""
    SELECT state FROM actions WHERE plan = :plan AND (CAST(:kind AS text) IS NULL OR state->>'kind' = :kind)
        AND (NOT :open OR state->>'state' IN ('planned', 'ongoing'))
    ORDER BY state->>'due' NULLS LAST, aggregate
""")
_BEFORE = text("SELECT aggregate, plan, indicators FROM actions WHERE aggregate = ANY(:aggregates)")
_HEADS = text("SELECT aggregate, sequence, state FROM actions")


@actions.on(ActionAdded, ActionUpdated, fold=True)
async def action_changed(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    rows = columns_of(facts)
    del rows["times"]
    found = await session.execute(_BEFORE, {"aggregates": rows["aggregates"]})
    before = {row.aggregate: {(row.plan, indicator) for indicator in row.indicators} for row in found}
    await session.execute(_PUT, rows | {"plans": [fact.event.plan for fact in facts]})
    for fact in facts:
        event = fact.event
        served = {(event.plan, indicator) for indicator in event.indicators}
        body = {"action": event.code, "state": event.state, "at": fact.envelope.time}
        for plan, indicator in sorted(served | before.get(fact.envelope.subject, set())):  # those that lost it, too
            changed(session, "indicators", f"{plan}/{indicator}", {"plan": plan, "indicator": indicator} | body)


async def list_of_indicator(session: AsyncSession, plan: str, indicator: str) -> list[dict[str, Any]]:
    return [row.state for row in await session.execute(_OF_INDICATOR, {"plan": plan, "indicator": indicator})]


async def list_of_plan(session: AsyncSession, plan: str, kind: str | None, *, only_open: bool) -> list[dict[str, Any]]:
    """Those of the plan, what is due first before the rest; with `only_open` those that are planned or ongoing."""
    given = {"plan": plan, "kind": kind, "open": only_open}
    return [row.state for row in await session.execute(_OF_PLAN, given)]


async def list_heads(session: AsyncSession) -> list[Any]:
    return list(await session.execute(_HEADS))
