"""Units, plans, indicators and their targets."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Action, Base, Claim, Document, Indicator, Markers, Plan, Resources, Rule, Unit
from shared.errors import NotFound
from shared.paging import Page

Row = TypeVar("Row", Unit, Plan, Indicator, Action, Resources, Markers, Claim, Rule, Document)


Scope = Sequence[str] | None


"""The units whose objects may be seen; None for all."""


class NoSuchUnit(NotFound):
    slug = "no-such-unit"


class NoSuchPlan(NotFound):
    slug = "no-such-plan"


class NoSuchIndicator(NotFound):
    slug = "no-such-indicator"


def of_units(column: Any, units: Scope) -> ColumnElement[bool]:
    return true() if units is None else column.overlap(list(units))


async def find(session: AsyncSession, kind: type[Row], key: str) -> Row | None:
    return (await session.execute(select(kind).where(kind.key == key))).scalar_one_or_none()


async def claim(session: AsyncSession, kind: type[Row], key: str) -> Row | None:
    """The row, locked; where there is none, nobody else can make it before this transaction ends."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"{kind.__tablename__}/{key}", 0))))
    return (await session.execute(select(kind).where(kind.key == key).with_for_update())).scalar_one_or_none()


async def find_plan_held(session: AsyncSession, code: str) -> Plan | None:
    """The plan stands still until the transaction ends."""
    return (await session.execute(select(Plan).where(Plan.key == code).with_for_update(read=True))).scalar_one_or_none()


async def get_plan(session: AsyncSession, code: str) -> Plan:
    plan = await find(session, Plan, code)
    if plan is None:
        raise NoSuchPlan(f"there is no plan {code}")
    return plan


async def get_unit(session: AsyncSession, code: str) -> Unit:
    unit = await find(session, Unit, code)
    if unit is None:
        raise NoSuchUnit(f"there is no unit {code}")
    return unit


async def get_indicator(
    session: AsyncSession, plan: str, code: str, units: Scope, *, hold: bool = False, lock: bool = False
) -> Indicator:
    """With `hold` the definition stands still until the transaction ends, and others may hold it too; with `lock` they may not.

    Raises NoSuchIndicator, also where the indicator is of none of `units`.
    """
    statement = select(Indicator).where(Indicator.key == f"{plan}/{code}", of_units(Indicator.custodians, units))
    if hold or lock:
        statement = statement.with_for_update(read=not lock)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise no_such_indicator(plan, code)
    return found


def no_such_indicator(plan: str, code: str) -> NoSuchIndicator:
    return NoSuchIndicator(f"there is no indicator {code} in the plan {plan}")


async def _page(session: AsyncSession, statement: Select[Row], column: Any, page: Page) -> tuple[list[Row], str | None]:
    if page.after:
        statement = statement.where(column > str(page.after[0]))
    rows = (await session.execute(statement.order_by(column).limit(page.limit + 1))).scalars().all()
    return page.cut(list(rows), lambda row: [getattr(row, column.key)])


async def list_units(session: AsyncSession, page: Page) -> tuple[list[Unit], str | None]:
    return await _page(session, select(Unit), Unit.key, page)


async def list_plans(session: AsyncSession, page: Page) -> tuple[list[Plan], str | None]:
    return await _page(session, select(Plan), Plan.key, page)


async def list_indicators(
    session: AsyncSession, plan: str, units: Scope, page: Page, *, area: str | None = None, custodian: str | None = None
) -> tuple[list[Indicator], str | None]:
    statement = select(Indicator).where(Indicator.plan == plan, of_units(Indicator.custodians, units))
    if area is not None:
        statement = statement.where(Indicator.area == area)
    if custodian is not None:
        statement = statement.where(of_units(Indicator.custodians, [custodian]))
    return await _page(session, statement, Indicator.code, page)


async def list_of_kind(session: AsyncSession, plan: str, kind: str) -> list[Indicator]:
    """All indicators of a kind in the plan, by code."""
    statement = select(Indicator).where(Indicator.plan == plan, Indicator.kind == kind)
    return list((await session.execute(statement.order_by(Indicator.code))).scalars())


async def claim_indicators(session: AsyncSession, plan: str) -> list[Indicator]:
    """All of the plan, locked."""
    statement = select(Indicator).where(Indicator.plan == plan).order_by(Indicator.key).with_for_update()
    return list((await session.execute(statement)).scalars())


async def units_by_code(session: AsyncSession, codes: Sequence[str]) -> dict[str, Unit]:
    """Those of `codes` that there are."""
    return {row.key: row for row in (await session.execute(select(Unit).where(Unit.key.in_(codes)))).scalars()}


async def successors_of(session: AsyncSession, plan: str) -> list[str]:
    """The plans that follow it, by code."""
    return list((await session.execute(select(Plan.key).where(Plan.predecessor == plan).order_by(Plan.key))).scalars())


async def scope_of_results(session: AsyncSession, plan: str, code: str, units: Scope) -> Scope:
    """Whose results of the indicator `units` may read: everybody's where they keep it, their own where they once did.

    Raises NoSuchIndicator where neither is so.
    """
    once = or_(false(), *(Indicator.custodianships.contains([{"unit": unit}]) for unit in units or []))
    statement = select(of_units(Indicator.custodians, units)).where(
        Indicator.key == f"{plan}/{code}", or_(of_units(Indicator.custodians, units), once)
    )
    keeps = (await session.execute(statement)).scalar_one_or_none()
    if keeps is None:
        raise no_such_indicator(plan, code)
    return None if keeps else units


async def list_fed_by(session: AsyncSession, measure: str) -> list[Indicator]:
    """Held, so that the definitions stand still while results are recorded from the measure."""
    statement = select(Indicator).where(Indicator.fed_by == measure).order_by(Indicator.key).with_for_update(read=True)
    return list((await session.execute(statement)).scalars())


def columns_of(kind: type[Base], given: BaseModel) -> dict[str, Any]:
    """The fields of `given` as the columns of `kind` take them: JSON where the column is JSON, dates and decimals otherwise."""
    types, plain, as_json = kind.__table__.columns, given.model_dump(), given.model_dump(mode="json")
    in_json = {column.name for column in types if isinstance(column.type, JSONB)}
    return {name: as_json[name] if name in in_json else plain[name] for name in plain}
