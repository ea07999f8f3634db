"""Two replicas of one service, and the one whose relay holds the lease freezes in mid-work for longer than the lease.

What is proven: the other takes over, the sleeper finds itself fenced when it wakes, and what it says a second time has no effect.
"""

import signal

import psutil
import pytest
from tests.faults.processes import Process
from tests.faults.workload import load
from tests.faults.world import World

from shared.testing import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

HOLDER = "SELECT holder FROM leases WHERE name = 'relay' AND expires_at > clock_timestamp()"
TOKEN = "SELECT token FROM leases WHERE name = 'relay'"


async def hold(world: World, process: Process) -> None:
    """Returns when the relay of `process` has the lease."""

    async def is_it() -> bool:
        return str(await world.number(HOLDER)).startswith(f"{process.pid}-")

    await wait_until(is_it, 60)


@pytest.mark.parametrize("point", ["in-mid-batch", "between-publish-and-mark"])
async def test_a_relay_that_sleeps_through_its_lease_loses_and_reorders_nothing(world: World, point: str) -> None:
    ground = await world.ground()
    sleeper, other = world.indicators, world.second
    await sleeper.restart(point, nth=5, send="SIGSTOP")
    await hold(world, sleeper)
    await other.start()
    token = await world.number(TOKEN)
    # the sleeper relays and takes no writes: what it had locked when it froze would stay locked for up to a minute
    async with load(world, ground, other) as work:

        async def asleep() -> bool:
            return bool(psutil.Process(sleeper.pid).status() == psutil.STATUS_STOPPED)

        await wait_until(asleep, 60)
        await hold(world, other)
        await work.progress()
        sleeper.send(signal.SIGCONT)
        work.replicas = [other, sleeper]
        await work.progress()
        assert (await sleeper.health())["code"] == 200
        assert await world.number(TOKEN) > token
    log = [delivery.envelope for delivery in await world.log()]
    repeated = len(log) - len({(entry.subject, entry.sequence) for entry in log if entry is not None})
    assert repeated > 0, "the sleeper had said nothing that the other had to say again"
