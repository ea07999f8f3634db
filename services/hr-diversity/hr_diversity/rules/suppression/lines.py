"""Counts of people, and the three ways in which a line of them is shown.

- open: women, men, other, total and share;
- partly: women, men and share; `other` is small here or elsewhere, so it and the total that would give it away are withheld;
- closed: nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from shared.figures import share

WOMEN, MEN, OTHER = 0, 1, 2
DOMINATED = 2
"""A line of people of one sex only is told from this many times k on: below, it tells the sex of each of few."""


class Counts(NamedTuple):
    """People of one group; `other` is X or not stated."""

    women: int
    men: int
    other: int

    @property
    def total(self) -> int:
        return self.women + self.men + self.other

    def without(self, part: "Counts") -> "Counts":
        return Counts(self.women - part.women, self.men - part.men, self.other - part.other)


NOBODY = Counts(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Figures:
    """A line as it may be shown. `suppressed` says that at least one figure of it is withheld; a withheld figure is None.

    share = women / (women + men) * 100, per cent; None also where there is neither a woman nor a man.
    """

    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Decimal | None
    suppressed: bool


def add(lines: Iterable[Counts]) -> Counts:
    columns = list(zip(*lines, strict=True))
    return Counts(*map(sum, columns)) if columns else NOBODY


def is_small(count: int, k: int) -> bool:
    return 0 < count < k


def are_near(first: Mapping[str, int], second: Mapping[str, int], k: int) -> bool:
    """Whether a count that both have differs by fewer than k: subtracted, they would tell of few."""
    return any(is_small(abs(first[name] - second[name]), k) for name in first.keys() & second.keys())


def is_telling(counts: Counts, k: int) -> bool:
    """Women, men or the total is small, or all of few are of one sex: the line cannot be shown at all."""
    if any(is_small(count, k) for count in (counts.women, counts.men, counts.total)):
        return True
    return min(counts.women, counts.men) == 0 and 0 < max(counts.women, counts.men) < DOMINATED * k


def show(counts: Counts, *, closed: bool, partly: bool) -> Figures:
    if closed:
        return Figures(None, None, None, None, None, suppressed=True)
    percent = share(counts.women, counts.women + counts.men)
    if partly:
        return Figures(counts.women, counts.men, None, None, percent, suppressed=True)
    return Figures(counts.women, counts.men, counts.other, counts.total, percent, suppressed=False)
