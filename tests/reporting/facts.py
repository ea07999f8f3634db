"""A small world as the three services would state it: one plan and every kind of event, each at an instant of its own."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from shared.bus import Delivery, partition_of
from shared.cloudevents import Envelope
from shared.events.base import Event, topic_of
from shared.events.claims import ClaimPublished, DocumentAttached, DocumentWithdrawn, RuleDefined
from shared.events.hr_diversity import (
    Cell,
    MeasureDrawn,
    ScorecardIssued,
    ScorecardTabled,
    ScorecardTablingWithdrawn,
    SnapshotAccepted,
    TablingState,
    VacancyRegistered,
    VacancyUpdated,
)
from shared.events.indicators import (
    ActionAdded,
    ActionUpdated,
    Area,
    Baseline,
    Custodianship,
    IndicatorDefined,
    Phase,
    PlanDefined,
    Published,
    Status,
    Target,
    UnitDefined,
)
from shared.events.recommendations import (
    EvaluationRegistered,
    FollowUpAction,
    FollowUpActionAdded,
    RecommendationMade,
    Response,
    ResponseGiven,
)
from shared.events.resources import BudgetLine, MarkerLevel, MarkersReported, ResourcesReported
from shared.events.results import (
    BreakdownCell,
    Derivation,
    Evidence,
    Result,
    ResultAccepted,
    ResultRecorded,
    ResultReopened,
    ResultSentBack,
    StatusRegressed,
)
from shared.telemetry import new_id
from shared.testing import Client

START = datetime(2021, 1, 1, tzinfo=UTC)
PLAN = "small-plan"
LAST = "2020-21"
FIRST = "2018-19"


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def envelope(event: Event, key: str, sequence: int, minute: int, **more: Any) -> Envelope:
    given = {"actor": "custodian:HRD", "correlationid": f"c-{key}-{sequence}", "causationid": f"m-{key}-{sequence}"}
    return Envelope(
        id=new_id(),
        type=event.type,
        source=f"/{event.type.partition('.')[0]}",
        subject=f"{event.aggregate}/{key}",
        time=at(minute).isoformat(),
        sequence=sequence,
        data=event.model_dump_json().encode(),
        **{**given, **more},
    )


def unit(code: str, name: str) -> UnitDefined:
    return UnitDefined(code=code, name=name, kind="department")


def phase(code: str, vocabulary: Any) -> Phase:
    first, last = int(code[:4]), int(code[:4]) + 1
    return Phase(
        code=code, title=f"Phase {code}", starts=date(first, 1, 1), ends=date(last, 12, 31), vocabulary=vocabulary
    )


def plan(code: str = PLAN, title: str = "A small plan", published: Sequence[Published] = ()) -> PlanDefined:
    """Two phases and two areas, which are not in the order of their codes."""
    return PlanDefined(
        code=code,
        title=title,
        starts=date(2018, 1, 1),
        ends=date(2021, 12, 31),
        phases=[phase(FIRST, "mid_cycle"), phase(LAST, "end_of_cycle")],
        areas=[Area(code="staff", title="Staffing"), Area(code="money", title="Money")],
        published=list(published),
    )


def target(place: str = "global", in_phase: str = LAST, value: int = 45, **more: Any) -> Target:
    return Target(phase=in_phase, place=place, operator="at_least", value=value, text=f"{value} per cent", **more)


def indicator(
    code: str,
    targets: Sequence[Target] = (),
    area: str = "staff",
    custodians: Sequence[str] = ("HRD",),
    in_plan: str = PLAN,
    **more: Any,
) -> IndicatorDefined:
    return IndicatorDefined(
        plan=in_plan,
        code=code,
        title=f"Indicator {code}",
        area=area,
        kind="percentage",
        custodians=list(custodians),
        targets=list(targets or [target()]),
        **more,
    )


def result(value: int | None, number: int = 1, minute: int = 0, **more: Any) -> Result:
    """A share of a hundred, or a report that there is no data."""
    given: dict[str, Any] = {"no_data": "not_reported"} if value is None else {"value": value}
    if value is not None:
        given |= {"numerator": value, "denominator": 100}
    given |= {"review": "submitted", "recorded_at": at(minute), "recorded_by": "custodian:HRD", **more}
    return Result(number=number, as_of=date(2020, 12, 31), **given)


def recorded(
    code: str,
    status: Status,
    standing: Result | None,
    changed: Result | None = None,
    place: str = "global",
    in_phase: str = LAST,
    in_plan: str = PLAN,
    kind: type[Any] = ResultRecorded,
) -> Any:
    return kind(
        plan=in_plan,
        indicator=code,
        phase=in_phase,
        place=place,
        status=status,
        standing=standing,
        changed=changed or standing,
    )


def result_key(code: str, place: str = "global", in_phase: str = LAST, in_plan: str = PLAN) -> str:
    return f"{in_plan}/{code}/{in_phase}/{place}"


def action(state: Any, indicators: Sequence[str], *, kind: type[Any] = ActionAdded, in_plan: str = PLAN) -> Any:
    return kind(
        plan=in_plan,
        code="outreach",
        indicators=list(indicators),
        custodians=["HRD"],
        text="Write to universities",
        state=state,
    )


def remedy(state: Any, *, kind: type[Any] = ActionAdded) -> Any:
    """Opened because `fell` regressed."""
    return kind(
        plan=PLAN,
        code="remedy-fell-1",
        indicators=["fell"],
        custodians=["HRD"],
        text="Find out why",
        state=state,
        kind="remedial",
        due=date(2021, 6, 30),
        resources="two months of work",
        responsible_roles=["Chief, HRD"],
        opened_by=result_key("fell", in_phase=FIRST),
    )


def regressed(code: str, status: Status, standing: Result, *, before: Status, action: str) -> StatusRegressed:
    state = recorded(code, status, standing, in_phase=FIRST)
    return StatusRegressed(**state.model_dump(), before=before, before_phase=FIRST, action=action)


def money(area: str, **given: Any) -> ResourcesReported:
    """One line of the regular budget, and one of a source of which the document gives no budget."""
    lines = [
        BudgetLine(
            source="Regular budget", budget=given.pop("budget", None), expenditure=given.pop("expenditure", None)
        ),
        BudgetLine(source="Other", budget_text="Not defined", expenditure=2),
    ]
    return ResourcesReported(plan=PLAN, phase=LAST, area=area, unit="US$ million", lines=lines, **given)


def marked(counts: dict[int, int]) -> MarkersReported:
    levels = [MarkerLevel(level=level, count=count) for level, count in counts.items()]
    return MarkersReported(plan=PLAN, phase=LAST, population="results", levels=levels)


def measure(women: int, men: int, revision: int = 1, day: date = date(2020, 12, 31)) -> MeasureDrawn:
    share = round(100 * women / (women + men))
    cell = Cell(group="P5", women=women, men=men, other=0, total=women + men, share=share)
    return MeasureDrawn(
        code="staff-by-grade",
        title="Staff by grade",
        source="payroll",
        as_of=day,
        snapshot=f"snapshot-{revision}",
        revision=revision,
        rule="all staff",
        dimension="grade",
        women=women,
        men=men,
        other=0,
        total=women + men,
        share=share,
        suppressed=False,
        cells=[cell],
    )


def snapshot(revision: int) -> SnapshotAccepted:
    return SnapshotAccepted(
        id=f"snapshot-{revision}",
        source="payroll",
        as_of=date(2020, 12, 31),
        revision=revision,
        rows=100,
        accepted=100,
        refused=0,
        digest="00",
    )


def vacancy(kind: type[Any] = VacancyRegistered, reference: str = "RAPS-1", **more: Any) -> Any:
    given = {"funding": "regular_budget", "track": "raps", "posted": date(2020, 3, 1), **more}
    return kind(reference=reference, unit="HRD", grade="P5", **given)


MEETING = TablingState(id="tabling-1", portfolio="policy", meeting_on=date(2021, 3, 10))


def scorecard(kind: type[Any] = ScorecardIssued, key: str = "issue-1", **more: Any) -> Any:
    given = {"portfolio": "policy", "number": 1, "source": "payroll", "digest": "ab" * 32, **more}
    return kind(id=key, as_of=date(2020, 12, 31), issued_at=datetime(2021, 1, 20, tzinfo=UTC), **given)


def recommendation(
    number: int, kind: type[Any] = RecommendationMade, units: Sequence[str] = ("HRD",), **more: Any
) -> Any:
    return kind(
        source="audit-1",
        number=number,
        title=f"Do {number}",
        units=list(units),
        priority="high",
        time_implication="short_term",
        resource_implication="low",
        **{"state": "awaiting_response", **more},
    )


DERIVED = Derivation(
    measure="staff-by-grade",
    source="payroll",
    as_of=date(2020, 12, 31),
    snapshot="snapshot-1",
    revision=1,
    rule="all staff",
)
YES = Response(answer="accepted", given_on=date(2021, 5, 1), given_by="evaluation-office")
FOLLOW_UP = FollowUpAction(number=1, text="Write it", responsible=["HRD"], state="initiated")


PROOF = Evidence(title="The report", document="report")
WHOLE: dict[str, Any] = {
    "unit": "per cent",
    "definition": "Women among a hundred people",
    "baseline": Baseline(value=28, year=2017),
    "custodianships": [
        Custodianship(unit="FIN", until=date(2018, 12, 31)),
        Custodianship(unit="HRD", since=date(2019, 1, 1)),
    ],
    "aligned_with": ["another-plan/share"],
    "predecessor": f"{PLAN}/share",
    "comparable": False,
    "comparability": "Counted otherwise before",
}


def world() -> list[list[Envelope]]:
    """The events of every aggregate, in its own order. Indicator `share` was met and is not any more; `gone` is without data."""
    parts = [target(), target("region:africa", value=30, part_of="global"), target("portfolio:policy", value=20)]
    published = [Published(phase=LAST, total=4, counts={"met": 2, "not_met": 1}, shares={"met": 50})]
    met = result(50, derived_from=DERIVED)
    fell = result(40, 2, derived_from=DERIVED.model_copy(update={"snapshot": "snapshot-2", "revision": 2}))
    back = result(60, 3, review="sent_back", review_reason="whose figures are these?")
    cells = [BreakdownCell(dimension="sex", category="women", value=30)]
    less = result(30, 2, evidence=[PROOF], breakdown=cells)
    seen = less.model_copy(update={"review": "accepted"})
    stated: dict[tuple[str, str], list[tuple[Event, int]]] = {
        ("unit", "HRD"): [(unit("HRD", "Human resources"), 1), (unit("HRD", "People"), 30)],
        ("unit", "FIN"): [(unit("FIN", "Finance"), 2)],
        ("plan", PLAN): [(plan(), 3), (plan(published=published), 31)],
        ("indicator", f"{PLAN}/share"): [
            (indicator("share"), 4),
            (indicator("share", [*parts, target(in_phase=FIRST, value=35)], fed_by="staff-by-grade"), 5),
        ],
        ("indicator", f"{PLAN}/gone"): [(indicator("gone", area="money", custodians=["FIN", "HRD"]), 6)],
        ("indicator", f"{PLAN}/fell"): [(indicator("fell", [target(in_phase=FIRST, value=35)], **WHOLE), 6)],
        ("result", result_key("share")): [
            (recorded("share", "met", met), 10),
            (recorded("share", "not_met", fell), 20),
            (recorded("share", "met", back), 21),
            (recorded("share", "not_met", fell, back, kind=ResultSentBack), 22),
        ],
        ("result", result_key("share", "region:africa")): [
            (recorded("share", "met", result(31), place="region:africa"), 11)
        ],
        ("result", result_key("share", in_phase=FIRST)): [
            (recorded("share", "on_track", result(36), in_phase=FIRST), 12)
        ],
        ("result", result_key("fell", in_phase=FIRST)): [
            (recorded("fell", "on_track", result(36), in_phase=FIRST), 12),
            (recorded("fell", "not_on_track", less, in_phase=FIRST), 28),
            (regressed("fell", "not_on_track", less, before="on_track", action="remedy-fell-1"), 28),
            (recorded("fell", "not_on_track", seen, in_phase=FIRST, kind=ResultAccepted), 29),
            (recorded("fell", "not_on_track", less, in_phase=FIRST, kind=ResultReopened), 30),
        ],
        ("result", result_key("gone")): [(recorded("gone", "data_unavailable", result(None)), 13)],
        ("action", f"{PLAN}/outreach"): [
            (action("planned", ["share"]), 14),
            (action("ongoing", ["share", "gone"], kind=ActionUpdated), 15),
            (action("completed", ["gone"], kind=ActionUpdated), 23),
        ],
        ("action", f"{PLAN}/remedy-fell-1"): [(remedy("planned"), 29), (remedy("ongoing", kind=ActionUpdated), 30)],
        ("action", "another-plan/outreach"): [
            (action("planned", ["share"], in_plan="another-plan"), 14),
            (action("dropped", ["share"], kind=ActionUpdated, in_plan="another-plan"), 24),
        ],
        ("resources", f"{PLAN}/{LAST}/money"): [
            (money("money", budget=10, expenditure=12), 25),
            (money("money", budget=10, expenditure=13, published_expenditure=14), 26),
        ],
        ("resources", f"{PLAN}/{LAST}/staff"): [(money("staff", budget=5), 25)],
        ("markers", f"{PLAN}/{LAST}/results/all"): [
            (marked({3: 1, 2: 3, 1: 3}), 25),
            (marked({3: 1, 2: 3, 1: 4}), 27),
        ],
        ("claim", f"{PLAN}/said"): [
            (ClaimPublished(plan=PLAN, code="said", text="half"), 26),
            (ClaimPublished(plan=PLAN, code="said", text="one half"), 27),
        ],
        ("rule", f"{PLAN}/adds-up"): [
            (RuleDefined(plan=PLAN, code="adds-up", title="Adds up", left=[], operator="equals"), 26)
        ],
        ("document", "report"): [
            (DocumentAttached(code="report", title="A report"), 26),
            (DocumentWithdrawn(code="report", title="A report", withdrawn=True, reason="wrong"), 28),
        ],
        ("snapshot", "payroll/2020-12-31"): [(snapshot(1), 7), (snapshot(2), 17)],
        ("measure", "payroll/2020-12-31/staff-by-grade"): [(measure(40, 60), 8), (measure(45, 55, 2), 18)],
        ("measure", "payroll/2019-12-31/staff-by-grade"): [(measure(38, 62, day=date(2019, 12, 31)), 9)],
        ("vacancy", "RAPS-1"): [
            (vacancy(), 9),
            (vacancy(VacancyUpdated, selected=date(2020, 9, 1), counted=["applied", "selected"]), 19),
        ],
        ("vacancy", "RAPS-2"): [
            (vacancy(reference="RAPS-2"), 10),
            (vacancy(VacancyUpdated, "RAPS-2", cancelled=date(2020, 5, 1)), 20),
        ],
        ("scorecard", "issue-1"): [(scorecard(), 17), (scorecard(ScorecardTabled, tablings=[MEETING]), 25)],
        ("scorecard", "issue-2"): [
            (scorecard(key="issue-2"), 18),
            (scorecard(ScorecardTabled, "issue-2", tablings=[MEETING]), 26),
            (
                scorecard(
                    ScorecardTablingWithdrawn, "issue-2", tablings=[MEETING.model_copy(update={"withdrawn": True})]
                ),
                27,
            ),
        ],
        ("evaluation", "audit-1"): [
            (EvaluationRegistered(code="audit-1", title="An audit", kind="audit", issued="2021-01"), 16)
        ],
        ("recommendation", "audit-1/1"): [
            (recommendation(1), 17),
            (recommendation(1, ResponseGiven, response=YES, state="not_started"), 18),
            (recommendation(1, FollowUpActionAdded, response=YES, follow_up=[FOLLOW_UP], state="in_progress"), 19),
        ],
        ("recommendation", "audit-1/2"): [
            (recommendation(2), 17),
            (recommendation(2, units=["FIN"]), 20),
        ],
    }
    return [
        [envelope(event, key, number, minute) for number, (event, minute) in enumerate(events, 1)]
        for (_, key), events in stated.items()
    ]


WORLD = world()


def in_time(world: Iterable[Sequence[Envelope]]) -> list[Envelope]:
    """All events, in the order in which they were stated."""
    return sorted((one for events in world for one in events), key=lambda one: one.time)


def service_of(one: Envelope) -> str:
    return one.type.partition(".")[0]


def deliveries(envelopes: Iterable[Envelope]) -> list[Delivery]:
    """As a bus would hand them over in this order."""
    offsets: dict[tuple[str, int], int] = {}
    found = []
    for one in envelopes:
        place = topic_of(service_of(one)), partition_of(one.subject)
        offsets[place] = offsets.get(place, -1) + 1
        found.append(Delivery(*place, offsets[place], one))
    return found


async def tell(client: Client, *envelopes: Envelope) -> None:
    """The services state this, and reporting has taken it in."""
    await publish(client.app, *envelopes)
    await client.caught_up()


async def publish(app: Any, *envelopes: Envelope) -> None:
    for service in sorted({service_of(one) for one in envelopes}):
        topic = topic_of(service)
        await app.state.bus.ensure_topics([topic])
        await app.state.bus.publish(topic, [one for one in envelopes if service_of(one) == service])
