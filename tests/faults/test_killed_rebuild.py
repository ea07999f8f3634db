"""SIGKILL of reporting while it makes a view anew.

What is proven: the old view stands as it was, whole, and the next rebuild succeeds, also while writes go on.
"""

import signal
from typing import Any

import httpx
import orjson
import pytest
from tests.faults.workload import load
from tests.faults.world import World

from shared.testing import wait_until

pytestmark = [pytest.mark.faults, pytest.mark.timeout(180)]

ROWS = """
    SELECT count(*) || ' ' || md5(string_agg(t::text, ' ' ORDER BY aggregate, sequence)) FROM target_states t
"""


async def rebuild(world: World) -> dict[str, Any]:
    """The last line of the answer."""
    url = f"{world.reporting.url}/v1/rebuilds/status"
    async with world.http.stream("POST", url, headers=world.headers("operator"), timeout=60) as answer:
        lines = [orjson.loads(line) async for line in answer.aiter_lines()]
    return lines[-1]


@pytest.mark.parametrize(("point", "nth"), [("in-mid-rebuild", 2), ("before-rebuild-commit", 1)])
async def test_a_rebuild_that_dies_leaves_the_old_view_and_the_next_one_works(
    world: World, point: str, nth: int
) -> None:
    ground = await world.ground()
    async with load(world, ground) as work:
        await work.progress(60)
    before = await world.number(ROWS, world.views)
    await world.reporting.restart(point, nth, batch=20)
    with pytest.raises(httpx.HTTPError):
        await rebuild(world)
    assert await world.reporting.died() == signal.SIGKILL
    await world.reporting.start()
    assert await world.number(ROWS, world.views) == before

    async def rebuilt() -> Any:
        """Not before the lease of the dead one has run out."""
        return (await rebuild(world))["rows"]

    async with load(world, ground := await world.ground()) as work:
        await work.progress()
        assert (await wait_until(rebuilt, 60))["target_states"] > 0
        await work.progress()
    assert work.watcher.resets > 0, "the live client was not told to load anew"
