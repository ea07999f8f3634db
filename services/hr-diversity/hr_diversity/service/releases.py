"""The measures of a snapshot are drawn, weighed by `rules` and stated.

What must not break: what is stored as a figure, stated or answered went through `rules.suppression`.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.intake import can_be_joined
from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.changes import COMPARED, compare
from hr_diversity.measures.cubes import TALLY, Cubes, narrow, tally, tally_by
from hr_diversity.measures.folding import FOLDED, fold
from hr_diversity.measures.measure import Measure
from hr_diversity.measures.moves import MOVED_BY, WHOLE, Moves, count_moves, total_of
from hr_diversity.measures.nationalities import COLUMNS as COUNTED_BY
from hr_diversity.models import DrawnMeasure, ShownLine
from hr_diversity.rules.releases import Release, Restless, anchors, restless
from hr_diversity.rules.suppression import Counts, Figures, Line, show
from hr_diversity.rules.suppression.branches import Branch
from hr_diversity.rules.suppression.tables import Pattern, Staff, protect_staff
from hr_diversity.schemas.snapshots import Receipt
from shared import clock, outbox
from shared.events.hr_diversity import Cell, MeasureDrawn, MeasureState

MOST_DAYS = 8
"""Days on either side to which people are followed. Of a line that was shown before them, its numbers are held against those of then."""


@dataclass(frozen=True, slots=True)
class Drawn:
    measure: Measure
    total: Figures
    cells: dict[str, Figures]


@dataclass(frozen=True, slots=True)
class Weighed:
    """Every measure as it may be shown beside what is out already, the lines that are withheld to hide small ones, and those that no
    measure prints and that can be worked out. `compared` are the people who differ from each snapshot that it was held against.
    """

    drawn: list[Drawn]
    covering: list[Line]
    told: list[Line]
    told_others: list[Line]
    compared: dict[str, pl.DataFrame] = field(default_factory=dict)


async def weigh(session: AsyncSession, as_of: date, cubes: Cubes, chunks: Sequence[bytes], k: int) -> Weighed | None:
    """None where nothing may be shown, since too few people came or left. Whatever their source: two systems that see nearly the same
    staff are like two days.

    Until the transaction ends, no other snapshot is weighed.
    """
    await store.measures.lock_series(session, "releases")
    cubes = await asyncio.to_thread(fold, cubes, k, await store.units.list_unit_names(session))
    found, compared = await _find_restless(session, as_of, cubes, chunks, k)
    if (WHOLE, "") in found.closed:
        return None
    return replace(await asyncio.to_thread(draw_beside, cubes, k, found), compared=compared)


@dataclass(frozen=True, slots=True)
class _Near:
    """What the near releases show, as it stands: lines with day, women and men, and lines with others."""

    lines: set[tuple[Line, date, int | None, int | None]] = field(default_factory=set)
    others: set[tuple[Line, int | None]] = field(default_factory=set)

    def add(self, states: Sequence[MeasureState]) -> None:
        for state in states:
            for line, figures in _figures(state):
                self.lines.add((line, state.as_of, figures.women, figures.men))
                self.others.add((line, figures.other))


async def _find_restless(
    session: AsyncSession, as_of: date, cubes: Cubes, chunks: Sequence[bytes], k: int
) -> tuple[Restless, dict[str, pl.DataFrame]]:
    """And those who differ from each snapshot that is near.

    Where people cannot be followed, since the rows of a snapshot are deleted or have pseudonyms of an earlier form, at least as many
    moved in a line as its number has changed.
    """
    pairs: list[tuple[Release, Moves]] = []
    near = _Near()
    compared: dict[str, pl.DataFrame] = {}
    for later in (False, True):
        states = await store.releases.list_neighbours(session, as_of, CATALOGUE, MOST_DAYS, later=later)
        releases = _releases(states)
        kept = await store.releases.list_kept(session, [one.snapshot for one in releases])
        for one in anchors(_with_kept(one, kept[one.snapshot]) for one in releases):
            before = await store.flows.read_chunks(session, one.snapshot)
            if before and all(map(can_be_joined, before)):
                compared[one.snapshot] = people = await asyncio.to_thread(_compare, before, chunks)
                pairs.append((one, await asyncio.to_thread(count_moves, people)))
            else:
                out = [state for state in states if state.snapshot == one.snapshot]
                pairs.append((one, _differences(out, cubes)))
        near.add(states)
    far = await store.releases.list_last_shown(session)
    pairs.append(await asyncio.to_thread(_far, far, near, cubes))
    return restless(pairs, k), compared


def _far(rows: Sequence[ShownLine], near: _Near, cubes: Cubes) -> tuple[Release, Moves]:
    """The lines whose women and men, or whose others, were shown last in a release that is not near or was corrected since, and by how
    much each differs.
    """
    counts, moved = _counts_of(cubes), Moves()
    shown, others = set[Line](), set[Line]()
    for row in rows:
        line = row.code, row.group
        women, men, other = counts.get(line, (0, 0, 0))
        moved[line] = abs(women - row.women), abs(men - row.men), abs(other - (row.other or 0))
        if (line, row.as_of, row.women, row.men) not in near.lines:
            shown.add(line)
        if row.other is not None and (line, row.other) not in near.others:
            others.add(line)
    return Release("", frozenset(shown), frozenset(others)), moved


def draw_beside(cubes: Cubes, k: int, found: Restless) -> Weighed:
    """Pure."""
    pattern = protect_staff(staff_of(cubes), k, found.closed | found.covering | set(FOLDED), found.partly)
    covering = sorted(pattern.closed - (found.closed - found.covering))
    return Weighed(show_all(cubes, pattern), covering, sorted(pattern.told), sorted(pattern.told_others))


def _releases(states: Sequence[MeasureState]) -> list[Release]:
    """The states in their order, those that are of one snapshot together."""
    shown: dict[str, tuple[set[Line], set[Line]]] = {}
    for state in states:
        lines, others = shown.setdefault(state.snapshot, (set(), set()))
        for line, figures in _figures(state):
            if figures.women is not None:
                lines.add(line)
            if figures.other is not None:
                others.add(line)
    return [Release(snapshot, frozenset(lines), frozenset(others)) for snapshot, (lines, others) in shown.items()]


def _figures(state: MeasureState) -> list[tuple[Line, MeasureState | Cell]]:
    return [(total_of(CATALOGUE[state.code]), state), *(((state.code, cell.group), cell) for cell in state.cells)]


def _differences(states: Sequence[MeasureState], cubes: Cubes) -> Moves:
    """By how much each line differs from what is out."""
    counts, found = _counts_of(cubes), Moves()
    for line, figures in (one for state in states for one in _figures(state)):
        women, men, other = counts.get(line, (0, 0, 0))
        before = figures.women or 0, figures.men or 0, figures.other or 0
        found[line] = abs(women - before[0]), abs(men - before[1]), abs(other - before[2])
    return found


def _counts_of(cubes: Cubes) -> dict[Line, tuple[int, int, int]]:
    counts: dict[Line, tuple[int, int, int]] = {}
    for measure in CATALOGUE.values():
        counts[total_of(measure)] = tally(cubes, measure)
        counts |= {(measure.code, group): of for group, of in _groups(cubes, measure)}
    return counts


def _with_kept(one: Release, kept: Mapping[str, Sequence[Line]]) -> Release:
    return replace(
        one,
        shown=one.shown.union(kept["told"]),
        others=one.others.union(kept["told_others"]),
        covering=frozenset(kept["covering"]),
    )


def _compare(before: Sequence[bytes], after: Sequence[bytes]) -> pl.DataFrame:
    """Those who differ, by all that lines, flows and representation ask for: they are compared once for all."""
    return narrow(compare(before, after, columns=tuple(dict.fromkeys((*COMPARED, *MOVED_BY, *COUNTED_BY)))).people)


def draw(cubes: Cubes, k: int) -> list[Drawn]:
    """Every measure of the catalogue as it may be shown where nothing is out beside it."""
    return show_all(cubes, protect_staff(staff_of(cubes), k))


def show_all(cubes: Cubes, pattern: Pattern) -> list[Drawn]:
    return [
        Drawn(
            measure,
            _show(Counts(*tally(cubes, measure)), total_of(measure), pattern),
            {
                group: _show(Counts(*counts), (measure.code, group), pattern)
                for group, counts in _groups(cubes, measure)
            },
        )
        for measure in CATALOGUE.values()
    ]


def _groups(cubes: Cubes, measure: Measure) -> Collection[tuple[str, tuple[int, int, int]]]:
    return tally_by(cubes, measure).items() if measure.dimension else ()


def _show(counts: Counts, line: Line, pattern: Pattern) -> Figures:
    return show(counts, closed=line in pattern.closed, partly=line in pattern.partly)


def staff_of(cubes: Cubes) -> Staff:
    """The counts of the cubes as `rules` takes them."""
    places, units, ages = cubes.places, cubes.units, cubes.ages
    return Staff(
        posts=_counts(cubes.posts, "grade", "contract_source"),
        branches=(
            Branch(
                "region", _counts(places, "level", "region"), "duty-station", _counts(places, "region", "duty_station")
            ),
            Branch("portfolio", _counts(units, "level", "portfolio"), "unit", _counts(units, "portfolio", "unit")),
            Branch("age-band", _counts(ages, "level", "age_band")),
        ),
    )


def _counts(cube: pl.DataFrame, one: str, other: str) -> dict[tuple[str, str], Counts]:
    """Sorted, so that equal staffs are withheld equally."""
    keys = [pl.col(name).cast(pl.String) for name in (one, other)]
    rows = cube.group_by(keys).agg(TALLY).sort(one, other).rows()
    return {(first, second): Counts(women, men, others) for first, second, women, men, others in rows}


async def state_measures(session: AsyncSession, receipt: Receipt, drawn: list[Drawn]) -> None:
    await store.releases.put_last_shown(session, _shown_lines(receipt.as_of, drawn))
    rows = await store.measures.list_measures_of(session, receipt.source, receipt.as_of)
    note, feeds = await store.sources.find_standing(session, receipt.source)
    for one in drawn:
        state = MeasureState(
            code=one.measure.code,
            title=one.measure.title,
            source=receipt.source,
            as_of=receipt.as_of,
            snapshot=receipt.id,
            revision=receipt.revision,
            rule=one.measure.rule,
            dimension=one.measure.dimension,
            cells=[Cell(group=group, **asdict(figures)) for group, figures in one.cells.items()],
            source_note=note,
            feeds_indicators=feeds,
            **asdict(one.total),
        )
        row = rows.get(one.measure.code)
        if row is None:
            key = f"{receipt.source}/{receipt.as_of}/{one.measure.code}"
            row = DrawnMeasure(key=key, sequence=0, code=one.measure.code, source=receipt.source, as_of=receipt.as_of)
            session.add(row)
        row.state, row.drawn_at = state.model_dump(mode="json"), clock.now()
        await outbox.record(session, MeasureDrawn(**dict(state)), row)


def _shown_lines(as_of: date, drawn: Sequence[Drawn]) -> list[dict[str, Any]]:
    lines = {total_of(one.measure): one.total for one in drawn}
    lines |= {(one.measure.code, group): figures for one in drawn for group, figures in one.cells.items()}
    return [
        {"code": code, "group": group, "as_of": as_of, "women": of.women, "men": of.men, "other": of.other}
        for (code, group), of in sorted(lines.items())
        if of.women is not None
    ]
