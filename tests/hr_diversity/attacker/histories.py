"""What befalls random staffs from one snapshot to the next, and which of the snapshots are released, as the service would."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from tests.hr_diversity.attacker.release import Keys
from tests.hr_diversity.attacker.workforces import (
    Person,
    Shape,
    cells_of,
    cubes_of,
    known_of,
    person,
    sex_of,
    shape,
    states_of,
    truth_of,
)

from hr_diversity.measures.moves import MOVED_BY, WHOLE, count_moves, total_of
from hr_diversity.rules.releases import Release, Restless, anchors, restless
from hr_diversity.service.releases import Drawn, Weighed, draw_beside

Roster = dict[int, Person]
"""The staff by pseudonym."""
Event = Callable[[random.Random, Shape, Roster], Roster]


def nothing(_: random.Random, __: Shape, staff: Roster) -> Roster:
    return dict(staff)


def one_hire(draw: random.Random, of: Shape, staff: Roster) -> Roster:
    return {**staff, draw.getrandbits(60): person(draw, of)}


def one_correction(draw: random.Random, of: Shape, staff: Roster) -> Roster:
    who, other = draw.choice(list(staff)), person(draw, of)
    return {**staff, who: staff[who]._replace(**_some(draw, other))}


def a_year(draw: random.Random, of: Shape, staff: Roster) -> Roster:
    """Some leave, some come, some rise or move, at a pace of its own."""
    leave, change, come = (draw.choice([0, 0.02, 0.1, 0.3]) for _ in range(3))
    after = {who: one for who, one in staff.items() if draw.random() >= leave}
    for who in [who for who in after if draw.random() < change]:
        after[who] = after[who]._replace(**_some(draw, person(draw, of)))
    return after | {draw.getrandbits(60): person(draw, of) for _ in range(int(len(staff) * come))}


def a_wave(draw: random.Random, of: Shape, staff: Roster) -> Roster:
    """So many of each sex that the release is not held, all of them with the same post and place but one."""
    one = person(draw, of)
    posts = [one] * draw.randint(5, 8) + [person(draw, of)]
    return {**staff, **{draw.getrandbits(60): post._replace(sex=sex) for post in posts for sex in ("F", "M")}}


def _some(draw: random.Random, other: Person) -> dict[str, Any]:
    fields = draw.sample(Person._fields, draw.choice([1, 1, 2, 3]))
    return {name: value for name, value in other._asdict().items() if name in fields}


EVENTS: Sequence[Event] = (nothing, one_hire, one_correction, a_year, a_year, a_wave)


@dataclass(frozen=True, slots=True)
class Out:
    """A released snapshot."""

    staff: Roster
    drawn: Sequence[Drawn]
    states: Sequence[dict[str, Any]]
    shown: Release


@dataclass
class History:
    """`weigh`: who decides what moved too little, the rules unless a test says otherwise."""

    k: int
    weigh: Callable[[Sequence[tuple[Release, Mapping[Any, Any]]], int], Restless] = restless
    out: list[Out] = field(default_factory=list)

    def push(self, staff: Roster) -> bool:
        """Whether the figures of the staff were released."""
        found = self._find_restless(staff)
        if (WHOLE, "") in found.closed:
            return False
        weighed = draw_beside(cubes_of(list(staff.values())), self.k, found)
        self.out.append(Out(staff, weighed.drawn, states_of(weighed.drawn), _shown(str(len(self.out)), weighed)))
        return True

    def _find_restless(self, staff: Roster) -> Restless:
        near = anchors(one.shown for one in reversed(self.out))
        pairs = [(one, count_moves(frame_of(self.out[int(one.snapshot)].staff, staff))) for one in near]
        return self.weigh(pairs, self.k) if pairs else Restless()


def _shown(name: str, weighed: Weighed) -> Release:
    drawn = weighed.drawn
    lines = [(total_of(one.measure), one.total) for one in drawn]
    lines += [((one.measure.code, group), figures) for one in drawn for group, figures in one.cells.items()]
    return Release(
        name,
        frozenset(line for line, figures in lines if figures.women is not None).union(weighed.told),
        frozenset(line for line, figures in lines if figures.other is not None).union(weighed.told_others),
        frozenset(weighed.covering),
    )


def frame_of(before: Roster, after: Roster) -> pl.DataFrame:
    """Those who differ, as `measures.changes.compare` gives them."""
    rows = [
        (who in before, who in after, *_told(before.get(who)), *_told(after.get(who)))
        for who in sorted({*before, *after})
        if before.get(who) != after.get(who)
    ]
    names = [*MOVED_BY, *(f"{name}_after" for name in MOVED_BY)]
    schema = {"was": pl.Boolean, "is": pl.Boolean, **dict.fromkeys(names, pl.String)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _told(one: Person | None) -> list[str | None]:
    return [getattr(one, name) if one else None for name in MOVED_BY]


def moved_of(
    before: Roster, after: Roster, lines: Mapping[Any, Iterable[tuple[str, Keys]]]
) -> Counter[tuple[Any, str]]:
    """People by (line, sex) who came to a line or left it; who changed sex did both. A line is the finest counts in it."""
    of: dict[tuple[str, Keys], list[Any]] = {}
    for line, cells in lines.items():
        for cell in cells:
            of.setdefault(cell, []).append(line)
    found: Counter[tuple[Any, str]] = Counter()
    for who in {*before, *after}:
        if before.get(who) != after.get(who):
            was, now = _places(before.get(who), of), _places(after.get(who), of)
            found.update(was ^ now)
    return found


def _places(one: Person | None, of: Mapping[tuple[str, Keys], list[Any]]) -> set[tuple[Any, str]]:
    return {(line, sex_of(one)) for cell in cells_of(one) for line in of.get(cell, ())} if one else set()


def a_history(draw: random.Random, k: int, *, most: int = 2000, snapshots: int = 3, **how: Any) -> History:
    of = shape(draw, most)
    staff: Roster = {draw.getrandbits(60): person(draw, of) for _ in range(of.people)}
    history = History(k, **how)
    history.push(staff)
    for _ in range(snapshots - 1):
        staff = draw.choice(EVENTS)(draw, of, staff)
        if staff:
            history.push(staff)
    return history


__all__ = ["EVENTS", "History", "Out", "Roster", "a_history", "frame_of", "known_of", "moved_of", "truth_of"]
