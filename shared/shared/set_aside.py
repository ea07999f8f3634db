"""What was set aside, and how an operator gets it going again: events that a projection parked, events that the bus refused.

Both hold back the later events of their own aggregate and of no other. Every event carries the whole state of its aggregate, so what
is dropped is healed by the next one.
"""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared.auth import allow
from shared.database import Reader, Session
from shared.errors import Conflict, NotFound, responses

log = structlog.get_logger()
router = APIRouter(prefix="/v1", tags=["operations"], dependencies=[Depends(allow("operator"))])
Aggregate = Annotated[str, Path(max_length=500)]

_PARKED = text("""
    SELECT projection, aggregate, min(reason) FILTER (WHERE reason NOT LIKE 'an earlier event%') AS reason, count(*) AS events,
        min(parked_at) AS since
    FROM projection_parked GROUP BY projection, aggregate ORDER BY since LIMIT 1000
""")
_DROP = text("DELETE FROM projection_parked WHERE projection = :projection AND aggregate = :aggregate")
_REFUSED = text("""
    SELECT id::text AS event, aggregatetype || '/' || aggregateid AS aggregate, type, refused AS reason, recorded_at
    FROM outbox WHERE refused IS NOT NULL ORDER BY position LIMIT 1000
""")
_RETRY = text("UPDATE outbox SET refused = NULL WHERE id = :event AND refused IS NOT NULL")


class Row(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Parked(Row):
    projection: str
    aggregate: str
    reason: str | None
    events: int
    since: datetime


class Taken(BaseModel):
    """How many events of an aggregate were replayed, or dropped."""

    projection: str
    aggregate: str
    events: int


class Refused(Row):
    event: str
    aggregate: str
    type: str
    reason: str
    recorded_at: datetime


class StillFails(Conflict):
    slug = "replay-failed"


@router.get("/parked")
async def list_parked(session: Reader) -> list[Parked]:
    """Aggregates whose events were set aside, each with the reason of the first."""
    return [Parked.model_validate(row) for row in await session.execute(_PARKED)]


@router.post("/parked/{projection}/{aggregate:path}/replay", responses=responses(NotFound, Conflict))
async def replay_parked(request: Request, projection: str, aggregate: Aggregate) -> Taken:
    """Applies what was set aside for this aggregate, in order. What fails again stays parked (409)."""
    runner = request.app.state.runners.get(projection)
    if runner is None:
        raise NotFound(f"{projection}: there is no such projection here")
    try:
        events = await runner.applier.replay(aggregate)
    except (SQLAlchemyError, ValueError, LookupError, TypeError) as error:
        raise StillFails(f"{aggregate} fails again: {type(error).__name__}: {error}"[:1000]) from error
    return _taken(projection, aggregate, events)


@router.delete("/parked/{projection}/{aggregate:path}", responses=responses(NotFound))
async def drop_parked(session: Session, projection: str, aggregate: Aggregate) -> Taken:
    """Forgets what was set aside for this aggregate; its next event is taken into effect again."""
    dropped = await session.execute(_DROP, {"projection": projection, "aggregate": aggregate})
    log.warning("parked_dropped", projection=projection, aggregate=aggregate, events=dropped.rowcount)  # type: ignore[attr-defined]
    return _taken(projection, aggregate, dropped.rowcount)  # type: ignore[attr-defined]  # a cursor's result has it


def _taken(projection: str, aggregate: str, events: int) -> Taken:
    if events == 0:
        raise NotFound(f"nothing of {aggregate} is parked")
    return Taken(projection=projection, aggregate=aggregate, events=events)


@router.get("/refused")
async def list_refused(session: Reader) -> list[Refused]:
    """Events that the bus would not take, each with its reason."""
    return [Refused.model_validate(row) for row in await session.execute(_REFUSED)]


@router.post("/refused/{event}/retry", status_code=204, responses=responses(NotFound))
async def retry_refused(session: Session, event: UUID) -> None:
    """The event is tried again, and those that waited for it after it."""
    freed = await session.execute(_RETRY, {"event": str(event)})
    if freed.rowcount == 0:  # type: ignore[attr-defined]  # a cursor's result has it
        raise NotFound(f"the bus has refused no event {event}")
