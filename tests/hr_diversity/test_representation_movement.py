"""Two tables of representation, subtracted, tell of nobody or of k people and more."""

import random
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hr_diversity.test_representation_attack import a_range

from hr_diversity.rules.representation.movement import WHOLE, Moved, Shown, find_restless
from hr_diversity.rules.representation.publishing import Counted, Pattern, groups_of, protect
from hr_diversity.rules.representation.ranges import Range
from hr_diversity.rules.suppression import Counts

K = 5
NAMES = [f"C{at}" for at in range(8)]
PEOPLE = st.dictionaries(
    st.sampled_from(NAMES), st.tuples(st.integers(0, 30), st.integers(0, 30)).filter(any), min_size=3
)
STEP = st.tuples(st.integers(-6, 6), st.integers(-6, 6))


def counted(people: dict[str, tuple[int, int]]) -> Counted:
    return Counted({c: Counts(w, m, 0) for c, (w, m) in sorted(people.items()) if w + m}, Counts(40, 40, 0))


def shown(of: Counted, pattern: Pattern, ranges: dict[str, Range]) -> Shown:
    lines = {}
    if pattern.plan == "by_status":
        lines = {g: (n.women, n.men) for g, n in groups_of(of, ranges).items() if g not in pattern.closed}
    if pattern.women_and_men:
        lines[WHOLE] = (of.whole.women, of.whole.men)
    open_ = (
        {} if pattern.plan == "closed" else {c: n.total for c, n in of.by_country.items() if c not in pattern.withheld}
    )
    return Shown(open_, pattern.withheld, lines, 0 if pattern.other else None, countries_shown=pattern.plan != "closed")


@given(PEOPLE, st.lists(st.dictionaries(st.sampled_from(NAMES), STEP), min_size=1, max_size=4), st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_between_two_tables_that_show_a_line_nobody_or_many_came_or_left(
    people: dict[str, tuple[int, int]], steps: list[dict[str, tuple[int, int]]], seed: int
) -> None:
    draw = random.Random(seed)
    ranges = {name: a_range(draw) for name in NAMES}
    of = counted(people)
    tables = [shown(of, protect(of, [ranges], K), ranges)]
    for step in steps:
        for country, (women, men) in step.items():
            was = people.get(country, (0, 0))
            people = {**people, country: (max(0, was[0] + women), max(0, was[1] + men))}
        of = counted(people)
        moved = find_restless(of, ranges, tables, None, K)
        table = shown(of, protect(of, [ranges], K, moved), ranges)
        _hold_against(tables, table)
        tables.insert(0, table)


def _hold_against(tables: list[Shown], after: Shown) -> None:
    """Each line against the last table that showed it; without people to follow, the difference is what counts."""
    for country in NAMES:
        if not after.countries_shown or country in after.withheld:
            continue
        last = next((one for one in tables if one.countries_shown and country not in one.withheld), None)
        if last is not None and after.countries.get(country, 0):
            assert not 0 < abs(after.countries[country] - last.countries.get(country, 0)) < K
    for line, figures in after.lines.items():
        before = next((one.lines[line] for one in tables if line in one.lines), None)
        if before is not None:
            assert not any(0 < abs(now - then) < K for now, then in zip(figures, before, strict=True))


def test_people_are_followed_between_neighbouring_tables() -> None:
    """Ten come and nine leave: the number rises by one, and that tells of nineteen."""
    ranges = {"C0": Range(Fraction(20), Fraction(10), Fraction(30))}
    before, after = counted({"C0": (20, 20), "C1": (9, 9)}), counted({"C0": (21, 20), "C1": (9, 9)})
    table = shown(before, protect(before, [ranges], K), ranges)
    many, few = Moved(before, ranges, {"C0": Counts(12, 7, 0)}), Moved(before, ranges, {"C0": Counts(3, 0, 0)})
    assert find_restless(after, ranges, [table], many, K).countries == frozenset()
    found = find_restless(after, ranges, [table], few, K)
    assert (found.countries, found.whole, "over" in found.groups) == ({"C0"}, True, True)


def test_of_a_country_that_changed_its_status_everybody_moved() -> None:
    ranges = {
        "C0": Range(Fraction(20), Fraction(10), Fraction(40)),
        "C1": Range(Fraction(20), Fraction(10), Fraction(40)),
    }
    before, after = counted({"C0": (20, 20), "C1": (9, 9)}), counted({"C0": (21, 20), "C1": (9, 9)})
    moved = Moved(before, ranges, {"C0": Counts(1, 0, 0)}).in_groups(after, ranges)
    assert moved == {WHOLE: Counts(1, 0, 0), "within": Counts(20, 20, 0), "over": Counts(21, 20, 0)}
