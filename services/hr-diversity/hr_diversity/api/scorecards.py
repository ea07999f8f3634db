"""Routes of scorecards as they stand now: as data, as a page, as one sheet of A4."""

from datetime import date
from typing import Annotated, Any, get_args

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response

from hr_diversity import store
from hr_diversity.api.forms import Form, WantedForm, answer
from hr_diversity.api.snapshots import Source
from hr_diversity.rules import scorecard_words
from hr_diversity.rules.scorecard_sources import PORTFOLIOS
from hr_diversity.schemas.scorecards import CardEntry, CardList, Portfolio, Scorecard
from hr_diversity.service.scorecards import ScorecardNotDrawn, draw_card
from hr_diversity.settings import HrSettings
from hr_diversity.web import page, paper
from shared.auth import allow
from shared.database import Reader
from shared.errors import FieldError, NotFound, Unavailable, responses
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/scorecards", tags=["scorecards"], dependencies=[Depends(refuse_unknown_parameters)])
READER = [Depends(allow("reader"))]
AsOf = Annotated[date | None, Query(description="the latest drawn for this day or before; else the latest")]
IfNoneMatch = Annotated[str | None, Header()]
FORMS: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/html": {}, "application/pdf": {}}},
    304: {"description": "You have it"},
    **responses(NotFound, Unavailable),
}


class UnknownPortfolio(NotFound):
    slug = "unknown-portfolio"


async def get_portfolio(portfolio: Annotated[str, Path(max_length=100, examples=list(PORTFOLIOS))]) -> Portfolio:
    """Raises UnknownPortfolio."""
    known: tuple[Portfolio, ...] = get_args(Portfolio)
    for one in known:
        if one == portfolio:
            return one
    detail = f"portfolios are {', '.join(known)}"
    raise UnknownPortfolio(f"{portfolio}: {detail}", errors=[FieldError(value=portfolio, detail=detail)])


OfPortfolio = Annotated[Portfolio, Depends(get_portfolio)]


@router.get("", dependencies=READER, response_model=CardList, responses=FORMS)
async def list_scorecards(
    request: Request, session: Reader, form: WantedForm, as_of: AsOf = None, if_none_match: IfNoneMatch = None
) -> Response:
    """The card of each portfolio in a line, with how many were issued and tabled. There is no such list as PDF: it is data then."""
    settings: HrSettings = request.app.state.settings
    issued = await store.scorecards.count_issues(session)
    held = [one[0] for one in await store.scorecards.list_meetings(session, date.min, date.max)]
    cards = CardList(
        items=[
            _entry(
                portfolio,
                await _find(session, settings, portfolio, as_of),
                issued.get(portfolio),
                held.count(portfolio),
            )
            for portfolio in PORTFOLIOS
        ]
    )
    content = cards.model_dump_json().encode()
    shown: Form = "html" if form == "html" else "json"

    async def render() -> bytes:
        return page.render_list(cards) if shown == "html" else content

    return await answer(shown, content, "scorecards", if_none_match, render)


async def _find(session: Reader, settings: HrSettings, portfolio: Portfolio, as_of: date | None) -> Scorecard | None:
    try:
        return await draw_card(session, settings, portfolio, as_of, None)
    except ScorecardNotDrawn:
        return None


def _entry(portfolio: Portfolio, card: Scorecard | None, issued: tuple[int, date] | None, held: int) -> CardEntry:
    return CardEntry(
        portfolio=portfolio,
        title=scorecard_words.TITLES[portfolio],
        as_of=card.as_of if card else None,
        source=card.source if card else None,
        source_note=card.source_note if card else None,
        share=card.headline.share if card else None,
        parity=card.headline.parity if card else None,
        issues=issued[0] if issued else 0,
        last_issued=issued[1] if issued else None,
        meetings=held,
    )


@router.get("/{portfolio}", dependencies=READER, response_model=Scorecard, responses=FORMS)
async def get_scorecard(
    request: Request,
    session: Reader,
    portfolio: OfPortfolio,
    form: WantedForm,
    as_of: AsOf = None,
    source: Source | None = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """The card of the latest published figures; `format` or Accept says whether as data, as a page, or as one sheet of A4."""
    card = await draw_card(session, request.app.state.settings, portfolio, as_of, source)
    content = card.model_dump_json().encode()

    async def render() -> bytes:
        if form == "pdf":
            return await paper.render(card, None)
        return page.render(card, None) if form == "html" else content

    return await answer(form, content, f"scorecard-{portfolio}-{card.as_of}", if_none_match, render)
