"""The audit trail: what was changed, and each version that there was."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from indicators.models import Change, ResultLine
from indicators.rules.calendar import day_in
from indicators.rules.lines import Redefinition
from indicators.rules.regression import REACHED
from shared.errors import NotFound
from shared.events.indicators import PlanState, Status
from shared.events.results import StatusRegressed
from shared.paging import Page


class NoSuchVersion(NotFound):
    slug = "no-such-version"


@dataclass(frozen=True)
class Step:
    """A change with the state before it; of a line of results, `changed` before is the same result, not the one changed last."""

    change: Change
    before: dict[str, Any] | None


_ADD = text("""
    INSERT INTO changes (aggregate, sequence, event, state, reason, actor, subject, changed_at)
    SELECT kind || '/' || key, sequence, event, CAST(payload AS jsonb), reason, actor, :subject, recorded_at
    FROM unnest(CAST(:kind AS text[]), CAST(:key AS text[]), CAST(:sequence AS bigint[]), CAST(:event AS text[]),
        CAST(:payload AS text[]), CAST(:reason AS text[]), CAST(:actor AS text[]), CAST(:recorded_at AS timestamptz[]))
        AS given (kind, key, sequence, event, payload, reason, actor, recorded_at)
""")


async def add_changes(
    session: AsyncSession, stated: Sequence[dict[str, Any]], reasons: Sequence[str | None], subject: str
) -> None:
    """A row of the trail beside each row of the outbox, so that both say the same of the change."""
    names = {"kind": "aggregatetype", "key": "aggregateid", "event": "type"}
    names |= {name: name for name in ("sequence", "payload", "actor", "recorded_at")}
    columns = {name: [row[column] for row in stated] for name, column in names.items()}
    await session.execute(_ADD, {**columns, "reason": list(reasons), "subject": subject})


async def list_changes(
    session: AsyncSession, page: Page, aggregates: Sequence[str] | None
) -> tuple[list[Step], str | None]:
    """The trail of `aggregates`, of everything where it is None; by time."""
    before, same = aliased(Change), aliased(Change)
    number = func.jsonb_extract_path_text(Change.state, "changed", "number")
    of_same = (
        select(same.state["changed"])
        .where(
            same.aggregate == Change.aggregate,
            same.sequence < Change.sequence,
            func.jsonb_extract_path_text(same.state, "changed", "number") == number,
        )
        .order_by(same.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = select(Change, before.state, of_same).outerjoin(
        before, and_(before.aggregate == Change.aggregate, before.sequence == Change.sequence - 1)
    )
    if aggregates is not None:
        statement = statement.where(Change.aggregate.in_(aggregates))
    rows, following = await _page(session, statement, page)
    return [Step(change, _with_same(state, changed)) for change, state, changed in rows], following


def _with_same(state: dict[str, Any] | None, changed: dict[str, Any] | None) -> dict[str, Any] | None:
    return state if state is None or "changed" not in state else {**state, "changed": changed}


async def _page(session: AsyncSession, statement: Select[Any], page: Page) -> tuple[list[Any], str | None]:
    key = (Change.changed_at, Change.aggregate, Change.sequence)
    if page.after:
        at, aggregate, sequence = page.after
        statement = statement.where(tuple_(*key) > (datetime.fromisoformat(str(at)), str(aggregate), int(sequence)))
    rows = (await session.execute(statement.order_by(*key).limit(page.limit + 1))).all()
    return page.cut(list(rows), lambda row: [row[0].changed_at.isoformat(), row[0].aggregate, row[0].sequence])


async def get_version(session: AsyncSession, aggregate: str, version: int) -> Change:
    found = await session.get(Change, (aggregate, version))
    if found is None:
        raise NoSuchVersion(f"there is no version {version} of {aggregate}")
    return found


_REDEFINED = text("""
    SELECT DISTINCT ON (aggregate) * FROM (
        SELECT aggregate, sequence, changed_at, array_remove(ARRAY[
            CASE WHEN state->>'kind' IS DISTINCT FROM lag(state->>'kind') OVER trail THEN 'kind' END,
            CASE WHEN state->>'unit' IS DISTINCT FROM lag(state->>'unit') OVER trail THEN 'unit' END,
            CASE WHEN state->>'direction' IS DISTINCT FROM lag(state->>'direction') OVER trail THEN 'direction' END,
            CASE WHEN state->>'definition' IS DISTINCT FROM lag(state->>'definition') OVER trail THEN 'definition' END
        ], NULL) AS fields, lag(sequence) OVER trail AS earlier
        FROM changes WHERE aggregate = ANY(CAST(:aggregates AS text[]))
        WINDOW trail AS (PARTITION BY aggregate ORDER BY sequence)
    ) AS versions
    WHERE earlier IS NOT NULL AND fields <> '{}' ORDER BY aggregate, sequence DESC
""")


async def redefinitions(session: AsyncSession, plan: PlanState, indicators: Sequence[str]) -> dict[str, Redefinition]:
    """When kind, unit, direction or definition of indicators of `plan` last became others, by their codes; those that ever did."""
    names = {f"indicator/{plan.code}/{code}": code for code in indicators}
    rows = await session.execute(_REDEFINED, {"aggregates": list(names)})
    return {
        names[row.aggregate]: Redefinition(
            row.sequence, row.changed_at, day_in(row.changed_at, plan.timezone), tuple(row.fields)
        )
        for row in rows
    }


_KNOWN = text("""
    SELECT DISTINCT ON (aggregate) aggregate, state->>'status' AS status
    FROM changes JOIN unnest(CAST(:aggregates AS text[]), CAST(:firsts AS bigint[])) AS given (line, first)
        ON aggregate = line AND sequence < first
    WHERE state->>'status' <> 'data_unavailable' ORDER BY aggregate, sequence DESC
""")


async def known_statuses(session: AsyncSession, before: Mapping[str, int]) -> dict[str, Status]:
    """The last status of each line of results before a version of it, but for `data_unavailable`; by the name of the aggregate."""
    if not before:
        return {}
    given = {"aggregates": list(before), "firsts": list(before.values())}
    return {row.aggregate: row.status for row in await session.execute(_KNOWN, given)}


async def regressions(session: AsyncSession) -> dict[str, dict[str, Any]]:
    """The state of each line of results whose last change states a regression, by the line's key."""
    statement = (
        select(ResultLine.key, Change.state)
        .join(
            Change,
            and_(Change.aggregate == func.concat("result/", ResultLine.key), Change.sequence == ResultLine.sequence),
        )
        .where(Change.event == StatusRegressed.type)
    )
    return {row.key: row.state for row in (await session.execute(statement)).all()}


async def last_fall(session: AsyncSession, line: str) -> StatusRegressed | None:
    """The regression that was stated of the line last; None where it never was, or the line was reached again since."""
    aggregate, later = f"result/{line}", aliased(Change)
    reached = later.state["status"].astext.in_(sorted(REACHED))
    since = select(later.sequence).where(later.aggregate == aggregate, later.sequence > Change.sequence, reached)
    statement = (
        select(Change.state)
        .where(Change.aggregate == aggregate, Change.event == StatusRegressed.type, ~since.exists())
        .order_by(Change.sequence.desc())
        .limit(1)
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    return None if found is None else StatusRegressed.model_validate(found)


async def lines_until(
    session: AsyncSession, indicator: str, version: int, lines: Collection[str]
) -> dict[str, tuple[str, int]]:
    """How the targets of an indicator stood when `version` of it was the last: line -> (status, results recorded)."""
    ends = (
        select(Change.changed_at)
        .where(Change.aggregate == f"indicator/{indicator}", Change.sequence == version + 1)
        .scalar_subquery()
    )
    statement = (
        select(Change)
        .where(
            Change.aggregate.in_([f"result/{line}" for line in lines]), or_(ends.is_(None), Change.changed_at < ends)
        )
        .order_by(Change.aggregate, Change.sequence)
    )
    found: dict[str, tuple[str, int]] = {}
    for change in (await session.execute(statement)).scalars():
        line = change.aggregate.removeprefix("result/")
        recorded = max(found.get(line, ("", 0))[1], change.state["changed"]["number"])
        found[line] = (change.state["status"], recorded)
    return found
