"""Whether the figures of a snapshot may be released beside those that are out already.

Two releases, subtracted, tell of those who came and left between them. What must not break: of a line that both show, this is nobody,
or k women or more and k men or more (or none of one of them); and of the whole staff too, or nothing is released. So a snapshot that
differs by one appointment changes no published figure; what changed is shown with a later snapshot, once it is enough. And a line that
was withheld to hide a small one stays withheld until k people moved in it: shown with the next snapshot, which is nearly the same, it
would give the small one away in hindsight.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hr_diversity.rules.suppression import Line, is_small

Moves = Mapping[Line, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Restless:
    """Lines that too few people moved in since they were shown: `closed` for women or men, `partly` for others. `covering` are those
    that still hide what they hid in the nearest release.
    """

    closed: frozenset[Line] = frozenset()
    partly: frozenset[Line] = frozenset()
    covering: frozenset[Line] = frozenset()


@dataclass(frozen=True, slots=True)
class Release:
    """Lines that the published figures of a snapshot show, `others` those that show other sex too; `covering` those that it withholds
    to hide small ones, small ones among them.
    """

    snapshot: str
    shown: frozenset[Line]
    others: frozenset[Line]
    covering: frozenset[Line] = frozenset()


def anchors(releases: Iterable[Release]) -> list[Release]:
    """Of releases from the nearest to the farthest: each with the lines that no nearer one shows; none without lines but the nearest.

    A line is held against the release in which it was seen last.
    """
    seen: set[Line] = set()
    seen_others: set[Line] = set()
    found: list[Release] = []
    for one in releases:
        fresh = Release(
            one.snapshot, one.shown - seen, one.others - seen_others, frozenset() if found else one.covering
        )
        seen |= one.shown
        seen_others |= one.others
        if fresh.shown or fresh.others or fresh.covering:
            found.append(fresh)
    return found


def restless(pairs: Collection[tuple[Release, Moves]], k: int) -> Restless:
    """What may not be shown, of the lines that each release shows or withholds, by what moved since it or until it."""
    closed, partly, covering = set[Line](), set[Line](), set[Line]()
    nobody = (0, 0, 0)
    for release, moves in pairs:
        closed |= {line for line in release.shown if any(is_small(moved, k) for moved in moves.get(line, nobody)[:2])}
        partly |= {line for line in release.others if is_small(moves.get(line, nobody)[2], k)}
        covering |= {line for line in release.covering if sum(moves.get(line, nobody)[:2]) < k}
    return Restless(frozenset(closed), frozenset(partly), frozenset(covering))
