"""What follows when a target is missed that was reached, or reached again: a regression stated, remedial actions opened and completed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.rules.regression import Known
from indicators.service import remedies, stating
from shared.events.indicators import IndicatorState, PlanState, Status, Target
from shared.events.results import ResultState, StatusRegressed


class Numbered(Protocol):
    """A line of results as it is worked on, a row or not."""

    sequence: int


@dataclass(frozen=True, slots=True)
class Course:
    """What a command did to one target: `state` is what it stated last, `said` each status that it stated, `before` the one before
    its first statement, which has the number `first`.
    """

    plan: PlanState
    indicator: IndicatorState
    target: Target
    line: Numbered
    state: ResultState
    said: Sequence[Status]
    before: Status
    first: int

    @property
    def key(self) -> str:
        return f"{self.state.plan}/{self.state.indicator}/{self.state.phase}/{self.state.place}"

    @property
    def as_of(self) -> date | None:
        return self.state.standing.as_of if self.state.standing else None


async def follow(session: AsyncSession, courses: Sequence[Course]) -> list[Course]:
    """Those that regressed: each has a remedial action and a StatusRegressed, with which its line has the next sequence.

    Where a target is reached, the remedial actions that were open for it are completed with a note.
    """
    for course in await _remedied(session, courses):
        await remedies.complete(session, course.key, f"Reached again ({course.state.status}) as of {course.as_of}.")
    missed = [course for course in courses if course.state.status in rules.regression.MISSED]
    wanted = [course for course in missed if course.before not in rules.regression.MISSED or len(course.said) > 1]
    known = await _known_before(session, wanted)
    regressed = []
    for course in wanted:
        before = rules.regression.regressed(known.get(course.key), course.state.phase, course.said)
        if before is not None:
            await _state(session, course, before)
            regressed.append(course)
    return regressed


async def _remedied(session: AsyncSession, courses: Sequence[Course]) -> list[Course]:
    reached = {course.key: course for course in courses if course.state.status in rules.regression.REACHED}
    remedied = await store.actions.lines_with_open_remedies(session, list(reached)) if reached else []
    return [reached[key] for key in remedied]


async def _state(session: AsyncSession, course: Course, before: Known) -> None:
    action = await remedies.open_one(session, course.plan, course.indicator, course.target, course.state.status, before)
    fields = {"before": before.status, "before_phase": before.phase, "action": action.code}
    event = StatusRegressed.model_validate({**course.state.model_dump(), **fields})
    course.line.sequence += 1
    await stating.state_all(session, [stating.Stated(event, course.key, course.line.sequence)])


async def _known_before(session: AsyncSession, courses: Sequence[Course]) -> dict[str, Known]:
    """In its phase what a line itself last said; in its beginning what the phases before say."""
    own = await store.changes.known_statuses(session, {f"result/{one.key}": one.first for one in courses})
    found = {one.key: Known(own[key], one.state.phase) for one in courses if (key := f"result/{one.key}") in own}
    fresh = [one for one in courses if one.key not in found]
    keys = {key for one in fresh for key in _lines_before(one).values()}
    rows = await store.results.rows_of(session, *keys) if keys else {}
    results = {key: [row.result() for row in of_line] for key, of_line in rows.items()}
    for one in fresh:
        state = one.state
        by_phase = {phase: results[key] for phase, key in _lines_before(one).items()}
        here = (state.phase, state.place)
        known = rules.regression.known_before(one.indicator, one.plan.phases, here, by_phase, one.as_of or date.min)
        if known is not None:
            found[one.key] = known
    return found


def _lines_before(course: Course) -> dict[str, str]:
    """The keys of the lines of the same place in the phases before, by phase."""
    state = course.state
    starts = next(phase.starts for phase in course.plan.phases if phase.code == state.phase)
    before = [phase.code for phase in course.plan.phases if phase.starts < starts]
    return {phase: f"{state.plan}/{state.indicator}/{phase}/{state.place}" for phase in before}
