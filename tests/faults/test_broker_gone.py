"""A real Kafka broker is killed for a while and comes back with its data, under load.

What is proven: writers never wait for the broker, readiness says degraded and stays 200, the age of the oldest pending event rises
and is seen, a service that is killed meanwhile starts without the broker, and then everything is delivered.
"""

import asyncio
import os
import signal
import time

import pytest
from tests.faults.processes import LOOK_EVERY, Process
from tests.faults.workload import Load, load
from tests.faults.world import World
from tests.kafka import RunningKafka

from shared import kafka_bus
from shared.bus import BusUnavailable
from shared.cloudevents import Envelope
from shared.kafka_bus import KafkaBus
from shared.telemetry import new_id
from shared.testing import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.kafka, pytest.mark.timeout(600)]

LONG = "CI" in os.environ or "APGE_CLI_LONG_FAULTS" in os.environ
OUTAGE_SECONDS = 60.0 if LONG else 10.0
AGE = "apge_outbox_oldest_pending_seconds"
PENDING = "apge_outbox_pending_events"
CALM = 0.1


async def be_degraded(process: Process) -> None:
    """Not well, and of use."""

    async def is_it() -> bool:
        health = await process.health()
        assert health["code"] == 200, health
        return bool(health["status"] == "degraded")

    await wait_until(is_it, 60, LOOK_EVERY)


async def age_above(process: Process, seconds: float) -> float:
    async def above() -> float:
        age = await process.metric(AGE)
        return age if age > seconds else 0

    return float(await wait_until(above, 60, LOOK_EVERY))


async def outage(world: World, work: Load) -> None:
    """What must hold while the broker is away."""
    gone = time.monotonic()
    await asyncio.gather(be_degraded(world.indicators), be_degraded(world.reporting))
    young = await age_above(world.indicators, 0)
    await work.progress()
    await world.indicators.restart("after-commit", nth=10)
    assert await world.indicators.died() == signal.SIGKILL
    await world.indicators.start()
    await work.progress()
    await age_above(world.indicators, young + 1)
    assert await world.indicators.metric(PENDING) > 0

    async def over() -> bool:
        return time.monotonic() - gone > OUTAGE_SECONDS

    await wait_until(over, OUTAGE_SECONDS)
    await asyncio.gather(be_degraded(world.indicators), be_degraded(world.reporting))
    await work.progress()


async def test_writes_go_on_while_the_broker_is_gone_and_all_is_delivered_when_it_is_back(
    kafka_world: World, kafka: RunningKafka
) -> None:
    ground = await kafka_world.ground()
    async with load(kafka_world, ground) as work:
        await work.progress()
        work.pace = CALM
        await asyncio.to_thread(kafka.kill)
        await outage(kafka_world, work)
        await asyncio.to_thread(kafka.restart)
        await work.progress()

    async def well() -> bool:
        states = [(await process.health())["status"] for process in (kafka_world.indicators, kafka_world.reporting)]
        return states == ["ok", "ok"]

    await wait_until(well, 60, LOOK_EVERY)
    assert await kafka_world.pending() == 0


def senders() -> int:
    return sum("_sender_routine" in repr(task.get_coro()) for task in asyncio.all_tasks())


async def test_nothing_of_a_producer_goes_on_after_its_broker_was_gone(
    kafka: RunningKafka, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is only given up tries for ever, and says its old events when nobody waits for them any more."""
    topic, bus = f"apge.{new_id()}", KafkaBus(kafka.bootstrap)

    async def publish(sequence: int) -> bool:
        event = Envelope(new_id(), "a.type.v1", "/a", "a/subject", "2026-01-01T00:00:00+00:00", sequence, b"{}")
        try:
            await bus.publish(topic, [event])
        except BusUnavailable:
            return False
        return True

    try:
        await bus.ensure_topics([topic])
        assert await publish(1)
        before = senders()
        await asyncio.to_thread(kafka.kill)
        with monkeypatch.context() as impatient:
            impatient.setattr(kafka_bus, "TIMEOUT", 1.0)
            assert not await publish(2)
        assert senders() == before - 1
        await asyncio.to_thread(kafka.restart)
        assert await wait_until(lambda: publish(3), 60)
        assert senders() == before
        async with bus.subscribe([topic], {}) as subscription:
            said = await subscription.read(10, 10) + await subscription.read(10, 2)
        assert [delivery.envelope.sequence for delivery in said if delivery.envelope] == [1, 3]
    finally:
        await bus.stop()
