"""Version and digest of every aggregate, for the comparison with what others keep of it."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import Action, Claim, Document, Indicator, Markers, Plan, Resources, ResultLine, Rule, Unit
from indicators.store.changes import regressions
from indicators.store.results import by_number, rows_of
from shared.operations import Head, digest

KINDS: list[tuple[str, type[Any]]] = [
    ("unit", Unit),
    ("plan", Plan),
    ("indicator", Indicator),
    ("action", Action),
    ("resources", Resources),
    ("markers", Markers),
    ("claim", Claim),
    ("rule", Rule),
    ("document", Document),
]


async def list_heads(session: AsyncSession) -> AsyncIterator[Head]:
    """Version and digest of every aggregate, as its last event carried it."""
    for name, kind in KINDS:
        for row in (await session.execute(select(kind))).scalars():
            yield Head(aggregate=f"{name}/{row.key}", sequence=row.sequence, digest=digest(row.state()))
    regressed = await regressions(session)
    lines = (await session.execute(select(ResultLine))).scalars().all()
    results = await rows_of(session, *(line.key for line in lines))
    for line in lines:
        # what a regression says beside the state of the line is in its event only
        state = {**regressed.get(line.key, {}), **line.state(by_number(results[line.key])).model_dump(mode="json")}
        yield Head(aggregate=f"result/{line.key}", sequence=line.sequence, digest=digest(state))
