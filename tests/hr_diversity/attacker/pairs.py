"""Two releases as one linear programme: what their difference tells of those who came, left or changed.

What moved in a line is told where the difference of its two counts is known to less than k, though it is of fewer than k people.
"""

from collections.abc import Mapping, Sequence

from tests.hr_diversity.attacker.histories import Out, Roster, moved_of
from tests.hr_diversity.attacker.programme import Programme
from tests.hr_diversity.attacker.release import SEXES, Cell, Known, Leak, Release
from tests.hr_diversity.attacker.workforces import known_of


def attack_pair(before: Out, after: Out, k: int) -> list[Leak]:
    """The moves of fewer than k women, men or others in a line, printed or not, that the two releases tell."""
    programme = Programme()
    first, last = (_release(one, programme, name) for one, name in ((before, "before"), (after, "after")))
    old, new = _lines(first), _lines(last)
    cells = {line: {*old.get(line, ()), *new.get(line, ())} for line in {**old, **new}}
    moved = moved_of(before.staff, after.staff, cells)
    sums = {
        (*line, sex): {**last.sum(new.get(line, ()), sex), **_minus(first.sum(old.get(line, ()), sex))}
        for line in cells
        for sex in SEXES
        if 0 < moved[line, sex] < k
    }
    found = programme.intervals(sums, k)
    return [Leak(name, interval, moved[name[:2], name[2]]) for name, interval in found.items()]


def _release(one: Out, programme: Programme, name: str) -> Release:
    people = list(one.staff.values())
    return Release(one.states, known_of(people), programme, name)


def _minus(sum_: Mapping[int, float]) -> dict[int, float]:
    return {unknown: -factor for unknown, factor in sum_.items()}


def _lines(release: Release) -> dict[tuple[str, str], Sequence[Cell]]:
    return {**release.lines, **release.parts()}


__all__ = ["Known", "Roster", "attack_pair"]
