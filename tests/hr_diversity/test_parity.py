"""Parity: status, what is needed, where it is going, and the published years."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hr_diversity.rules.parity import (
    DEFAULT,
    Needed,
    Point,
    band,
    needed,
    percent,
    projected_year,
    run,
    status,
    trend,
    year_of,
)

LOWER, UPPER = DEFAULT.lower, DEFAULT.upper

# A/69/346: per cent in 2013, its ten-year change in points, the published average a year, the published year
PUBLISHED = {
    "P-4": ("40", "7.8", "0.8", 2025),
    "P-5": ("34", "7.0", "0.7", 2036),
    "D-1": ("32", "10.8", "1.1", 2029),
    "D-2": ("30", "7.4", "0.7", 2040),
    "UG": ("26.7", "7.3", "0.73", 2045),
    "total": ("41.8", "5.5", "0.55", 2028),
}
BASE = year_of(date(2013, 12, 31))


def half_unit(printed: str) -> Fraction:
    """Half of the last digit that is printed: a figure printed as 40 lies between 39.5 and 40.5."""
    return Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))


@pytest.mark.parametrize("level", ["P-5", "D-2", "UG", "total"])
def test_the_published_years_come_out_of_the_unrounded_change(level: str) -> None:
    share, change, _, year = PUBLISHED[level]
    assert projected_year(BASE, Fraction(share), Fraction(change) / 10) == year


@pytest.mark.parametrize("level", PUBLISHED)
def test_every_published_year_lies_within_the_rounding_of_its_published_share(level: str) -> None:
    share, change, _, year = PUBLISHED[level]
    near, far = (
        projected_year(BASE, Fraction(share) + side * half_unit(share) * Fraction(99, 100), Fraction(change) / 10)
        for side in (1, -1)
    )
    assert near is not None
    assert far is not None
    assert near <= year <= far


@pytest.mark.parametrize(("level", "computed"), [("P-4", 2026), ("D-1", 2030)])
def test_two_published_years_are_a_year_before_those_of_their_rounded_shares(level: str, computed: int) -> None:
    share, change, _, year = PUBLISHED[level]
    assert projected_year(BASE, Fraction(share), Fraction(change) / 10) == computed == year + 1


@pytest.mark.parametrize(("level", "computed"), [("D-1", 2029), ("D-2", 2042), ("total", 2028)])
def test_the_rounded_increment_gives_other_years_than_the_unrounded_change(level: str, computed: int) -> None:
    share, _, increment, _ = PUBLISHED[level]
    assert projected_year(BASE, Fraction(share), Fraction(increment)) == computed


def test_cutting_off_would_give_other_years_than_the_published_ones() -> None:
    exact = {
        level: BASE + (50 - Fraction(share)) / (Fraction(change) / 10)
        for level, (share, change, _, _) in PUBLISHED.items()
    }
    assert [level for level, year in exact.items() if int(year) == PUBLISHED[level][3]] == ["P-4", "D-1", "D-2"]


@pytest.mark.parametrize(("share", "increment"), [("40", "0"), ("40", "-0.1"), ("50", "1"), ("60", "1")])
def test_there_is_no_year_for_what_does_not_rise_or_is_there(share: str, increment: str) -> None:
    assert projected_year(BASE, Fraction(share), Fraction(increment)) is None


def test_half_a_year_is_rounded_up() -> None:
    assert projected_year(BASE, Fraction(49), Fraction(2)) == 2014
    assert projected_year(BASE, Fraction(49), Fraction(201, 100)) == 2013


@given(st.integers(0, 49), st.fractions(Fraction(1, 100), Fraction(10)), st.fractions(Fraction(1, 100), Fraction(10)))
def test_a_faster_rise_is_never_there_later(share: int, slow: Fraction, more: Fraction) -> None:
    early, late = projected_year(BASE, Fraction(share), slow + more), projected_year(BASE, Fraction(share), slow)
    assert early is not None
    assert late is not None
    assert early <= late


@pytest.mark.parametrize(
    ("women", "men", "expected"),
    [
        (47, 53, "at_parity"),
        (53, 47, "at_parity"),
        (469, 531, "below"),
        (531, 469, "above"),
        (4699, 5301, "below"),  # shown as 47.0
        (0, 9, "below"),
        (9, 0, "above"),
        (0, 0, None),
    ],
)
def test_the_band_includes_its_ends_and_is_held_against_the_unrounded_share(
    women: int, men: int, expected: str
) -> None:
    assert status(women, men) == expected


def test_another_band_is_another_status() -> None:
    assert status(42, 58, band(Fraction(40), Fraction(60))) == "at_parity"
    assert band(Fraction(40), Fraction(60)).name == "parity-40-60"


@pytest.mark.parametrize(("lower", "upper"), [(51, 60), (40, 49), (-1, 60), (40, 101)])
def test_a_band_without_fifty_is_none(lower: int, upper: int) -> None:
    with pytest.raises(ValueError, match="does not hold"):
        band(Fraction(lower), Fraction(upper))


def test_the_women_needed_at_senior_level_are_those_that_bring_the_share_into_the_goal() -> None:
    assert needed(112, 190, Fraction(45), Fraction(100)) == Needed(24, 0)  # 136 of 302 is 45.03 per cent, 135 is 44.7
    assert needed(112, 190, LOWER, UPPER) == Needed(30, 0)
    assert needed(190, 112, LOWER, UPPER) == Needed(0, 30)
    assert needed(150, 150, LOWER, UPPER) == Needed(0, 0)


@given(st.integers(0, 60), st.integers(0, 60))
@example(1, 2)
def test_needed_is_the_smallest_number_of_replacements_by_trying_all(women: int, men: int) -> None:
    people = women + men
    inside = [w for w in range(people + 1) if people and LOWER <= Fraction(w * 100, people) <= UPPER]
    found = needed(women, men, LOWER, UPPER)
    if people and not inside:
        assert found == Needed(None, None)
    elif people:
        nearest = min(inside, key=lambda w: abs(w - women))
        assert found == Needed(max(0, nearest - women), max(0, women - nearest))


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_women_and_men_are_treated_alike(women: int, men: int) -> None:
    mirrored = {"below": "above", "above": "below", "at_parity": "at_parity", None: None}
    assert status(men, women) == mirrored[status(women, men)]
    there, back = needed(women, men, LOWER, UPPER), needed(men, women, LOWER, UPPER)
    assert (there.women, there.men) == (back.men, back.women)


@given(st.integers(0, 500), st.integers(0, 500))
def test_nothing_is_needed_exactly_where_there_is_parity(women: int, men: int) -> None:
    if women + men:
        assert (needed(women, men, LOWER, UPPER) == Needed(0, 0)) == (status(women, men) == "at_parity")


def points(*figures: tuple[int, int | None, int | None], rule: str = "m/1") -> list[Point]:
    return [Point(date(year, 12, 31), women, men, rule) for year, women, men in figures]


def test_the_increment_is_that_of_the_unrounded_shares_over_the_years_between() -> None:
    found = trend(points((2012, 1, 2), (2013, 9, 1), (2015, 2, 1)))
    assert found is not None
    assert (found.increment, found.points) == (Fraction(100, 9), 3)
    assert (found.first.day.year, found.last.day.year) == (2012, 2015)


def test_a_trend_never_bridges_a_withheld_point() -> None:
    found = trend(points((2012, 1, 9), (2013, 2, 8), (2014, None, None), (2015, 3, 7), (2016, 4, 6)))
    assert found is not None
    assert found.first.day.year == 2015
    assert trend(points((2012, 1, 9), (2013, 2, 8), (2014, None, None))) is None
    assert trend(points((2012, 1, 9), (2013, None, None), (2014, 2, 8))) is None


def test_a_trend_never_bridges_a_change_of_rule() -> None:
    assert trend(points((2012, 1, 9), (2013, 2, 8)) + points((2014, 3, 7), rule="m/2")) is None


def test_a_year_without_anybody_breaks_a_trend() -> None:
    assert trend(points((2012, 1, 9), (2013, 0, 0), (2014, 2, 8))) is None


def test_no_points_have_no_trend() -> None:
    assert trend([]) is None
    assert run([]) == []


def test_the_end_of_a_year_is_the_year() -> None:
    assert year_of(date(2013, 12, 31)) == 2013
    assert year_of(date(2014, 7, 2)) == 2013 + Fraction(183, 365)
    assert 2019 < year_of(date(2020, 1, 1)) < year_of(date(2020, 12, 30)) < 2020


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.dates(date(1990, 1, 1), date(2090, 1, 1)))
def test_later_days_are_later(one: date, other: date) -> None:
    assert (one < other) == (year_of(one) < year_of(other))


def test_nobody_has_no_share() -> None:
    assert percent(0, 0) is None
    assert needed(0, 0, LOWER, UPPER) == Needed(0, 0)
