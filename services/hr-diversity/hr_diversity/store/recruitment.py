"""Statements on what many vacancies say of recruitment, and on what documents publish of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import PublishedFigure, Vacancy
from hr_diversity.rules.funnel import Chain
from hr_diversity.rules.recruitment import Metric, Spell
from hr_diversity.rules.suppression import Counts
from hr_diversity.rules.vacancies import STAGES
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


@dataclass(frozen=True, slots=True)
class Selection:
    """A vacancy that had its selection decision. `chain` is None where a stage of it was not counted."""

    track: str
    grade: str
    unit: str
    chain: Chain | None


async def list_selections(session: AsyncSession, since: date, until: date) -> list[Selection]:
    """The vacancies whose selection decision fell in the period."""
    query = select(Vacancy.track, Vacancy.grade, Vacancy.unit, Vacancy.applicants)
    rows = await session.execute(query.where(Vacancy.selected.between(since, until)).order_by(Vacancy.key))
    return [Selection(row.track, row.grade, row.unit, _chain(row.applicants)) for row in rows]


def _chain(applicants: dict[str, dict[str, int]]) -> Chain | None:
    if not all(stage in applicants for stage in STAGES):
        return None
    return {stage: Counts(**applicants[stage]) for stage in STAGES}


async def count_gender_texts(session: AsyncSession, since: date, until: date) -> dict[bool | None, int]:
    """Vacancies posted in the period, by whether their text asks for gender-related skills or duties; None: not read."""
    query = select(Vacancy.gender_text, func.count()).where(Vacancy.posted.between(since, until))
    return {row[0]: row[1] for row in await session.execute(query.group_by(Vacancy.gender_text))}


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
