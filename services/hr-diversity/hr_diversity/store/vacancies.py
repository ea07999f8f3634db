"""Statements on vacancies."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity.models import Vacancy
from shared.errors import NotFound
from shared.paging import Page

Chosen = TypeVar("Chosen")


class UnknownVacancy(NotFound):
    slug = "unknown-vacancy"


@dataclass(frozen=True, slots=True)
class Filters:
    """None: whatever it is. `since` and `until` bound the day of posting; `open_` is one that is neither on post nor cancelled."""

    unit: str | None = None
    track: str | None = None
    funding: str | None = None
    grade: str | None = None
    since: date | None = None
    until: date | None = None
    open_: bool | None = None
    region: str | None = None


async def get_vacancy(session: AsyncSession, reference: str) -> Vacancy:
    """Raises UnknownVacancy."""
    row = await session.get(Vacancy, reference)
    if row is None:
        raise UnknownVacancy(f"{reference}: no vacancy has this reference")
    return row


async def find_vacancies(session: AsyncSession, references: Iterable[str]) -> dict[str, Vacancy]:
    query = select(Vacancy).where(Vacancy.key.in_(set(references)))
    return {row.key: row for row in (await session.execute(query)).scalars()}


async def lock_vacancies(session: AsyncSession, rows: Sequence[dict[str, Any]]) -> dict[str, Vacancy]:
    """Each of these vacancies, locked until the transaction ends. One that was not there is made as given, with sequence 0."""
    in_order = sorted(rows, key=lambda row: row["key"])
    await session.execute(upsert(Vacancy).on_conflict_do_nothing(), in_order)
    query = select(Vacancy).where(Vacancy.key.in_([row["key"] for row in in_order])).order_by(Vacancy.key)
    return {row.key: row for row in (await session.execute(query.with_for_update())).scalars()}


async def list_vacancies(session: AsyncSession, filters: Filters, page: Page) -> tuple[list[Vacancy], str | None]:
    """By reference."""
    query = _chosen(select(Vacancy), filters).order_by(Vacancy.key).limit(page.limit + 1)
    if page.after is not None:
        query = query.where(Vacancy.key > str(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.key])


async def count_open(session: AsyncSession, filters: Filters, grades: Iterable[str] | None = None) -> int:
    """How many of these are open; of any grade where `grades` is None."""
    query = _chosen(select(func.count()).select_from(Vacancy), replace(filters, open_=True))
    if grades is not None:
        query = query.where(Vacancy.grade.in_(sorted(grades)))
    return (await session.execute(query)).scalar_one()


def _chosen(query: Select[Chosen], filters: Filters) -> Select[Chosen]:
    for column in ("unit", "region", "track", "funding", "grade"):
        if (wanted := getattr(filters, column)) is not None:
            query = query.where(getattr(Vacancy, column) == wanted)
    if filters.since is not None:
        query = query.where(Vacancy.posted >= filters.since)
    if filters.until is not None:
        query = query.where(Vacancy.posted <= filters.until)
    if filters.open_ is not None:
        is_open = Vacancy.on_post.is_(None) & Vacancy.cancelled.is_(None)
        query = query.where(is_open if filters.open_ else ~is_open)
    return query
