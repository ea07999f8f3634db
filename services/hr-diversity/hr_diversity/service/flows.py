"""The flow account between a released snapshot and the one before it is drawn and stated; the HR role may see that of any two.

What must not break: what is stored or stated went through `rules.flow_suppression`; accounts are of consecutive released snapshots only,
and of one pair of days there are never two that differ by a few people.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures.flows import (
    FLOWS,
    JOINED,
    LADDERS,
    PUBLISHED,
    REGULAR_ONLY,
    SENIOR_LINE,
    Flow,
    accounts_of,
    draw_accounts,
)
from hr_diversity.measures.ladder import CONTRACT_SOURCES
from hr_diversity.models import DrawnMeasure, FlowAccount
from hr_diversity.rules import flow_tables
from hr_diversity.rules.flow_suppression import ALL, Cell, Stocks, is_too_near, withhold
from hr_diversity.rules.flows import DETAILS, REGULAR, WHOLE, Line, total_of
from hr_diversity.rules.suppression.lines import MEN, OTHER, WOMEN, Figures
from hr_diversity.schemas.flows import ComparedSnapshot, Flows
from hr_diversity.schemas.snapshots import Receipt
from shared import clock, outbox
from shared.errors import FieldError, NotFound
from shared.events.hr_diversity import Cell as GroupCell
from shared.events.hr_diversity import MeasureDrawn, MeasureState

Accounts = Mapping[str, Mapping[str, Line]]
GRADES_OF = {"staff-by-grade": WHOLE, "staff-by-grade-regular-budget": REGULAR}
SENIOR_OF = {"women-p5-plus-whole-workforce": WHOLE, "women-p5-plus-regular-budget": REGULAR}
STOCKS = (*GRADES_OF, *SENIOR_OF)
MARK = "staff-by-grade"
"""Of this measure every release has a figure, so it tells which days are released, and with which snapshot."""


class SnapshotNotThere(NotFound):
    slug = "snapshot-not-there"


async def state_flows(
    session: AsyncSession, receipt: Receipt, chunks: Sequence[bytes], k: int, compared: Mapping[str, pl.DataFrame]
) -> None:
    """To be called when the measures of the receipt's snapshot, whose chunks these are, were released and stated. `compared` are those
    who differ between it and others, by the ids of those with which it was compared already.

    Nothing is drawn where no release is before it, the rows of that are deleted, or a release of a later day came first: its account
    begins before this day, and the flows of the two, subtracted, would be those of few days.
    """
    source, as_of = receipt.source, receipt.as_of
    since = await store.flows.find_day_before(session, source, as_of, MARK)
    row = await store.flows.lock_account(session, source, as_of)
    if since is None or (row is None and await store.flows.has_later(session, source, as_of, MARK)):
        return
    stocks = [await store.flows.list_released(session, source, day, STOCKS) for day in (since, as_of)]
    before_id = stocks[0][MARK].snapshot
    if before_id in compared:
        found = await asyncio.to_thread(accounts_of, compared[before_id], chunks)
    elif before := await store.flows.read_chunks(session, before_id):
        found = await asyncio.to_thread(draw_accounts, before, chunks)
    else:
        return
    if row is not None and not await _may_replace(session, row, since, found, k):
        return
    shown = Stocks(*(_known(states) for states in stocks))
    gone = await asyncio.to_thread(withhold, found, shown, k, LADDERS, REGULAR_ONLY)
    if row is None:
        row = FlowAccount(source=source, as_of=as_of, since=since)
        session.add(row)
    answer = Flows(
        source=source,
        since=since,
        as_of=as_of,
        detail="published",
        accounts=flow_tables.publish(found, gone, shown, k, REGULAR_ONLY),
        terms={term: words for term, words in flow_tables.WORDS.items() if term not in DETAILS},
        measures=list(FLOWS),
        rule=flow_tables.RULE,
        before=ComparedSnapshot(snapshot=before_id, as_of=since),
        after=ComparedSnapshot(snapshot=receipt.id, as_of=as_of),
    )
    row.snapshot_id, row.before_id = receipt.id, before_id
    row.state, row.drawn_at = answer.model_dump(mode="json"), clock.now()
    await _state_measures(session, receipt, found, gone)


async def _may_replace(session: AsyncSession, row: FlowAccount, since: date, found: Accounts, k: int) -> bool:
    """Whether an account of the same two days may take the place of the one that is out: not where few people tell them apart."""
    before = await store.flows.read_chunks(session, row.before_id)
    after = await store.flows.read_chunks(session, row.snapshot_id)
    if row.since != since or not before or not after:
        return False
    former = await asyncio.to_thread(draw_accounts, before, after)
    return not is_too_near(former, found, k, REGULAR_ONLY)


def _known(states: Mapping[str, MeasureState]) -> frozenset[tuple[str, str, int]]:
    """Of which lines the stock is shown."""
    found: set[tuple[str, str, int]] = set()
    for code, population in GRADES_OF.items():
        if code in states:
            found |= {(population, ALL, sex) for sex in _sexes(states[code])}
            for cell in states[code].cells:
                found |= {(population, cell.group, sex) for sex in _sexes(cell) if cell.group not in JOINED}
    for code, population in SENIOR_OF.items():
        if code in states:
            found |= {(population, SENIOR_LINE, sex) for sex in _sexes(states[code])}
    return frozenset(found)


def _sexes(line: MeasureState | GroupCell) -> list[int]:
    figures = {WOMEN: line.women, MEN: line.men, OTHER: line.other}
    return [sex for sex, figure in figures.items() if figure is not None]


async def _state_measures(session: AsyncSession, receipt: Receipt, found: Accounts, gone: set[Cell]) -> None:
    rows = await store.measures.list_measures_of(session, receipt.source, receipt.as_of)
    note, feeds = await store.sources.find_standing(session, receipt.source)
    for code, flow in FLOWS.items():
        total, cells = _figures(flow, found[flow.population], gone)
        state = MeasureState(
            code=code,
            title=flow.measure.title,
            source=receipt.source,
            as_of=receipt.as_of,
            snapshot=receipt.id,
            revision=receipt.revision,
            rule=flow.measure.rule,
            dimension=flow.measure.dimension,
            cells=[GroupCell(group=group, **asdict(figures)) for group, figures in cells.items()],
            source_note=note,
            feeds_indicators=feeds,
            **asdict(total),
        )
        row = rows.get(code)
        if row is None:
            key = f"{receipt.source}/{receipt.as_of}/{code}"
            row = DrawnMeasure(key=key, sequence=0, code=code, source=receipt.source, as_of=receipt.as_of)
            session.add(row)
        row.state, row.drawn_at = state.model_dump(mode="json"), clock.now()
        await outbox.record(session, MeasureDrawn(**dict(state)), row)


def _figures(flow: Flow, account: Mapping[str, Line], gone: set[Cell]) -> tuple[Figures, dict[str, Figures]]:
    if flow.line is not None:
        line = account.get(flow.line) or total_of({})
        return flow_tables.sum_of(line, flow.line, flow.terms, gone), {}
    cells = {
        grade: flow_tables.sum_of(line, grade, flow.terms, gone)
        for grade, line in account.items()
        if flow.measure.dimension and grade not in REGULAR_ONLY
    }
    return flow_tables.sum_of(total_of(account), ALL, flow.terms, gone), cells


async def compare_snapshots(session: AsyncSession, source: str, since: date, as_of: date) -> Flows:
    """The account of any two days, by single grades and contract sources, nothing withheld. Raises SnapshotNotThere."""
    ids, chunks = [], []
    for name, day in (("since", since), ("as_of", as_of)):
        head = await store.flows.find_head(session, source, day)
        rows = (
            [] if head is None or head.snapshot_id is None else await store.flows.read_chunks(session, head.snapshot_id)
        )
        if head is None or not rows:
            detail = f"no rows of a snapshot of {source} are kept for this day"
            raise SnapshotNotThere(
                f"{name} {day}: {detail}", errors=[FieldError(parameter=name, value=str(day), detail=detail)]
            )
        ids.append(str(head.snapshot_id))
        chunks.append(rows)
    populations = tuple(dict.fromkeys((*PUBLISHED[:2], *CONTRACT_SOURCES)))
    found = await asyncio.to_thread(draw_accounts, chunks[0], chunks[1], populations, by_grade=True)
    return Flows(
        source=source,
        since=since,
        as_of=as_of,
        detail="full",
        accounts=flow_tables.tell_all(found),
        terms=flow_tables.WORDS,
        measures=list(FLOWS),
        rule=flow_tables.RULE,
        before=ComparedSnapshot(snapshot=ids[0], as_of=since),
        after=ComparedSnapshot(snapshot=ids[1], as_of=as_of),
    )
