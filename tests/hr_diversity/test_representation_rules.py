"""Desirable ranges: what the documents publish comes out, and what must hold of every member, base and scale does."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hr_diversity.rules.representation import RULES
from hr_diversity.rules.representation.ranges import STATUSES, Member, Range, Rule
from shared.figures import round_half_up

ENDLESS_SAMPLE = 40
RULE = st.sampled_from(list(RULES.values()))
BASE = st.integers(1, 5000).map(Fraction)


@st.composite
def members(draw: st.DrawFn) -> list[Member]:
    """A whole organisation: the shares sum to 100."""
    weights = draw(st.lists(st.integers(1, 22_000), min_size=1, max_size=30))
    people = draw(st.lists(st.integers(1, 1_400_000), min_size=len(weights), max_size=len(weights)))
    return [
        Member(f"C{at}", population, Fraction(weight * 100, sum(weights)))
        for at, (weight, population) in enumerate(zip(weights, people, strict=True))
    ]


def one_of_many(scale: str, *, others: int = 192) -> list[Member]:
    """A member with this share among 193, all of one size."""
    rest = (100 - Fraction(scale)) / others
    return [Member("AAA", 1000, Fraction(scale)), *(Member(f"B{at}", 1000, rest) for at in range(others))]


def test_the_published_numbers_of_points_come_out() -> None:
    least = RULES["un-weighted-range"].ranges([Member(f"C{at}", 1, Fraction(1)) for at in range(100)], Fraction(1))[
        "C0"
    ]
    assert round_half_up(least.midpoint - least.lower, 0) == 415  # 4.8 x 86.37
    assert round_half_up(least.upper, 0) == 1209  # 14 x 86.37


def test_the_contribution_part_of_a_midpoint_is_55_per_cent_of_the_base_times_the_share() -> None:
    rule, share = RULES["un-range"], Fraction("8.033")
    only = {name: Fraction(0) for name in ("membership", "population")}
    found = rule.ranges(one_of_many("8.033"), Fraction(3500), only)["AAA"]
    assert found.midpoint == Fraction(55, 100) * 3500 * share / 100


def test_a_range_of_the_united_nations_by_hand() -> None:
    """193 members of one size, base 3,600: 0.40 x 3600/193 + 0.05 x 3600/193 + 0.55 x 3600 x 2 % = 8.3938 + 39.6."""
    found = RULES["un-range"].ranges(one_of_many("2"), Fraction(3600))
    large, small = found["AAA"], found["B0"]
    assert large.midpoint == Fraction(45 * 36, 193) + Fraction("39.6")
    assert (large.lower, large.upper) == (large.midpoint * Fraction("0.85"), large.midpoint * Fraction("1.15"))
    assert small.midpoint == Fraction(45 * 36, 193) + 55 * 36 * (Fraction(98, 192)) / 100
    assert (small.midpoint - small.lower, small.upper - small.midpoint) == (Fraction("4.8"), Fraction("4.8"))
    tiny = RULES["un-range"].ranges(one_of_many("0.001"), Fraction(600))["AAA"]
    assert (tiny.upper, tiny.lower < 0) == (14, True)


def test_a_quota_of_unesco_by_hand() -> None:
    """850 x 65 % / 193 = 2.863; 25 % less and more; no minimum under two posts."""
    found = RULES["unesco-quota"].ranges(one_of_many("0.001"), Fraction(850), rounding="none")["AAA"]
    expected = 850 * (Fraction(65, 193) + Fraction(5, 193) + 30 * Fraction("0.001") / 100) / 100
    assert found.midpoint == expected
    assert (found.lower, found.upper) == (expected * Fraction(3, 4), expected * Fraction(5, 4))
    few = RULES["unesco-quota"].ranges(one_of_many("0.001"), Fraction(300), rounding="none")["AAA"]
    assert few.lower == 2 > few.midpoint


def test_the_ilo_asks_small_contributors_for_one_or_two_and_others_for_their_share() -> None:
    found = RULES["ilo-range"].ranges(one_of_many("10"), Fraction(600), rounding="none")
    assert (found["AAA"].lower, found["AAA"].midpoint, found["AAA"].upper) == (45, 60, 75)
    small = RULES["ilo-range"].ranges(one_of_many("0.2"), Fraction(600))["AAA"]
    assert (small.lower, small.upper) == (1, 2)
    assert not RULES["ilo-range"].verified


@pytest.mark.parametrize(
    ("count", "status"),
    [(0, "non_represented"), (1, "under"), (4, "under"), (5, "within"), (9, "within"), (10, "over")],
)
def test_both_limits_belong_to_the_range(count: int, status: str) -> None:
    assert Range(Fraction(7), Fraction(5), Fraction(9)).status(count) == status


def test_nobody_is_non_represented_even_where_the_lower_limit_is_under_zero() -> None:
    found = Range(Fraction(3), Fraction("-1.8"), Fraction(14))
    assert (found.status(0), found.status(1)) == ("non_represented", "within")
    assert (found.mark(1), found.mark(3), found.mark(4)) == ("below_midpoint", "at_midpoint", "above_midpoint")


@given(members(), BASE, st.sampled_from(["un-range", "un-weighted-range", "unesco-quota", "fao-range"]))
def test_midpoints_share_out_the_base(given_: list[Member], base: Fraction, code: str) -> None:
    found = RULES[code].ranges(given_, base).values()
    assert sum(one.midpoint / one.per_post for one in found) == base


@given(members(), BASE, RULE, st.integers(1, 40))
def test_who_contributes_more_is_not_asked_for_fewer(
    given_: list[Member], base: Fraction, rule: Rule, more: int
) -> None:
    """`more` per cent points from all others alike; the share of a member rises, so do its midpoint and limits."""
    first, *rest = given_
    share = first.scale + (100 - first.scale) * more / 100
    left = (100 - share) / (100 - first.scale) if rest else Fraction(1)
    scaled = [Member(one.country, one.population, one.scale * left) for one in rest]
    raised = [Member(first.country, first.population, share if rest else first.scale), *scaled]
    before, after = (rule.ranges(of, base, rounding="none")[first.country] for of in (given_, raised))
    if rule.code == "ilo-range" and min(before.midpoint, after.midpoint) < 2:
        return  # at the step from small contributors to the others a range may fall
    assert before.midpoint <= after.midpoint
    assert before.lower <= after.lower
    assert before.upper <= after.upper


@given(members(), BASE, RULE)
def test_limits_stand_on_both_sides_of_the_midpoint(given_: list[Member], base: Fraction, rule: Rule) -> None:
    for one in rule.ranges(given_, base, rounding="none").values():
        least = rule.parameters.get("at_least", 0)
        assert one.lower <= max(one.midpoint, least)
        assert max(one.midpoint, one.lower) <= one.upper


@given(members(), BASE, RULE, st.sampled_from(["none", "half_up", "outward", "inward"]))
@settings(max_examples=60)
def test_the_numbers_of_a_status_are_those_that_have_it(
    given_: list[Member], base: Fraction, rule: Rule, rounding: str
) -> None:
    for one in rule.ranges(given_, base, rounding=rounding).values():  # type: ignore[arg-type]
        intervals = {status: one.counts(status) for status in STATUSES}
        for count in range(ENDLESS_SAMPLE):
            [status] = [name for name, (least, most) in intervals.items() if least <= count <= most]
            assert status == one.status(count)


def test_limits_that_cross_leave_every_number_one_status() -> None:
    crossed = Range(Fraction(3), Fraction(5), Fraction(2))
    assert [crossed.counts(status) for status in ("under", "over")] == [(1, 4), (5, crossed.counts("over")[1])]
