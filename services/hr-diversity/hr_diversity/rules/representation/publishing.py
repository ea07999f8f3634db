"""What is published of the staff counted for geography, of countries and of their statuses.

The rule, in this order:
1. Women, men and all counted: withheld where they, or the regular-budget staff in the same grades that does not count, are few. Where the
   published figures of these grades are withheld and too few do not count, nothing is shown at all.
2. A country's number of posts is withheld from 1 to k-1, and where too few came or left since it was shown last; none is shown as none.
   Staff without a stated nationality is a line as a country.
3. The status of a withheld number is hidden where small numbers have several statuses, since it would tell them apart.
4. How many countries have each status is shown. Further countries are withheld until no number can be narrowed to less than k by all of
   this (`knowledge`), by all policies that are told of the snapshot together.
5. Women and men by status are shown for the first policy only: those of two policies, subtracted, would be those of one country. Where
   they would tell too much they are left out (`plan` total), then policies from the last on, and in the end all but the first line.

What must not break: what was told of a snapshot stays told. A policy that comes later is told beside it only where that is safe as it is.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from hr_diversity.rules.representation.knowledge import Class, Held, Knowledge
from hr_diversity.rules.representation.ranges import ENDLESS, Range
from hr_diversity.rules.suppression import NOBODY, Counts, add, is_small, is_telling

Plan = Literal["by_status", "total", "closed"]
NOT_STATED = ""
"""Stands for a nationality that is not stated, among countries."""
OUTSIDE = "outside"
"""Staff without a stated nationality, or of a country that is not among the policy's members, among groups by status."""
GROUPS = ("under", "within", "over", OUTSIDE)
Ranges = Mapping[str, Range]
_REST = "rest"


@dataclass(frozen=True, slots=True)
class Counted:
    """Women, men and other by nationality, of those who count; `rest`: the same grades and budget that do not; `staff`: everybody."""

    by_country: Mapping[str, Counts]
    rest: Counts
    staff: Counts = NOBODY

    @property
    def whole(self) -> Counts:
        return add(self.by_country.values())


@dataclass(frozen=True, slots=True)
class Restless:
    """What may not be shown because too few people moved in it since it was shown last; see `movement`."""

    countries: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    whole: bool = False
    other: bool = False


STILL = Restless()


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a snapshot is shown. `told`: so many of the policies, from the first on. `closed`: statuses whose women and men are withheld.
    `women_and_men`, `other`: whether those of all are shown; all of `plan` closed is withheld but for these.
    """

    plan: Plan
    told: int
    withheld: frozenset[str]
    hidden: frozenset[str]
    closed: frozenset[str]
    women_and_men: bool
    other: bool


def protect(
    counted: Counted,
    policies: Sequence[Ranges],
    k: int,
    moved: Restless = STILL,
    *,
    regular: bool = True,
) -> Pattern:
    """For a snapshot of which nothing was told yet. `regular`: all staff of these grades and this budget are published."""
    closed = _all_of(counted, k, moved, regular=regular)
    apart = regular or min(counted.rest.women, counted.rest.men) >= k
    if counted.whole.total < k or not apart:
        return closed
    for told in range(len(policies), -1, -1):
        countries = _held(counted, policies[:told])
        for pattern in _plans(counted, policies[:told], closed, k, moved):
            known = _settle(_knowledge(countries, counted, policies[:told], pattern), k, moved)
            if known is not None:
                return replace(pattern, withheld=frozenset(known.withheld), hidden=frozenset(known.hidden))
    return closed


def add_policy(counted: Counted, policies: Sequence[Ranges], before: Pattern, k: int) -> Pattern:
    """`policies` are those that were told, in that order, and a further one. It is told where nothing else has to change for it."""
    if before.plan == "closed":
        return before
    known = _knowledge(_held(counted, policies), counted, policies, before)
    for country in before.withheld:
        known.withhold(country, hide=country in before.hidden)
    shown = [known.countries[country] for country in before.withheld - before.hidden]
    speaking = any(is_small(one.count, k) and one.speaks(k) for one in shown)
    if speaking or known.told(k) or known.told_sums(k):
        return before
    return replace(before, told=len(policies))


def _plans(counted: Counted, policies: Sequence[Ranges], closed: Pattern, k: int, moved: Restless) -> Iterator[Pattern]:
    """In the order in which they are tried."""
    if policies and closed.women_and_men:
        lines = _close(groups_of(counted, policies[0]), moved.groups, k, other=closed.other)
        if lines is not None:
            yield replace(closed, plan="by_status", told=len(policies), closed=frozenset(lines))
    yield replace(closed, plan="total", told=len(policies))


def groups_of(counted: Counted, ranges: Ranges) -> dict[str, Counts]:
    """Who counts by the status of their country, those outside of the policy last."""
    found: dict[str, list[Counts]] = {group: [] for group in GROUPS}
    for country, counts in counted.by_country.items():
        found[ranges[country].status(counts.total) if country in ranges else OUTSIDE].append(counts)
    return {group: add(lines) for group, lines in found.items() if lines}


def _all_of(counted: Counted, k: int, moved: Restless, *, regular: bool) -> Pattern:
    """Rule 1. Of the same grades on the regular budget who counts is a part. Where these are published, those who do not count are known
    with this; where they are withheld, this bounds them from below, which tells nothing only with k and more on either side.
    """
    whole, rest = counted.whole, counted.rest
    if regular:
        hides = not is_telling(rest, k)
        hides_other = not is_small(rest.other, k)
    else:
        hides = min(rest.women, rest.men) >= k
        hides_other = whole.other == 0 or rest.other >= k
    return Pattern(
        plan="closed",
        told=0,
        withheld=frozenset(),
        hidden=frozenset(),
        closed=frozenset(),
        women_and_men=hides and not moved.whole and not is_telling(whole, k),
        other=hides_other and not moved.other and not is_small(whole.other, k),
    )


def _held(counted: Counted, policies: Sequence[Ranges]) -> dict[str, Held]:
    return {
        country: Held(counts.total, tuple(ranges.get(country) for ranges in policies))
        for country, counts in counted.by_country.items()
        if counts.total
    }


def _knowledge(
    countries: Mapping[str, Held], counted: Counted, policies: Sequence[Ranges], pattern: Pattern
) -> Knowledge:
    """Of a status whose women and men are shown the sum is known, but for other sex where that is withheld; of all others together. Where
    the line of all is withheld, its sum is not known either, but that it is not above all of these grades and this budget.
    """
    groups = groups_of(counted, policies[0]) if pattern.plan == "by_status" else {}
    shown = groups.keys() - pattern.closed
    slack: dict[str, tuple[int, int]] = {}
    if not pattern.other:
        other = {group: groups[group].other for group in shown}
        other[_REST] = counted.whole.other - sum(other.values())
        slack = {group: (ENDLESS, few) for group, few in other.items() if few}
    if not pattern.women_and_men:
        more = slack.get(_REST, (0, 0))[0]
        slack[_REST] = max(more, counted.rest.total), ENDLESS

    def pool_of(named: Class) -> str:
        group = (named[0] or OUTSIDE) if named else _REST
        return group if group in shown else _REST

    return Knowledge(countries, pool_of, slack)


def _settle(known: Knowledge, k: int, moved: Restless) -> Knowledge | None:
    """Rules 2 to 4; None where withholding everybody would not do."""
    for country, one in known.countries.items():
        few = is_small(one.count, k)
        if few or country in moved.countries:
            known.withhold(country, hide=few and one.speaks(k))
    while True:
        countries, sums = known.told(k), known.told_sums(k)
        if speaking := [one for one in countries if one not in known.hidden]:
            known.withhold(speaking[0], hide=True)  # alone it may be no help, since it takes two to change places
            enough = True
        elif countries:
            enough = _withhold_one(known, partial(known.spread, countries[0], k), k)
        elif sums:
            enough = _withhold_one(known, partial(known.spread_of_sum, sums[0]), k)
        else:
            return known
        if not enough:
            return None


def _withhold_one(known: Knowledge, spread: Callable[[], int], k: int) -> bool:
    """One more country is hidden: the one with the fewest posts by which `spread` is enough, or else grows most. False where it does not."""
    now = spread()
    best: tuple[int, str] | None = None
    order = sorted(known.countries, key=lambda one: (one not in known.withheld, known.countries[one].count, one))
    for country in order:
        if country in known.hidden:
            continue
        was = country in known.withheld
        known.withhold(country, hide=True)
        then = spread()
        known.undo(country, withheld=was)
        if then > now and (best is None or then > best[0]):
            best = then, country
        if then >= k:
            break
    if best is None:
        return False
    known.withhold(best[1], hide=True)
    return True


def _close(groups: Mapping[str, Counts], restless: Collection[str], k: int, *, other: bool) -> set[str] | None:
    """Which groups' women and men are withheld where all sums by group and by sex are known; None where that cannot be hidden.

    A woman can be a man where elsewhere a man is a woman: so far can a withheld count go. Few of other sex are no matter where those of
    all are withheld (not `other`): then their group shows neither them nor its total.
    """
    if other and any(is_small(counts.other, k) for counts in groups.values()):
        return None
    closed = {group for group, counts in groups.items() if group in restless or _is_closed(counts, k)}
    while any(_swing(group, closed, groups) < k for group in closed):
        shown = set(groups) - closed
        if not shown:
            return None
        closed.add(min(shown, key=lambda one: (min(groups[one].women, groups[one].men) == 0, groups[one].total, one)))
    return closed


def _is_closed(counts: Counts, k: int) -> bool:
    return is_telling(counts, k) or (counts.women + counts.men == 0 and is_small(counts.other, k))


def _swing(group: str, closed: set[str], groups: Mapping[str, Counts]) -> int:
    others = add(groups[one] for one in closed if one != group) if len(closed) > 1 else NOBODY
    mine = groups[group]
    return min(mine.men, others.women) + min(mine.women, others.men)
