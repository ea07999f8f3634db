"""A small world for a browser: the indicators and reporting services as processes on loopback ports, and the plan of data/ in them."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from indicators.main import service as indicators
from reporting.main import service as reporting
from shared import clock
from shared.bus import EventBus
from shared.cloudevents import Envelope
from shared.events.base import topic_of
from shared.events.hr_diversity import MeasureDrawn, MeasureState
from shared.issuer import LocalIssuer
from shared.postgres_bus import PostgresBus
from shared.telemetry import new_id
from shared.testing import Postgres, wait_until

DATA = Path(__file__).parents[2] / "data"
PLAN = "apge-2018-21"
COUNTS = {"on_track": 2, "not_on_track": 20, "data_unavailable": 7}
"""Of the 29 targets of the phase 2020-21."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Running:
    """One service as a process of its own, on a port that stays the same when it is started again."""

    package: str
    name: str
    database_url: str
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("APGE_")}
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "shared.serve", self.package),
            env={**inherited, **self.environment, "DATABASE_URL": self.database_url, "PORT": str(self.port)},
        )
        async with httpx.AsyncClient(timeout=5) as http:
            state = "has not answered"

            async def ready() -> bool:
                nonlocal state
                try:
                    state = (await http.get(f"{self.url}/{self.name}/health/ready")).text
                except httpx.TransportError as error:
                    state = repr(error)
                return state.startswith('{"status":"ok"')

            try:
                await wait_until(ready, patience=60)
            except TimeoutError as error:
                raise TimeoutError(f"{self.package} is not ready: {state}") from error

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), 30)


@dataclass
class World:
    indicators: Running
    reporting: Running
    http: httpx.AsyncClient
    issuer: LocalIssuer
    bus: EventBus
    units_are_defined: bool = False
    few_at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(6))

    @property
    def url(self) -> str:
        return self.reporting.url

    async def call(self, method: str, path: str, role: Any, units: Sequence[str] = (), **rest: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.issuer.token(role, units)}", **rest.pop("headers", {})}
        answer = await self.http.request(
            method, f"{self.indicators.url}/indicators/v1{path}", headers=headers, timeout=30, **rest
        )
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()

    async def load(self, plan: str = PLAN, *, actions: bool = True) -> None:
        """The plan of data/ under the code `plan`, with its results, and on the page when this returns."""
        units = json.loads((DATA / "units.json").read_text(encoding="utf-8"))["units"]
        facts = json.loads((DATA / f"{PLAN}.json").read_text(encoding="utf-8"))
        if not self.units_are_defined:
            await self._define_units(units)
        named = {"plan": plan}
        body = {name: value for name, value in facts["plan"].items() if name not in {"code", "provenance"}}
        await self.call("PUT", f"/plans/{plan}", "operator", json=body)
        await asyncio.gather(*(self._define_indicator(plan, indicator) for indicator in facts["indicators"]))
        for action in facts["actions"] if actions else []:
            body = {name: value for name, value in action.items() if name != "code"}
            await self.call("PUT", f"/actions/{action['code']}", "operator", params=named, json=body)
        self.units_are_defined = True
        await wait_until(lambda: self._arrived(plan, facts["actions"][-1] if actions else None))

    async def _define_indicator(self, plan: str, indicator: dict[str, Any]) -> None:
        async with self.few_at_once:
            code = indicator["code"]
            body = {name: value for name, value in indicator.items() if name not in {"code", "results"}}
            await self.call("PUT", f"/indicators/{code}", "operator", params={"plan": plan}, json=body)
            for result in indicator["results"]:
                await self.record(code, result, indicator["custodians"][0], plan)

    async def _define_units(self, units: list[dict[str, Any]]) -> None:
        waiting, known = list(units), set[str]()
        while waiting:  # a parent before its children
            unit = next(one for one in waiting if one["parent"] is None or one["parent"] in known)
            waiting.remove(unit)
            known.add(unit["code"])
            body = {name: value for name, value in unit.items() if name not in {"code", "provenance"}}
            await self.call("PUT", f"/units/{unit['code']}", "operator", json=body)

    async def _arrived(self, plan: str, last_action: dict[str, Any] | None) -> bool:
        answer = await self.http.get(f"{self.url}/reporting/v1/status", params={"plan": plan})
        if not answer.is_success or answer.json()["targets"]["counts"] != COUNTS:
            return False
        if last_action is None:
            return True
        path = f"/reporting/v1/indicators/{last_action['indicators'][-1]}"
        card = (await self.http.get(f"{self.url}{path}", params={"plan": plan})).json()
        return any(action["code"] == last_action["code"] for action in card["actions"])

    async def record(self, code: str, result: dict[str, Any], unit: str, plan: str = PLAN) -> Any:
        """One result, recorded by a custodian of `unit`."""
        return await self.call(
            "POST", f"/indicators/{code}/results", "custodian", [unit], params={"plan": plan}, json=result
        )

    async def state_measure(self, measure: MeasureState) -> None:
        """The measure is on the bus, as the hr-diversity service would state it."""
        event = MeasureDrawn.model_validate(measure.model_dump())
        envelope = Envelope(
            id=new_id(),
            type=MeasureDrawn.type,
            source="/hr-diversity",
            subject=f"measure/{measure.source}/{measure.as_of}/{measure.code}",
            time=clock.now().isoformat(),
            sequence=measure.revision,
            data=event.model_dump_json().encode(),
        )
        topic = topic_of("hr-diversity")
        await self.bus.ensure_topics([topic])
        await self.bus.publish(topic, [envelope])


@asynccontextmanager
async def running_world(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[World]:
    """Both services, each on a database of its own, joined by one event log; nothing is loaded yet."""
    async with (
        postgres.database() as log,
        postgres.database(indicators) as first,
        postgres.database(reporting) as second,
        httpx.AsyncClient(timeout=10) as http,
    ):
        environment = {
            "BUS": "postgres",
            "APGE_BUS_URL": log,
            "APGE_AUTH_JWKS_FILE": str(issuer.jwks_file),
            "APGE_ANONYMOUS_READING": "true",
            "APGE_LOG_LEVEL": "ERROR",
            "APGE_RELAY_POLL_SECONDS": "0.05",
        }
        bus = PostgresBus(log, listen=False)
        world = World(
            Running("indicators", "indicators", first, environment),
            Running("reporting", "reporting", second, environment),
            http,
            issuer,
            bus,
        )
        try:
            await asyncio.gather(world.indicators.start(), world.reporting.start())
            yield world
        finally:
            await asyncio.gather(world.indicators.stop(), world.reporting.stop())
            await bus.stop()
