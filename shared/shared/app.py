"""How a service is put together: `create_app` gives every service the same life, the same health, the same errors, the same walls."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import errors, operations, set_aside
from shared.applying import is_transient
from shared.auth import Verifier, refuse_bare_routes
from shared.bus import EventBus
from shared.database import Database, connect
from shared.docs_page import add_docs_page
from shared.idempotency import forget_old
from shared.kafka_bus import KafkaBus
from shared.limits import BodyLimit
from shared.operations import Head
from shared.outbox import Relay
from shared.postgres_bus import PostgresBus
from shared.projection import Projection
from shared.request_context import RequestContext
from shared.runner import Runner
from shared.settings import Settings
from shared.telemetry import Metrics, configure_logs
from shared.workers import Worker, run_together

log = structlog.get_logger()


async def no_heads(_: AsyncSession) -> AsyncIterator[Head]:
    nothing: list[Head] = []
    for head in nothing:
        yield head


async def announce_nothing(_: AsyncSession, __: str) -> None:
    """A service without a live feed has nobody to tell of a rebuilt view."""


@dataclass(frozen=True)
class Service:
    """All that differs between services. `name` is the first segment of every address and the last of the topic."""

    name: str
    title: str
    router: APIRouter
    metadata: MetaData
    migrations: Path
    states_events: bool = True
    projections: Sequence[Projection] = ()
    workers: Sequence[Callable[[FastAPI], Worker]] = ()
    wrap: Callable[[ASGIApp, FastAPI], ASGIApp] | None = None
    """What stands before the framework, and after the request's context: reporting's ready bytes."""
    prepare: Callable[[FastAPI], None] = lambda _: None
    """Puts what the service shares between its requests and workers on `app.state`."""
    pages: APIRouter | None = None
    """Routes outside of `/<name>`: the first page at `/`."""
    heads: Callable[[AsyncSession], AsyncIterator[Head]] = no_heads
    announce: Callable[[AsyncSession, str], Awaitable[None]] = announce_nothing
    settings: type[Settings] = field(default=Settings)


class App(FastAPI):
    """The framework behind our own walls: `entry` is asked first, and hands on what it does not answer itself."""

    entry: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.entry(scope, receive, send)


def create_app(service: Service, settings: Settings | None = None) -> FastAPI:
    """The service as an ASGI application whose addresses begin with `/<name>`; its parts start with its lifespan."""
    settings = settings or service.settings()
    configure_logs(settings.log_level)
    root = APIRouter(prefix=f"/{service.name}")
    for router in (service.router, operations.router, set_aside.router):
        refuse_bare_routes(router)
        root.include_router(router)
    app = App(
        title=service.title,
        version="1",
        lifespan=_lifespan,
        openapi_url=f"/{service.name}/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"description": "A problem", "content": {"application/problem+json": {"schema": PROBLEM}}}},
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.service, app.state.settings, app.state.metrics = service, settings, Metrics()
    app.state.verifier, app.state.closing = Verifier(settings), asyncio.Event()
    add_docs_page(app, f"/{service.name}/docs")
    service.prepare(app)
    app.include_router(root)
    if service.pages is not None:
        refuse_bare_routes(service.pages)
        app.include_router(service.pages)
    errors.install(app)
    for kind in (DBAPIError, PoolTimeoutError, ConnectionError):
        app.add_exception_handler(kind, _database_failed)
    _describe_problems(app)
    app.entry = RequestContext(_walls(app), service.name, app.state.metrics)
    return app


def _walls(app: FastAPI) -> ASGIApp:
    """Outside of the framework's own error handling, so that what fails there is timed and logged too."""
    service: Service = app.state.service
    limited = BodyLimit(partial(FastAPI.__call__, app), app.state.settings.largest_body_bytes)
    return service.wrap(limited, app) if service.wrap else limited


async def _database_failed(_: Request, error: Exception) -> Response:
    """The database is away, busy or shutting down: that is no bug, and trying again helps. All else goes on as one."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    if state == NUL_CHARACTER:
        return errors.render(errors.BadRequest("a text contains the character NUL (U+0000), which cannot be stored"))
    if isinstance(error, DBAPIError) and not is_transient(error):
        raise error
    log.warning("database_unavailable", error=type(error).__name__, sqlstate=state)
    return errors.render(errors.Unavailable("the database does not answer just now", headers={"Retry-After": "1"}))


NUL_CHARACTER = "22021"
PROBLEM = {"$ref": "#/components/schemas/ProblemDocument"}


def _describe_problems(app: FastAPI) -> None:
    """Every answer that is no success is a ProblemDocument in the OpenAPI description, the framework's own 422 included."""
    describe = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema:
            return app.openapi_schema
        schema = describe()
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        for model in (errors.ProblemDocument,):
            own = model.model_json_schema(ref_template="#/components/schemas/{model}")
            schemas.update(own.pop("$defs", {}))
            schemas[model.__name__] = own
        for path in schema["paths"].values():
            for operation in path.values():
                if "422" in operation["responses"]:
                    operation["responses"]["422"] = errors.responses(errors.Unprocessable)[422]
        app.openapi_schema = schema
        return schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way to extend the description


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    settings: Settings = app.state.settings
    metrics: Metrics = app.state.metrics
    async with AsyncExitStack() as stack:
        database = connect(
            settings.database_url.get_secret_value(), pool=settings.database_pool, name=f"apge-{service.name}"
        )
        stack.push_async_callback(database.close)
        bus = make_bus(settings, service.name)
        await bus.start()
        stack.push_async_callback(bus.stop)
        app.state.database, app.state.bus = database, bus
        runners = {projection.name: Runner(projection, database, bus, metrics) for projection in service.projections}
        app.state.runners = runners
        workers = [Worker(f"projection:{name}", runner.run, metrics) for name, runner in runners.items()]
        if service.states_events:
            relay = Relay(
                database,
                bus,
                service.name,
                metrics,
                poll=settings.relay_poll_seconds,
                retention_days=settings.outbox_retention_days,
            )
            workers.append(Worker("relay", relay.run, metrics))
        workers.append(Worker("housekeeping", _housekeeping(database, settings), metrics))
        workers += [make(app) for make in service.workers]
        app.state.workers = workers
        await run_together(workers, stack)
        yield


def _housekeeping(database: Database, settings: Settings) -> Callable[[Worker], Awaitable[None]]:
    async def run(worker: Worker) -> None:
        turns = 0
        while True:
            if turns % 720 == 0:
                async with database.transaction() as session:
                    await forget_old(session, settings.idempotency_retention_days)
            turns += 1
            worker.beat()
            await asyncio.sleep(5)

    return run


def make_bus(settings: Settings, client: str) -> EventBus:
    if settings.bus == "kafka":
        return KafkaBus(settings.kafka_bootstrap or "", settings.kafka_replication, f"apge-{client}")
    return PostgresBus(settings.bus_url.get_secret_value() if settings.bus_url else "")
