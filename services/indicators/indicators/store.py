"""Every SQL statement of the service. A scope (`units`) is part of the statement: what is outside of it is as if absent."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Action, Indicator, Plan, ResultLine, ResultRow, Unit
from shared.errors import NotFound
from shared.events.indicators import Result
from shared.operations import Head, digest
from shared.paging import Page

Row = TypeVar("Row", Unit, Plan, Indicator, Action)
Scope = Sequence[str] | None
"""The units whose objects may be seen; None for all."""


class NoSuchUnit(NotFound):
    slug = "no-such-unit"


class NoSuchPlan(NotFound):
    slug = "no-such-plan"


class NoSuchIndicator(NotFound):
    slug = "no-such-indicator"


class NoSuchTarget(NotFound):
    slug = "no-such-target"


class NoSuchResult(NotFound):
    slug = "no-such-result"


class NoSuchAction(NotFound):
    slug = "no-such-action"


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


async def get_indicator(session: AsyncSession, plan: str, code: str, units: Scope, *, hold: bool = False) -> Indicator:
    """With `hold` the definition stands still until the transaction ends, and others may hold it too.

    Raises NoSuchIndicator, also where the indicator is of none of `units`.
    """
    statement = select(Indicator).where(Indicator.key == f"{plan}/{code}", of_units(Indicator.custodians, units))
    if hold:
        statement = statement.with_for_update(read=True)
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchIndicator(f"there is no indicator {code} in the plan {plan}")
    return found


async def get_action(session: AsyncSession, plan: str, code: str, units: Scope, *, lock: bool = False) -> Action:
    statement = select(Action).where(Action.key == f"{plan}/{code}", of_units(Action.custodians, units))
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NoSuchAction(f"there is no action {code} in the plan {plan}")
    return found


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


async def list_actions(
    session: AsyncSession, plan: str, units: Scope, page: Page, *, indicator: str | None = None
) -> tuple[list[Action], str | None]:
    statement = select(Action).where(Action.plan == plan, of_units(Action.custodians, units))
    if indicator is not None:
        statement = statement.where(of_units(Action.indicators, [indicator]))
    return await _page(session, statement, Action.code, page)


async def claim_indicators(session: AsyncSession, plan: str) -> list[Indicator]:
    """All of the plan, locked."""
    statement = select(Indicator).where(Indicator.plan == plan).order_by(Indicator.key).with_for_update()
    return list((await session.execute(statement)).scalars())


async def absent_units(session: AsyncSession, codes: Sequence[str]) -> set[str]:
    """Those of `codes` that no unit has."""
    return set(codes) - set((await session.execute(select(Unit.key).where(Unit.key.in_(codes)))).scalars())


async def list_fed_by(session: AsyncSession, measure: str) -> list[Indicator]:
    """Held, so that the definitions stand still while results are recorded from the measure."""
    statement = select(Indicator).where(Indicator.fed_by == measure).order_by(Indicator.key).with_for_update(read=True)
    return list((await session.execute(statement)).scalars())


async def lines_of(session: AsyncSession, plan: str, indicators: Sequence[str] | None = None) -> dict[str, ResultLine]:
    statement = select(ResultLine).where(ResultLine.plan == plan)
    if indicators is not None:
        statement = statement.where(ResultLine.indicator.in_(indicators))
    return {line.key: line for line in (await session.execute(statement)).scalars()}


async def lock_line(session: AsyncSession, plan: str, indicator: str, phase: str, place: str) -> ResultLine:
    """The target's line of results, made if it is new, locked until the transaction ends."""
    key = f"{plan}/{indicator}/{phase}/{place}"
    new = {"key": key, "sequence": 0, "plan": plan, "indicator": indicator, "phase": phase, "place": place}
    statement = (
        insert(ResultLine).values(**new, status="data_unavailable", results=0, changed=0).on_conflict_do_nothing()
    )
    await session.execute(statement)
    return (await session.execute(select(ResultLine).where(ResultLine.key == key).with_for_update())).scalar_one()


async def find_line(session: AsyncSession, key: str, *, lock: bool = False) -> ResultLine | None:
    statement = select(ResultLine).where(ResultLine.key == key)
    return (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()


async def rows_of(session: AsyncSession, *lines: str) -> dict[str, list[ResultRow]]:
    """The results of each line, the oldest first."""
    statement = select(ResultRow).where(ResultRow.line.in_(lines)).order_by(ResultRow.line, ResultRow.number)
    found: dict[str, list[ResultRow]] = {line: [] for line in lines}
    for row in (await session.execute(statement)).scalars():
        found[row.line].append(row)
    return found


def by_number(rows: Sequence[ResultRow]) -> dict[int, Result]:
    return {row.number: row.result() for row in rows}


async def list_heads(session: AsyncSession) -> AsyncIterator[Head]:
    """Version and digest of every aggregate, as its last event carried it."""
    kinds: list[tuple[str, type[Any]]] = [("unit", Unit), ("plan", Plan), ("indicator", Indicator), ("action", Action)]
    for name, kind in kinds:
        for row in (await session.execute(select(kind))).scalars():
            yield Head(aggregate=f"{name}/{row.key}", sequence=row.sequence, digest=digest(row.state()))
    lines = (await session.execute(select(ResultLine))).scalars().all()
    results = await rows_of(session, *(line.key for line in lines))
    for line in lines:
        state = line.state(by_number(results[line.key]))
        yield Head(aggregate=f"result/{line.key}", sequence=line.sequence, digest=digest(state))
