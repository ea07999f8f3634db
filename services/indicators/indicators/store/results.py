"""The lines of results, one for each target, and the results in them."""

from collections.abc import Sequence

from sqlalchemy import Text, any_, cast, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import ResultLine, ResultRow
from shared.errors import NotFound
from shared.events.results import Result


class NoSuchTarget(NotFound):
    slug = "no-such-target"


class NoSuchResult(NotFound):
    slug = "no-such-result"


async def lines_of(session: AsyncSession, plan: str, indicators: Sequence[str] | None = None) -> dict[str, ResultLine]:
    statement = select(ResultLine).where(ResultLine.plan == plan)
    if indicators is not None:
        statement = statement.where(ResultLine.indicator.in_(indicators))
    return {line.key: line for line in (await session.execute(statement)).scalars()}


async def find_line(session: AsyncSession, key: str, *, lock: bool = False) -> ResultLine | None:
    statement = select(ResultLine).where(ResultLine.key == key)
    return (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()


async def rows_of(session: AsyncSession, *lines: str) -> dict[str, list[ResultRow]]:
    """The results of each line, the oldest first."""
    statement = (
        select(ResultRow)
        .where(ResultRow.line == any_(cast(list(lines), ARRAY(Text))))
        .order_by(ResultRow.line, ResultRow.number)
    )
    found: dict[str, list[ResultRow]] = {line: [] for line in lines}
    for row in (await session.execute(statement)).scalars():
        found[row.line].append(row)
    return found


def by_number(rows: Sequence[ResultRow]) -> dict[int, Result]:
    return {row.number: row.result() for row in rows}
