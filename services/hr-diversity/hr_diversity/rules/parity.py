"""How far a group is from parity, where its share is going, and in which year it would be there.

Exact throughout: counts are whole numbers, shares are fractions of one hundred, and only what is shown is rounded (by its caller).
What must not break: a trend runs over figures that are shown and of one definition; it never bridges one that is withheld, absent or
drawn by another rule, since such a line would tell something about it, or compare what cannot be compared.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

Status = Literal["below", "at_parity", "above"]

HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as parity: from `lower` to `upper` per cent, both included. `goal` is where a projection ends.

    `source` says who has it so, and `verified` whether that text was read.
    """

    name: str
    lower: Fraction
    upper: Fraction
    goal: Fraction
    source: str
    verified: bool

    def __post_init__(self) -> None:
        if not 0 <= self.lower <= self.goal <= self.upper <= HUNDRED:
            raise ValueError(f"{self.name}: 0 <= lower <= goal <= upper <= 100 does not hold")


def band(lower: Fraction, upper: Fraction) -> Policy:
    """The policy of fifty-fifty with a tolerance from `lower` to `upper` per cent. Raises ValueError where 50 is not within."""
    return Policy(
        name=f"parity-{float(lower):g}-{float(upper):g}",
        lower=lower,
        upper=upper,
        goal=Fraction(50),
        source="Goal 50:50 at each level: A/69/346. The tolerance is practice in the United Nations.",
        verified=False,
    )


DEFAULT = band(Fraction(47), Fraction(53))


def percent(women: int | Fraction, men: int | Fraction) -> Fraction | None:
    """Women among women and men, unrounded; None where there is nobody."""
    people = women + men
    return Fraction(women * HUNDRED) / people if people else None


def status(women: int, men: int, policy: Policy = DEFAULT) -> Status | None:
    """Of the unrounded share: 46.97 per cent is below a band that begins at 47. None where there is nobody."""
    share = percent(women, men)
    if share is None:
        return None
    if share < policy.lower:
        return "below"
    return "above" if share > policy.upper else "at_parity"


@dataclass(frozen=True, slots=True)
class Needed:
    """So many men replaced by women, or women by men, bring the share into the goal; the group's size stays.

    Both are 0 where it is there already. Both are None where no split of a group so small lies in the goal, as of 3 people in 47-53.
    """

    women: int | None
    men: int | None


def needed(women: int, men: int, lower: Fraction, upper: Fraction) -> Needed:
    """The smallest number of replacements after which lower <= share <= upper, in per cent.

    Source: "number of men or women needed" of the UN system-wide dashboard on gender parity.
    """
    people = women + men
    least, most = -(-lower * people // HUNDRED), upper * people // HUNDRED
    if least > most:
        return Needed(None, None)
    return Needed(women=max(0, int(least) - women), men=max(0, women - int(most)))


@dataclass(frozen=True, slots=True)
class Point:
    """A measured figure; women and men are None where they are withheld. Figures of one `rule` are comparable."""

    day: date
    women: int | None
    men: int | None
    rule: str

    @property
    def share(self) -> Fraction | None:
        return None if self.women is None or self.men is None else percent(self.women, self.men)


@dataclass(frozen=True, slots=True)
class Trend:
    """`increment` is in points of per cent a year: (share of the last - share of the first) / years between them."""

    first: Point
    last: Point
    points: int
    increment: Fraction


def year_of(day: date) -> Fraction:
    """The year, as the number that its last day has: 31 December 2013 is 2013, half a year later 2013.5 or near it."""
    days = (date(day.year + 1, 1, 1) - date(day.year, 1, 1)).days
    return day.year - 1 + Fraction(day.timetuple().tm_yday, days)


def run(points: Sequence[Point]) -> Sequence[Point]:
    """The last of these points, which are in the order of their days, that follow one another with a share and by one rule."""
    start = len(points)
    while start and points[start - 1].share is not None and points[start - 1].rule == points[-1].rule:
        start -= 1
    return points[start:]


def trend(points: Sequence[Point]) -> Trend | None:
    """The average annual increment over the last unbroken run of points; None where that run has fewer than two days.

    Source: A/69/346, where the increment is a tenth of the unrounded change over ten years.
    """
    unbroken = run(points)
    if len(unbroken) < 2:  # noqa: PLR2004 (a change has two ends)
        return None
    first, last = unbroken[0], unbroken[-1]
    years = year_of(last.day) - year_of(first.day)
    if first.share is None or last.share is None or years <= 0:
        return None
    return Trend(first, last, len(unbroken), (last.share - first.share) / years)


def projected_year(base: Fraction, share: Fraction, increment: Fraction, goal: Fraction = DEFAULT.goal) -> int | None:
    """The year in which the share comes to the goal: base + (goal - share) / increment, rounded half up.

    None where the increment is not positive, or the goal is reached. Source: A/69/346. Its published years can be had by rounding to
    the nearest and by cutting off, not by rounding up; the nearest is taken.
    """
    if increment <= 0 or share >= goal:
        return None
    return int((base + (goal - share) / increment + Fraction(1, 2)) // 1)
