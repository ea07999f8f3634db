"""Statements on what many vacancies say of recruitment, and on what documents publish of it."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import PublishedFigure, Vacancy
from hr_diversity.rules.recruitment import Metric, Spell
from shared.events.claims import ClaimState


async def list_spells(session: AsyncSession, metric: Metric, unit: str | None, until: date) -> list[Spell]:
    """The vacancies of a metric that has its ends named, of one unit where it is given, that had begun by `until`."""
    start, end = getattr(Vacancy, str(metric.start)), getattr(Vacancy, str(metric.end))
    query = select(start, end, Vacancy.cancelled).where(Vacancy.track == metric.track, start <= until)
    if metric.key_positions:
        query = query.where(Vacancy.key_position)
    if unit is not None:
        query = query.where(Vacancy.unit == unit)
    return [Spell(*row) for row in await session.execute(query)]


async def list_published(session: AsyncSession, concepts: Iterable[str]) -> list[ClaimState]:
    """By day, the undated first."""
    query = select(PublishedFigure).where(PublishedFigure.concept.in_(list(concepts))).order_by(PublishedFigure.key)
    claims = [ClaimState.model_validate(row.state) for row in (await session.execute(query)).scalars()]
    return sorted(claims, key=lambda claim: claim.as_of or date.min)


async def put_published(session: AsyncSession, claims: Sequence[ClaimState], concepts: Iterable[str]) -> None:
    """Claims on these concepts are kept as they are now; a claim that is on none of them any more is forgotten."""
    wanted = set(concepts)
    keys = [f"{claim.plan}/{claim.code}" for claim in claims]
    await session.execute(delete(PublishedFigure).where(PublishedFigure.key.in_(keys)))
    rows = [
        {"key": key, "concept": claim.concept, "state": claim.model_dump(mode="json")}
        for key, claim in zip(keys, claims, strict=True)
        if claim.concept in wanted
    ]
    if rows:
        await session.execute(upsert(PublishedFigure), rows)
