"""Routes: parse, one call, return."""

from fastapi import APIRouter

from hr_diversity.api import measures, parity, recruitment, snapshots, vacancies

router = APIRouter(prefix="/v1")
for part in (snapshots, measures, parity, vacancies, recruitment):
    router.include_router(part.router)
