"""EventBus: what a relay writes to and a projection reads from.

The contract, kept by `kafka_bus` and `postgres_bus` alike and shown by one suite (tests/contracts): a topic has PARTITIONS
partitions; an event goes to the partition of its subject; within a partition offsets rise and readers see them in order; what
`publish` acknowledged is durable; a failed `publish` may have published some, so readers meet repeats and must know them by
their sequence. Reading positions belong to the reader, never to the bus.
"""

import asyncio
import zlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from typing import Protocol

from shared.cloudevents import Envelope

PARTITIONS = 4  # never changed for a topic that exists: a subject would move to another partition and lose its order

Partition = tuple[str, int]
Positions = Mapping[Partition, int]


class BusUnavailable(Exception):  # noqa: N818 (a state, not a mistake)
    """The bus did not answer in time or is not reachable. Nothing is known of what it took; try again."""


class Unpublishable(Exception):  # noqa: N818
    """The bus will never take this event (too large, say). Names it, so that the relay can set its aggregate aside."""

    def __init__(self, event_id: str, reason: str) -> None:
        super().__init__(f"event {event_id} cannot be published: {reason}")
        self.event_id, self.reason = event_id, reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event at its place on the bus; `envelope` is None where the bytes are no CloudEvent, and `error` says why."""

    topic: str
    partition: int
    offset: int
    envelope: Envelope | None
    error: str | None = None
    raw: bytes = b""


class Subscription(Protocol):
    async def read(self, limit: int, wait: float) -> list[Delivery]:
        """Up to `limit` events after the last ones read, waiting at most `wait` seconds for the first. Raises BusUnavailable."""


class EventBus(Protocol):
    async def start(self) -> None:
        """Never fails because the bus is away: that shows when it is used."""

    async def stop(self) -> None: ...

    async def ensure_topics(self, topics: Sequence[str]) -> None:
        """Every topic exists with PARTITIONS partitions. Raises BusUnavailable."""

    async def publish(self, topic: str, envelopes: Sequence[Envelope]) -> None:
        """All are durable when this returns. Raises BusUnavailable or Unpublishable."""

    def subscribe(self, topics: Sequence[str], positions: Positions) -> AbstractAsyncContextManager[Subscription]:
        """Reads from `positions` (the next offset to read); a partition that is not named is read from its beginning."""

    async def ends(self, topics: Sequence[str]) -> dict[Partition, int]:
        """The next offset that each partition will give. Raises BusUnavailable."""


def partition_of(subject: str) -> int:
    return zlib.crc32(subject.encode()) % PARTITIONS


async def read_ahead(subscription: Subscription, limit: int, wait: float) -> AsyncGenerator[list[Delivery], None]:
    """Batches without end, empty ones included. In a backlog (a full batch) the next one is read while the caller applies this one.

    Close the generator (contextlib.aclosing) before the subscription. Raises BusUnavailable.
    """
    ahead: asyncio.Task[list[Delivery]] | None = None
    try:
        while True:
            batch = await (ahead or subscription.read(limit, wait))
            ahead = asyncio.create_task(subscription.read(limit, 0)) if len(batch) >= limit else None
            yield batch
    finally:
        if ahead is not None:
            ahead.cancel()
            with suppress(asyncio.CancelledError, BusUnavailable):
                await ahead
