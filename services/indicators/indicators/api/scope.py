"""What of the service a caller may see and change: a custodian its own units' objects, everybody else all."""

from typing import Annotated

from fastapi import Depends, Query, Response
from pydantic import BaseModel

from indicators.store.definitions import get_plan
from shared.auth import Principal
from shared.database import Reader
from shared.versions import etag

PlanCode = Annotated[
    str, Query(alias="plan", pattern=r"^[a-z0-9][a-z0-9-]{0,99}$", description="the plan's code, e.g. apge-2018-21")
]


async def known_plan(session: Reader, plan: PlanCode) -> str:
    """The plan's code. Raises NoSuchPlan: an empty list would say that there is one without anything in it."""
    await get_plan(session, plan)
    return plan


KnownPlan = Annotated[str, Depends(known_plan)]


def units_of(principal: Principal) -> list[str] | None:
    """The units that a caller is bound to; None where it is bound to none."""
    return sorted(principal.units) if principal.roles == {"custodian"} else None


def answer(body: BaseModel, version: int, status: int = 200) -> Response:
    """`body` with its version as the ETag."""
    return Response(body.model_dump_json(), status, {"ETag": etag(version)}, "application/json")
