"""What this service learns from others: the names of units, from indicators. Without indicators all else works."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import Base
from shared.events.indicators import UnitDefined
from shared.projection import Fact, Projection

units = Projection(name="units", services=["indicators"], tables=[Base.metadata.tables["units"]])


@units.on(UnitDefined, fold=True)
async def unit_defined(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    await store.units.put_units(session, [{"code": fact.event.code, "name": fact.event.name} for fact in facts])
