"""The view `parity`: each measure of each snapshot, women and men counted, in its newest revision. Suppressed as it was stated."""

from datetime import date
from typing import Any

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from reporting.models import Base, changed, write_feed
from reporting.projections.status import columns_of
from shared.events.hr_diversity import MeasureDrawn, SnapshotAccepted
from shared.projection import Fact, Projection

measures = Table(
    "measures",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("state", JSONB, nullable=False),
    Index("ix_measures_code", "code", "as_of"),
)
snapshots = Table(
    "snapshots",
    Base.metadata,
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("state", JSONB, nullable=False),
)

parity = Projection("parity", services=["hr-diversity"], tables=[measures, snapshots], finish=write_feed)

_PUT = text("""
    INSERT INTO measures AS m (aggregate, sequence, code, as_of, at, state)
    SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:codes AS text[]), CAST(:days AS date[]),
        CAST(:times AS timestamptz[]), CAST(:states AS jsonb[]))
    ON CONFLICT (aggregate) DO UPDATE SET sequence = excluded.sequence, code = excluded.code, as_of = excluded.as_of, at = excluded.at,
        state = excluded.state WHERE m.sequence < excluded.sequence
""")
_PUT_SNAPSHOT = text("""
    INSERT INTO snapshots AS s (aggregate, sequence, state)
    SELECT * FROM unnest(CAST(:aggregates AS text[]), CAST(:sequences AS bigint[]), CAST(:states AS jsonb[]))
    ON CONFLICT (aggregate) DO UPDATE SET sequence = excluded.sequence, state = excluded.state WHERE s.sequence < excluded.sequence
""")
_OF_SOURCE = "(CAST(:source AS text) IS NULL OR state->>'source' = :source)"
_AT = text(f"""
    SELECT state FROM measures WHERE code = :code AND as_of <= COALESCE(CAST(:as_of AS date), 'infinity') AND {_OF_SOURCE}
    ORDER BY as_of DESC, at DESC, aggregate LIMIT 1
""")
_SERIES = text(f"""
    SELECT DISTINCT ON (as_of) as_of, state - 'cells' AS state FROM measures WHERE code = :code AND {_OF_SOURCE}
    ORDER BY as_of, at DESC, aggregate
""")
_KNOWN = text("""
    SELECT state->>'source' AS source, code, array_agg(DISTINCT as_of ORDER BY as_of) AS days,
        (array_agg(state->>'title' ORDER BY as_of DESC, at DESC))[1] AS title,
        (array_agg(state->>'dimension' ORDER BY as_of DESC, at DESC))[1] AS dimension
    FROM measures GROUP BY 1, 2 ORDER BY 1, 2
""")
_SNAPSHOTS = text("""
    WITH shown AS (SELECT DISTINCT state->>'snapshot' AS id FROM measures WHERE state->>'women' IS NOT NULL)
    SELECT DISTINCT ON (s.state->>'source', s.state->>'as_of') s.state->>'source' AS source, s.state->>'as_of' AS as_of,
        CAST(s.state->>'revision' AS int) AS revision, shown.id IS NOT NULL AS published
    FROM snapshots AS s LEFT JOIN shown ON shown.id = s.state->>'id' ORDER BY 1, 2, 3 DESC
""")
_HEADS = text(
    "SELECT aggregate, sequence, state FROM measures UNION ALL SELECT aggregate, sequence, state FROM snapshots"
)


@parity.on(MeasureDrawn, fold=True)
async def measure_drawn(session: AsyncSession, facts: list[Fact[MeasureDrawn]]) -> None:
    rows = columns_of(facts)
    await session.execute(_PUT, rows | {"codes": [f.event.code for f in facts], "days": [f.event.as_of for f in facts]})
    for fact in facts:
        event = fact.event
        body = {
            "measure": event.code,
            "source": event.source,
            "as_of": event.as_of,
            "women": event.women,
            "men": event.men,
            "total": event.total,
        }
        figures = {
            "share": event.model_dump(mode="json")["share"],
            "suppressed": event.suppressed,
            "at": fact.envelope.time,
        }
        if event.place != "global":
            body |= {"place": event.place}
        more = {"numerator": event.numerator, "denominator": event.denominator, "source_note": event.source_note}
        body |= {name: said for name, said in more.items() if said is not None}
        key = "/".join([event.code, str(event.as_of), *([event.place] if event.place != "global" else [])])
        changed(session, "parity", key, body | figures)


@parity.on(SnapshotAccepted, fold=True)
async def snapshot_accepted(session: AsyncSession, facts: list[Fact[SnapshotAccepted]]) -> None:
    rows = columns_of(facts)
    del rows["times"]
    await session.execute(_PUT_SNAPSHOT, rows)
    for fact in facts:
        event = fact.event
        body = {
            "snapshot": event.id,
            "source": event.source,
            "as_of": event.as_of,
            "revision": event.revision,
            "rows": event.rows,
        }
        changed(session, "parity", fact.envelope.subject, body | {"at": fact.envelope.time})


async def find_measure(
    session: AsyncSession, code: str, as_of: date | None, source: str | None = None
) -> dict[str, Any] | None:
    """The measure as of the latest day up to `as_of`; of any source where none is named."""
    row = (await session.execute(_AT, {"code": code, "as_of": as_of, "source": source})).first()
    return None if row is None else row.state


async def list_series(session: AsyncSession, code: str, source: str | None = None) -> list[dict[str, Any]]:
    """By day, without the groups."""
    return [row.state for row in await session.execute(_SERIES, {"code": code, "source": source})]


async def list_measures(session: AsyncSession) -> list[dict[str, Any]]:
    """Every measure of every source: its title and dimension as they were stated last, and its days."""
    return [dict(row) for row in (await session.execute(_KNOWN)).mappings()]


async def list_snapshots(session: AsyncSession) -> list[dict[str, Any]]:
    """The newest revision of every source and day, and whether any figure of it is `published`."""
    return [dict(row) for row in (await session.execute(_SNAPSHOTS)).mappings()]


async def list_heads(session: AsyncSession) -> list[Any]:
    return list(await session.execute(_HEADS))
