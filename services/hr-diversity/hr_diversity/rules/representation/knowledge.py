"""What whoever reads all that is published of a snapshot can say of a number that is withheld. Nothing here decides; see `publishing`.

Published are, of every policy that is told, its limits and how many countries have each status; and of countries the number of posts,
or that it is withheld. A withheld number belongs to somebody, since zero is shown. Its status is shown, or `hidden`.

A world is a full table that agrees with all of it. If two worlds give a country numbers that lie k apart, nobody can narrow it to
less than k, so worlds are made and not excluded: posts move between withheld countries within the limits of their statuses, and two
countries of hidden status change places. Sums of posts are known by pools: those of a status whose line is shown, or of all. Where a
pool's sum is not known either, it has `slack`: how many more and fewer posts there may be.

What must not break: every world that is counted agrees with all that is published. That fewer are counted than there are costs figures,
never a secret.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from hr_diversity.rules.representation.ranges import ENDLESS, Range, Status

Class = tuple[Status | None, ...]
Interval = tuple[int, int]
EMPTY: Interval = (1, 0)
NO_SLACK: Interval = (0, 0)


@dataclass(frozen=True, slots=True)
class Held:
    """A country with somebody: `ranges` by each policy, None where it is not among the policy's members."""

    count: int
    ranges: tuple[Range | None, ...]

    @property
    def of(self) -> Class:
        return tuple(None if one is None else one.status(self.count) for one in self.ranges)

    def speaks(self, k: int) -> bool:
        """Its status would tell something: small numbers have several, or its own is another than theirs."""
        found = {Held(count, self.ranges).of for count in (*range(1, k), self.count)}
        return len(found) > 1

    def under(self, named: Class) -> Interval:
        """The numbers with which this country would have these statuses."""
        least, most = 1, ENDLESS
        for one, status in zip(self.ranges, named, strict=True):
            if (one is None) != (status is None):
                return EMPTY
            if one is not None and status is not None:
                first, last = one.counts(status)
                least, most = max(least, first), min(most, last)
        return (least, most) if least <= most else EMPTY


@dataclass(slots=True)
class _Pool:
    """Withheld countries of which only the sum is known: the sum, and those of their least and greatest numbers."""

    sum: int = 0
    least: int = 0
    most: int = 0

    def take(self, interval: Interval, count: int, sign: int) -> None:
        self.sum += sign * count
        self.least += sign * interval[0]
        self.most += sign * interval[1]


@dataclass(slots=True)
class Knowledge:
    countries: Mapping[str, Held]
    pool_of: Callable[[Class], str]
    slack: Mapping[str, Interval]
    """By how much the sum of a pool can be greater, and smaller; of a pool that is not here it is known."""
    withheld: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    _pools: dict[str, _Pool] = field(default_factory=lambda: defaultdict(_Pool))
    _own: dict[str, tuple[Class, Interval]] = field(default_factory=dict)
    _under: dict[tuple[str, Class], Interval] = field(default_factory=dict)

    def withhold(self, country: str, *, hide: bool) -> None:
        if country not in self.withheld:
            self.withheld.add(country)
            self._move(country, 1)
        if hide:
            self.hidden.add(country)

    def undo(self, country: str, *, withheld: bool) -> None:
        """As before it was hidden, and was `withheld` or not."""
        self.hidden.discard(country)
        if not withheld:
            self.withheld.discard(country)
            self._move(country, -1)

    def _move(self, country: str, sign: int) -> None:
        named, interval = self.own(country)
        self._pools[self.pool_of(named)].take(interval, self.countries[country].count, sign)

    def own(self, country: str) -> tuple[Class, Interval]:
        if country not in self._own:
            named = self.countries[country].of
            self._own[country] = named, self.under(country, named)
        return self._own[country]

    def under(self, country: str, named: Class) -> Interval:
        """As `Held.under`, found once."""
        found = self._under.get((country, named))
        if found is None:
            found = self._under[country, named] = self.countries[country].under(named)
        return found

    def spread(self, country: str, enough: int) -> int:
        """Greatest minus least number that some world gives this withheld country; no more is looked for than `enough`."""
        named, interval = self.own(country)
        least, most = self._room(country, named, interval, None)
        if country not in self.hidden:
            return most - least
        tried: set[tuple[Class, Interval, Interval]] = set()
        for partner in self.hidden:
            if most - least >= enough:
                break
            other = self.own(partner)[0]
            mine, its = self.under(country, other), self.under(partner, named)
            same = other, its, self.own(partner)[1]
            if other == named or EMPTY in (mine, its) or same in tried:
                continue
            tried.add(same)
            room = self._room(country, other, mine, (partner, its))
            if room[0] <= room[1]:
                least, most = min(least, room[0]), max(most, room[1])
        return most - least

    def _room(self, country: str, named: Class, mine: Interval, swapped: tuple[str, Interval] | None) -> Interval:
        """What this country can have in the class `named`, where `swapped` stands in its own; EMPTY where that cannot be."""
        was, interval = self.own(country)
        here, there = self.pool_of(named), self.pool_of(was)
        sums = {key: [pool.least, pool.most] for key in {here, there} for pool in [self._pools[key]]}
        _shift(sums[there], interval, -1)
        if swapped is not None:
            partner, its = swapped
            _shift(sums[here], self.own(partner)[1], -1)
            _shift(sums[there], its, 1)
        if there != here:
            more, fewer = self.slack.get(there, NO_SLACK)
            known = self._pools[there].sum
            if not sums[there][0] <= known + more or not known - fewer <= sums[there][1]:
                return EMPTY
        more, fewer = self.slack.get(here, NO_SLACK)
        known = self._pools[here].sum
        return max(mine[0], known - fewer - sums[here][1]), min(mine[1], known + more - sums[here][0])

    def spread_of_sum(self, pool: str) -> int:
        """Greatest minus least sum of the posts of a pool with slack, by its withheld countries."""
        more, fewer = self.slack[pool]
        there = self._pools[pool]
        return min(more, there.most - there.sum) + min(fewer, there.sum - there.least)

    def told(self, k: int) -> list[str]:
        """Withheld countries that can be narrowed to less than k, those with the fewest posts first."""
        found = [one for one in self.withheld if self.spread(one, k) < k]
        return sorted(found, key=lambda one: (self.countries[one].count, one))

    def told_sums(self, k: int) -> list[str]:
        return [pool for pool in self.slack if self.spread_of_sum(pool) < k]


def _shift(sums: list[int], interval: Interval, sign: int) -> None:
    sums[0] += sign * interval[0]
    sums[1] += sign * interval[1]
