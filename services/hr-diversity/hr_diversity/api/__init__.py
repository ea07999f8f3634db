"""Routes: parse, one call, return."""

from fastapi import APIRouter

from hr_diversity.api import (
    disclosures,
    flows,
    funnel,
    measures,
    parity,
    recruitment,
    representation,
    retention,
    scorecard_issues,
    scorecards,
    snapshots,
    sources,
    tallies,
    uploads,
    vacancies,
)

router = APIRouter(prefix="/v1")
for part in (
    snapshots,
    uploads,
    retention,
    sources,
    measures,
    flows,
    parity,
    vacancies,
    recruitment,
    funnel,
    tallies,
    representation,
    scorecard_issues,
    scorecards,
    disclosures,
):
    router.include_router(part.router)
