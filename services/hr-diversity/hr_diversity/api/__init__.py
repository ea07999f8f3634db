"""Routes: parse, one call, return."""

from fastapi import APIRouter

from hr_diversity.api import (
    disclosures,
    funnel,
    measures,
    parity,
    recruitment,
    retention,
    snapshots,
    sources,
    tallies,
    uploads,
    vacancies,
)

router = APIRouter(prefix="/v1")
for part in (snapshots, uploads, retention, sources, measures, parity, vacancies, recruitment, funnel, tallies, disclosures):
    router.include_router(part.router)
