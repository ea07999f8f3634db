"""SIGKILL of PostgreSQL itself under load, several times; it is started again on the same folder, the services are left alone.

What is proven: what was acknowledged was durable, and every loop of both services (relay, projections, live feed, readiness) finds
back by itself.
"""

import pytest
from tests.faults.postgres import crashing_postgres
from tests.faults.processes import LOOK_EVERY, Process
from tests.faults.workload import load
from tests.faults.world import new_world

from shared.issuer import LocalIssuer
from shared.testing import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(240)]

CRASHES = 2


async def become(process: Process, code: int) -> None:
    async def is_it() -> bool:
        return (await process.health())["code"] == code

    await wait_until(is_it, 60, LOOK_EVERY)


async def test_acknowledged_changes_outlive_the_death_of_postgresql(issuer: LocalIssuer) -> None:
    with crashing_postgres() as server:
        async with new_world(server.postgres, issuer) as world:
            ground = await world.ground()
            first = [process.pid for process in (world.indicators, world.reporting)]
            async with load(world, ground) as work:
                for _ in range(CRASHES):
                    await work.progress()
                    server.kill()
                    await become(world.indicators, 503)
                    await become(world.reporting, 503)
                    await server.restart()
                    await become(world.indicators, 200)
                    await become(world.reporting, 200)
                await work.progress()
            assert work.history.unknown > 0, "the deaths were not felt"
            assert first == [process.pid for process in (world.indicators, world.reporting)], "a service ended"
            assert world.indicators.lives
            assert world.reporting.lives
