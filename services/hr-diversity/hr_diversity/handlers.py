"""What this service learns from others: units, published figures and what plans aim at, from indicators. Without indicators all else works."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import Base
from hr_diversity.rules.recruitment import METRICS
from shared.events.claims import ClaimPublished
from shared.events.indicators import IndicatorDefined, PlanDefined, UnitDefined
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


cards = Projection(name="cards", services=["indicators"], tables=[Base.metadata.tables["plan_facts"]])


@cards.on(UnitDefined, fold=True)
async def unit_of_a_card(session: AsyncSession, facts: list[Fact[UnitDefined]]) -> None:
    """Under another name than that of `units`, so that whoever has those already learns the portfolios too."""
    await _put_plan_facts(session, facts, {"code", "name", "portfolio"})


@cards.on(PlanDefined, fold=True)
async def plan_defined(session: AsyncSession, facts: list[Fact[PlanDefined]]) -> None:
    await _put_plan_facts(session, facts, {"code", "phases"})


@cards.on(IndicatorDefined, fold=True)
async def indicator_defined(session: AsyncSession, facts: list[Fact[IndicatorDefined]]) -> None:
    """Of indicators that a measure fills; one that is filled by hand says nothing about a measure."""
    states = {
        fact.envelope.subject: fact.event.model_dump(mode="json") if fact.event.fed_by else None for fact in facts
    }
    await store.scorecards.put_plan_facts(session, states)


async def _put_plan_facts(session: AsyncSession, facts: Sequence[Fact[Any]], kept: set[str]) -> None:
    states = {fact.envelope.subject: fact.event.model_dump(mode="json", include=kept) for fact in facts}
    await store.scorecards.put_plan_facts(session, states)
