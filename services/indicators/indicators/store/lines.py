"""Targets with everything that was recorded for them, read together."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import BigInteger, Numeric, Text, any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Indicator, Plan, ResultLine, ResultRow
from indicators.rules.lines import Line
from indicators.store.changes import redefinitions
from indicators.store.results import by_number, lines_of, rows_of
from shared.events.indicators import IndicatorState, PlanState
from shared.events.results import Result


async def lines_with_results(
    session: AsyncSession, plan: PlanState, indicators: Sequence[IndicatorState]
) -> list[Line]:
    """Every target of `indicators`, which are of `plan`, in order; also those for which nothing was recorded."""
    kept = await lines_of(session, plan.code, [indicator.code for indicator in indicators])
    rows = await rows_of(session, *kept)
    redefined = await redefinitions(session, plan, [indicator.code for indicator in indicators])
    phases = {phase.code: phase for phase in plan.phases}
    found = []
    for indicator in indicators:
        for target in indicator.targets:
            line = kept.get(f"{plan.code}/{indicator.code}/{target.phase}/{target.place}")
            results = by_number(rows[line.key]) if line else {}
            found.append(
                Line(
                    indicator=indicator,
                    phase=phases[target.phase],
                    target=target,
                    results=tuple(results.values()),
                    standing=results.get(line.standing) if line and line.standing else None,
                    status=line.status if line else "data_unavailable",  # type: ignore[arg-type]  # the column is text
                    redefined=redefined.get(indicator.code),
                )
            )
    return found


class Past(NamedTuple):
    """A figure of a day: of several the one recorded last that was not sent back."""

    indicator: str
    place: str
    as_of: date
    recorded_at: datetime
    value: Decimal | None
    numerator: int | None
    denominator: int | None


_BODY = ResultRow.body
_FIGURES = (
    select(
        *(
            ResultLine.indicator,
            ResultLine.place,
            ResultRow.as_of,
            ResultRow.recorded_at,
            cast(_BODY["value"].astext, Numeric),
        ),
        *(cast(_BODY["numerator"].astext, BigInteger), cast(_BODY["denominator"].astext, BigInteger)),
    )
    .join(ResultLine, ResultLine.key == ResultRow.line)
    .where(ResultRow.review != "sent_back")
    .ext(distinct_on(ResultRow.line, ResultRow.as_of))
    .order_by(ResultRow.line, ResultRow.as_of, ResultRow.number.desc())
)


async def figures_by_day(session: AsyncSession, plan: PlanState, indicators: Sequence[str]) -> list[Past]:
    """Every figure of every day that counts and is of the definition that holds now, read without the rest of its result."""
    named = ResultLine.indicator == any_(cast(list(indicators), ARRAY(Text)))
    redefined = await redefinitions(session, plan, indicators)
    past = [Past(*row) for row in await session.execute(_FIGURES.where(ResultLine.plan == plan.code, named))]
    return [one for one in past if one.indicator not in redefined or one.recorded_at >= redefined[one.indicator].at]


async def standing_results(
    session: AsyncSession, plan: str, indicators: Sequence[str]
) -> dict[tuple[str, str, str], Result]:
    """The result that stands, by (indicator, phase, place), of each of their targets that has one."""
    statement = (
        select(ResultLine.indicator, ResultLine.phase, ResultLine.place, *ResultRow.__table__.columns)
        .join(ResultRow, (ResultRow.line == ResultLine.key) & (ResultRow.number == ResultLine.standing))
        .where(ResultLine.plan == plan, ResultLine.indicator == any_(cast(list(indicators), ARRAY(Text))))
    )
    rows = (await session.execute(statement)).mappings()
    return {
        (row["indicator"], row["phase"], row["place"]): Result.model_validate({**row, **row["body"]}) for row in rows
    }


async def find_predecessor(session: AsyncSession, indicator: IndicatorState) -> tuple[PlanState, IndicatorState] | None:
    """The indicator that this one follows, with its plan, comparable or not."""
    if indicator.predecessor is None:
        return None
    statement = (
        select(Indicator, Plan).join(Plan, Plan.key == Indicator.plan).where(Indicator.key == indicator.predecessor)
    )
    found = (await session.execute(statement)).one_or_none()
    return None if found is None else (found[1].state(), found[0].state())


async def earlier_lines(session: AsyncSession, indicator: IndicatorState) -> tuple[list[Line], list[str]]:
    """The lines of the comparable predecessors, one after the other, and what is left out with the reason.

    Where the line of predecessors meets one that is not comparable, or whose kind or unit is another, it ends.
    """
    found: list[Line] = []
    passed = {f"{indicator.plan}/{indicator.code}"}
    now = indicator
    while now.predecessor is not None and now.predecessor not in passed:
        before = await find_predecessor(session, now)
        if before is None:
            return found, [f"{now.predecessor}: it is not known here"]
        plan, earlier = before
        if now.comparable is not True:
            why = now.comparability or "nothing says that one trend may be drawn over both"
            return found, [f"{now.predecessor}: not comparable ({why})"]
        if (earlier.kind, earlier.unit) != (now.kind, now.unit):
            return found, [f"{now.predecessor}: another kind or unit"]
        passed.add(now.predecessor)
        found += await lines_with_results(session, plan, [earlier])
        now = earlier
    return found, []
