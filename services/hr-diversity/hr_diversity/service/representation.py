"""What is published of geographic representation is drawn when a snapshot's figures are released, and beside what is out already.

What must not break: nothing that is withheld is stored, stated or answered; what was told of a snapshot is taken as known for ever.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.measures.changes import compare
from hr_diversity.measures.composition import BY_CATEGORY_AND_SOURCE, BY_GRADE
from hr_diversity.measures.ladder import REGULAR_BUDGET
from hr_diversity.measures.nationalities import COLUMNS, Appointed, count_moved, count_nationalities
from hr_diversity.models import Representation
from hr_diversity.rules.representation.movement import WHOLE, Moved, Shown, find_restless
from hr_diversity.rules.representation.publishing import STILL, Counted, Ranges, Restless, add_policy, protect
from hr_diversity.rules.representation.recruits import NOTHING_SMALL, make_recruits, weigh_recruits
from hr_diversity.rules.representation.table import everything, keep, latest, tell
from hr_diversity.rules.suppression import show
from hr_diversity.schemas.measures import Line
from hr_diversity.schemas.representation import Recruits
from hr_diversity.schemas.representation_table import KeptTable
from hr_diversity.service.geography_measures import state_geography
from hr_diversity.service.ranges import COUNTED, list_in_force
from shared import clock
from shared.events.hr_diversity import MeasureState

NOT_COMPARED: Mapping[str, pl.DataFrame] = {}
MOST_DAYS = 40
"""Days on either side among which a line's last showing is looked for; one that was not shown on so many stays withheld."""
MOST_REDRAWN = 24
REGULAR = {f"{category}/{REGULAR_BUDGET}" for category in ("professional", "senior")}


@dataclass(frozen=True, slots=True)
class Day:
    """The snapshot that is drawn: the current one of its source and day."""

    id: str
    source: str
    as_of: date
    revision: int


@dataclass(frozen=True, slots=True)
class _Near:
    """A day nearby whose table is out; `rows` whether its people can still be followed."""

    table: Representation
    kept: KeptTable
    before: Counted
    moved: Moved
    appointed: Appointed


async def draw(
    session: AsyncSession,
    day: Day,
    counted: Counted,
    k: int,
    chunks: Sequence[bytes] | None = None,
    compared: Mapping[str, pl.DataFrame] = NOT_COMPARED,
) -> None:
    """The table of a snapshot whose figures are released, and the measures that are drawn from it. The caller holds the head's lock.

    `counted` as `measures.nationalities` gives it, of `chunks` or of the cubes; without chunks they are read where they are needed. `compared`: who differs from
    other snapshots, where that is known already.
    """
    await store.representation.lock_all(session)
    in_force = await list_in_force(session, day.as_of)
    sides = [await _look(session, day, later=later) for later in (False, True)]
    near = [await _follow(session, day, tables, chunks, compared) for tables in sides]
    whole = _restless(counted, None, sides, near, k)
    staff, regular = await _published(session, day)
    bare = protect(counted, [], k, Restless(whole=whole.whole, other=whole.other), regular=regular)
    posts = _posts(counted, women_and_men=bare.women_and_men, other=bare.other)
    if posts is None:
        posts = _last_base(sides[0])
    policies = [told for one in in_force if (told := one.apply(posts)) is not None]
    ranges = [one.by_country() for one in policies]
    moved = _restless(counted, ranges[0] if ranges else None, sides, near, k)
    pattern = await asyncio.to_thread(protect, counted, ranges, k, moved, regular=regular)
    if not policies:  # a number that is out could not be withheld when the first policy comes
        pattern = replace(pattern, plan="closed", withheld=frozenset(), hidden=frozenset())
    recruits = _recruits(near[0], ranges, k) if pattern.told else None
    table = keep(counted, policies, pattern, k, recruits, staff)
    await _put(session, day, table)


async def tell_further(session: AsyncSession, since: date, k: int) -> None:
    """Policies that came or changed are applied to what is published from this day on, the latest MOST_REDRAWN days of it. The caller
    holds the lock of all.
    """
    for row in reversed(await store.representation.list_tables_from(session, since, MOST_REDRAWN)):
        chunks = await store.flows.read_chunks(session, row.snapshot_id)
        if not chunks:
            continue
        day = Day(row.snapshot_id, row.source, row.as_of, row.revision)
        counted = await asyncio.to_thread(count_nationalities, chunks)
        table = KeptTable.model_validate(row.shown)
        if table.plan == "closed":  # nothing of any country is out
            await draw(session, day, counted, k, chunks)
            continue
        fresh = await _tell_beside(session, row, day, table, counted, k)
        if fresh is not table:
            await _put(session, day, fresh)


async def _tell_beside(
    session: AsyncSession, row: Representation, day: Day, table: KeptTable, counted: Counted, k: int
) -> KeptTable:
    known = {one.edition for one in table.policies}
    posts = _posts(counted, women_and_men=table.women_and_men, other=table.other)
    if posts is None:
        posts = _base_of(row.shown)
    for one in await list_in_force(session, day.as_of):
        policy = one.apply(posts)
        if policy is None or policy.edition in known:
            continue
        told, untold = table.policies[: table.told], table.policies[table.told :]
        pattern = table.pattern()
        ranges = [*(before.by_country() for before in told), policy.by_country()]
        after = await asyncio.to_thread(add_policy, counted, ranges, pattern, k)
        is_told = after.told > pattern.told
        entry = tell(counted, policy, after, told=is_told)
        entries = [*told, entry, *untold] if is_told else [*told, *untold, entry]
        table = table.model_copy(update={"policies": entries, "told": after.told})
    return table


async def _published(session: AsyncSession, day: Day) -> tuple[Line | None, bool]:
    """All staff as published of this snapshot, and whether P1 to DG on the regular budget are, by the tables that hold these."""
    rows = await store.measures.list_measures_of(session, day.source, day.as_of)
    states = {code: MeasureState.model_validate(row.state) for code, row in rows.items()}
    whole, crossed = states.get(BY_GRADE.code), states.get(BY_CATEGORY_AND_SOURCE.code)
    if whole is None or crossed is None or {whole.snapshot, crossed.snapshot} != {day.id}:
        return None, False
    cells = [cell for cell in crossed.cells if cell.group in REGULAR]
    return Line.model_validate(whole, from_attributes=True), all(cell.women is not None for cell in cells)


def _posts(counted: Counted, *, women_and_men: bool, other: bool) -> int | None:
    """The counted posts as readers know them: a base tells its number through every limit."""
    figures = show(counted.whole, closed=not women_and_men, partly=not other)
    if figures.total is not None:
        return figures.total
    return None if figures.women is None or figures.men is None else figures.women + figures.men


def _last_base(tables: Sequence[Representation]) -> int | None:
    """The counted posts as they were known last."""
    return next((base for one in tables if (base := _base_of(one.shown)) is not None), None)


def _base_of(kept: dict[str, Any]) -> int | None:
    return next((one["base_posts"] for one in kept["policies"] if one["said"]["base"] == COUNTED), None)


async def _look(session: AsyncSession, day: Day, *, later: bool) -> list[Representation]:
    tables = await store.representation.list_tables(session, day.source, day.as_of, MOST_DAYS, later=later)
    return [one for one in tables if one.snapshot_id != day.id]


async def _follow(
    session: AsyncSession,
    day: Day,
    tables: Sequence[Representation],
    chunks: Sequence[bytes] | None,
    compared: Mapping[str, pl.DataFrame],
) -> _Near | None:
    """Who moved between the nearest of these days and this one; None where it has none, or its rows are deleted."""
    if not tables:
        return None
    there = await store.flows.read_chunks(session, tables[0].snapshot_id)
    here = chunks if chunks is not None else await store.flows.read_chunks(session, day.id)
    if not there or not here:
        return None
    return await asyncio.to_thread(_compare, tables[0], there, here, compared.get(tables[0].snapshot_id))


def _compare(table: Representation, there: Sequence[bytes], here: Sequence[bytes], known: pl.DataFrame | None) -> _Near:
    people = compare(there, here, columns=COLUMNS).people if known is None else known
    before, kept = count_nationalities(there), KeptTable.model_validate(table.shown)
    moved, appointed = count_moved(people)
    ranges = kept.policies[0].by_country() if kept.policies else {}
    return _Near(table, kept, before, Moved(before, ranges, moved), appointed)


def _restless(
    counted: Counted,
    ranges: Ranges | None,
    sides: Sequence[Sequence[Representation]],
    near: Sequence[_Near | None],
    k: int,
) -> Restless:
    found = STILL
    for tables, one in zip(sides, near, strict=True):
        shown = [_shown(table.shown) for table in tables]
        cut_off = len(tables) >= MOST_DAYS - 1
        side = find_restless(counted, ranges, shown, None if one is None else one.moved, k, cut_off=cut_off)
        found = Restless(
            found.countries | side.countries,
            found.groups | side.groups,
            whole=found.whole or side.whole,
            other=found.other or side.other,
        )
    return found


def _shown(kept: dict[str, Any]) -> Shown:
    """Of a KeptTable as it is stored: its many fractions are not read."""
    lines = {WHOLE: kept["counted"], **(kept["groups"] or {})}
    return Shown(
        kept["countries"],
        frozenset(kept["withheld"]),
        {name: (one["women"], one["men"]) for name, one in lines.items() if one["women"] is not None},
        kept["counted"]["other"],
        countries_shown=kept["plan"] != "closed",
    )


def _recruits(near: _Near | None, ranges: Sequence[Ranges], k: int) -> Recruits | None:
    """Since the nearest day before, by the ranges that were told then, or else by those of today."""
    if near is None or not ranges:
        return None
    then = near.kept.policies[0].by_country() if near.kept.told else ranges[0]
    less, others = weigh_recruits(near.appointed.by_country, near.appointed.not_counted, near.before, then, k)
    return make_recruits(near.table.as_of, less, others)


async def _put(session: AsyncSession, day: Day, table: KeptTable) -> None:
    await store.representation.put_table(
        session,
        {
            "key": f"{day.source}/{day.as_of}",
            "source": day.source,
            "as_of": day.as_of,
            "snapshot_id": day.id,
            "revision": day.revision,
            "shown": table.model_dump(mode="json"),
            "drawn_at": clock.now(),
        },
    )
    await state_geography(session, day.id, day.source, day.as_of, day.revision, table)


async def show_full(session: AsyncSession, row: Representation, table: KeptTable) -> KeptTable | None:
    """The table with nothing withheld, counted anew from the rows; None where they are deleted."""
    chunks = await store.flows.read_chunks(session, row.snapshot_id)
    if not chunks:
        return None
    counted = await asyncio.to_thread(count_nationalities, chunks)
    policies = list(latest(table).values())
    day = Day(row.snapshot_id, row.source, row.as_of, row.revision)
    near = await _follow(session, day, await _look(session, day, later=False), chunks, NOT_COMPARED)
    recruits = _recruits(near, [one.by_country() for one in policies], NOTHING_SMALL)
    staff = Line(**asdict(show(counted.staff, closed=False, partly=False)))
    return keep(counted, policies, everything(len(policies)), table.k, recruits, staff)
