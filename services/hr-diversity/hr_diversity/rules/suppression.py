"""Which figures may be shown, so that no small group is known from what is shown. Pure: no database, no clock, no framework.

A count from 1 to k-1 is small. A line (a group, or the total of all) is shown in one of three ways:
- open: women, men, other, total and share;
- partly: women, men and share; `other` is small here or elsewhere, so it and the total that would give it away are withheld;
- closed: nothing, because women, men or the total is small, or because this line would give a closed one away.

What must not break: from all lines of a table and its total line, no withheld figure can be narrowed to an interval shorter than k.
Closed lines share no figure with open ones, so the columns are independent and the exact interval (what a linear programme would
find) has a closed form: a figure of n >= 2 withheld lines that together hold X of a column lies in 0..X, and a lone one is X. So
lines are withheld until each column's withheld sum is at least k. Where two tables and a figure drawn from both stand side by side,
no small count can be narrowed so. Two things are left open on purpose: zero is not small, and a column whose total is shown as zero
has nothing to hide.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from shared.figures import share

WOMEN, MEN, OTHER = 0, 1, 2


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


def is_telling(counts: Counts, k: int) -> bool:
    """Women, men or the total is small: the line cannot be shown at all."""
    return any(is_small(count, k) for count in (counts.women, counts.men, counts.total))


def show(counts: Counts, *, closed: bool, partly: bool) -> Figures:
    if closed:
        return Figures(None, None, None, None, None, suppressed=True)
    percent = share(counts.women, counts.women + counts.men)
    if partly:
        return Figures(counts.women, counts.men, None, None, percent, suppressed=True)
    return Figures(counts.women, counts.men, counts.other, counts.total, percent, suppressed=False)


def protect_part(part: Counts, whole: Counts, k: int) -> Figures:
    """A figure of a part of the staff. Where the figures of `whole` are shown, those of the rest are known too, and must not be small."""
    rest = NOBODY if is_telling(whole, k) else whole.without(part)
    rest_other = 0 if is_small(whole.other, k) else rest.other
    return show(
        part,
        closed=is_telling(part, k) or is_telling(rest, k),
        partly=is_small(part.other, k) or is_small(rest_other, k),
    )


def protect_cross(whole: Counts, corners: Sequence[Counts], k: int) -> Figures:
    """A figure that, beside figures of the same people cut the other way, tells every one of these `corners`.

    Shown only where each corner has k or more women and k or more men: then no sum or difference of what is shown is small, and no
    corner is empty, which would tell those of its neighbours.
    """
    return show(
        whole,
        closed=any(min(corner.women, corner.men) < k for corner in corners),
        partly=any(is_small(corner.other, k) for corner in corners),
    )


def protect(
    groups: Mapping[str, Counts],
    k: int,
    *,
    strata: Sequence[frozenset[str]] = (),
    revealed: Sequence[Counts] = (),
    known: Mapping[str, Counts] | None = None,
) -> tuple[Figures, dict[str, Figures]]:
    """The total line and each group's line, in the order of `groups`.

    Where another published measure tells more about the groups, the caller says how:
    `strata`: sets of groups whose sums may be known, so each must hide its own; together they hold every group;
    `revealed`: what those sums would tell; where it is small, lines of every stratum are withheld, so that no sum is known;
    `known`: a part of a group that is published elsewhere, so that only the rest of it is a secret.
    """
    known = known or {}
    hidden = {group: counts.without(known.get(group, NOBODY)) for group, counts in groups.items()}
    whole = add(groups.values())
    if len(groups) == 1:  # its line is the total line
        total = show(whole, closed=is_telling(whole, k), partly=is_small(whole.other, k))
        return total, dict.fromkeys(groups, total)
    parts = [frozenset(groups) & stratum for stratum in strata] or [frozenset(groups)]
    closed = {
        group
        for group, rest in hidden.items()
        if is_telling(groups[group], k) or is_small(rest.women, k) or is_small(rest.men, k)
    }
    whole_closed = is_telling(whole, k)
    if (apart := any(is_telling(told, k) for told in revealed)) or not whole_closed:
        closed = _cover(closed, hidden, (WOMEN, MEN), parts, k, all_parts=apart)
    partly = closed | {g for g in groups if is_small(groups[g].other, k) or is_small(hidden[g].other, k)}
    whole_partly = whole_closed or is_small(whole.other, k)
    if (apart := any(is_small(told.other, k) for told in revealed)) or not whole_partly:
        partly = _cover(partly, hidden, (OTHER,), parts, k, all_parts=apart)
    lines = {group: show(groups[group], closed=group in closed, partly=group in partly) for group in groups}
    return show(whole, closed=whole_closed, partly=whole_partly), lines


def _cover(
    withheld: set[str],
    groups: Mapping[str, Counts],
    columns: Sequence[int],
    parts: Sequence[frozenset[str]],
    k: int,
    *,
    all_parts: bool,
) -> set[str]:
    """`withheld` and the further groups that hide them: in every part at least two groups, holding k of each column or nobody.

    A part that cannot hide its own (all of it holds less than k) is withheld whole, and the other parts must then hide it.
    """
    columns = [column for column in columns if any(counts[column] for counts in groups.values())]
    withheld = set(withheld)
    for part in [*parts, *parts]:  # twice, because a later part may find that the earlier ones must help
        while columns and (withheld & part or all_parts):
            lacking = _lacking(withheld & part, groups, columns, k)
            if lacking is None:
                break
            shown = part - withheld
            if not shown:
                all_parts = True
                break
            withheld.add(min(shown, key=lambda g: (groups[g][lacking] == 0, groups[g].total, g)))
    return withheld


def _lacking(
    withheld: set[str] | frozenset[str], groups: Mapping[str, Counts], columns: Sequence[int], k: int
) -> int | None:
    """The first column that these groups do not hide; None where they hide all."""
    for column in columns:
        if len(withheld) < 2 or sum(groups[group][column] for group in withheld) < k:  # noqa: PLR2004 (one alone is the sum)
            return column
    return None
