"""A small world to break: indicators and reporting as processes, each with its database, over one of the two buses."""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from tests.faults.history import Evidence, Heads, Logged, Numbered
from tests.faults.processes import LOOK_EVERY, Process

from indicators.main import service as indicators
from reporting.main import service as reporting
from shared import clock
from shared.app import Service
from shared.auth import Role
from shared.bus import BusUnavailable, Delivery, EventBus
from shared.cloudevents import Envelope
from shared.database import Database, connect
from shared.events.hr_diversity import MeasureDrawn
from shared.events.results import StatusRegressed
from shared.issuer import LocalIssuer
from shared.kafka_bus import KafkaBus
from shared.postgres_bus import PostgresBus
from shared.runner import read_positions
from shared.telemetry import new_id
from shared.testing import Postgres, wait_until

TOPIC = "apge.indicators"
MEASURES = "apge.hr-diversity"
UNIT = "HRD"
PHASE = "2020-21"
PLACES = ("global", "region:africa")
PLAN = {
    "title": "A plan",
    "starts": "2018-01-01",
    "ends": "2021-12-31",
    "phases": [
        {"code": PHASE, "title": PHASE, "starts": "2020-01-01", "ends": "2021-12-31", "vocabulary": "end_of_cycle"}
    ],
    "areas": [{"code": "staffing", "title": "Staffing"}],
}
SETTLING = 90.0


@dataclass
class Ground:
    """One plan with its indicators, for one test: what others recorded before is out of the way."""

    plan: str
    indicators: list[str]

    @property
    def aggregates(self) -> list[str]:
        return [f"result/{self.plan}/{code}/{PHASE}/{place}" for code in self.indicators for place in PLACES]


def key_of(result: dict[str, Any]) -> str:
    """What a result was recorded for: the key that a custodian put into its comment, or the snapshot of a measure."""
    return str(result.get("comment") or (result.get("derived_from") or {}).get("snapshot") or "nobody's")


@dataclass
class World:
    http: httpx.AsyncClient
    issuer: LocalIssuer
    bus: EventBus
    source: Database
    views: Database
    indicators: Process
    reporting: Process
    second: Process
    """Another replica of indicators, not started by itself."""
    grounds: int = 0
    measured: dict[str, int] = field(default_factory=dict)

    @property
    def processes(self) -> list[Process]:
        return [self.indicators, self.reporting, self.second]

    async def stand_up(self) -> None:
        """Both services live, whatever the test before did to them."""
        await self.second.kill()
        for frozen in (one for one in self.processes if one.lives):
            frozen.send(signal.SIGCONT)
        await asyncio.gather(*(one.start() for one in (self.indicators, self.reporting) if not one.lives))

    def headers(self, role: Role, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.issuer.token(role, [UNIT] if role == 'custodian' else [])}", **more}

    async def call(self, method: str, process: Process, path: str, role: Role = "operator", **rest: Any) -> Any:
        answer = await self.http.request(
            method, f"{process.url}/v1{path}", headers=self.headers(role), timeout=30, **rest
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def ground(self, indicators: int = 3, fed_by: str | None = None) -> Ground:
        """A new plan with `indicators` indicators of two targets each."""
        self.grounds += 1
        ground = Ground(f"plan-{self.grounds}", [f"indicator-{number}" for number in range(indicators)])
        if self.grounds == 1:
            unit = {"name": "Human resources", "kind": "department"}
            await self.call("PUT", self.indicators, f"/units/{UNIT}", json=unit)
        await self.call("PUT", self.indicators, f"/plans/{ground.plan}", json=PLAN)
        target = {"phase": PHASE, "operator": "at_least", "value": 50, "text": "At least 50"}
        for code in ground.indicators:
            body = {
                "title": code,
                "area": "staffing",
                "kind": "percentage" if fed_by else "count",
                "custodians": [UNIT],
                "fed_by": fed_by,
                "targets": [{**target, "place": place} for place in PLACES],
            }
            await self.call("PUT", self.indicators, f"/indicators/{code}", params={"plan": ground.plan}, json=body)
        return ground

    async def settle(self, patience: float = SETTLING) -> None:
        """Returns when the outbox is empty and every projection stands at the end of its topics."""
        missing: list[str] = []

        async def settled() -> bool:
            missing[:] = [await self._missing()]
            return not missing[0]

        try:
            await wait_until(settled, patience, LOOK_EVERY)
        except TimeoutError as error:
            raise TimeoutError(f"not settled after {patience} s: {missing[0]}") from error

    async def _missing(self) -> str:
        try:
            if waiting := await self.pending():
                return f"{waiting} events wait in the outbox"
            for database, service in ((self.source, indicators), (self.views, reporting)):
                for projection in service.projections:
                    at = await read_positions(database, projection.name)
                    ends = await self.bus.ends(projection.topics)
                    if not ends or any(at.get(place, 0) < end for place, end in ends.items()):
                        return f"{projection.name} stands at {at}, its topics end at {ends}"
        except (DBAPIError, OSError, BusUnavailable, asyncpg.PostgresError) as error:
            return f"{type(error).__name__}: {error}"
        return ""

    async def pending(self) -> int:
        return await self.number("SELECT count(*) FROM outbox WHERE published_at IS NULL")

    async def number(self, statement: str, database: Database | None = None) -> Any:
        async with (database or self.source).reading() as session:
            return (await session.execute(text(statement))).scalar()

    async def heads(self, process: Process) -> Heads:
        """Of every aggregate that indicators states; measures are stated by the tests themselves."""
        found = await self.call("GET", process, "/heads")
        return {
            head["aggregate"]: (head["sequence"], head["digest"])
            for head in found
            if not head["aggregate"].startswith("measure/")
        }

    async def measure(self, code: str, revision: int) -> str:
        """States a measure in the place of hr-diversity; the id of the snapshot that it was drawn from."""
        self.measured[code] = self.measured.get(code, 0) + 1
        snapshot = f"{code}-snapshot-{revision}"
        figures = {"women": 40 + revision, "men": 60, "other": 0, "total": 100 + revision, "share": None}
        event = MeasureDrawn.model_validate(
            {
                **figures,
                "code": code,
                "title": code,
                "source": "staff",
                "as_of": "2021-06-30",
                "snapshot": snapshot,
                "revision": revision,
                "rule": "a rule",
                "suppressed": False,
            }
        )
        data = event.model_dump_json().encode()
        subject, number = f"measure/{code}/2021-06-30/staff", self.measured[code]
        time = clock.now().isoformat()
        await self.bus.publish(MEASURES, [Envelope(new_id(), event.type, "/hr-diversity", subject, time, number, data)])
        return snapshot

    async def log(self, topic: str = TOPIC) -> list[Delivery]:
        """Everything on the topic, by partition and in order."""
        ends, found = await self.bus.ends([topic]), list[Delivery]()
        async with asyncio.timeout(SETTLING), self.bus.subscribe([topic], {}) as subscription:
            while len(found) < sum(ends.values()):
                found += await subscription.read(5000, 1.0)
        return found

    async def evidence(self, ground: Ground, watched: dict[str, str] | None = None, backwards: int = 0) -> Evidence:
        """What all sides hold; of results, those of `ground`. The world must have settled."""
        source, view, shown = Numbered(), Numbered(), dict[str, str]()
        for code in ground.indicators:
            named = {"plan": ground.plan}
            recorded = await self.call("GET", self.indicators, f"/indicators/{code}/results", "reader", params=named)
            card = await self.call("GET", self.reporting, f"/indicators/{code}", "reader", params=named)
            prefix = f"result/{ground.plan}/{code}"
            for line in recorded["items"]:
                entries = [(result["number"], key_of(result)) for result in line["results"]]
                source[f"{prefix}/{line['phase']}/{line['place']}"] = entries
            for entry in card["history"]:
                if entry["event"] == StatusRegressed.type:  # says of a result that is there already what it did
                    continue
                aggregate = f"{prefix}/{entry['phase']}/{entry['place']}"
                view.setdefault(aggregate, []).append((entry["result"]["number"], key_of(entry["result"])))
            shown |= states_of(ground.plan, card)
        log = [_logged(delivery.envelope, ground) for delivery in await self.log() if delivery.envelope is not None]
        heads = [await self.heads(process) for process in (self.indicators, self.reporting)]
        return Evidence(source, view, log, *heads, shown if watched is not None else {}, watched or {}, backwards)


def states_of(plan: str, card: dict[str, Any]) -> dict[str, str]:
    """For each target with a result: its status and the number of the result that it rests on."""
    return {
        f"result/{plan}/{card['code']}/{target['phase']}/{target['place']}": state_of(target)
        for target in card["state"]
        if target["result"]
    }


def state_of(target: dict[str, Any]) -> str:
    return f"{target['status']} by result {target['result']['number']}"


def _logged(envelope: Envelope, ground: Ground) -> Logged:
    if envelope.subject not in ground.aggregates or envelope.type == StatusRegressed.type:
        return Logged(envelope.subject, envelope.sequence, envelope.id)
    result = orjson.loads(envelope.data)["changed"]
    return Logged(envelope.subject, envelope.sequence, envelope.id, result["number"], key_of(result))


def process_of(service: Service, url: str, http: httpx.AsyncClient, environment: dict[str, str]) -> Process:
    return Process(service.name, {**environment, "DATABASE_URL": url}, http)


@asynccontextmanager
async def new_world(postgres: Postgres, issuer: LocalIssuer, bootstrap: str | None = None) -> AsyncIterator[World]:
    """Both services live, over Kafka at `bootstrap` or over the log in `postgres`; every process is gone at the end."""
    shape = {"APGE_AUTH_JWKS_FILE": str(issuer.jwks_file), "APGE_LOG_LEVEL": "ERROR", "APGE_RELAY_POLL_SECONDS": "0.05"}
    async with (
        postgres.database(indicators) as first,
        postgres.database(reporting) as second,
        postgres.database() as log,
        httpx.AsyncClient() as http,
    ):
        kafka = {"BUS": "kafka", "KAFKA_BOOTSTRAP": bootstrap or ""}
        shape |= kafka if bootstrap else {"BUS": "postgres", "APGE_BUS_URL": log}
        bus = KafkaBus(bootstrap) if bootstrap else PostgresBus(log, listen=False)
        replicas = [process_of(service, url, http, shape) for service, url in _replicas(first, second)]
        world = World(http, issuer, bus, connect(first, pool=3), connect(second, pool=3), *replicas)
        try:
            await world.stand_up()
            await bus.ensure_topics([TOPIC, MEASURES])
            yield world
        finally:
            await asyncio.gather(*(process.kill() for process in world.processes))
            await bus.stop()
            await world.source.close()
            await world.views.close()


def _replicas(first: str, second: str) -> Sequence[tuple[Service, str]]:
    return [(indicators, first), (reporting, second), (indicators, first)]
