"""Routes: parse, one call, return."""

from fastapi import APIRouter

from indicators.api import actions, definitions, results

router = APIRouter(prefix="/v1")
for part in (definitions.router, results.router, actions.router):
    router.include_router(part)
