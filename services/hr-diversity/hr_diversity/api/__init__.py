"""Routes: parse, one call, return."""

from fastapi import APIRouter

from hr_diversity.api import measures, parity, snapshots

router = APIRouter(prefix="/v1")
for part in (snapshots, measures, parity):
    router.include_router(part.router)
