"""A staff that is large enough for cards to be drawn of it, and what the indicators service tells of units and targets."""

import re
from typing import Any

from tests.hr_diversity.pushing import accepted
from tests.hr_diversity.staff import file_of, people

from shared import clock
from shared.cloudevents import Envelope
from shared.events.base import Event, topic_of
from shared.events.indicators import Area, IndicatorDefined, Phase, PlanDefined, Target, UnitDefined
from shared.telemetry import new_id
from shared.testing import Client

CARDS = "/hr-diversity/v1/scorecards"
MEETING: dict[str, Any] = {
    "meeting": "Policy Senior Management Team",
    "meeting_on": "2022-03-10",
    "portfolio": "policy",
    "agenda_item": "4: women and men in the portfolio",
    "minutes": "PSMT-2022-03",
}
PLACES = {"policy": "POLICY-DEPARTMENTS", "management-reform": "HRD", "field-operations": "RO-AFRICA"}
UNITS = {
    "DDG-POL": ("Deputy Director-General for Policy", "policy"),
    "POLICY-DEPARTMENTS": ("Policy departments", "policy"),
    "HRD": ("Human Resources Development Department", "management-reform"),
    "RO-AFRICA": ("Regional Office for Africa", "field-operations"),
}
GROUPS = [("G5", "regular_budget", 40, 20), ("P3", "development_cooperation", 50, 50), ("P5", "regular_budget", 30, 60)]
"""Grade, contract source, women and men of each portfolio."""


def staff(more_women: int = 0) -> bytes:
    """Each portfolio has 120 women and 130 men, and the policy portfolio so many women more at P5."""
    rows: list[str] = []
    for portfolio, unit in PLACES.items():
        for grade, source, women, men in GROUPS:
            more = more_women if (portfolio, grade) == ("policy", "P5") else 0
            of = {"portfolio": portfolio, "unit": unit, "grade": grade, "contract_source": source}
            rows += people(women + more, len(rows) + 1, **of)
            rows += people(men, len(rows) + 1, **of, sex="M")
    return file_of(rows)


async def two_years(client: Client) -> None:
    """Snapshots of the end of 2020 and of 2021; in the year 20 women came to P5 in the policy portfolio."""
    await accepted(client, staff(), as_of="2020-12-31")
    await accepted(client, staff(20), as_of="2021-12-31")


async def tell(client: Client, *events: tuple[str, Event]) -> None:
    """What indicators states: each event with the key of its aggregate."""
    topic, bus = topic_of("indicators"), client.app.state.bus
    envelopes = [
        Envelope(
            id=new_id(),
            type=event.type,
            source="/indicators",
            subject=f"{event.aggregate}/{key}",
            time=clock.now().isoformat(),
            sequence=1,
            data=event.model_dump_json().encode(),
        )
        for key, event in events
    ]
    await bus.ensure_topics([topic])
    await bus.publish(topic, envelopes)
    await client.caught_up()


def units() -> list[tuple[str, Event]]:
    return [
        (code, UnitDefined(code=code, name=name, kind="department", portfolio=portfolio))
        for code, (name, portfolio) in UNITS.items()
    ]


def plan(at_least: int = 45) -> list[tuple[str, Event]]:
    phase = Phase(code="2020-21", title="Two", starts="2020-01-01", ends="2021-12-31", vocabulary="mid_cycle")
    target = Target(phase="2020-21", place="global", operator="at_least", value=at_least, text="-")
    defined = PlanDefined(
        code="small",
        title="A small plan",
        starts="2020-01-01",
        ends="2021-12-31",
        phases=[phase],
        areas=[Area(code="staff", title="Staff")],
    )
    indicator = IndicatorDefined(
        plan="small",
        code="women",
        title="Women at P5 and above",
        area="staff",
        kind="percentage",
        custodians=["HRD"],
        fed_by="women-p5-plus-regular-budget",
        targets=[target],
    )
    return [("small", defined), ("small/women", indicator)]


async def card(client: Client, portfolio: str = "policy", **params: str) -> dict[str, Any]:
    answer = await client.get(f"{CARDS}/{portfolio}", params=params, role="reader")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def issue(client: Client, portfolio: str = "policy", **said: str) -> dict[str, Any]:
    answer = await client.post(f"{CARDS}/{portfolio}/issues", json=said, role="hr-feeder")
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def table(client: Client, issued: dict[str, Any], role: Any = "senior-manager", **more: Any) -> Any:
    path = f"{CARDS}/issues/{issued['id']}/tablings"
    units_ = more.pop("units", ())
    body = {name: value for name, value in {**MEETING, **more}.items() if value is not None}
    return await client.post(path, json=body, role=role, units=units_)


def pages_of(sheet: bytes) -> int:
    """How many pages a PDF has."""
    found = re.findall(rb"/Count\s+(\d+)", b"".join(part for part in sheet.split(b"endobj") if b"/Pages" in part))
    return int(found[0])
