"""Load with a memory: custodians who record results and retry until they are answered, and one live client who follows."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
import orjson
from tests.faults.history import History, Outcome, check
from tests.faults.processes import Process
from tests.faults.world import UNIT, Ground, World, state_of, states_of

from apge.sse import Sent
from shared.testing import wait_until

CLIENTS = 5
MOST = 2000
"""changes of one client, so that a load nobody ends ends by itself"""
ANSWER_SECONDS = 15.0
RETRY_SECONDS = 120.0
PAUSE = 0.1
BROKEN = 500


@dataclass
class Load:
    """Clients that record results on every target of `ground`, each over all `replicas` in turn, until told to end."""

    world: World
    ground: Ground
    watcher: "Watcher"
    replicas: Sequence[Process]
    aggregates: Sequence[str] = ()
    """On which results are recorded; all of `ground` where none is named."""
    pace: float = 0.0
    """Seconds that each client rests after each change."""
    history: History = field(default_factory=History)
    ending: asyncio.Event = field(default_factory=asyncio.Event)

    async def client(self, number: int, *, patient: bool = True) -> None:
        """A patient one tries a change again under its key until it is answered; an impatient one never does."""
        name = f"{self.ground.plan}-client-{number}"
        token = self.world.issuer.token("custodian", [UNIT], subject=name)
        chance = random.Random(name)
        async with httpx.AsyncClient(timeout=ANSWER_SECONDS, headers={"Authorization": f"Bearer {token}"}) as http:
            for turn in range(MOST):
                if self.ending.is_set():
                    return
                key, aggregate = f"{name}-{turn}", chance.choice(self.aggregates or self.ground.aggregates)
                async with asyncio.timeout(RETRY_SECONDS):
                    await self._change(http, number, key, aggregate, patient=patient)
                await asyncio.sleep(self.pace)

    async def _change(self, http: httpx.AsyncClient, client: int, key: str, aggregate: str, *, patient: bool) -> None:
        tries = client  # so that each begins at another replica
        while True:
            replica = self.replicas[tries % len(self.replicas)]
            tries += 1
            call = self.history.invoke(key, aggregate, f"client {client}")
            outcome, number = await self._record(http, replica, key, aggregate)
            self.history.complete(call, outcome, number)
            if outcome == "unknown":
                await asyncio.sleep(PAUSE)  # so as not to hammer at a service that is being started
            if outcome != "unknown" or not patient:
                return

    async def _record(
        self, http: httpx.AsyncClient, replica: Process, key: str, aggregate: str
    ) -> tuple[Outcome, int | None]:
        _, plan, code, phase, place = aggregate.split("/")
        body = {"phase": phase, "place": place, "value": sum(key.encode()) % 100, "comment": key}
        try:
            answer = await http.post(
                f"{replica.url}/v1/indicators/{code}/results",
                params={"plan": plan},
                json=body,
                headers={"Idempotency-Key": key},
            )
        except httpx.HTTPError:
            return "unknown", None
        if answer.status_code >= BROKEN:
            return "unknown", None
        return ("acknowledged", answer.json()["changed"]["number"]) if answer.is_success else ("refused", None)

    async def progress(self, more: int = 30, patience: float = 60.0) -> None:
        """Returns when `more` further changes were acknowledged: whatever was broken, the service takes writes again."""
        wanted = self.history.acknowledged + more

        async def enough() -> bool:
            return self.history.acknowledged >= wanted

        await wait_until(enough, patience)


@dataclass
class Watcher:
    """A live client: joins, follows, comes back with the last id that it saw, and loads anew when it is told to."""

    world: World
    ground: Ground
    known: dict[str, str] = field(default_factory=dict)
    last: str | None = None
    backwards: int = 0
    resets: int = 0
    joined: int = 0

    async def follow(self) -> None:
        """Until it is cancelled."""
        async with httpx.AsyncClient(timeout=httpx.Timeout(10, read=20)) as http:
            while True:
                with suppress(httpx.HTTPError):
                    await self._stream(http)
                await asyncio.sleep(PAUSE)

    async def _stream(self, http: httpx.AsyncClient) -> None:
        headers = self.world.headers("reader", **({"Last-Event-ID": self.last} if self.last else {}))
        url = f"{self.world.reporting.url}/v1/live"
        async with http.stream("GET", url, params={"view": "status"}, headers=headers) as answer:
            if not answer.is_success:
                return
            self.joined += 1
            rest = b""
            async for chunk in answer.aiter_bytes():
                *whole, rest = (rest + chunk).split(b"\n\n")
                for block in whole:
                    await self._take(_sent(block))

    async def _take(self, sent: Sent) -> None:
        if sent.event == "reset":
            self.resets += 1
            await self._load()
        elif sent.data:
            change = orjson.loads(sent.data)
            aggregate = f"result/{change['key']}"
            if aggregate in self.ground.aggregates:
                self.known[aggregate] = state_of(change)
        if sent.id is not None:
            self._move(sent.id)

    def _move(self, last: str) -> None:
        before, (epoch, _, position) = (self.last or "").partition(":"), last.partition(":")
        self.backwards += before[0] == epoch and int(position) < int(before[2])
        self.last = last

    async def _load(self) -> None:
        self.known.clear()
        for code in self.ground.indicators:
            card = await self.world.call(
                "GET", self.world.reporting, f"/indicators/{code}", "reader", params={"plan": self.ground.plan}
            )
            self.known |= states_of(self.ground.plan, card)

    async def caught_up(self) -> None:
        """Returns when it has seen the newest change of the view, or an id after it."""
        newest = await self.world.call("GET", self.world.reporting, "/changes?view=status&limit=1", "reader")
        wanted = int(newest["items"][0]["id"].partition(":")[2])

        async def there() -> bool:
            return self.last is not None and int(self.last.partition(":")[2]) >= wanted

        await wait_until(there, 40)


def _sent(block: bytes) -> Sent:
    sent = Sent()
    for line in block.decode().split("\n"):
        name, _, value = line.partition(":")
        if name in {"event", "data", "id"}:
            setattr(sent, name, value.removeprefix(" "))
    return sent


@asynccontextmanager
async def load(
    world: World,
    ground: Ground,
    *replicas: Process,
    aggregates: Sequence[str] = (),
) -> AsyncIterator[Load]:
    """Clients at work and one who watches. At the end all changes are settled, and the whole history is checked."""
    watcher = Watcher(world, ground)
    work = Load(world, ground, watcher, replicas or [world.indicators], aggregates)
    watching = asyncio.create_task(watcher.follow())
    try:

        async def joined() -> bool:
            return watcher.last is not None

        await wait_until(joined, 40)
        clients = [asyncio.create_task(work.client(number, patient=number > 0)) for number in range(CLIENTS)]
        try:
            yield work
        finally:
            work.ending.set()
            await asyncio.gather(*clients)
        await world.settle()
        await watcher.caught_up()
        evidence = await world.evidence(ground, watcher.known, watcher.backwards)
    finally:
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching
    check(work.history, evidence)
