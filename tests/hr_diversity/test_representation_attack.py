"""An attacker on the table of representation, who knows all limits and everything that is shown, and counts out every world there is.

Independent of `knowledge`: it moves no posts and exchanges no countries. It builds the table country by country, keeps what sums and
numbers of statuses come of it, and asks which numbers of one country can stand in a full table that agrees with all that is published.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction
from operator import le
from typing import Any

import pytest

from hr_diversity.rules.representation import knowledge
from hr_diversity.rules.representation.publishing import (
    NOT_STATED,
    OUTSIDE,
    Counted,
    Pattern,
    Ranges,
    Restless,
    add_policy,
    groups_of,
    protect,
)
from hr_diversity.rules.representation.ranges import STATUSES, Range
from hr_diversity.rules.suppression import Counts, add, is_small, show

CAP = 18
"""More than any number in these worlds and k together."""
State = tuple[tuple[int, ...], tuple[tuple[str, int], ...]]
WORLDS = 200


def a_range(draw: random.Random) -> Range:
    kind = draw.random()
    if kind < 0.35:
        return Range(Fraction(3, 2), Fraction(1), Fraction(2))
    if kind < 0.6:
        midpoint = Fraction(draw.randint(5, 40), 5)
        return Range(midpoint, midpoint - Fraction("4.8"), max(midpoint + Fraction("4.8"), Fraction(14)))
    lower = draw.randint(-1, 8)
    return Range(Fraction(lower + 1), Fraction(lower), Fraction(lower + draw.randint(0, 6)))


def a_world(seed: int) -> tuple[Counted, list[Ranges], int]:
    draw = random.Random(seed)
    names = [f"C{at}" for at in range(draw.randint(2, 6))]
    policies = [{name: a_range(draw) for name in names if draw.random() < 0.95} for _ in range(draw.choice((1, 1, 2)))]
    counts = {}
    for name in [*names, *([NOT_STATED] if draw.random() < 0.2 else [])]:
        total = draw.choice((0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12))
        women = draw.randint(0, total)
        other = 1 if total > women and draw.random() < 0.08 else 0
        if total:
            counts[name] = Counts(women, total - women - other, other)
    rest = draw.choice((Counts(0, 0, 0), Counts(20, 20, 0), Counts(1, 2, 0)))
    return Counted(counts, rest), policies, draw.choice((3, 5))


class Attacker:
    """What is published: the pattern, the numbers that it shows, and those by status. `told` are the policies that are told. All staff of
    these grades on the regular budget are published too, but for other sex where that is small.
    """

    def __init__(self, counted: Counted, told: Sequence[Ranges], pattern: Pattern, k: int) -> None:
        self.told = told
        self.hidden = pattern.hidden
        self.withheld = sorted(pattern.withheld)
        shown = {c: n.total for c, n in counted.by_country.items() if c not in pattern.withheld}
        everyone = {*shown, *pattern.withheld, *(c for ranges in told for c in ranges)}
        self.total = show(counted.whole, closed=not pattern.women_and_men, partly=not pattern.other)
        regular = add([counted.whole, counted.rest])
        self.regular = CAP**2 if is_small(regular.other, k) else regular.total
        self.groups: dict[str, Any] = {}
        if pattern.plan == "by_status":
            self.groups = {
                group: show(counts, closed=group in pattern.closed, partly=not pattern.other and counts.other > 0)
                for group, counts in groups_of(counted, told[0]).items()
            }
        self.numbers = self.add(
            ((0,) * (len(STATUSES) * len(told)), ()),
            [(c, counted.by_country[c].total if c in counted.by_country else 0) for c in everyone],
        )[0]
        self.statuses = {c: self.of(c, counted.by_country[c].total) for c in self.withheld if c not in self.hidden}
        self.start = self.add(
            ((0,) * (len(STATUSES) * len(told)), ()), [(c, shown.get(c, 0)) for c in everyone - set(self.withheld)]
        )

    def of(self, country: str, count: int) -> tuple[str | None, ...]:
        return tuple(ranges[country].status(count) if country in ranges else None for ranges in self.told)

    def add(self, state: State, more: Sequence[tuple[str, int]]) -> State:
        numbers, sums = list(state[0]), dict(state[1])
        for country, count in more:
            named = self.of(country, count)
            for at, status in enumerate(named):
                if status is not None:
                    numbers[at * len(STATUSES) + STATUSES.index(status)] += 1  # type: ignore[arg-type]
            group = (named[0] or OUTSIDE) if named else OUTSIDE
            sums[group] = sums.get(group, 0) + count
        return tuple(numbers), tuple(sorted(sums.items()))

    def options(self, country: str) -> Iterator[int]:
        for count in range(1, CAP):
            if country in self.hidden or self.of(country, count) == self.statuses[country]:
                yield count

    def agrees(self, state: State, *, so_far: bool = False) -> bool:
        """Whether this is a full table as it is published; `so_far`: or can become one."""
        sums = dict(state[1])
        everyone = sum(sums.values())
        least, most = self.total.total or 0, self.regular if self.total.total is None else self.total.total
        if self.total.women is not None:
            least = max(least, self.total.women + self.total.men)
        if so_far:
            lines = all(line.total is None or sums.get(group, 0) <= line.total for group, line in self.groups.items())
            return lines and everyone <= most and all(map(le, state[0], self.numbers))
        lines = all(self._fits(line, sums.get(group, 0)) for group, line in self.groups.items())
        return lines and least <= everyone <= most and state[0] == self.numbers

    def _fits(self, line: Any, total: int) -> bool:
        if line.total is not None:
            return bool(total == line.total)
        return bool(line.women is None or total >= line.women + line.men)

    def limits(self, country: str) -> tuple[int, int]:
        """The least and the greatest number that this country can have."""
        states = {self.start}
        for other in self.withheld:
            if other != country:
                options = list(self.options(other))
                more = (self.add(state, [(other, count)]) for state in states for count in options)
                states = {state for state in more if self.agrees(state, so_far=True)}
        options = list(self.options(country))
        least, most = (
            next(n for n in order if any(self.agrees(self.add(state, [(country, n)])) for state in states))
            for order in (options, options[::-1])
        )
        return least, most


def narrowed(counted: Counted, told: Sequence[Ranges], pattern: Pattern, k: int) -> list[tuple[str, tuple[int, int]]]:
    """Countries whose number is known to less than k; the true one is always between the limits. Of many withheld ones two are tried."""
    if pattern.plan == "closed":
        return []
    attacker = Attacker(counted, told, pattern, k)
    found = []
    for country in attacker.withheld if len(attacker.withheld) <= 4 else attacker.withheld[:2]:
        least, most = attacker.limits(country)
        assert least <= counted.by_country[country].total <= most
        if most - least < k:
            found.append((country, (least, most)))
    return found


def test_no_number_of_a_country_can_be_narrowed_to_less_than_k() -> None:
    plans: Counter[tuple[str, int]] = Counter()
    for seed in range(WORLDS):
        counted, policies, k = a_world(seed)
        pattern = protect(counted, policies, k)
        plans[pattern.plan, pattern.told] += 1
        assert not narrowed(counted, policies[: pattern.told], pattern, k), seed
        if pattern.plan != "closed":
            assert {c for c, n in counted.by_country.items() if n.total < k} <= pattern.withheld
    assert plans.keys() >= {("by_status", 1), ("by_status", 2), ("total", 0), ("total", 1), ("total", 2), ("closed", 0)}


def test_what_few_people_moved_in_is_withheld_and_cannot_be_narrowed_either() -> None:
    for seed in range(WORLDS, WORLDS + 60):
        counted, policies, k = a_world(seed)
        moved = frozenset(c for at, c in enumerate(counted.by_country) if at % 3 == 0)
        pattern = protect(counted, policies, k, Restless(moved, frozenset({"within"})))
        assert not narrowed(counted, policies[: pattern.told], pattern, k), seed
        assert pattern.plan == "closed" or moved <= pattern.withheld


def test_a_policy_that_comes_later_is_told_only_where_it_narrows_nothing() -> None:
    outcomes: Counter[bool] = Counter()
    for seed in range(2 * WORLDS, 2 * WORLDS + 120):
        counted, policies, k = a_world(seed)
        first = protect(counted, policies[:1], k)
        if len(policies) < 2 or first.told == 0:
            continue
        after = add_policy(counted, policies, first, k)
        outcomes[after.told == 2] += 1
        assert not narrowed(counted, policies[: after.told], after, k), seed
        assert (after.withheld, after.hidden, after.plan) == (first.withheld, first.hidden, first.plan)
    assert min(outcomes[True], outcomes[False]) > 5, outcomes


@pytest.mark.parametrize("what", ["no further countries are withheld", "statuses are shown"])
def test_the_attacker_catches_a_rule_that_is_too_weak(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knowledge.Knowledge, "told", lambda *_: [])
    monkeypatch.setattr(knowledge.Knowledge, "told_sums", lambda *_: [])
    if what == "statuses are shown":
        monkeypatch.setattr(knowledge.Held, "speaks", lambda *_: False)
    caught = 0
    for seed in range(40):
        counted, policies, k = a_world(seed)
        pattern = protect(counted, policies, k)
        caught += bool(narrowed(counted, policies[: pattern.told], pattern, k))
    assert caught > 5
