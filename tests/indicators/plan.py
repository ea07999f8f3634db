"""What the tests of the service start from: the plan of the data file, a small plan with one indicator of every kind, and callers."""

import copy
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import text

from shared import clock
from shared.cloudevents import Envelope
from shared.events.hr_diversity import MeasureDrawn, MeasureState
from shared.operations import digest
from shared.telemetry import new_id
from shared.testing import Client

V1 = "/indicators/v1"
DATA = Path(__file__).parents[2] / "data"
APGE = "apge-2018-21"
FILE = json.loads((DATA / f"{APGE}.json").read_text(encoding="utf-8"))
UNITS = json.loads((DATA / "units.json").read_text(encoding="utf-8"))["units"]

OPERATOR: dict[str, Any] = {"role": "operator"}
READER: dict[str, Any] = {"role": "reader"}
REVIEWER: dict[str, Any] = {"role": "reviewer"}
HRD: dict[str, Any] = {"role": "custodian", "units": ["HRD"]}
PARDEV: dict[str, Any] = {"role": "custodian", "units": ["PARDEV"]}

PLAN = "small"
NOW, BEFORE = "2020-21", "2018-19"
UNIT = {"name": "Human Resources Development Department", "kind": "department"}
PLAN_BODY: dict[str, Any] = {
    "title": "A small plan",
    "starts": "2018-01-01",
    "ends": "2021-12-31",
    "phases": [
        {"code": BEFORE, "title": "One", "starts": "2018-01-01", "ends": "2019-12-31", "vocabulary": "end_of_cycle"},
        {"code": NOW, "title": "Two", "starts": "2020-01-01", "ends": "2021-12-31", "vocabulary": "mid_cycle"},
    ],
    "areas": [{"code": "staff", "title": "Staff"}, {"code": "oversight", "title": "Oversight"}],
    "published": [],
}
TARGET = {"phase": NOW, "place": "global", "operator": "at_least", "value": 45, "text": "45 per cent"}
SHARE: dict[str, Any] = {
    "title": "Women at P5 and above",
    "area": "staff",
    "kind": "percentage",
    "custodians": ["HRD"],
    "fed_by": "women-p5-plus-regular-budget",
    "targets": [
        TARGET,
        {**TARGET, "phase": BEFORE},
        {**TARGET, "place": "portfolio:policy", "part_of": "global", "value": 50},
    ],
}


def of_kind(kind: str, **target: Any) -> dict[str, Any]:
    whole = {"title": kind, "area": "staff", "kind": kind, "custodians": ["HRD"]}
    return {**whole, "targets": [{"phase": NOW, "place": "global", "text": kind, **target}]}


INDICATORS: dict[str, dict[str, Any]] = {
    "share": SHARE,
    "count": of_kind("count", operator="at_least", value=2),
    "milestone": of_kind("milestone", operator="reached"),
    "state": {
        **of_kind("categorical", operator="exactly", category="public"),
        "categories": ["public", "internal", "none"],
    },
    "compound": of_kind(
        "compound",
        operator="all_of",
        parts=[{"name": "interviews", "operator": "at_least", "value": 10}, {"name": "report", "operator": "reached"}],
    ),
    "foreign": {**SHARE, "custodians": ["PARDEV"], "fed_by": None, "targets": [TARGET]},
}
RESOURCES: dict[str, Any] = {
    "unit": "US$ million",
    "lines": [
        {"source": "Regular budget", "budget": 101.8, "expenditure": 101.1},
        {"source": "Development cooperation", "budget": 11.0, "expenditure": 42.2},
        {"source": "Supplementary account", "budget_text": "Not defined", "expenditure": 4.1},
    ],
    "published_budget": 112.8,
    "published_expenditure": 147.4,
}
MARKERS: dict[str, Any] = {"levels": [{"level": 1, "share": 46}, {"level": 2, "share": 48}, {"level": 3, "share": 6}]}
CLAIM: dict[str, Any] = {
    "text": "Three of ten, 16 per cent",
    "indicator": "share",
    "phase": NOW,
    "place": "global",
    "value": 16,
    "numerator": 3,
    "denominator": 10,
}
RULE: dict[str, Any] = {
    "title": "The portfolio is no better than the whole",
    "left": [{"indicator": "share", "place": "portfolio:policy"}],
    "operator": "at_most",
    "right": [{"indicator": "share"}],
}
ACTION: dict[str, Any] = {"indicators": ["share"], "custodians": ["HRD"], "text": "Advertise in women's networks"}


def set_clock(monkeypatch: Any, moment: str) -> None:
    """It is that moment for the service: an ISO instant, or a day, which is its noon in UTC."""
    then = datetime.fromisoformat(moment if "T" in moment else f"{moment}T12:00:00+00:00")
    monkeypatch.setattr(clock, "now", lambda: then)


def at(path: str, plan: str = PLAN) -> str:
    return f"{V1}/{path}?plan={plan}"


def results_of(code: str, number: int | None = None, verdict: str = "", phase: str = NOW, place: str = "global") -> str:
    """The address of an indicator's results, or of a review of one."""
    return at(f"indicators/{code}/results" + (f"/{phase}/{place}/{number}/{verdict}" if number else ""))


def version(number: int | str) -> dict[str, str]:
    return {"If-Match": f'"{number}"'}


def without(entry: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name not in names}


def changed(body, path, value):
    """A copy of `body` where what `path` (like targets/0/value) points at is `value`."""
    body = copy.deepcopy(body)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    inner = body
    for step in steps:
        inner = inner[step]
    inner[last] = value
    return body


async def define(client: Client, path: str, body: dict[str, Any], status: int = 201, **rest: Any) -> dict[str, Any]:
    done = await client.put(path, json=body, **OPERATOR, **rest)
    assert done.status_code == status, done.text
    return done.json()


async def begin(client: Client, *codes: str) -> None:
    """The small plan is there, with these of its indicators, or with all."""
    for unit in ("HRD", "PARDEV", "PROGRAM"):
        await define(client, f"{V1}/units/{unit}", {**UNIT, "name": unit})
    await define(client, f"{V1}/plans/{PLAN}", PLAN_BODY)
    for code in codes or INDICATORS:
        await define(client, at(f"indicators/{code}"), INDICATORS[code])


async def load(client: Client) -> None:
    """The data file is in the service, through its API."""
    for unit in UNITS:
        await define(client, f"{V1}/units/{unit['code']}", without(unit, "code", "provenance"))
    await define(client, f"{V1}/plans/{APGE}", without(FILE["plan"], "code", "provenance"))
    for entry in FILE["indicators"]:
        await define(client, at(f"indicators/{entry['code']}", APGE), without(entry, "code", "results"))
        for result in entry["results"]:
            caller: dict[str, Any] = {"role": "custodian", "units": entry["custodians"]}
            done = await client.post(at(f"indicators/{entry['code']}/results", APGE), json=result, **caller)
            assert done.status_code == 201, done.text
    for action in FILE["actions"]:
        await define(client, at(f"actions/{action['code']}", APGE), without(action, "code"))


async def record(
    client: Client, value: Any = 45, code: str = "share", status: int = 201, rest: Any = None, **more: Any
) -> dict[str, Any]:
    """One result by the custodian, as of 2020-06-30 where nothing else is said; `value` None leaves it out."""
    body = {"phase": NOW, "as_of": "2020-06-30", **({} if value is None else {"value": value}), **more}
    done = await client.post(results_of(code), json=body, **HRD, **(rest or {}))
    assert done.status_code == status, done.text
    return done.json()


async def review(
    client: Client, number: int, verdict: str = "accept", status: int = 200, reason: str = "no source", **more: Any
) -> dict[str, Any]:
    """By the version that is now."""
    line = await line_of(client)
    rest: dict[str, Any] = {} if verdict == "accept" else {"json": {"reason": reason}}
    rest["headers"] = {**version(line["version"]), **more}
    done = await client.post(results_of("share", number, verdict), **rest, **REVIEWER)
    assert done.status_code == status, done.text
    return done.json()


async def get(client: Client, path: str, **caller: Any) -> Any:
    found = await client.get(path, **(caller or READER))
    assert found.status_code == 200, found.text
    return found.json()


async def status_of(client: Client, code: str = "share", phase: str = NOW, place: str = "global") -> str:
    found = await get(client, at(f"indicators/{code}"))
    return next(t["status"] for t in found["targets"] if (t["phase"], t["place"]) == (phase, place))


async def line_of(client: Client, code: str = "share", phase: str = NOW, place: str = "global") -> dict[str, Any]:
    found = await get(client, results_of(code))
    return next(line for line in found["items"] if (line["phase"], line["place"]) == (phase, place))


async def events_of(client: Client, key: str = "%") -> list[Any]:
    """What the outbox holds of these aggregates, in order."""
    statement = text(
        "SELECT aggregatetype, aggregateid, type, sequence, payload, actor, correlationid, causationid FROM outbox "
        "WHERE aggregateid LIKE :key ORDER BY position"
    )
    async with client.app.state.database.reading() as session:
        return list((await session.execute(statement, {"key": key})).all())


async def types_of(client: Client, key: str) -> list[str]:
    return [event.type.split(".")[1] for event in await events_of(client, key)]


TABLES = (
    *("units", "plans", "indicators", "result_lines", "results", "actions", "documents", "document_contents"),
    *("resources", "markers", "claims", "rules", "changes"),
    "outbox",
)
EVERYTHING = " UNION ALL ".join(
    f"SELECT '{table}', coalesce(jsonb_agg(to_jsonb(t) - 'published_at' ORDER BY t::text), '[]') FROM {table} t"
    for table in TABLES
)


async def rows_of(client: Client) -> dict[str, list[Any]]:
    """Everything that is stored, table by table, but for kept answers and the plumbing."""
    async with client.app.state.database.reading() as session:
        found = (await session.execute(text(EVERYTHING))).all()
    return {row[0]: row[1] for row in found}


MEASURE = MeasureState(
    code="women-p5-plus-regular-budget",
    title="Women at P5 and above",
    source="hris",
    as_of="2020-12-31",
    snapshot="snapshot-1",
    revision=1,
    rule="women-p5-plus-regular-budget/1",
    women=90,
    men=110,
    other=0,
    total=200,
    share=45,
    suppressed=False,
)


def stated(measure: MeasureState, sequence: int = 1) -> Envelope:
    """The event of the sibling, with ids of its own."""
    return Envelope(
        id=new_id(),
        type=MeasureDrawn.type,
        source="/hr-diversity",
        subject=f"measure/{measure.source}/{measure.as_of}/{measure.code}",
        time="2021-01-02T03:04:05+00:00",
        sequence=sequence,
        data=MeasureDrawn.model_validate(measure.model_dump()).model_dump_json().encode(),
        correlationid=new_id(),
    )


async def publish(client: Client, *envelopes: Envelope) -> None:
    """They are on the bus, and the service has taken them in."""
    bus = client.app.state.bus
    await bus.ensure_topics(["apge.hr-diversity"])
    await bus.publish("apge.hr-diversity", envelopes)
    await client.caught_up()


async def on_the_bus(client: Client) -> list[Envelope]:
    """What the service stated since its tables were emptied, in order, as readers get it."""
    await client.caught_up()
    async with client.app.state.database.reading() as session:
        ours = set((await session.execute(text("SELECT id::text FROM outbox"))).scalars())
    async with client.app.state.bus.subscribe(["apge.indicators"], {}) as subscription:
        found = [delivery.envelope for delivery in await subscription.read(100_000, 1)]
    return [envelope for envelope in found if envelope is not None and envelope.id in ours]


async def heads_of(client: Client) -> dict[str, Any]:
    return {one["aggregate"]: one for one in await get(client, f"{V1}/heads", **OPERATOR)}


async def last_events_of(client: Client) -> dict[str, Envelope]:
    """Of each aggregate; its sequences have no gap."""
    last: dict[str, Envelope] = {}
    for event in await on_the_bus(client):
        if event.subject in last:
            assert event.sequence == last[event.subject].sequence + 1, event.subject
        else:
            assert event.sequence == 1, event.subject
        last[event.subject] = event
    return last


async def assert_heads_are_last_events(client: Client) -> dict[str, Any]:
    heads, last = await heads_of(client), await last_events_of(client)
    assert set(heads) == set(last)
    for aggregate, event in last.items():
        assert heads[aggregate]["sequence"] == event.sequence, aggregate
        assert heads[aggregate]["digest"] == digest(json.loads(event.data)), aggregate
    return heads
