"""Projections: how a service takes other services' events into effect, once, in order, together with where it stands.

A `Projection` says which events it listens to; the `Runner` reads batches and applies them. What must not break:
- What a handler writes, the sequences seen, the positions and what `finish` writes are one transaction. The bus's own offset is
  never the truth.
- `(projection, aggregate) -> sequence` moves only forward, for ignored events too: a repeat has no effect, a jump is counted (the
  next state heals it).
- An event that cannot be read, or that a handler fails on, sets its aggregate aside (parks it) with the envelope and the reason;
  the others go on. A transient error is tried again in place, so order is kept. An unknown type is counted and skipped.
- Positions are locked and compared before anything is written, so of two runners one changes nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import BigInteger, Column, DateTime, Integer, Table, Text, func
from sqlalchemy.ext.asyncio import AsyncSession

from shared.cloudevents import Envelope
from shared.database import platform
from shared.events.base import Event, topic_of
from shared.telemetry import Context, child_traceparent, context

positions = Table(
    "projection_positions",
    platform,
    Column("projection", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
)
sequences = Table(
    "projection_sequences",
    platform,
    Column("projection", Text, primary_key=True),
    Column("aggregate", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
parked = Table(
    "projection_parked",
    platform,
    Column("projection", Text, primary_key=True),
    Column("aggregate", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("event", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Fact(Generic[E]):
    """One event, decoded, with the envelope it came in."""

    event: E
    envelope: Envelope

    @property
    def sequence(self) -> int:
        return self.envelope.sequence

    def as_cause(self, actor: str = "system") -> AbstractContextManager[None]:
        """What is recorded inside is caused by this event, belongs to the same correlation and trace, and is done by `actor`."""
        return _caused_by(self.envelope, actor)


@contextmanager
def _caused_by(envelope: Envelope, actor: str) -> Any:
    token = context.set(
        Context(
            correlation=envelope.correlationid or envelope.id,
            causation=envelope.id,
            actor=actor,
            subject=actor,
            traceparent=child_traceparent(envelope.traceparent),
        )
    )
    try:
        yield
    finally:
        context.reset(token)


Handler = Callable[[AsyncSession, list[Any]], Awaitable[None]]
Finish = Callable[[AsyncSession], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscriber:
    handle: Handler
    event: type[Event]
    fold: bool


@dataclass
class Projection:
    """`name` is identity: under another name everything is read anew. `tables` are what a rebuild makes anew; a projection
    without tables (one that calls the service's own commands) cannot be rebuilt. `finish` runs last in each live transaction.
    """

    name: str
    services: Sequence[str]
    tables: Sequence[Table] = ()
    finish: Finish | None = None
    subscribers: dict[str, Subscriber] = field(default_factory=dict)

    @property
    def topics(self) -> list[str]:
        return [topic_of(service) for service in self.services]

    def on(self, *events: type[Event], fold: bool = False) -> Callable[[Handler], Handler]:
        """`handle(session, facts)` gets the new events of these types of a batch, in order; with `fold` only the last one of each
        aggregate. All events of one aggregate go to one handler, because only within a call is their order kept.
        """

        def register(handle: Handler) -> Handler:
            for event in events:
                for other in self.subscribers.values():
                    if other.event.aggregate == event.aggregate and other.handle is not handle:
                        raise TypeError(
                            f"{self.name}: two handlers for the aggregate {event.aggregate}; give all its events to one"
                        )
                self.subscribers[event.type] = Subscriber(handle, event, fold)
            return handle

        return register
