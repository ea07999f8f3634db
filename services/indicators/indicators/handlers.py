"""What the service does when others state something: a measure that feeds an indicator becomes its result."""

from sqlalchemy.ext.asyncio import AsyncSession

from indicators.service import results
from shared.events.hr_diversity import MeasureDrawn
from shared.projection import Fact, Projection

measures = Projection("indicators-measures", services=["hr-diversity"])


@measures.on(MeasureDrawn, fold=True)
async def measure_drawn(session: AsyncSession, facts: list[Fact[MeasureDrawn]]) -> None:
    for fact in facts:
        with fact.as_cause(f"measure:{fact.event.code}"):
            await results.record_measured_results(session, fact.event)
