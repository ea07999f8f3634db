"""Statements on scorecards: what a card is drawn from, its issues, and the meetings that had one on their agenda."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from hr_diversity.models import DrawnMeasure, PlanFact, ScorecardIssue, ScorecardTabling, Vacancy
from hr_diversity.rules.meetings import Meeting
from shared.errors import NotFound
from shared.events.hr_diversity import MeasureState
from shared.paging import Page


class UnknownIssue(NotFound):
    slug = "unknown-issue"


class UnknownTabling(NotFound):
    slug = "unknown-tabling"


async def find_day(
    session: AsyncSession, codes: Sequence[str], as_of: date | None, source: str | None
) -> tuple[str, date] | None:
    """Source and day of the latest of these measures not after `as_of`; of several sources of one day the one drawn last."""
    query = select(DrawnMeasure.source, DrawnMeasure.as_of).where(DrawnMeasure.code.in_(codes))
    if as_of is not None:
        query = query.where(DrawnMeasure.as_of <= as_of)
    if source is not None:
        query = query.where(DrawnMeasure.source == source)
    latest = query.order_by(DrawnMeasure.as_of.desc(), DrawnMeasure.drawn_at.desc(), DrawnMeasure.source).limit(1)
    row = (await session.execute(latest)).first()
    return None if row is None else (row.source, row.as_of)


async def list_measures(
    session: AsyncSession, codes: Collection[str], source: str, since: date, until: date
) -> dict[str, list[MeasureState]]:
    """The states of one source by code, in the order of their days."""
    query = select(DrawnMeasure.state).where(
        DrawnMeasure.code.in_(codes), DrawnMeasure.source == source, DrawnMeasure.as_of.between(since, until)
    )
    found: dict[str, list[MeasureState]] = {}
    for state in (await session.execute(query.order_by(DrawnMeasure.as_of))).scalars():
        found.setdefault(state["code"], []).append(MeasureState.model_validate(state))
    return found


async def list_participation(
    session: AsyncSession, ending: str | None, since: date, until: date, most: int
) -> list[MeasureState]:
    """The latest state of each entry of the register of participation in that time, the latest first; where `ending` is given, of
    those whose code ends so.
    """
    query = (
        select(DrawnMeasure.as_of, DrawnMeasure.state)
        .where(DrawnMeasure.source == "participation", DrawnMeasure.as_of.between(since, until))
        .ext(distinct_on(DrawnMeasure.code))
        .order_by(DrawnMeasure.code, DrawnMeasure.as_of.desc())
    )
    if ending is not None:
        query = query.where(DrawnMeasure.code.endswith(f"-{ending}", autoescape=True))
    rows = sorted(await session.execute(query), key=lambda row: (row.as_of, row.state["code"]), reverse=True)
    return [MeasureState.model_validate(row.state) for row in rows[:most]]


async def count_open(session: AsyncSession, portfolio: str | None, units: Collection[str], day: date) -> dict[str, int]:
    """Vacancies that were open on that day, by grade: of the portfolio, or of its units where a vacancy names none; None: of all."""
    query = (
        select(Vacancy.grade, func.count())
        .where(
            Vacancy.posted <= day,
            or_(Vacancy.on_post.is_(None), Vacancy.on_post > day),
            or_(Vacancy.cancelled.is_(None), Vacancy.cancelled > day),
        )
        .group_by(Vacancy.grade)
        .order_by(Vacancy.grade)
    )
    if portfolio is not None:
        by_unit = Vacancy.portfolio.is_(None) & Vacancy.unit.in_(units)
        query = query.where(or_(Vacancy.portfolio == portfolio, by_unit))
    return {row[0]: row[1] for row in await session.execute(query)}


async def list_plan_facts(session: AsyncSession, kind: str) -> list[dict[str, Any]]:
    """The states of units, plans or indicators, by their keys."""
    query = select(PlanFact.state).where(PlanFact.kind == kind).order_by(PlanFact.key)
    return list((await session.execute(query)).scalars())


async def put_plan_facts(session: AsyncSession, states: Mapping[str, dict[str, Any] | None]) -> None:
    """Each aggregate is kept as it is now; None: it is of no use to a card any more."""
    await session.execute(delete(PlanFact).where(PlanFact.key.in_(list(states))))
    rows = [
        {"key": key, "kind": key.partition("/")[0], "state": state}
        for key, state in sorted(states.items())
        if state is not None
    ]
    if rows:
        await session.execute(upsert(PlanFact), rows)


async def lock_portfolio(session: AsyncSession, portfolio: str) -> None:
    """Nobody else issues a card of it until the transaction ends."""
    key = func.hashtextextended(f"scorecards/{portfolio}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def lock_meetings(session: AsyncSession) -> None:
    """Nobody else counts meetings until the transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("scorecards/meetings", 0))))


async def find_last_issue(session: AsyncSession, portfolio: str) -> ScorecardIssue | None:
    query = select(ScorecardIssue).where(ScorecardIssue.portfolio == portfolio)
    return (await session.execute(query.order_by(ScorecardIssue.number.desc()).limit(1))).scalar_one_or_none()


async def get_issue(session: AsyncSession, key: str, *, form: str | None = None, lock: bool = False) -> ScorecardIssue:
    """`form` is the column of bytes that is wanted too: content, page or paper. Raises UnknownIssue."""
    query = select(ScorecardIssue).where(ScorecardIssue.key == key)
    if form is not None:
        query = query.options(undefer(getattr(ScorecardIssue, form)))
    if lock:
        query = query.with_for_update()
    found = (await session.execute(query)).scalar_one_or_none()
    if found is None:
        raise UnknownIssue(f"{key}: no scorecard was issued under this id")
    return found


def get_tabling(issue: ScorecardIssue, key: str) -> ScorecardTabling:
    """Raises UnknownTabling."""
    found = next((one for one in issue.tablings if one.id == key), None)
    if found is None:
        raise UnknownTabling(f"{key}: scorecard {issue.key} was tabled at no meeting of this id")
    return found


async def list_issues(
    session: AsyncSession, portfolio: str | None, page: Page
) -> tuple[list[ScorecardIssue], str | None]:
    """Newest first by their ids, which sort by time of making."""
    query = select(ScorecardIssue).order_by(ScorecardIssue.key.desc()).limit(page.limit + 1)
    if portfolio is not None:
        query = query.where(ScorecardIssue.portfolio == portfolio)
    if page.after is not None:
        query = query.where(ScorecardIssue.key < str(page.after[0]))
    return page.cut(list((await session.execute(query)).scalars()), lambda row: [row.key])


async def count_issues(session: AsyncSession) -> dict[str, tuple[int, date]]:
    """How many cards of each portfolio were issued, and the day of the last."""
    query = select(ScorecardIssue.portfolio, func.count(), func.max(ScorecardIssue.issued_at))
    return {row[0]: (row[1], row[2].date()) for row in await session.execute(query.group_by(ScorecardIssue.portfolio))}


async def list_meetings(session: AsyncSession, since: date, until: date) -> set[Meeting]:
    """Every meeting in that time that had a scorecard on its agenda, those withdrawn not counted."""
    query = select(ScorecardTabling.portfolio, ScorecardTabling.meeting_on, ScorecardTabling.meeting).where(
        ScorecardTabling.meeting_on.between(since, until), ScorecardTabling.withdrawn_at.is_(None)
    )
    return {(row.portfolio, row.meeting_on, row.meeting.casefold()) for row in await session.execute(query)}


async def lock_counts(session: AsyncSession, code: str, since: date, until: date) -> dict[str, DrawnMeasure]:
    """The counts of meetings that were drawn for days in that time, by key. The caller holds the lock of the meetings."""
    query = select(DrawnMeasure).where(DrawnMeasure.code == code, DrawnMeasure.as_of.between(since, until))
    return {row.key: row for row in (await session.execute(query)).scalars()}
