"""What this service learns from others: names of units and published figures, from indicators. Without indicators all else works."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import Base
from hr_diversity.rules.recruitment import METRICS
from shared.events.claims import ClaimPublished
from shared.events.indicators import UnitDefined
from shared.projection import Fact, Projection

units = Projection(name="units", services=["indicators"], tables=[Base.metadata.tables["units"]])


@units.on(UnitDefined, fold=True)
async def unit_defined(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    await store.units.put_units(session, [{"code": fact.event.code, "name": fact.event.name} for fact in facts])


published = Projection(name="published", services=["indicators"], tables=[Base.metadata.tables["published_figures"]])

CONCEPTS = frozenset(concept for metric in METRICS for concept in metric.concepts)


@published.on(ClaimPublished, fold=True)
async def claim_published(session: AsyncSession, facts: list[Fact[Any]]) -> None:
    await store.recruitment.put_published(session, [fact.event for fact in facts], CONCEPTS)
