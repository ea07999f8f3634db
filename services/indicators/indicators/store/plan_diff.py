"""Plans with their indicators, as they are and as they were."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Change, Indicator
from indicators.store.changes import get_version
from indicators.store.definitions import Scope, of_units
from shared.events.indicators import IndicatorState, PlanState


async def indicators_now(session: AsyncSession, plan: str, units: Scope) -> list[IndicatorState]:
    statement = select(Indicator).where(Indicator.plan == plan, of_units(Indicator.custodians, units))
    return [row.state() for row in (await session.execute(statement.order_by(Indicator.code))).scalars()]


async def plan_at(
    session: AsyncSession, plan: str, version: int, units: Scope
) -> tuple[PlanState, list[IndicatorState]]:
    """The plan in a version, with its indicators as they were when that version had been in force the longest. Raises NoSuchVersion.

    Of a caller that is bound to units only what is one of theirs now.
    """
    state = PlanState.model_validate((await get_version(session, f"plan/{plan}", version)).state)
    statement = (
        select(Change)
        .where(Change.aggregate.startswith(f"indicator/{plan}/", autoescape=True))
        .ext(distinct_on(Change.aggregate))
        .order_by(Change.aggregate, Change.sequence.desc())
    )
    ends = await _ends(session, plan, version)
    if ends is not None:
        statement = statement.where(Change.changed_at < ends)
    found = [IndicatorState.model_validate(row.state) for row in (await session.execute(statement)).scalars()]
    own = None if units is None else {one.code for one in await indicators_now(session, plan, units)}
    return state, [one for one in found if own is None or one.code in own]


async def _ends(session: AsyncSession, plan: str, version: int) -> datetime | None:
    """When the next version came; None for the present one."""
    following = select(Change.changed_at).where(Change.aggregate == f"plan/{plan}", Change.sequence == version + 1)
    return (await session.execute(following)).scalar_one_or_none()
