"""What is due when: rounds, deadlines, what is wanted of a custodian, and who reported in time.

A deadline ends with its day in the plan's time zone, not at the day's beginning and not in the zone of the server.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from shared.events.indicators import Phase, PlanState
from shared.events.results import Result

DueState = Literal["not_yet_due", "due", "overdue", "submitted", "sent_back", "accepted"]
Timeliness = Literal["on_time", "late", "missing"]
Answered = Timeliness | Literal["published"]


DUE_SOON_DAYS = 30
OPERATOR = "operator"
"""as what records of an operator name their actor"""


@dataclass(frozen=True)
class Ask:
    """A time at which results of a phase are asked for: a round of the plan, or the phase itself where the plan has none for it.

    A result answers it where its as-of day is after `after` and not after `until`; None bounds nothing.
    """

    code: str
    phase: str
    as_of: date
    due: date
    after: date | None = None
    until: date | None = None

    def answers(self, results: Collection[Result]) -> list[Result]:
        """In the order in which they were recorded."""
        found = [
            one
            for one in results
            if (self.after is None or one.as_of > self.after) and (self.until is None or one.as_of <= self.until)
        ]
        return sorted(found, key=lambda one: one.number)


def asks_of(plan: PlanState, phase: str) -> list[Ask]:
    """In order of their as-of days. What is as of a later day than the last round asks for answers the last round."""
    rounds = sorted((one for one in plan.rounds if one.phase == phase), key=lambda one: (one.as_of, one.due))
    if not rounds:
        found = next(one for one in plan.phases if one.code == phase)
        return [Ask(phase, phase, found.ends, due_on(found))]
    afters = [None, *(one.as_of for one in rounds[:-1])]
    return [
        Ask(one.code, phase, one.as_of, one.due, after, None if one is rounds[-1] else one.as_of)
        for one, after in zip(rounds, afters, strict=True)
    ]


def deadline(day: date, zone: str) -> datetime:
    """The instant (UTC) at which `day` is over in the time zone; also where that midnight is skipped or the day itself is."""
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone)).astimezone(UTC)


def day_in(now: datetime, zone: str) -> date:
    """The day that it is in the time zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def phase_of(phases: Sequence[Phase], day: date) -> Phase | None:
    return next((phase for phase in phases if phase.starts <= day <= phase.ends), None)


def due_on(phase: Phase) -> date:
    return phase.due or phase.ends


def due_state(ask: Ask, zone: str, results: Collection[Result], now: datetime) -> DueState:
    """What is wanted of a target's custodian: a review where something was reported, its state; otherwise it depends on the day."""
    answers = ask.answers(results)
    if answers:
        return answers[-1].review
    if now >= deadline(ask.due, zone):
        return "overdue"
    return "due" if days_left(ask, zone, now) <= DUE_SOON_DAYS else "not_yet_due"


def days_left(ask: Ask, zone: str, now: datetime) -> int:
    """Whole days until the due day in the zone; 0 on the day itself, below 0 after it."""
    return (ask.due - day_in(now, zone)).days


def timeliness(ask: Ask, zone: str, results: Collection[Result], now: datetime) -> Answered | None:
    """Whether it was reported by the deadline; None while the deadline is to come.

    The first answer that was not sent back decides: what was sent back was no report, and a later correction makes nobody late. Where
    that is a published figure no custodian reported at all, neither in time nor late.
    """
    ends = deadline(ask.due, zone)
    if now < ends:
        return None
    reported = [one for one in ask.answers(results) if one.review != "sent_back"]
    if not reported:
        return "missing"
    if loaded_as_published(reported[0]):
        return "published"
    return "on_time" if reported[0].recorded_at < ends else "late"


def loaded_as_published(result: Result) -> bool:
    """Whether an operator recorded it, who records nothing but published figures."""
    return result.recorded_by == OPERATOR


def next_due(plan: PlanState, phase: str, now: datetime) -> date | None:
    """The next due day from now on, of the phase or of one that begins later; None where all are over."""
    starts = next(one.starts for one in plan.phases if one.code == phase)
    phases = [one.code for one in plan.phases if one.starts >= starts]
    ahead = [ask.due for code in phases for ask in asks_of(plan, code) if now < deadline(ask.due, plan.timezone)]
    return min(ahead, default=None)
