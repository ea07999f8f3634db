"""Accelerating and remedial actions."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Action
from indicators.store.definitions import Scope, _page, of_units
from shared.errors import NotFound
from shared.paging import Page


class NoSuchAction(NotFound):
    slug = "no-such-action"


async def get_action(session: AsyncSession, plan: str, code: str, units: Scope, *, lock: bool = False) -> Action:
    statement = select(Action).where(Action.key == f"{plan}/{code}", of_units(Action.custodians, units))
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchAction(f"there is no action {code} in the plan {plan}")
    return found


async def list_actions(
    session: AsyncSession, plan: str, units: Scope, page: Page, *, indicator: str | None = None
) -> tuple[list[Action], str | None]:
    statement = select(Action).where(Action.plan == plan, of_units(Action.custodians, units))
    if indicator is not None:
        statement = statement.where(of_units(Action.indicators, [indicator]))
    return await _page(session, statement, Action.code, page)
