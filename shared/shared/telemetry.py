"""What a service says of itself: structured logs, W3C trace context, Prometheus metrics.

`context` travels with a request or with the handling of one event: log lines, problem documents and recorded events take their
ids from it. No log line and no event may hold a token, a body or a person.
"""

import logging
import re
import sys
from contextvars import ContextVar
from dataclasses import dataclass, field
from random import getrandbits
from typing import Any

import structlog
import uuid_utils
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


def new_id() -> str:
    """A UUIDv7: sorts by time of making."""
    return str(uuid_utils.uuid7())


def new_traceparent() -> str:
    return f"00-{getrandbits(128) or 1:032x}-{getrandbits(64) or 1:016x}-01"


@dataclass(frozen=True, slots=True)
class Context:
    """Who acts and because of what. `actor` is a role with its units, never a person: it goes into events, and a log cannot forget.

    `subject` is the caller as the issuer names it. It is for a service's own audit trail, and goes into no event and no log line.
    """

    correlation: str = field(default_factory=new_id)
    causation: str | None = None
    actor: str = "system"
    subject: str = field(default="system", repr=False)
    traceparent: str = field(default_factory=new_traceparent)


context: ContextVar[Context | None] = ContextVar("apge_context", default=None)


def current() -> Context:
    return context.get() or Context()


def request_id() -> str:
    return current().correlation


def child_traceparent(parent: str | None) -> str:
    """The same trace, a new span; a new trace where the parent is absent or malformed."""
    found = TRACEPARENT.fullmatch(parent) if parent else None
    if found is None or found[0].startswith("ff") or set(found[1]) == {"0"} or set(found[2]) == {"0"}:
        return new_traceparent()
    return f"00-{found[1]}-{getrandbits(64) or 1:016x}-{found[3]}"


def _add_context(_: Any, __: str, event: Any) -> Any:
    here = context.get()
    if here is not None:
        event.setdefault("request_id", here.correlation)
        event.setdefault("trace_id", here.traceparent.split("-")[1])
    return event


def configure_logs(level: str = "INFO") -> None:
    """JSON lines on standard error. CR and LF inside a value are escaped by JSON, so a line cannot be forged."""
    logging.getLogger("apge").setLevel(level)  # asked before a request's line is composed
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _add_context,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


class Metrics:
    """The instruments of one service, in a registry of their own: the embedded shape runs four in one process."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        # fmt: off
        self.requests = Histogram("apge_http_request_seconds", "Time to answer", ["method", "route", "status"], registry=registry)
        self.outbox_pending = Gauge("apge_outbox_pending_events", "Recorded, not yet published", registry=registry)
        self.outbox_age = Gauge("apge_outbox_oldest_pending_seconds", "Age of the oldest event not yet published", registry=registry)
        self.published = Counter("apge_relay_published_events_total", "Handed to the bus and acknowledged", registry=registry)
        self.relay_batch = Histogram("apge_relay_batch_seconds", "Time to publish a batch", registry=registry)
        self.applied = Counter("apge_projection_applied_events_total", "Taken into effect", ["projection"], registry=registry)
        self.repeated = Counter("apge_projection_repeated_events_total", "Old or seen before, ignored", ["projection"], registry=registry)
        self.gaps = Counter("apge_projection_gaps_total", "Jumps in an aggregate's sequence", ["projection"], registry=registry)
        self.unknown = Counter("apge_projection_unknown_events_total", "Types that nobody here knows", ["projection"], registry=registry)
        self.lag_events = Gauge("apge_projection_lag_events", "On the bus, not yet applied", ["projection"], registry=registry)
        self.lag_seconds = Gauge("apge_projection_lag_seconds", "Age of the last applied event when applied", ["projection"], registry=registry)
        self.parked = Gauge("apge_projection_parked_aggregates", "Set aside because of an error", ["projection"], registry=registry)
        self.live_clients = Gauge("apge_live_clients", "Open live streams", registry=registry)
        self.live_dropped = Counter("apge_live_dropped_total", "Streams closed because the client was too slow", registry=registry)
        self.live_resets = Counter("apge_live_resets_total", "Clients told to reload", registry=registry)
        self.worker_beat = Gauge("apge_worker_heartbeat_timestamp_seconds", "Last turn of a loop", ["worker"], registry=registry)
        # fmt: on
