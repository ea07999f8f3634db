"""Many results at once: every row is answered, and all of them are recorded or none.

A dry run takes the same way to the last step but one, so what it tells is what then comes to pass.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import rules, store
from indicators.models import Document, Indicator
from indicators.rules.validation import Finding
from indicators.schemas.bulk import Outcome, Refusal, Row, RowAnswer, Upload, UploadedResult
from indicators.service import answering, documents, recording, validating
from indicators.service.recording import Aim, Entry, Recorded
from indicators.store.definitions import NoSuchIndicator, Scope
from indicators.store.ledger import Ledger, Line
from shared import clock
from shared.auth import Principal
from shared.errors import FieldError, Problem, Unprocessable
from shared.events.indicators import PlanState
from shared.events.results import Result, Review

STALE, TWICE, EMPTIED, UNEXPLAINED = "stale-version", "stands-twice", "emptied", "unexplained"
NOT_EMPTIED = "a result cannot be emptied; where there is no figure, choose a reason in no_data"
MOVED = "others have reported since this was downloaded; the row is as it was then, so nothing is changed"
OF_ANOTHER = (
    "{} stood in the row as it was downloaded, for another figure or day, and is left out; write anew what still holds"
)
MOST_NAMED = 100
PLANNED: dict[Outcome, Outcome] = {"created": "would_create", "changed": "would_change"}


class RowsRefused(Unprocessable):
    slug = "rows-refused"


@dataclass(slots=True)
class Working:
    """A row on its way: its entry once it is known to be a result, and what it is compared with."""

    row: Row
    entry: Entry | None = None
    before: Result | None = None
    outcome: Outcome = "refused"
    recorded: Recorded | None = None
    findings: Sequence[Finding] = ()
    untouched: bool = False
    """It is as it was downloaded, and others have reported since."""
    dropped: Sequence[str] = ()
    """What it carried over from another figure, and does not say."""

    def moved(self, ledger: Ledger) -> list[tuple[str, int]]:
        """Key and version of the target's results as the row knows them, where they have moved since."""
        given = self.row.given
        if self.entry is None or given is None or given.version is None:
            return []
        key = self.entry.aim.key
        return [] if given.version == ledger.lines[key].sequence else [(key, given.version)]


async def record_results(
    session: AsyncSession,
    plan_code: str,
    rows: Sequence[Row],
    principal: Principal,
    units: Scope,
    *,
    dry_run: bool,
    review: Review = "submitted",
) -> Upload:
    """Every row's result is in the history of its target, unless the same is there already; or in a dry run, what would be.

    Raises NoSuchPlan, and RowsRefused with the answers to all rows where one is refused; then nothing is stored.
    """
    plan = (await store.definitions.get_plan(session, plan_code)).state()
    held = await store.bulk.list_all(session, plan_code, units, hold=not dry_run)
    upload = _Rows(plan, rules.calendar.day_in(clock.now(), plan.timezone), principal.actor, review)
    working = await asyncio.to_thread(upload.check, rows, held)
    ledger = await _ledger(session, working, lock=not dry_run)
    moved = {(key, version) for one in working for key, version in one.moved(ledger)}
    stood = await store.bulk.stood_at(session, sorted(moved))
    around = await validating.surroundings_of(session, plan, [one.entry.aim.indicator for one in working if one.entry])
    cited = await documents.cited(session, [one.entry.result.evidence for one in working if one.entry])
    answer = await asyncio.to_thread(upload.decide, working, ledger, stood, around, cited, dry_run=dry_run)
    if dry_run:
        return answer
    if answer.counts.get("refused"):
        raise _refused(answer)
    recorded = [one.recorded for one in working if one.recorded]
    versions = await recording.keep(session, recorded, ledger, principal.subject)
    for item in answer.items:
        item.version = versions.get(f"{plan_code}/{item.indicator}/{item.phase}/{item.place}", item.version)
    return answer


async def _ledger(session: AsyncSession, working: Sequence[Working], *, lock: bool) -> Ledger:
    """The lines of the rows, made only where a row has something to say."""
    entries = [(one.row.blank, one.entry) for one in working if one.entry]
    said = {line.key: line for line in (entry.aim.line() for blank, entry in entries if not blank)}
    blank = {line.key: line for line in (entry.aim.line() for blank, entry in entries if blank)}
    only_read = [line for key, line in blank.items() if key not in said]
    days = sorted({entry.result.as_of for _, entry in entries})
    if lock:
        return await store.ledger.lock_ledger(session, list(said.values()), days, only_read)
    return await store.ledger.find_ledger(session, [*said.values(), *only_read], days)


def _refused(answer: Upload) -> RowsRefused:
    refused = [(item.row, one) for item in answer.items for one in item.refused]
    errors = [
        FieldError(pointer=f"#/{row}/{one.column}", value=one.value, detail=one.detail)
        for row, one in refused[:MOST_NAMED]
    ]
    detail = f"{answer.counts['refused']} of {answer.rows} rows are refused, and nothing is recorded"
    return RowsRefused(detail, errors=errors, members=answer.model_dump(mode="json", include={"counts", "items"}))


@dataclass(frozen=True)
class _Rows:
    """The pure part, that runs in a thread."""

    plan: PlanState
    today: date
    actor: str
    review: Review

    def check(self, rows: Sequence[Row], held: Sequence[Indicator]) -> list[Working]:
        """Each row with its entry, or with why it is none; the same target and day may stand there once."""
        states = {indicator.code: indicator.state() for indicator in held}
        aims = {(s.code, t.phase, t.place): Aim(self.plan, s, t) for s in states.values() for t in s.targets}
        seen: dict[tuple[str, date], int] = {}
        working = []
        for row in rows:
            one = Working(row)
            working.append(one)
            try:
                one.entry = self._entry(row, states, aims)
            except Problem as problem:
                row.refused += answering.refusals_of(row, problem)
            if one.entry is None or row.blank:
                continue
            place = one.entry.aim.key, one.entry.result.as_of
            first = seen.setdefault(place, row.number)
            if first != row.number:
                detail = f"row {first} is for the same target and the same day"
                row.refused.append(Refusal(column="as_of", value=str(place[1]), rule=TWICE, detail=detail))
        return working

    def _entry(self, row: Row, known: Collection[str], aims: dict[tuple[str, str, str], Aim]) -> Entry | None:
        given = row.given
        if given is None:
            return None
        if given.indicator not in known:
            raise NoSuchIndicator(f"there is no indicator {given.indicator} in the plan {self.plan.code}")
        aim = aims.get((given.indicator, given.phase, given.place))
        if aim is None:
            raise recording.no_such_target(given.indicator, given.phase, given.place)
        if row.blank:
            return Entry(aim, recording.new_result({"as_of": self.today, "recorded_by": "", "review": self.review}))
        return recording.check(aim, given, self.today, self.actor, self.review)

    def decide(
        self,
        working: Sequence[Working],
        ledger: Ledger,
        stood: dict[str, Result],
        around: validating.Surroundings,
        cited: dict[str, Document],
        *,
        dry_run: bool,
    ) -> Upload:
        """Every row is answered; what is to be recorded is in `ledger`. `stood`: the results that moved rows were written from."""
        for one in working:
            if one.entry is not None and one.row.given is not None:
                self._compare(one, one.entry, one.row.given, ledger, stood)
        _cite(working, cited)
        _hold(working, around, self.review)
        for one in working:
            if one.entry is not None and one.outcome in PLANNED:
                one.recorded = recording.enter([one.entry], ledger)[0]
        stored = not dry_run and not any(one.outcome == "refused" for one in working)
        items = [_answer(one, ledger, stored=stored) for one in working]
        counts: Counter[Outcome] = Counter(item.outcome for item in items)
        return Upload(plan=self.plan.code, dry_run=dry_run, rows=len(items), counts=dict(counts), items=items)

    def _compare(
        self, one: Working, entry: Entry, given: UploadedResult, ledger: Ledger, stood: dict[str, Result]
    ) -> None:
        key, row = entry.aim.key, one.row
        standing, of_day = ledger.standing(key), ledger.of_day(key, entry.result.as_of)
        one.before = of_day or standing
        if row.refused:
            return
        if self.review == "submitted":
            entry = _drop_carried(one, entry, given, stood.get(key) if one.moved(ledger) else standing)
        # what was published once and corrected since is not published again
        compared = ledger.known[key] if self.review == "accepted" else [one for one in (of_day, standing) if one]
        if not row.blank and any(_repeats(entry, given, known) for known in compared):
            one.outcome = "unchanged"
        elif one.moved(ledger):
            known = stood.get(key)
            one.untouched = known is None if row.blank else _repeats(entry, given, known)
            if one.untouched:
                one.outcome = "unchanged"
            else:
                detail = (
                    f"others have reported since version {given.version}: version {ledger.lines[key].sequence} stands"
                )
                row.refused.append(Refusal(column="version", value=given.version, rule=STALE, detail=detail))
        elif row.blank and standing is None:
            one.outcome = "unchanged"
        elif row.blank:
            row.refused.append(Refusal(column="value", rule=EMPTIED, detail=NOT_EMPTIED))
        else:
            for pointer, value, detail in rules.review.faults_of_superseding(of_day, entry.result):
                row.refused.append(
                    Refusal(column=pointer.removeprefix("#/"), value=value, rule=UNEXPLAINED, detail=detail)
                )
            one.outcome = "refused" if row.refused else "created" if of_day is None else "changed"


def _cite(working: Sequence[Working], cited: dict[str, Document]) -> None:
    """Rows that would be recorded and cite a document that cannot be are refused; what stands may cite one that was withdrawn since."""
    for one in working:
        if one.entry is None or one.outcome not in PLANNED:
            continue
        try:
            documents.check_citations(one.entry.result.evidence, cited)
        except Problem as problem:
            one.row.refused += answering.refusals_of(one.row, problem)
            one.outcome = "refused"


def _hold(working: Sequence[Working], around: validating.Surroundings, review: Review) -> None:
    """Rows that break the plan's rules, with all other rows standing, are refused; what was published so is kept, and warned of."""
    planned = [(one, one.entry) for one in working if one.entry is not None and one.outcome in PLANNED]
    for _, entry in planned:
        around.place(entry.aim.target, entry.aim.indicator, entry.result)
    for one, entry in planned:
        one.findings = around.findings(entry.aim.target, entry.aim.indicator, entry.result)
        errors = [found for found in one.findings if found.severity == "error" and review != "accepted"]
        one.row.refused += [Refusal(column=found.column, rule=found.rule, detail=found.words) for found in errors]
        one.outcome = "refused" if errors else one.outcome


def _drop_carried(one: Working, entry: Entry, given: UploadedResult, source: Result | None) -> Entry:
    """A custodian's row without what it was downloaded with, where that spoke of another figure or day: of `source`."""
    if not one.row.of_sheet or given.version is None or source is None or _repeats(entry, given, source):
        return entry
    one.dropped = rules.sheet.carried_over(entry.result, source)
    empty: dict[str, object] = {name: [] if name == "evidence" else None for name in one.dropped}
    one.entry = Entry(entry.aim, entry.result.model_copy(update=empty))
    return one.entry


def _repeats(entry: Entry, given: UploadedResult, known: Result | None) -> bool:
    """Whether the row says what `known` says. Without a day it speaks of the same day: sent again tomorrow, a file changes nothing."""
    if known is None:
        return False
    return rules.sheet.same(_on(entry.result, known.as_of) if given.as_of is None else entry.result, known)


def _on(result: Result, day: date) -> Result:
    return result if result.as_of == day else result.model_copy(update={"as_of": day})


def _answer(one: Working, ledger: Ledger, *, stored: bool) -> RowAnswer:
    """Where nothing is stored, it is told what would be, and no result has a number yet."""
    row, entry, recorded, outcome = one.row, one.entry, one.recorded, one.outcome
    warnings = [MOVED] if one.untouched else []
    if one.dropped and outcome in PLANNED:
        warnings.append(OF_ANOTHER.format(", ".join(one.dropped)))
    after: Result | None = None
    line: Line | None = None
    if entry is not None:
        line = ledger.lines[entry.aim.key]
        if not row.blank:
            after = recorded.event.changed if recorded and stored else entry.result
            warnings += answering.warnings_of(entry, after)
        warnings += [found.words for found in one.findings if found.severity == "warning" or not row.refused]
    return RowAnswer(
        row=row.number,
        indicator=row.indicator,
        phase=row.phase,
        place=row.place,
        outcome=outcome if stored else PLANNED.get(outcome, outcome),
        before=None if one.before is None else answering.said_by(one.before),
        after=None if after is None else answering.said_by(after),
        status_before=recorded.before if recorded else line.status if line else None,
        status_after=recorded.event.status if recorded else line.status if line else None,
        version=recorded.version if recorded else line.sequence if line else None,
        refused=row.refused,
        warnings=warnings,
    )
