"""Statements on the measures that were drawn."""

from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import DrawnMeasure
from shared.events.hr_diversity import MeasureState

MOST_DRAWN = 500
VERSION = "SELECT version FROM measures_version"


async def list_measures_of(session: AsyncSession, source: str, as_of: date) -> dict[str, DrawnMeasure]:
    """By code. The caller holds the head's lock."""
    query = select(DrawnMeasure).where(DrawnMeasure.source == source, DrawnMeasure.as_of == as_of)
    return {row.code: row for row in (await session.execute(query)).scalars()}


async def find_measure(session: AsyncSession, code: str, as_of: date | None, source: str | None) -> DrawnMeasure | None:
    """The latest not after `as_of`; of several sources of one date the one drawn last."""
    query = (
        select(DrawnMeasure)
        .where(DrawnMeasure.code == code)
        .order_by(DrawnMeasure.as_of.desc(), DrawnMeasure.drawn_at.desc(), DrawnMeasure.source)
        .limit(1)
    )
    if as_of is not None:
        query = query.where(DrawnMeasure.as_of <= as_of)
    if source is not None:
        query = query.where(DrawnMeasure.source == source)
    return (await session.execute(query)).scalar_one_or_none()


async def read_version(session: AsyncSession) -> int | None:
    """Another one after every transaction that changed a measure or the name of a unit."""
    return (await session.execute(text(VERSION))).scalar()


async def list_drawn(session: AsyncSession) -> list[Any]:
    """code, source, as_of, revision of what is drawn, latest first, MOST_DRAWN per code at the most."""
    found: list[Any] = []
    codes = (await session.execute(select(DrawnMeasure.code).distinct())).scalars().all()
    columns = (
        DrawnMeasure.code,
        DrawnMeasure.source,
        DrawnMeasure.as_of,
        DrawnMeasure.state["revision"].as_integer().label("revision"),
    )
    for code in codes:
        query = (
            select(*columns).where(DrawnMeasure.code == code).order_by(DrawnMeasure.as_of.desc(), DrawnMeasure.source)
        )
        found += (await session.execute(query.limit(MOST_DRAWN))).all()
    return found


async def count_figures(session: AsyncSession, code: str, source: str, since: date | None, until: date | None) -> int:
    """How many lines the states of `list_states` have together, without reading them."""
    lines = func.jsonb_array_length(DrawnMeasure.state["cells"]) + 1
    chosen = _of_source(select(lines.label("lines")), code, source, since, until).subquery()
    return int((await session.execute(select(func.coalesce(func.sum(chosen.c.lines), 0)))).scalar_one())


async def list_states(
    session: AsyncSession, code: str, source: str, since: date | None, until: date | None
) -> list[MeasureState]:
    """The measure of one source over its dates from `since` to `until`, the latest MOST_DRAWN of them, in the order of the dates."""
    rows = await session.execute(_of_source(select(DrawnMeasure.state), code, source, since, until))
    return [MeasureState.model_validate(state) for state in rows.scalars()][::-1]


def _of_source(query: Select[Any], code: str, source: str, since: date | None, until: date | None) -> Select[Any]:
    query = query.where(DrawnMeasure.code == code, DrawnMeasure.source == source)
    if since is not None:
        query = query.where(DrawnMeasure.as_of >= since)
    if until is not None:
        query = query.where(DrawnMeasure.as_of <= until)
    return query.order_by(DrawnMeasure.as_of.desc()).limit(MOST_DRAWN)


async def lock_series(session: AsyncSession, name: str) -> None:
    """Nobody else draws this series until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"measures/{name}", 0))))
