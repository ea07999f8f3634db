"""The view `status`: every version of every definition and of every target's results, each with the instant it was stated.

A row of `definitions` is a unit, plan or indicator as it stood from `at` on, or what was recorded beside them: a claim, a rule, a
document; a row of `target_states` is a target's status and results as they stood from `at` on. The present is the last row of each
key, the past "as it was known at" an instant is the last row up to it. Rows are only added, so any order of arrival gives the same
view. Consolidated status and indicator cards are drawn from here; the changes are told under the views `status` and `indicators`.
"""

from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, DateTime, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.models import Base, changed, is_silent, write_feed
from shared.events.base import Event
from shared.events.claims import ClaimPublished, DocumentAttached, DocumentWithdrawn, RuleDefined
from shared.events.indicators import IndicatorDefined, IndicatorState, PlanDefined, PlanState, UnitDefined, UnitState
from shared.events.results import (
    ResultAccepted,
    ResultRecorded,
    ResultReopened,
    ResultSentBack,
    ResultState,
    StatusRegressed,
    StatusRestated,
)
from shared.projection import Fact, Projection

definitions = Table(
    "definitions",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("state", JSONB, nullable=False),
    Index("ix_definitions_plan", "plan", "aggregate", "sequence"),
)

target_states = Table(
    "target_states",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("indicator", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("state", JSONB, nullable=False),
    Column("type", Text, nullable=False),
    Column("cause", JSONB, nullable=False),
    Index("ix_target_states_indicator", "plan", "indicator", "aggregate", "sequence"),
)

status = Projection("status", services=["indicators"], tables=[definitions, target_states], finish=write_feed)

_ADD_DEFINITIONS = text("""
    INSERT INTO definitions (aggregate, sequence, plan, at, state)
    SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:plans AS text[]),
        CAST(:times AS timestamptz[]), CAST(:states AS jsonb[])) ON CONFLICT DO NOTHING
""")
_ADD_STATES = text("""
    INSERT INTO target_states (aggregate, sequence, plan, indicator, status, at, state, type, cause)
    SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:plans AS text[]),
        CAST(:indicators AS text[]), CAST(:statuses AS text[]), CAST(:times AS timestamptz[]), CAST(:states AS jsonb[]),
        CAST(:types AS text[]), CAST(:causes AS jsonb[])) ON CONFLICT DO NOTHING
""")
_ADD_AND_TELL_BEFORE = text(f"""
    WITH added AS ({_ADD_STATES.text})
    SELECT DISTINCT ON (aggregate) aggregate, status FROM target_states
    WHERE aggregate = ANY(CAST(:aggregates AS text[])) ORDER BY aggregate, sequence DESC
""")
"""The statuses are those before: a statement does not see what it adds."""


def columns_of(facts: list[Fact[Any]]) -> dict[str, list[Any]]:
    """What every table of versions has: aggregate, sequence, the instant and the payload as it came."""
    return {
        "aggregates": [fact.envelope.subject for fact in facts],
        "sequences": [fact.sequence for fact in facts],
        "times": [datetime.fromisoformat(fact.envelope.time) for fact in facts],
        "states": [fact.envelope.data.decode() for fact in facts],
    }


@status.on(UnitDefined)
async def unit_defined(session: AsyncSession, facts: list[Fact[UnitDefined]]) -> None:
    await session.execute(_ADD_DEFINITIONS, columns_of(facts) | {"plans": [""] * len(facts)})
    for fact in facts:
        _tell_definition(session, fact, {"unit": fact.event.code, "name": fact.event.name})


@status.on(PlanDefined)
async def plan_defined(session: AsyncSession, facts: list[Fact[PlanDefined]]) -> None:
    await session.execute(_ADD_DEFINITIONS, columns_of(facts) | {"plans": [fact.event.code for fact in facts]})
    for fact in facts:
        body = {"plan": fact.event.code, "title": fact.event.title}
        _tell_definition(session, fact, body)
        changed(session, "resources", fact.envelope.subject, body)  # its areas and phases are named there


def _tell_definition(session: AsyncSession, fact: Fact[Any], body: dict[str, Any]) -> None:
    """Names of units and areas stand on the cards too."""
    for view in ("status", "indicators"):
        changed(session, view, fact.envelope.subject, body)


@status.on(IndicatorDefined)
async def indicator_defined(session: AsyncSession, facts: list[Fact[IndicatorDefined]]) -> None:
    await session.execute(_ADD_DEFINITIONS, columns_of(facts) | {"plans": [fact.event.plan for fact in facts]})
    for fact in facts:
        body = {"plan": fact.event.plan, "indicator": fact.event.code, "title": fact.event.title}
        changed(session, "status", fact.envelope.subject, body)
        changed(session, "indicators", f"{fact.event.plan}/{fact.event.code}", body)
        changed(
            session, "resources", fact.envelope.subject, body
        )  # its targets say which phase is meant where none is named


@status.on(ClaimPublished, RuleDefined)
async def recorded_beside(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    """It changes no status, so nobody is told."""
    await session.execute(_ADD_DEFINITIONS, columns_of(facts) | {"plans": [fact.event.plan for fact in facts]})


@status.on(DocumentAttached, DocumentWithdrawn)
async def document_changed(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    """A document may be cited in every plan, and is named on the cards."""
    await session.execute(_ADD_DEFINITIONS, columns_of(facts) | {"plans": [""] * len(facts)})
    for fact in facts:
        body = {"document": fact.event.code, "withdrawn": fact.event.withdrawn, "at": fact.envelope.time}
        changed(session, "indicators", fact.envelope.subject, body)


@status.on(ResultRecorded, ResultAccepted, ResultSentBack, ResultReopened, StatusRegressed, StatusRestated)
async def target_changed(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    rows = columns_of(facts) | {
        "plans": [fact.event.plan for fact in facts],
        "indicators": [fact.event.indicator for fact in facts],
        "statuses": [fact.event.status for fact in facts],
        "types": [fact.envelope.type for fact in facts],
        "causes": [_cause(fact) for fact in facts],
    }
    if is_silent(session):
        await session.execute(_ADD_STATES, rows)
        return
    before = {row.aggregate: row.status for row in await session.execute(_ADD_AND_TELL_BEFORE, rows)}
    for fact in facts:
        subject = fact.envelope.subject
        _tell(session, fact, before.get(subject, "data_unavailable"))
        before[subject] = fact.event.status


def _cause(fact: Fact[Event]) -> str:
    envelope = fact.envelope
    names = ("id", "causationid", "correlationid", "actor")
    return orjson.dumps({name: getattr(envelope, name) for name in names}).decode()


def _tell(session: AsyncSession, fact: Fact[Any], before: str) -> None:
    state: ResultState = fact.event
    key = f"{state.plan}/{state.indicator}/{state.phase}/{state.place}"
    place = {"plan": state.plan, "indicator": state.indicator, "phase": state.phase, "place": state.place}
    result = orjson.Fragment(state.standing.model_dump_json(exclude_none=True)) if state.standing else None
    body: dict[str, Any] = {
        **place,
        "status": state.status,
        "before": before,
        "result": result,
        "at": fact.envelope.time,
        "event": fact.envelope.id,
    }
    if isinstance(state, StatusRegressed):
        key = f"{key}/regressed"  # told by itself, however soon something else is stated of the target
        body |= {"regressed": True, "before": state.before, "before_phase": state.before_phase, "action": state.action}
    changed(session, "status", key, body | {"correlation": fact.envelope.correlationid})
    changed(
        session,
        "indicators",
        f"{state.plan}/{state.indicator}",
        place | {"status": state.status, "at": fact.envelope.time},
    )


_PLANS = text("""
    SELECT plan.state FROM (
        SELECT DISTINCT ON (aggregate) plan, state FROM definitions
        WHERE aggregate LIKE 'plan/%' ORDER BY aggregate, sequence DESC) AS plan
    ORDER BY EXISTS (SELECT FROM target_states AS target WHERE target.plan = plan.plan) DESC,
        (SELECT count(*) FROM actions AS action WHERE action.plan = plan.plan) DESC,
        (SELECT count(DISTINCT one.aggregate) FROM definitions AS one
            WHERE one.plan = plan.plan AND one.aggregate LIKE 'indicator/%') DESC, plan.plan
""")
_INDICATORS = text("""
    SELECT DISTINCT ON (aggregate) plan, state FROM definitions
    WHERE split_part(aggregate, '/', 1) = 'indicator' ORDER BY aggregate, sequence DESC
""")
_STATUSES = text("""
    SELECT DISTINCT ON (aggregate) plan, indicator, state->>'phase' AS phase, state->>'place' AS place, status, at,
        state->'standing'->>'as_of' AS as_of
    FROM target_states ORDER BY aggregate, sequence DESC
""")
_DEFINITIONS = text("""
    SELECT DISTINCT ON (aggregate) aggregate, sequence, state, at FROM definitions
    WHERE plan IN (:plan, '') AND at <= :as_of AND split_part(aggregate, '/', 1) IN ('unit', 'plan', 'indicator')
    ORDER BY aggregate, sequence DESC
""")
_STATES = text("""
    SELECT DISTINCT ON (aggregate) aggregate, status, at, state FROM target_states
    WHERE plan = :plan AND at <= :as_of ORDER BY aggregate, sequence DESC
""")
_HISTORY = text("""
    SELECT aggregate, sequence, status, at, state, type, cause FROM target_states
    WHERE plan = :plan AND indicator = :indicator ORDER BY aggregate, sequence
""")
_DEFINITION = text(
    "SELECT sequence, state, at FROM definitions WHERE aggregate = :aggregate ORDER BY sequence DESC LIMIT 1"
)
_NAMED = text("""
    SELECT DISTINCT ON (aggregate) aggregate, state FROM definitions
    WHERE aggregate = ANY(:aggregates) ORDER BY aggregate, sequence DESC
""")
_UNITS = text("""
    SELECT DISTINCT ON (aggregate) state FROM definitions
    WHERE split_part(aggregate, '/', 1) = 'unit' ORDER BY aggregate, sequence DESC
""")
_HEADS = text("""
    SELECT aggregate, sequence, state FROM (
        SELECT DISTINCT ON (aggregate) aggregate, sequence, state FROM definitions ORDER BY aggregate, sequence DESC) AS d
    UNION ALL SELECT aggregate, sequence, state FROM (
        SELECT DISTINCT ON (aggregate) aggregate, sequence, state FROM target_states ORDER BY aggregate, sequence DESC) AS t
""")


async def list_plans(session: AsyncSession) -> list[PlanState]:
    """First those that have results, of them the one that most is done for, and of equals the one with the most indicators."""
    return [PlanState.model_validate(row.state) for row in await session.execute(_PLANS)]


async def list_indicators(session: AsyncSession) -> list[IndicatorState]:
    """Every indicator of every plan."""
    return [IndicatorState.model_validate(row.state) for row in await session.execute(_INDICATORS)]


async def list_units(session: AsyncSession) -> list[UnitState]:
    return [UnitState.model_validate(row.state) for row in await session.execute(_UNITS)]


async def list_statuses(session: AsyncSession) -> list[Any]:
    """Of every target that has a result: plan, indicator, phase, place, status, when it was stated, and the day it is of."""
    return list(await session.execute(_STATUSES))


async def list_definitions(session: AsyncSession, plan: str, as_of: datetime) -> list[Any]:
    """The plan, its indicators and all units as they were known at `as_of`."""
    return list(await session.execute(_DEFINITIONS, {"plan": plan, "as_of": as_of}))


async def list_states(session: AsyncSession, plan: str, as_of: datetime) -> list[Any]:
    """The last known state of every target of the plan that has a result, as of `as_of`."""
    return list(await session.execute(_STATES, {"plan": plan, "as_of": as_of}))


async def list_history(session: AsyncSession, plan: str, indicator: str) -> list[Any]:
    """Every version of every target of an indicator, by target and in order."""
    return list(await session.execute(_HISTORY, {"plan": plan, "indicator": indicator}))


async def find_definition(session: AsyncSession, aggregate: str) -> Any | None:
    return (await session.execute(_DEFINITION, {"aggregate": aggregate})).first()


async def find_definitions(session: AsyncSession, aggregates: list[str]) -> dict[str, dict[str, Any]]:
    """The last known state of those of these aggregates that are known."""
    if not aggregates:
        return {}
    return {row.aggregate: row.state for row in await session.execute(_NAMED, {"aggregates": aggregates})}


async def list_heads(session: AsyncSession) -> list[Any]:
    return list(await session.execute(_HEADS))
