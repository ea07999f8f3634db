"""Routes of scorecards that were issued, and of the meetings that had them on their agenda.

What meetings were called may name people, whatever is asked of who enters it: readers see day and portfolio only.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from pydantic import BaseModel

from hr_diversity import store
from hr_diversity.api.forms import WantedForm, answer
from hr_diversity.api.scorecards import FORMS, OfPortfolio
from hr_diversity.models import ScorecardIssue, ScorecardTabling
from hr_diversity.rules import meetings
from hr_diversity.schemas.scorecards import (
    Issue,
    IssueEntry,
    IssueList,
    NewIssue,
    NewTabling,
    Portfolio,
    Scorecard,
    Tabled,
    Tabling,
    Withdrawal,
)
from hr_diversity.service import scorecards, tablings
from shared.auth import Anyone, Principal, allow
from shared.database import Reader, Session
from shared.errors import Forbidden, NotFound, TooLarge, Unprocessable, responses
from shared.idempotency import OnceOnly
from shared.limits import SmallBodyRoute
from shared.paging import Paging
from shared.parameters import refuse_unknown_parameters
from shared.versions import etag

router = APIRouter(
    prefix="/scorecards",
    tags=["scorecards"],
    route_class=SmallBodyRoute,
    dependencies=[Depends(refuse_unknown_parameters)],
)
Tabler = Annotated[Principal, Depends(allow("senior-manager", "custodian"))]
Id = Annotated[str, Path(pattern=r"^[0-9a-f-]{36}$")]
EFFECT = responses(NotFound, TooLarge, Unprocessable)
SAID = {"meeting", "agenda_item", "minutes", "reason"}


def _knows(principal: Principal) -> bool:
    return principal.has("senior-manager", "custodian", "hr-feeder")


def _tabling(one: ScorecardTabling, *, said: bool) -> Tabling:
    shown = Tabling.model_validate(one)
    return shown if said else shown.model_copy(update=dict.fromkeys(SAID))


def _entry(row: ScorecardIssue) -> IssueEntry:
    standing = {
        (one.portfolio, one.meeting_on, one.meeting.casefold()) for one in row.tablings if one.withdrawn_at is None
    }
    return IssueEntry.model_validate(
        {
            "id": row.key,
            "version": row.sequence,
            "meetings": len(standing),
            **{name: getattr(row, name) for name in ("portfolio", "number", "as_of", "source", "issued_at", "digest")},
        }
    )


def _issue(row: ScorecardIssue, card: Scorecard, *, said: bool) -> Issue:
    return Issue(**dict(_entry(row)), tablings=[_tabling(one, said=said) for one in row.tablings], scorecard=card)


@router.post(
    "/{portfolio}/issues",
    status_code=201,
    dependencies=[Depends(allow("hr-feeder", "senior-manager"))],
    response_model=Issue,
    responses=EFFECT,
)
async def issue_scorecard(
    request: Request, session: Session, once: OnceOnly, portfolio: OfPortfolio, body: NewIssue
) -> Response:
    """The card is frozen as it stands, with its page and its sheet. Where the last issue has the same content, it is that one."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        settings = request.app.state.settings
        row, card, _ = await scorecards.issue_scorecard(session, settings, portfolio, body.as_of, body.source)
        where = f"/hr-diversity/v1/scorecards/issues/{row.key}"
        return _issue(row, card, said=True), {"ETag": etag(row.sequence), "Location": where}

    return await once.answer(session, 201, effect)


@router.get("/issues", dependencies=[Depends(allow("reader"))])
async def list_scorecard_issues(
    session: Reader,
    page: Paging,
    portfolio: Annotated[Portfolio | None, Query()] = None,
) -> IssueList:
    """The latest first."""
    rows, following = await store.scorecards.list_issues(session, portfolio, page)
    return IssueList(items=[_entry(row) for row in rows], next=following)


@router.get("/issues/{issue}", response_model=Issue, responses=FORMS)
async def get_scorecard_issue(
    principal: Anyone,
    session: Reader,
    issue: Id,
    form: WantedForm,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """As it was issued. As data with the meetings that had it on their agenda; page and sheet are byte for byte those of its day."""
    column = {"json": "content", "html": "page", "pdf": "paper"}[form]
    row = await store.scorecards.get_issue(session, issue, form=column)
    kept: bytes = getattr(row, column)
    if form == "json":
        card = Scorecard.model_validate_json(kept)
        kept = _issue(row, card, said=_knows(principal)).model_dump_json().encode()

    async def render() -> bytes:
        return kept

    return await answer(form, kept, f"scorecard-{row.portfolio}-{row.number}", if_none_match, render)


@router.post(
    "/issues/{issue}/tablings",
    status_code=201,
    response_model=Tabled,
    responses={**EFFECT, **responses(Forbidden)},
)
async def table_scorecard(principal: Tabler, session: Session, once: OnceOnly, issue: Id, body: NewTabling) -> Response:
    """A meeting had it on its agenda: it counts for the plan's indicator. For senior managers, and custodians of the portfolio."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        return _tabled(await tablings.table_scorecard(session, issue, body, principal))

    return await once.answer(session, 201, effect)


@router.post(
    "/issues/{issue}/tablings/{tabling}/withdrawal",
    response_model=Tabled,
    responses={**EFFECT, **responses(Forbidden)},
)
async def withdraw_tabling(
    principal: Tabler, session: Session, once: OnceOnly, issue: Id, tabling: Id, body: Withdrawal
) -> Response:
    """It was recorded by mistake: the meeting counts no longer, and the record of it stays."""

    async def effect() -> tuple[BaseModel, dict[str, str]]:
        return _tabled(await tablings.withdraw_tabling(session, issue, tabling, body.reason, principal))

    return await once.answer(session, 200, effect)


def _tabled(done: tuple[ScorecardIssue, ScorecardTabling, int]) -> tuple[BaseModel, dict[str, str]]:
    row, one, counted = done
    body = Tabled(
        issue=row.key, tabling=_tabling(one, said=True), biennium=meetings.name_of(one.meeting_on), counted=counted
    )
    return body, {"ETag": etag(row.sequence)}
