"""A scorecard is drawn from published figures, and frozen when it is issued.

What must not break: what was issued stays byte for byte as it was, in its content, its page and its paper; the same content is not
issued twice in a row.
"""

import asyncio
import hashlib
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.ladder import CATEGORY_OF
from hr_diversity.models import ScorecardIssue
from hr_diversity.rules import scorecards, series
from hr_diversity.rules.scorecard_sources import DRAWN, WHOLE, Aim, Sources, UnitPlace, staff_of
from hr_diversity.schemas.scorecards import Portfolio, Scorecard
from hr_diversity.service.stating import Stated, state_all
from hr_diversity.settings import HrSettings
from hr_diversity.web import page, paper
from hr_diversity.web.stamp import Stamp
from shared import clock
from shared.errors import NotFound
from shared.events.hr_diversity import ScorecardIssued
from shared.events.indicators import IndicatorState, Phase
from shared.telemetry import new_id

MOST_PARTICIPATION = 3
A_YEAR = timedelta(days=366)


class ScorecardNotDrawn(NotFound):
    slug = "scorecard-not-drawn"


async def draw_card(
    session: AsyncSession, settings: HrSettings, portfolio: Portfolio, as_of: date | None, source: str | None
) -> Scorecard:
    """The card of the latest figures not after `as_of`. Raises ScorecardNotDrawn."""
    codes = [pick.code for pick in staff_of(portfolio)]
    found = await store.scorecards.find_day(session, codes, as_of, source)
    if found is None:
        raise _not_drawn(portfolio, f"no snapshot{f' of {source}' if source else ''} until {as_of or 'today'} gives it")
    card = scorecards.compose(await _sources(session, settings, portfolio, found))
    if card is None:
        raise _not_drawn(portfolio, f"the snapshot of {found[0]} of {found[1]} has nobody in it")
    return card


def _not_drawn(portfolio: Portfolio, why: str) -> ScorecardNotDrawn:
    return ScorecardNotDrawn(f"{portfolio}: {why}")


async def _sources(
    session: AsyncSession, settings: HrSettings, portfolio: Portfolio, found: tuple[str, date]
) -> Sources:
    source, day = found
    one = None if portfolio == WHOLE else portfolio
    since = date(day.year - scorecards.YEARS - 1, 1, 1)
    units = {
        unit["code"]: UnitPlace(unit["name"], unit["portfolio"])
        for unit in await store.scorecards.list_plan_facts(session, "unit")
    }
    own = [code for code, unit in units.items() if unit.portfolio == portfolio]
    return Sources(
        portfolio=portfolio,
        as_of=day,
        source=source,
        measures=await store.scorecards.list_measures(session, DRAWN, source, since, day),
        participation=await store.scorecards.list_participation(session, one, day - A_YEAR, day, MOST_PARTICIPATION),
        units=units,
        open_by_grade=await store.scorecards.count_open(session, one, own, day),
        category_of=CATEGORY_OF,
        aims=await _aims(session),
        definitions={code: (measure.definition, measure.formula) for code, measure in CATALOGUE.items()},
        policy=series.band_of(settings.parity_from_percent, settings.parity_to_percent),
        threshold=settings.suppression_threshold,
        note=(await store.sources.find_standing(session, source))[0],
    )


async def _aims(session: AsyncSession) -> list[Aim]:
    """What plans aim at with measures: shares that are to be reached, with the days of their phases."""
    phases: dict[tuple[str, str], Phase] = {}
    for plan in await store.scorecards.list_plan_facts(session, "plan"):
        phases |= {(plan["code"], one["code"]): Phase.model_validate(one) for one in plan["phases"]}
    aims = []
    for state in await store.scorecards.list_plan_facts(session, "indicator"):
        indicator = IndicatorState.model_validate(state)
        for target in indicator.targets:
            phase = phases.get((indicator.plan, target.phase))
            if phase is None or target.operator != "at_least" or target.value is None or indicator.fed_by is None:
                continue
            aims.append(
                Aim(
                    plan=indicator.plan,
                    indicator=indicator.code,
                    measure=indicator.fed_by,
                    place=target.place,
                    at_least=Fraction(target.value),
                    phase=phase.code,
                    starts=phase.starts,
                    ends=phase.ends,
                )
            )
    return aims


async def issue_scorecard(
    session: AsyncSession, settings: HrSettings, portfolio: Portfolio, as_of: date | None, source: str | None
) -> tuple[ScorecardIssue, Scorecard, bool]:
    """The card as it stands is frozen, with its page and its paper; and whether that is a new issue.

    Where the last issue of the portfolio has the same content, it is that one. Raises ScorecardNotDrawn, or PressesBusy.
    """
    await store.scorecards.lock_portfolio(session, portfolio)
    card = await draw_card(session, settings, portfolio, as_of, source)
    content = card.model_dump_json().encode()
    digest = hashlib.sha256(content).hexdigest()
    last = await store.scorecards.find_last_issue(session, portfolio)
    if last is not None and last.digest == digest:
        return last, card, False
    stamp = Stamp(number=last.number + 1 if last else 1, issued_on=clock.today(), digest=digest)
    shown, printed = await asyncio.to_thread(page.render, card, stamp), await paper.render(card, stamp)
    row = ScorecardIssue(
        key=new_id(),
        sequence=0,
        portfolio=portfolio,
        number=stamp.number,
        as_of=card.as_of,
        source=card.source,
        issued_at=clock.now(),
        digest=digest,
        content=content,
        page=shown,
        paper=printed,
        tablings=[],
    )
    session.add(row)
    await state_all(session, [Stated(ScorecardIssued(**dict(row.state())), row, kept_of(row))])
    return row, card, True


def kept_of(row: ScorecardIssue) -> dict[str, Any]:
    """What the trail keeps of an issue: its state, and of its meetings what was said of them."""
    said = {"meeting", "agenda_item", "minutes", "reason"}
    state = row.state().model_dump(mode="json")
    tablings = [
        {**stated, **{name: getattr(one, name) for name in said}}
        for stated, one in zip(state["tablings"], row.tablings, strict=True)
    ]
    return {**state, "tablings": tablings}
