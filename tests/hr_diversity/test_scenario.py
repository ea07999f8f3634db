"""Scenarios: accounts that add up, and the share of appointments that reaches a target."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hr_diversity.rules.scenario import Flows, Stock, UsedUp, fill, path, reach, vacancy

stocks = st.builds(Stock, st.integers(5, 400).map(Fraction), st.integers(5, 400).map(Fraction))
shares = st.integers(0, 100).map(Fraction)


@st.composite
def cases(draw: st.DrawFn) -> tuple[Stock, Flows, int]:
    stock = draw(stocks)
    people = int(stock.people)
    separations = draw(st.integers(0, people // 10))
    flows = Flows(
        Fraction(separations), Fraction(draw(st.integers(0, people // 5))), draw(shares), draw(st.none() | shares)
    )
    years = draw(st.integers(1, 8))
    if flows.women_leaving is not None:
        assume(flows.women_leaving * separations * years <= stock.women * 100)
        assume((100 - flows.women_leaving) * separations * years <= stock.men * 100)
    assume(separations * years <= people)
    return stock, flows, years


def test_two_years_of_senior_posts_by_hand() -> None:
    found = path(Stock(Fraction(112), Fraction(190)), Flows(Fraction(30), Fraction(30), Fraction(50), Fraction(40)), 2)
    assert found == [Stock(Fraction(115), Fraction(187)), Stock(Fraction(118), Fraction(184))]


def test_who_leaves_by_the_share_of_the_stock_comes_to_the_share_of_appointments_by_powers() -> None:
    stock, flows = Stock(Fraction(40), Fraction(60)), Flows(Fraction(10), Fraction(10), Fraction(60))
    [share] = [one.share for one in path(stock, flows, 7)[-1:]]
    assert share == 60 - 20 * Fraction(9, 10) ** 7


@given(cases())
def test_every_year_adds_up(case: tuple[Stock, Flows, int]) -> None:
    stock, flows, years = case
    for n, one in enumerate(path(stock, flows, years), start=1):
        assert one.people == stock.people + n * (flows.appointments - flows.separations)
        assert one.women >= 0
        assert one.men >= 0


@given(cases(), st.integers(1, 100).map(Fraction))
def test_the_share_of_appointments_needed_ends_exactly_at_the_target(
    case: tuple[Stock, Flows, int], target: Fraction
) -> None:
    stock, flows, years = case
    found = reach(stock, flows, target, years)
    if found.appointments_needed is None:
        assert flows.appointments == 0
    elif 0 <= found.appointments_needed <= 100:
        needed = Flows(flows.separations, flows.appointments, found.appointments_needed, flows.women_leaving)
        assert path(stock, needed, years)[-1].share == target


@given(cases(), st.integers(1, 100).map(Fraction))
def test_the_verdict_is_what_the_paths_say(case: tuple[Stock, Flows, int], target: Fraction) -> None:
    stock, flows, years = case
    found = reach(stock, flows, target, years)
    ends = path(stock, flows, years)[-1].share
    assert found.ends_at == ends
    assert ends is not None
    assert found.at_most is not None
    assert found.at_most <= 100
    assert (found.verdict in {"reached", "on_course"}) == (ends >= target)
    assert (found.verdict == "out_of_reach") == (max(found.at_most, ends) < target)


@given(cases(), st.integers(1, 100).map(Fraction))
def test_more_women_appointed_never_end_at_a_lower_share(case: tuple[Stock, Flows, int], more: Fraction) -> None:
    stock, flows, years = case
    assume(flows.women_leaving is None and flows.women_appointed + more <= 100)
    other = Flows(flows.separations, flows.appointments, flows.women_appointed + more)
    first, second = (path(stock, one, years)[-1].share for one in (flows, other))
    assert first is not None
    assert second is not None
    assert second >= first


def test_low_turnover_puts_a_target_out_of_reach() -> None:
    stock = Stock(Fraction(112), Fraction(190))
    slow = reach(stock, Flows(Fraction(6), Fraction(6), Fraction(60)), Fraction(45), 2)
    assert slow.verdict == "out_of_reach"
    quick = reach(stock, Flows(Fraction(30), Fraction(30), Fraction(60)), Fraction(45), 2)
    assert quick.verdict == "possible"
    assert quick.appointments_needed is not None
    assert 70 < quick.appointments_needed < 90


def test_at_most_is_never_more_than_all() -> None:
    only_men_leave = Flows(Fraction(10), Fraction(20), Fraction(50), Fraction(0))
    assert reach(Stock(Fraction(50), Fraction(15)), only_men_leave, Fraction(60), 1).at_most == Fraction(70 * 100, 75)
    gone = Flows(Fraction(10), Fraction(20), Fraction(90), Fraction(0))
    assert reach(Stock(Fraction(50), Fraction(19)), gone, Fraction(60), 2).at_most == 100


def test_a_target_that_is_reached_can_be_lost_again() -> None:
    stock = Stock(Fraction(45), Fraction(55))
    assert reach(stock, Flows(Fraction(10), Fraction(10), Fraction(45)), Fraction(45), 3).verdict == "reached"
    assert reach(stock, Flows(Fraction(10), Fraction(10), Fraction(20)), Fraction(45), 3).verdict == "possible"


def test_nobody_leaves_twice() -> None:
    with pytest.raises(UsedUp, match="in year 3 more women leave"):
        path(Stock(Fraction(10), Fraction(100)), Flows(Fraction(4), Fraction(4), Fraction(0), Fraction(100)), 5)
    with pytest.raises(UsedUp, match="in year 2 more people leave"):
        path(Stock(Fraction(10), Fraction(10)), Flows(Fraction(15), Fraction(0), Fraction(0)), 5)


def test_one_vacancy_of_a_small_staff() -> None:
    by_woman, by_man = vacancy(3, 6, Fraction(45))
    assert (by_woman.share, by_woman.distance) == (Fraction(40), Fraction(-5))
    assert (by_man.share, by_man.distance) == (Fraction(30), Fraction(-15))


@given(st.integers(0, 1000), st.integers(0, 1000), shares)
def test_a_woman_raises_and_a_man_lowers_the_share(women: int, men: int, target: Fraction) -> None:
    assume(women and men)
    by_woman, by_man = vacancy(women, men, target)
    assert by_man.share < Fraction(100 * women, women + men) < by_woman.share
    assert by_woman.share - by_man.share == Fraction(100, women + men + 1)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20), shares)
def test_the_women_that_open_posts_take_are_the_fewest_by_trying_all(
    women: int, men: int, posts: int, target: Fraction
) -> None:
    found = fill(women, men, posts, target)
    people = women + men + posts
    if not people:
        assert found is None
        return
    assert found is not None
    enough = [more for more in range(posts + 1) if Fraction(100 * (women + more), people) >= target]
    assert found.women_needed == (enough[0] if enough else None)
    assert (found.by_women.share, found.by_men.share) == (
        Fraction(100 * (women + posts), people),
        Fraction(100 * women, people),
    )


def test_one_open_post_filled_is_one_vacancy() -> None:
    found = fill(3, 6, 1, Fraction(45))
    assert found is not None
    assert (found.by_women, found.by_men) == vacancy(3, 6, Fraction(45))
    assert found.women_needed is None
