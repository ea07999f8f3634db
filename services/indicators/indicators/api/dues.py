"""What is due, and who reported in time. Both follow from dates; nothing of it is stored."""

from collections import Counter
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, schemas, store
from indicators.api.scope import PlanCode, units_of
from indicators.models import Indicator
from shared import clock
from shared.auth import Anyone
from shared.database import Reader
from shared.errors import NotFound, responses
from shared.events.indicators import PlanState, Target
from shared.events.results import Result
from shared.figures import share
from shared.paging import Page

router = APIRouter(tags=["results"])
ALL = 10_000
_URGENCY: list[rules.calendar.DueState] = ["sent_back", "overdue", "due", "not_yet_due", "submitted", "accepted"]
Asked = tuple[Indicator, Target, rules.calendar.Ask, list[Result]]


@router.get("/due", responses=responses(NotFound))
async def list_due(principal: Anyone, session: Reader, plan: PlanCode) -> schemas.dues.Dues:
    """What is wanted for every target and round of the plan, the most urgent first. A custodian sees its own units' targets.

    A deadline ends with its day in the plan's time zone.
    """
    state = (await store.definitions.get_plan(session, plan)).state()
    now = clock.now()
    dues = [_due(state, asked, now) for asked in await _asked(session, state, units_of(principal))]
    dues.sort(key=lambda due: (_URGENCY.index(due.state), due.due, due.indicator, due.place))
    return schemas.dues.Dues(items=dues)


@router.get("/timeliness", responses=responses(NotFound))
async def get_timeliness(
    principal: Anyone,
    session: Reader,
    plan: PlanCode,
    custodian: Annotated[str | None, Query(max_length=40, description="a unit's code")] = None,
) -> schemas.dues.Timelinesses:
    """Per custodian and round whose deadline is over: how many results were asked for, and came in time, late or not at all.
    Figures that an operator loaded as published are nobody's report, and counted apart.

    An indicator of several custodians counts for each of them; custodian is who was it on the due day. A custodian sees its own units.
    """
    state = (await store.definitions.get_plan(session, plan)).state()
    units, now = units_of(principal), clock.now()
    counts: dict[tuple[str, rules.calendar.Ask], Counter[rules.calendar.Answered]] = {}
    for indicator, _, ask, results in await _asked(session, state, None):
        said = rules.calendar.timeliness(ask, state.timezone, results, now)
        for unit in rules.custody.kept_on(indicator.state(), ask.due) if said else []:
            if said is not None and (units is None or unit in units) and custodian in {None, unit}:
                counts.setdefault((unit, ask), Counter())[said] += 1
    rows = sorted(counts.items(), key=lambda item: (item[0][0], item[0][1].due, item[0][1].code))
    return schemas.dues.Timelinesses(items=[_timeliness(unit, ask, found) for (unit, ask), found in rows])


def _timeliness(unit: str, ask: rules.calendar.Ask, found: Counter[rules.calendar.Answered]) -> schemas.dues.Timeliness:
    counts = {word: found[word] for word in schemas.dues.TIMELINESS}
    expected = sum(counts.values())
    return schemas.dues.Timeliness(
        custodian=unit,
        phase=ask.phase,
        round=ask.code,
        due=ask.due,
        expected=expected,
        published=found["published"],
        counts=counts,
        shares={word: share(count, expected) for word, count in counts.items()},
    )


async def _asked(session: AsyncSession, plan: PlanState, units: store.definitions.Scope) -> list[Asked]:
    """Every target of the plan's indicators within `units`, for each time that it is asked for, with the target's results."""
    rows, _ = await store.definitions.list_indicators(session, plan.code, units, Page(ALL, None))
    lines = await store.results.lines_of(session, plan.code, [row.code for row in rows])
    found = await store.results.rows_of(session, *lines)
    results = {key: [one.result() for one in rows] for key, rows in found.items()}
    asks = {phase.code: rules.calendar.asks_of(plan, phase.code) for phase in plan.phases}
    return [
        (row, target, ask, results.get(f"{row.key}/{target.phase}/{target.place}", []))
        for row in rows
        for target in row.state().targets
        for ask in asks[target.phase]
    ]


def _due(plan: PlanState, asked: Asked, now: datetime) -> schemas.dues.Due:
    indicator, target, ask, results = asked
    answers = ask.answers(results)
    latest = answers[-1] if answers else None
    return schemas.dues.Due(
        plan=plan.code,
        indicator=indicator.code,
        title=indicator.title,
        phase=target.phase,
        place=target.place,
        target=target.text,
        round=ask.code,
        as_of=ask.as_of,
        due=ask.due,
        deadline=rules.calendar.deadline(ask.due, plan.timezone),
        days_left=rules.calendar.days_left(ask, plan.timezone, now),
        state=rules.calendar.due_state(ask, plan.timezone, results, now),
        timeliness=rules.calendar.timeliness(ask, plan.timezone, results, now),
        number=latest.number if latest else None,
        reason=latest.review_reason if latest else None,
    )
