"""The funnel of a year stays as it is out until another one differs by enough.

What must not break: two answers on one year, subtracted, tell of nobody or of many. A vacancy that is registered late, or corrected, would
otherwise show its few selected.
"""

from collections.abc import Iterator

from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.models import PublishedFunnel
from hr_diversity.rules.suppression import are_near
from hr_diversity.schemas.funnel import Funnel, FunnelLine


async def publish_funnel(session: AsyncSession, drawn: Funnel, k: int) -> Funnel:
    """`drawn`, or what is out of its year where a count or a step that both show differs by fewer than k."""
    year = drawn.since.year
    await store.measures.lock_series(session, f"funnel/{year}")
    row = await session.get(PublishedFunnel, year)
    if row is None:
        session.add(PublishedFunnel(year=year, shown=drawn.model_dump(mode="json")))
        return drawn
    out = Funnel.model_validate(row.shown)
    if are_near(dict(_counts(out)), dict(_counts(drawn)), k):
        return out
    row.shown = drawn.model_dump(mode="json")
    return drawn


def _counts(funnel: Funnel) -> Iterator[tuple[str, int]]:
    """Every count of people that it shows, and what each step leaves."""
    if funnel.total.vacancies:
        yield from _of_line("", funnel.total)
    for by, groups in funnel.by.items():
        for group in groups:
            yield from _of_line(f"{by}/{group.group}", group)


def _of_line(name: str, line: FunnelLine) -> Iterator[tuple[str, int]]:
    for stage, of in line.stages.items():
        for sex, count in (("women", of.women), ("men", of.men), ("other", of.other)):
            if count is not None:
                yield f"{name}/{stage}/{sex}", count
    for step in line.steps:
        yield f"{name}/{step.before}-{step.stage}/women", step.women_before - step.women
        yield f"{name}/{step.before}-{step.stage}/men", step.men_before - step.men
