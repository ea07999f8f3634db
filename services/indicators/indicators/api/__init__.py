"""Routes: parse, one call, return."""

from fastapi import APIRouter, Depends

from indicators.api import actions, bulk, changes, claims, definitions, progress, resources, results
from shared.parameters import refuse_unknown_parameters

router = APIRouter(prefix="/v1", dependencies=[Depends(refuse_unknown_parameters)])
for part in (definitions, results, actions, changes, resources, claims, progress, bulk):
    router.include_router(part.router)
