"""What the service keeps of what the indicators service states: who is a custodian, and which units are departments.

It decides who belongs to the groups APGE-CUSTODIANS and ALL-DEPARTMENTS. Where the sibling is absent both are empty.
"""

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from recommendations import store
from recommendations.models import Base
from shared.events.indicators import IndicatorDefined, UnitDefined
from shared.projection import Fact, Projection

TABLES: list[Table] = [Base.metadata.tables["units"], Base.metadata.tables["custodianships"]]

groups = Projection("recommendations-groups", services=["indicators"], tables=TABLES)


@groups.on(UnitDefined, fold=True)
async def unit_defined(session: AsyncSession, facts: list[Fact[UnitDefined]]) -> None:
    await store.keep_units(session, {fact.event.code: fact.event.kind for fact in facts})


@groups.on(IndicatorDefined, fold=True)
async def indicator_defined(session: AsyncSession, facts: list[Fact[IndicatorDefined]]) -> None:
    await store.keep_custodians(
        session, {f"{fact.event.plan}/{fact.event.code}": fact.event.custodians for fact in facts}
    )
