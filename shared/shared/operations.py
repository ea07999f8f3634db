"""What operators ask of every service alike: health, metrics, the heads of its aggregates, a rebuild."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any, Literal

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from shared import migrations
from shared.applying import Superseded
from shared.auth import allow, open_to_all
from shared.bus import BusUnavailable
from shared.database import Reader
from shared.errors import Conflict, NotFound, Unavailable, responses
from shared.leases import LeaseLost
from shared.rebuild import NothingToRebuild, RebuildRuns, rebuild

HEALTH_TIMEOUT = 3.0


class Health(BaseModel):
    status: Literal["ok", "degraded", "down"]
    parts: dict[str, str]
    """Each part's name with "ok" or a sentence that says what is wrong."""


class Rebuilding(BaseModel):
    """One line of a rebuild's progress; the last one has `rows`."""

    view: str
    done: int
    total: int
    rows: dict[str, int] | None = None
    error: str | None = None


class Head(BaseModel):
    """An aggregate's version and the digest of its state, as the service that owns it has them."""

    aggregate: str
    sequence: int
    digest: str


def digest(state: BaseModel | dict[str, Any]) -> str:
    """SHA-256 of a state's canonical JSON (keys sorted). Two services that hold the same state have the same digest."""
    plain = state.model_dump(mode="json") if isinstance(state, BaseModel) else state
    return hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_SORT_KEYS)).hexdigest()


HEADS = TypeAdapter(list[Head])

router = APIRouter(tags=["operations"])


@router.get("/health/live", dependencies=[Depends(open_to_all)])
async def get_liveness() -> Health:
    """The process answers. Asks nothing of anybody else."""
    return Health(status="ok", parts={})


@router.get("/health/ready", dependencies=[Depends(open_to_all)], responses={503: {"model": Health}})
async def get_readiness(request: Request) -> Response:
    """503 only without the own database; "degraded" says which part is not well, and requests still make sense."""
    state = request.app.state
    parts = {"database": await _database(state)}
    parts |= {worker.name: worker.state() for worker in state.workers}
    down = parts["database"] != "ok"
    status: Literal["ok", "degraded", "down"] = (
        "down" if down else "ok" if set(parts.values()) == {"ok"} else "degraded"
    )
    return Response(
        Health(status=status, parts=parts).model_dump_json(), 503 if down else 200, media_type="application/json"
    )


async def _database(state: Any) -> str:
    try:
        async with asyncio.timeout(HEALTH_TIMEOUT), state.database.reading() as session:
            found = (await session.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    except (TimeoutError, OSError, SQLAlchemyError) as error:
        return f"does not answer: {type(error).__name__}"
    # a revision that this release does not know is a later one: in a rolling upgrade the database goes first
    wanted, known = migrations.head(state.service.migrations), migrations.revisions(state.service.migrations)
    behind = found is None or (found in known and found != wanted)
    return f"is at migration {found}, this release needs {wanted}" if behind else "ok"


@router.get("/metrics", dependencies=[Depends(open_to_all)], response_class=Response)
async def get_metrics(request: Request) -> Response:
    """Prometheus text format."""
    return Response(generate_latest(request.app.state.metrics.registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/v1/heads", dependencies=[Depends(allow("operator"))])
async def list_heads(request: Request, session: Reader) -> list[Head]:
    """Version and digest of every aggregate that this service states, or of every row of its views: what `apge reconcile` compares."""
    return [head async for head in request.app.state.service.heads(session)]


@router.post(
    "/v1/rebuilds/{view}",
    dependencies=[Depends(allow("operator"))],
    responses=responses(NotFound, Conflict, Unavailable),
)
async def rebuild_view(request: Request, view: str) -> StreamingResponse:
    """Makes a view anew from the events; answers with NDJSON, one line per batch. The old view serves until the new one is whole."""
    runner = request.app.state.runners.get(view)
    if runner is None or not runner.projection.tables:
        raise NothingToRebuild(f"{view}: there is no such view here; views are {', '.join(_views(request)) or 'none'}")
    return StreamingResponse(_rebuild_lines(request, runner, view), media_type="application/x-ndjson")


def _views(request: Request) -> list[str]:
    return sorted(name for name, runner in request.app.state.runners.items() if runner.projection.tables)


async def _rebuild_lines(request: Request, runner: Any, view: str) -> AsyncIterator[bytes]:
    lines: asyncio.Queue[Rebuilding | None] = asyncio.Queue()

    async def progress(done: int, total: int) -> None:
        lines.put_nowait(Rebuilding(view=view, done=done, total=total))

    async def work() -> None:
        try:
            state = request.app.state
            built = await rebuild(
                runner.projection, state.database, state.bus, state.metrics, progress, state.service.announce
            )
            lines.put_nowait(Rebuilding(view=view, done=built.events, total=built.events, rows=built.rows))
        except (RebuildRuns, Superseded, LeaseLost, BusUnavailable, SQLAlchemyError, OSError) as error:
            lines.put_nowait(Rebuilding(view=view, done=0, total=0, error=f"{type(error).__name__}: {error}"))
        finally:
            lines.put_nowait(None)  # whatever happened, the answer ends

    task = asyncio.create_task(work())
    try:
        while (line := await lines.get()) is not None:
            yield line.model_dump_json().encode() + b"\n"
        await task
    finally:
        # a rebuild ends with its caller's connection, once: were it awaited here, each further cancellation of the answer would
        # hit its cleaning up, and its lease would bar the next one
        task.cancel()
