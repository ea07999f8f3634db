"""A result enters the history of its target: the one way, for a single result and for ten thousand at once.

`check` says whether what was given is a result of its target; `append` stores and states it. What must not break: both are all that
stands between a request and the history, so that a bulk upload takes exactly what a single request takes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.schemas.results import NewResult
from indicators.service import regression, stating
from indicators.service.stating import Stated
from indicators.store.ledger import Ledger, Line
from shared import clock
from shared.errors import FieldError, Unprocessable, shorten
from shared.events.indicators import IndicatorState, PlanState, Status, Target, Vocabulary
from shared.events.results import Result, ResultRecorded, Review


class AsOfInFuture(Unprocessable):
    slug = "as-of-in-future"


@dataclass(frozen=True, slots=True)
class Aim:
    """What a result is judged by. `key` is that of its target's line of results."""

    plan: PlanState
    indicator: IndicatorState
    target: Target
    key: str = field(init=False)
    vocabulary: Vocabulary = field(init=False)
    last_day: date = field(init=False)

    def __post_init__(self) -> None:
        # worked out once, because a batch asks for them many times a row
        object.__setattr__(self, "key", self.line().key)
        phase = next(phase for phase in self.plan.phases if phase.code == self.target.phase)
        object.__setattr__(self, "vocabulary", phase.vocabulary)
        object.__setattr__(self, "last_day", phase.ends)

    def line(self) -> Line:
        """The line of results, as it is while nothing was recorded."""
        return Line(self.plan.code, self.indicator.code, self.target.phase, self.target.place)

    def judge(self, result: Result | None) -> Status:
        return rules.status.judge(self.indicator, self.target, result, self.vocabulary)


@dataclass(frozen=True, slots=True)
class Entry:
    """A result that is to enter the history; it gets its number there."""

    aim: Aim
    result: Result


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of an entry. `version` is that of the target's results with it; `before` was the status without it."""

    aim: Aim
    key: str
    event: ResultRecorded
    version: int
    before: Status


_TAKEN = set(NewResult.model_fields) - {"phase", "place", "as_of"}


def target_of(indicator: IndicatorState, phase: str, place: str) -> Target:
    """Raises NoSuchTarget."""
    target = rules.status.target_of(indicator, phase, place)
    if target is None:
        raise no_such_target(indicator.code, phase, place)
    return target


def no_such_target(code: str, phase: str, place: str) -> store.results.NoSuchTarget:
    return store.results.NoSuchTarget(f"{code} has no target for the phase {phase} and the place {place}")


def check(aim: Aim, given: NewResult, today: date, by: str, review: Review) -> Entry:
    """What was given, as a result of `aim`. Raises AsOfInFuture, or Unprocessable with every field that is wrong."""
    as_of = given.as_of or min(today, aim.last_day)  # a day after the phase would bar every later figure that is of it
    if as_of > today:
        raise AsOfInFuture(
            f"as_of: {as_of} is in the future",
            errors=[FieldError(pointer="#/as_of", value=str(as_of), detail="is in the future")],
        )
    if given.value is not None and given.numerator is not None:
        _refuse([("#/value", given.value, "give the value or numerator and denominator, not both")])
    fields = given.model_dump(include=_TAKEN)
    result = new_result(fields | {"as_of": as_of, "recorded_by": by, "review": review})
    faults = rules.faults.faults_of_day(aim.plan, as_of)
    _refuse([*faults, *rules.faults.faults_of_result(aim.indicator, aim.target, result)])
    _refuse(rules.validation.faults_of_breakdown(aim.indicator, result))
    return Entry(aim, result)


def new_result(fields: dict[str, Any]) -> Result:
    """A result that has no number yet; its value is derived where only numerator and denominator are given."""
    value = rules.status.derived_value(fields.get("numerator"), fields.get("denominator"), fields.get("value"))
    return Result.model_validate({**fields, "value": value, "number": 0, "recorded_at": clock.now()})


def _refuse(faults: list[rules.faults.Fault]) -> None:
    if faults:
        errors = [FieldError(pointer=pointer, value=shorten(value), detail=detail) for pointer, value, detail in faults]
        raise Unprocessable("; ".join(f"{pointer}: {detail}" for pointer, _, detail in faults), errors=errors)


async def append(session: AsyncSession, entries: Sequence[Entry], ledger: Ledger, subject: str) -> list[Recorded]:
    """Each entry's result is in its history, in order, and each target's status rests on the result that now stands.

    `ledger` holds the entries' lines, locked. One ResultRecorded for each entry is stated, and what follows from it.
    Raises Unprocessable where a comment is wanted.
    """
    recorded = enter(entries, ledger)
    versions = await keep(session, recorded, ledger, subject)
    return [replace(one, version=versions.get(one.key, one.version)) for one in recorded]


async def keep(session: AsyncSession, recorded: Sequence[Recorded], ledger: Ledger, subject: str) -> dict[str, int]:
    """What `enter` wrote into `ledger` is stored and stated, in batches; then for each target that is missed by that and was reached
    before a StatusRegressed. The versions that the results of those targets have by it, by the key of their line.
    """
    added = [(one.key, one.event.changed) for one in recorded]
    await store.ledger.add_results(session, added, subject)
    await store.ledger.write_lines(session, [ledger.lines[key] for key in dict.fromkeys(one.key for one in recorded)])
    stated = [Stated(one.event, one.key, one.version, one.event.changed.comment) for one in recorded]
    await stating.state_all(session, stated)
    regressed = [course.key for course in await regression.follow(session, _courses(recorded, ledger))]
    await store.ledger.write_lines(session, [ledger.lines[key] for key in regressed])
    return {key: ledger.lines[key].sequence for key in regressed}


def _courses(recorded: Sequence[Recorded], ledger: Ledger) -> list[regression.Course]:
    of_line: dict[str, list[Recorded]] = {}
    for one in recorded:
        of_line.setdefault(one.key, []).append(one)
    courses = []
    for key, ones in of_line.items():
        aim, said = ones[0].aim, [one.event.status for one in ones]
        parts = (aim.plan, aim.indicator, aim.target, ledger.lines[key], ones[-1].event)
        courses.append(regression.Course(*parts, said, ones[0].before, ones[0].version))
    return courses


def enter(entries: Sequence[Entry], ledger: Ledger) -> list[Recorded]:
    """The entries are in `ledger`, and nothing is stored: what a dry run tells is what then comes to pass."""
    recorded = []
    for entry in entries:
        key = entry.aim.key
        line, before = ledger.lines[key], ledger.lines[key].status
        of_day = ledger.of_day(key, entry.result.as_of)
        _refuse(rules.review.faults_of_superseding(of_day, entry.result))
        number = {"number": line.results + 1, "supersedes": of_day.number if of_day else None}
        result = entry.result.model_copy(update=number)
        standing = rules.status.standing_result([one for one in (ledger.standing(key), result) if one is not None])
        ledger.known[key].append(result)
        line.results = line.changed = result.number
        line.sequence += 1
        line.standing = standing.number if standing else None
        line.status = entry.aim.judge(standing)
        event = ResultRecorded(
            plan=line.plan,
            indicator=line.indicator,
            phase=line.phase,
            place=line.place,
            status=line.status,
            standing=standing,
            changed=result,
        )
        recorded.append(Recorded(entry.aim, key, event, line.sequence, before))
    return recorded
