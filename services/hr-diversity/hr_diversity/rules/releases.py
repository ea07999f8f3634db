"""Whether the figures of a snapshot may be released beside those that are out already.

Two releases, subtracted, tell of those who came and left between them. What must not break: of a line that both show, this is nobody,
or k women or more and k men or more (or none of one of them); and of the whole staff too, or nothing is released. So a snapshot that
differs by one appointment changes no published figure; what changed is shown with a later snapshot, once it is enough.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from hr_diversity.rules.suppression import Line, is_small

Moves = Mapping[Line, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Restless:
    """Lines that too few people moved in: `closed` for women or men, `partly` for others."""

    closed: frozenset[Line] = frozenset()
    partly: frozenset[Line] = frozenset()


STILL = Restless()


@dataclass(frozen=True, slots=True)
class Release:
    """Lines that the published figures of a snapshot show, `others` those that show other sex too."""

    snapshot: str
    shown: frozenset[Line]
    others: frozenset[Line]


def anchors(releases: Iterable[Release]) -> dict[str, Release]:
    """Of releases from the nearest to the farthest: each with the lines that no nearer one shows, by snapshot; none without lines.

    A line is held against the release in which it was seen last.
    """
    seen: set[Line] = set()
    seen_others: set[Line] = set()
    found: dict[str, Release] = {}
    for one in releases:
        fresh = Release(one.snapshot, one.shown - seen, one.others - seen_others)
        seen |= one.shown
        seen_others |= one.others
        if fresh.shown or fresh.others:
            found[one.snapshot] = fresh
    return found


def restless(pairs: Collection[tuple[Release, Moves]], k: int) -> Restless:
    """The lines that may not be shown, of those that each release shows, by what moved since it or until it."""
    closed, partly = set[Line](), set[Line]()
    nobody = (0, 0, 0)
    for release, moves in pairs:
        closed |= {line for line in release.shown if any(is_small(moved, k) for moved in moves.get(line, nobody)[:2])}
        partly |= {line for line in release.others if is_small(moves.get(line, nobody)[2], k)}
    return Restless(frozenset(closed), frozenset(partly))
