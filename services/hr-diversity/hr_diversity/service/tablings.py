"""A meeting had a scorecard on its agenda: that is recorded, and counted for the plan's indicator.

What must not break: the counts of a biennium are drawn anew, in the transaction of the record, from all its meetings that are known.
"""

import re
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import DrawnMeasure, ScorecardIssue, ScorecardTabling
from hr_diversity.rules import meetings
from hr_diversity.rules.scorecard_sources import WHOLE
from hr_diversity.schemas.scorecards import NewTabling
from hr_diversity.service.scorecards import kept_of
from hr_diversity.service.stating import Stated, state_all
from shared import clock
from shared.auth import Principal
from shared.errors import FieldError, Forbidden, Unprocessable
from shared.events.base import Event
from shared.events.hr_diversity import MeasureDrawn, MeasureState, ScorecardTabled, ScorecardTablingWithdrawn
from shared.telemetry import new_id

ADDRESS = re.compile(r"\S@\S")


class ImpossibleTabling(Unprocessable):
    slug = "impossible-tabling"


class NotYourPortfolio(Forbidden):
    slug = "not-your-portfolio"


async def table_scorecard(
    session: AsyncSession, issue_id: str, given: NewTabling, principal: Principal
) -> tuple[ScorecardIssue, ScorecardTabling, int]:
    """The meeting counts; with how many of its portfolio did so in its biennium up to its day.

    Said again of the same meeting, nothing happens. Raises UnknownIssue, NotYourPortfolio, ImpossibleTabling.
    """
    await _check_portfolio(session, principal, given.portfolio)
    issue = await store.scorecards.get_issue(session, issue_id, lock=True)
    _check(issue, given)
    await store.scorecards.lock_meetings(session)
    found = next((one for one in issue.tablings if one.withdrawn_at is None and _same(one, given)), None)
    if found is None:
        found = ScorecardTabling(id=new_id(), issue=issue.key, tabled_at=clock.now(), **given.model_dump())
        issue.tablings.append(found)
        await _state(session, ScorecardTabled(**dict(issue.state())), issue)
        await _count(session, found.meeting_on)
    return issue, found, await _counted(session, found)


async def withdraw_tabling(
    session: AsyncSession, issue_id: str, tabling_id: str, reason: str, principal: Principal
) -> tuple[ScorecardIssue, ScorecardTabling, int]:
    """The meeting counts no longer. Withdrawn again, nothing happens. Raises UnknownIssue, UnknownTabling, NotYourPortfolio."""
    issue = await store.scorecards.get_issue(session, issue_id, lock=True)
    found = store.scorecards.get_tabling(issue, tabling_id)
    await _check_portfolio(session, principal, found.portfolio)
    _refuse_addresses({"reason": reason})
    await store.scorecards.lock_meetings(session)
    if found.withdrawn_at is None:
        found.withdrawn_at, found.reason = clock.now(), reason
        await _state(session, ScorecardTablingWithdrawn(**dict(issue.state())), issue)
        await _count(session, found.meeting_on)
    return issue, found, await _counted(session, found)


async def _check_portfolio(session: AsyncSession, principal: Principal, portfolio: str) -> None:
    """A senior manager, or a custodian of a unit of the portfolio."""
    if principal.has("senior-manager"):
        return
    for unit in await store.scorecards.list_plan_facts(session, "unit"):
        if unit["code"] in principal.units and unit["portfolio"] == portfolio:
            return
    raise NotYourPortfolio(f"{portfolio}: none of your units is known to be of this portfolio")


def _check(issue: ScorecardIssue, given: NewTabling) -> None:
    _refuse_addresses(given.model_dump(include={"meeting", "agenda_item", "minutes"}))
    today, day = clock.today(), given.meeting_on
    faults = []
    if day > today:
        faults.append(FieldError(pointer="#/meeting_on", value=str(day), detail="is in the future"))
    if day < issue.as_of:
        detail = f"is before the figures of the card, which are of {issue.as_of}"
        faults.append(FieldError(pointer="#/meeting_on", value=str(day), detail=detail))
    if issue.portfolio not in {WHOLE, given.portfolio}:
        detail = f"the card is that of {issue.portfolio}"
        faults.append(FieldError(pointer="#/portfolio", value=given.portfolio, detail=detail))
    if faults:
        raise ImpossibleTabling("; ".join(f"{one.pointer}: {one.value} {one.detail}" for one in faults), errors=faults)


def _refuse_addresses(texts: dict[str, str | None]) -> None:
    """An answer and a log do not repeat the address that was found."""
    found = [name for name, value in texts.items() if value is not None and ADDRESS.search(value)]
    if found:
        detail = "holds an e-mail address; name the meeting, and no person"
        errors = [FieldError(pointer=f"#/{name}", detail=detail) for name in found]
        raise ImpossibleTabling("; ".join(f"#/{name}: {detail}" for name in found), errors=errors)


def _same(one: ScorecardTabling, given: NewTabling) -> bool:
    said = (given.portfolio, given.meeting_on, given.meeting.casefold())
    return (one.portfolio, one.meeting_on, one.meeting.casefold()) == said


async def _state(session: AsyncSession, event: Event, issue: ScorecardIssue) -> None:
    await state_all(session, [Stated(event, issue, kept_of(issue))])


async def _counted(session: AsyncSession, of: ScorecardTabling) -> int:
    since, _ = meetings.biennium_of(of.meeting_on)
    held = await store.scorecards.list_meetings(session, since, of.meeting_on)
    return sum(1 for portfolio, _, _ in held if portfolio == of.portfolio)


async def _count(session: AsyncSession, day: date) -> None:
    """The counts of the day and of all later ones of its biennium are those of the meetings that are known now."""
    since, until = meetings.biennium_of(day)
    held = await store.scorecards.list_meetings(session, since, until)
    rows = await store.scorecards.lock_counts(session, meetings.CODE, since, until)
    drawn = [(str(row.state["place"]), row.as_of) for row in rows.values()]
    stated = []
    for (place, on), number in meetings.counts_from(held, day, drawn).items():
        key = f"{meetings.SOURCE}/{on}/{meetings.CODE}/{place}"
        row = rows.get(key)
        if row is None:
            row = DrawnMeasure(key=key, sequence=0, code=meetings.CODE, source=meetings.SOURCE, as_of=on)
            session.add(row)
        elif row.state["numerator"] == number:
            continue
        state = _measure(key, row.sequence + 1, place, on, number)
        row.state, row.drawn_at = state.model_dump(mode="json"), clock.now()
        stated.append(Stated(MeasureDrawn(**dict(state)), row, state.model_dump(mode="json")))
    await state_all(session, stated)


def _measure(key: str, revision: int, place: str, day: date, number: int) -> MeasureState:
    return MeasureState(
        code=meetings.CODE,
        title=meetings.TITLE,
        source=meetings.SOURCE,
        as_of=day,
        snapshot=key,
        revision=revision,
        rule=meetings.RULE,
        women=None,
        men=None,
        other=None,
        total=None,
        share=None,
        suppressed=False,
        numerator=number,
        place=place,
    )
