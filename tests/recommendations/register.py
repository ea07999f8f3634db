"""What the tests of the register start from: the evaluation of the data file, small recommendations of known units, and callers."""

import json
from pathlib import Path
from typing import Any

from sqlalchemy import text

from shared.cloudevents import Envelope
from shared.events.base import Event
from shared.telemetry import new_id
from shared.testing import Client

V1 = "/recommendations/v1"
SOURCE = "gem-evaluation-2016-21"
FILE = json.loads((Path(__file__).parents[2] / "data" / f"{SOURCE}.json").read_text(encoding="utf-8"))

OFFICE: dict[str, Any] = {"role": "evaluation-office"}
OPERATOR: dict[str, Any] = {"role": "operator"}
READER: dict[str, Any] = {"role": "reader"}
HRD: dict[str, Any] = {"role": "senior-manager", "units": ["HRD"]}
HRD_CUSTODIAN: dict[str, Any] = {"role": "custodian", "units": ["HRD"]}

EVALUATION = {"title": "An audit", "kind": "audit", "issued": "2021-09"}
WORDING = {
    "title": "Do better",
    "units": ["HRD"],
    "priority": "high",
    "time_implication": "short_term",
    "resource_implication": "low",
}
ACTION = {"text": "Write the strategy", "responsible": ["HRD"], "due": "2022-06-30"}


def at(number: int, tail: str = "", source: str = SOURCE) -> str:
    return f"{V1}/recommendations/{number}{tail}?source={source}"


def version(number: int | str) -> dict[str, str]:
    return {"If-Match": f'"{number}"'}


def wording_of(entry: dict[str, Any]) -> dict[str, Any]:
    """A recommendation of the data file as the body of its request: its number is in the address."""
    return {name: value for name, value in entry.items() if name != "number"}


async def register(client: Client, source: str = SOURCE) -> None:
    done = await client.put(f"{V1}/evaluations/{source}", json=EVALUATION, **OFFICE)
    assert done.status_code in {200, 201}, done.text


async def make(client: Client, number: int, source: str = SOURCE, **fields: Any) -> dict[str, Any]:
    done = await client.put(at(number, source=source), json={**WORDING, **fields}, **OFFICE)
    assert done.status_code == 201, done.text
    return done.json()


async def respond(client: Client, number: int, answer: str = "accepted", **rest: Any) -> dict[str, Any]:
    body = {"answer": answer, **({} if answer == "accepted" else {"reason": "no funds"})}
    done = await client.post(at(number, "/response"), json=body, **OFFICE, **rest)
    assert done.status_code == 201, done.text
    return done.json()


async def add(client: Client, number: int, **fields: Any) -> dict[str, Any]:
    done = await client.post(at(number, "/follow-up-actions"), json={**ACTION, **fields}, **OFFICE)
    assert done.status_code == 201, done.text
    return done.json()


async def update(client: Client, number: int, action: int = 1, **fields: Any) -> dict[str, Any]:
    now = await get(client, number)
    path = at(number, f"/follow-up-actions/{action}")
    done = await client.patch(path, json=fields, headers=version(now["version"]), **OFFICE)
    assert done.status_code == 200, done.text
    return done.json()


async def get(client: Client, number: int) -> dict[str, Any]:
    found = await client.get(at(number), **READER)
    assert found.status_code == 200, found.text
    return found.json()


async def in_follow_up(client: Client, number: int = 1, **fields: Any) -> dict[str, Any]:
    """The recommendation, made, accepted and with one action that is due."""
    await register(client)
    await make(client, number, **fields)
    await respond(client, number)
    return await add(client, number)


async def events_of(client: Client, key: str) -> list[Any]:
    """What the outbox holds of one aggregate, in order: type, sequence, payload, actor."""
    statement = text("SELECT type, sequence, payload, actor FROM outbox WHERE aggregateid = :key ORDER BY position")
    async with client.app.state.database.reading() as session:
        return list((await session.execute(statement, {"key": key})).all())


async def state(client: Client, *events: tuple[str, int, Event]) -> None:
    """The sibling states `events` (key, sequence, event), and the service has taken them in."""
    bus = client.app.state.bus
    await bus.ensure_topics(["apge.indicators"])
    envelopes = [
        Envelope(
            id=new_id(),
            type=event.type,
            source="/indicators",
            subject=f"{event.aggregate}/{key}",
            time="2021-01-01T00:00:00+00:00",
            sequence=sequence,
            data=event.model_dump_json().encode(),
        )
        for key, sequence, event in events
    ]
    await bus.publish("apge.indicators", envelopes)
    await client.caught_up()
