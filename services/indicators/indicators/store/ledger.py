"""The lines of results and what counts in them, read and written in batches; a single result is a batch of one.

What must not break: lines are locked in the order of their keys, so that of two batches one waits and neither fails. Keys go in as
one array, never as a parameter each: PostgreSQL takes 32,767 of those.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Date, Text, any_, cast, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from indicators.models import ResultLine, ResultRow
from shared.events.indicators import Status
from shared.events.results import Result


@dataclass(slots=True)
class Line:
    """A target's line as a batch works on it; as a row of `result_lines`. `sequence` 0: nothing was recorded."""

    plan: str
    indicator: str
    phase: str
    place: str
    sequence: int = 0
    status: Status = "data_unavailable"
    results: int = 0
    standing: int | None = None
    changed: int = 0

    @property
    def key(self) -> str:
        return f"{self.plan}/{self.indicator}/{self.phase}/{self.place}"


@dataclass(frozen=True, slots=True)
class Ledger:
    """Lines by key, and of each the results that a further one is compared with: the one that stands, and all of the days asked for,
    the oldest first.
    """

    lines: dict[str, Line]
    known: dict[str, list[Result]]

    def standing(self, key: str) -> Result | None:
        number = self.lines[key].standing
        return next((result for result in self.known[key] if result.number == number), None)

    def of_day(self, key: str, day: date) -> Result | None:
        """What is said of that day: the last of its results that was not sent back."""
        found = [one for one in self.known[key] if one.as_of == day and one.review != "sent_back"]
        return found[-1] if found else None


_MAKE = text("""
    INSERT INTO result_lines (key, sequence, plan, indicator, phase, place, status, results, changed)
    SELECT concat_ws('/', plan, indicator, phase, place), 0, plan, indicator, phase, place, 'data_unavailable', 0, 0
    FROM unnest(CAST(:plans AS text[]), CAST(:indicators AS text[]), CAST(:phases AS text[]), CAST(:places AS text[]))
        AS given (plan, indicator, phase, place)
    ORDER BY 1 ON CONFLICT DO NOTHING
""")


async def lock_ledger(
    session: AsyncSession, lines: Sequence[Line], days: Sequence[date], only_read: Sequence[Line] = ()
) -> Ledger:
    """The lines as they are, made where they are new, locked until the transaction ends; `only_read` are made by nobody."""
    given = {
        "plans": [line.plan for line in lines],
        "indicators": [line.indicator for line in lines],
        "phases": [line.phase for line in lines],
        "places": [line.place for line in lines],
    }
    await session.execute(_MAKE, given)
    return await _read(session, [*lines, *only_read], days, lock=True)


async def find_ledger(session: AsyncSession, lines: Sequence[Line], days: Sequence[date]) -> Ledger:
    """The lines as they are; one that is not there yet as it would be made."""
    return await _read(session, lines, days, lock=False)


_COLUMNS = [
    *(ResultLine.plan, ResultLine.indicator, ResultLine.phase, ResultLine.place, ResultLine.sequence),
    *(ResultLine.status, ResultLine.results, ResultLine.standing, ResultLine.changed),
]


async def _read(session: AsyncSession, lines: Sequence[Line], days: Sequence[date], *, lock: bool) -> Ledger:
    keys = cast([line.key for line in lines], ARRAY(Text))
    statement = select(*_COLUMNS).where(ResultLine.key == any_(keys)).order_by(ResultLine.key)
    found = (await session.execute(statement.with_for_update() if lock else statement)).mappings()
    known = {line.key: line for line in lines} | {line.key: line for line in (Line(**row) for row in found)}
    wanted = (ResultRow.number == ResultLine.standing) | (ResultRow.as_of == any_(cast(list(days), ARRAY(Date))))
    results = (
        select(*ResultRow.__table__.columns)
        .join(ResultLine, ResultLine.key == ResultRow.line)
        .where(ResultRow.line == any_(keys), wanted)
        .order_by(ResultRow.line, ResultRow.number)
    )
    results_of: dict[str, list[Result]] = {key: [] for key in known}
    for row in (await session.execute(results)).mappings():
        results_of[row["line"]].append(Result.model_validate({**row, **row["body"]}))
    return Ledger(known, results_of)


_ADD = text("""
    INSERT INTO results (line, number, as_of, body, review, recorded_at, recorded_by, subject)
    SELECT line, number, as_of, CAST(body AS jsonb), review, recorded_at, recorded_by, subject
    FROM unnest(CAST(:line AS text[]), CAST(:number AS int[]), CAST(:as_of AS date[]), CAST(:body AS text[]),
        CAST(:review AS text[]), CAST(:recorded_at AS timestamptz[]), CAST(:recorded_by AS text[]), CAST(:subject AS text[]))
        AS given (line, number, as_of, body, review, recorded_at, recorded_by, subject)
""")

NO_BODY = {"number", "as_of", "review", "review_reason", "recorded_at", "recorded_by"}
"""The fields of a result that are columns; all others are its body."""


async def add_results(session: AsyncSession, added: Sequence[tuple[str, Result]], subject: str) -> None:
    """The results are stored, each in the line of its key. `subject` is the caller as the issuer names it."""
    columns = {
        "line": [key for key, _ in added],
        "body": [result.model_dump_json(exclude=NO_BODY, exclude_none=True) for _, result in added],
        "subject": [subject] * len(added),
    }
    for name in ("number", "as_of", "review", "recorded_at", "recorded_by"):
        columns[name] = [getattr(result, name) for _, result in added]
    await session.execute(_ADD, columns)


_WRITE = text("""
    UPDATE result_lines AS line SET sequence = given.sequence, status = given.status, results = given.results,
        standing = given.standing, changed = given.changed
    FROM unnest(CAST(:key AS text[]), CAST(:sequence AS bigint[]), CAST(:status AS text[]), CAST(:results AS int[]),
        CAST(:standing AS int[]), CAST(:changed AS int[])) AS given (key, sequence, status, results, standing, changed)
    WHERE line.key = given.key
""")


async def write_lines(session: AsyncSession, lines: Sequence[Line]) -> None:
    """The locked lines are stored as they are here."""
    names = ("key", "sequence", "status", "results", "standing", "changed")
    await session.execute(_WRITE, {name: [getattr(line, name) for line in lines] for name in names})
