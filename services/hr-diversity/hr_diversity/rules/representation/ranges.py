"""What a desirable range is, and what a number of posts is called beside it. Exact: every limit is a fraction until it is shown.

What must not break: no national at all is `non_represented`, whatever the lower limit; both limits belong to the range.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

Status = Literal["non_represented", "under", "within", "over"]
Mark = Literal["below_midpoint", "at_midpoint", "above_midpoint"]
Rounding = Literal["none", "half_up", "outward", "inward"]
STATUSES: tuple[Status, ...] = ("non_represented", "under", "within", "over")
ENDLESS = 1 << 40

Parameters = Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Member:
    """A member State: its population in thousands, and its share of the scale of assessments in per cent."""

    country: str
    population: int
    scale: Fraction


@dataclass(frozen=True, slots=True)
class Range:
    """Limits in posts, or in points where a post has `per_post` of them. `lower` may lie under zero, where it asks for nobody."""

    midpoint: Fraction
    lower: Fraction
    upper: Fraction
    per_post: Fraction = Fraction(1)

    def status(self, count: int) -> Status:
        if count == 0:
            return "non_represented"
        worth = count * self.per_post
        return "under" if worth < self.lower else "over" if worth > self.upper else "within"

    def mark(self, count: int) -> Mark:
        worth = count * self.per_post
        if worth == self.midpoint:
            return "at_midpoint"
        return "below_midpoint" if worth < self.midpoint else "above_midpoint"

    def counts(self, status: Status) -> tuple[int, int]:
        """The least and the greatest number of posts of this status; none where the first is greater than the second."""
        first = max(1, ceil(self.lower / self.per_post))
        last = floor(self.upper / self.per_post)
        if status == "non_represented":
            return 0, 0
        if status == "under":
            return 1, first - 1
        return (first, last) if status == "within" else (max(first, last + 1), ENDLESS)

    def rounded(self, how: Rounding) -> "Range":
        """The same with limits of whole posts. The documents that were read do not say how limits are rounded: a policy does."""
        if how == "none":
            return self
        lower, upper = {
            "half_up": (floor(self.lower + Fraction(1, 2)), floor(self.upper + Fraction(1, 2))),
            "outward": (floor(self.lower), ceil(self.upper)),
            "inward": (ceil(self.lower), floor(self.upper)),
        }[how]
        return Range(self.midpoint, Fraction(lower), Fraction(upper), self.per_post)


@dataclass(frozen=True, slots=True)
class Rule:
    """A formula. `parameters` are its defaults, in posts, points or per cent as their names say. `base` is the number of posts that it
    shares out where a policy names none; None: there is no usual one. `verified`: what the formula says was read in a source.
    """

    code: str
    version: int
    title: str
    source: str
    verified: bool
    note: str
    parameters: Parameters
    base: int | None
    rounding: Rounding
    spread: Callable[[Sequence[Member], Fraction, Parameters], dict[str, Range]]

    @property
    def defaults(self) -> dict[str, Decimal]:
        """The parameters as they are shown."""
        return {name: Decimal(value.numerator) / value.denominator for name, value in self.parameters.items()}

    def ranges(
        self,
        members: Sequence[Member],
        base: Fraction,
        given: Parameters | None = None,
        rounding: Rounding | None = None,
    ) -> dict[str, Range]:
        """By country. `given` replaces defaults."""
        found = self.spread(members, base, {**self.parameters, **(given or {})})
        return {country: one.rounded(rounding or self.rounding) for country, one in found.items()}


def three_factors(members: Sequence[Member], base: Fraction, of: Parameters) -> dict[str, Fraction]:
    """Midpoints: one part of the base to each member alike, one by population, one by contribution. They sum to the base where the
    three weights (`membership`, `population`, `contribution`, in per cent) sum to 100.
    """
    people = sum(one.population for one in members)
    scale = sum((one.scale for one in members), Fraction(0))
    alike = of["membership"] / len(members) if members else Fraction(0)
    return {
        one.country: base
        * (
            alike
            + (of["population"] * Fraction(one.population, people) if people else 0)
            + (of["contribution"] * one.scale / scale if scale else 0)
        )
        / 100
        for one in members
    }


def parameters(**given: str) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in given.items()}
