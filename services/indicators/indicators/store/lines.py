"""Targets with everything that was recorded for them, read together."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Indicator, Plan
from indicators.rules.lines import Line
from indicators.store.results import by_number, lines_of, rows_of
from shared.events.indicators import IndicatorState, PlanState


async def lines_with_results(
    session: AsyncSession, plan: PlanState, indicators: Sequence[IndicatorState]
) -> list[Line]:
    """Every target of `indicators`, which are of `plan`, in order; also those for which nothing was recorded."""
    kept = await lines_of(session, plan.code, [indicator.code for indicator in indicators])
    rows = await rows_of(session, *kept)
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
                )
            )
    return found


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
