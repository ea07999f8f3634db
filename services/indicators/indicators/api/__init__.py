"""Routes: parse, one call, return."""

from fastapi import APIRouter, Depends

from indicators.api import (
    actions,
    bulk,
    changes,
    claims,
    contradictions,
    custody,
    definitions,
    documents,
    dues,
    plans,
    progress,
    ratings,
    resources,
    results,
    reviews,
    why,
)
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/v1", dependencies=[Depends(refuse_unknown_parameters)])
for part in (
    actions,
    bulk,
    changes,
    claims,
    contradictions,
    custody,
    definitions,
    documents,
    dues,
    plans,
    progress,
    ratings,
    resources,
    results,
    reviews,
    why,
):
    router.include_router(part.router)
