"""Routes: parse, one call, return."""

from fastapi import APIRouter

from hr_diversity.api import disclosures, funnel, measures, parity, recruitment, snapshots, sources, tallies, vacancies

router = APIRouter(prefix="/v1")
for part in (snapshots, sources, measures, parity, vacancies, recruitment, funnel, tallies, disclosures):
    router.include_router(part.router)
