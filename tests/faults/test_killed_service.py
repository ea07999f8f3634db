"""SIGKILL of a service at each of its named points, under load; then it is started again and the history is checked.

What is proven: a change and its event are one (no change without its event, no event without its change), an answer that was given
holds, and each event has its effect once, wherever in its way the process dies.
"""

import signal

import pytest
from tests.faults.history import History, check
from tests.faults.workload import load
from tests.faults.world import PHASE, World

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

COMMANDS = ["before-commit", "after-commit"]
RELAY = ["between-publish-and-mark", "in-mid-batch"]
VIEWS = ["between-view-and-position", "before-view-commit", "after-view-commit"]


async def kill_indicators(world: World, point: str) -> None:
    ground = await world.ground()
    await world.indicators.restart(point, nth=12)
    async with load(world, ground) as work:
        assert await world.indicators.died() == signal.SIGKILL
        await world.indicators.start()
        await work.progress()
    assert work.history.unknown > 0, "the death was not felt"


async def kill_reporting(world: World, point: str) -> None:
    ground = await world.ground()
    await world.reporting.restart(point, nth=12)
    async with load(world, ground) as work:
        assert await world.reporting.died() == signal.SIGKILL
        await work.progress()
        await world.reporting.start()
        await work.progress()
    assert work.watcher.joined > 1, "the live client did not come back"
    assert work.watcher.resets == 0, "the live client was told less than its Last-Event-ID asked for"


@pytest.mark.parametrize("point", COMMANDS + RELAY)
async def test_nothing_is_lost_or_doubled_when_indicators_dies(world: World, point: str) -> None:
    await kill_indicators(world, point)


@pytest.mark.kafka
@pytest.mark.parametrize("point", RELAY)
async def test_nothing_is_lost_or_doubled_when_indicators_dies_over_kafka(kafka_world: World, point: str) -> None:
    await kill_indicators(kafka_world, point)


@pytest.mark.parametrize("point", VIEWS)
async def test_the_view_is_the_source_when_reporting_dies(world: World, point: str) -> None:
    await kill_reporting(world, point)


@pytest.mark.kafka
@pytest.mark.parametrize("point", VIEWS[:1])
async def test_the_view_is_the_source_when_reporting_dies_over_kafka(kafka_world: World, point: str) -> None:
    await kill_reporting(kafka_world, point)


@pytest.mark.parametrize("point", ["between-result-and-position", "after-view-commit"])
async def test_a_measure_becomes_one_result_when_indicators_dies_over_it(world: World, point: str) -> None:
    code, history = f"measure-of-{point}", History()
    ground = await world.ground(1, fed_by=code)

    async def draw(revision: int) -> None:
        call = history.invoke(
            f"{code}-snapshot-{revision}", f"result/{ground.plan}/{ground.indicators[0]}/{PHASE}/global"
        )
        await world.measure(code, revision)
        history.complete(call, "acknowledged")

    await draw(1)
    await world.settle()
    await world.indicators.restart(point)
    await draw(2)
    assert await world.indicators.died() == signal.SIGKILL
    await world.indicators.start()
    await world.settle()
    await draw(3)
    await world.settle()
    check(history, await world.evidence(ground))
