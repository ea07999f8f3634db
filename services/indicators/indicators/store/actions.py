"""Accelerating and remedial actions."""

from collections.abc import Sequence

from sqlalchemy import Text, any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
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


async def lines_with_open_remedies(session: AsyncSession, lines: Sequence[str]) -> list[str]:
    """Those of `lines` by whose regression an action was opened that is planned or ongoing."""
    statement = select(Action.opened_by).where(
        Action.opened_by == any_(cast(list(lines), ARRAY(Text))), Action.status.in_(["planned", "ongoing"])
    )
    found = (await session.execute(statement.distinct().order_by(Action.opened_by))).scalars()
    return [line for line in found if line is not None]


async def list_open_remedies(session: AsyncSession, line: str) -> list[Action]:
    """Planned or ongoing, opened by a regression of the line, locked."""
    statement = select(Action).where(Action.opened_by == line, Action.status.in_(["planned", "ongoing"]))
    return list((await session.execute(statement.order_by(Action.key).with_for_update())).scalars())


async def list_actions(
    session: AsyncSession, plan: str, units: Scope, page: Page, *, indicator: str | None = None
) -> tuple[list[Action], str | None]:
    statement = select(Action).where(Action.plan == plan, of_units(Action.custodians, units))
    if indicator is not None:
        statement = statement.where(of_units(Action.indicators, [indicator]))
    return await _page(session, statement, Action.code, page)
