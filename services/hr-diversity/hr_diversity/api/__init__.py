"""Routes: parse, one call, return."""

from fastapi import APIRouter

from hr_diversity.api import measures, parity, snapshots, vacancies

router = APIRouter(prefix="/v1")
for part in (snapshots, measures, parity, vacancies):
    router.include_router(part.router)
