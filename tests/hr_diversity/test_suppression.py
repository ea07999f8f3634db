"""Suppression: an attacker with all published figures narrows no withheld one to less than k."""

from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.hr_diversity.attack import attack_table, narrowed

from hr_diversity.rules.suppression import Counts, Figures, network, protect

K = 5
CLOSED = Figures(None, None, None, None, None, suppressed=True)

few = st.one_of(st.just(0), st.integers(0, 7), st.integers(0, 40))
lines = st.builds(Counts, few, few, st.one_of(st.just(0), st.just(0), st.integers(0, 9))).filter(lambda c: c.total)
tables = st.lists(lines, min_size=1, max_size=8).map(lambda rows: {f"G{n}": row for n, row in enumerate(rows)})


def test_figures_of_large_groups_stay_as_they_are() -> None:
    total, shown = protect({"A": Counts(10, 20, 0), "B": Counts(30, 5, 6)}, K)
    assert total == Figures(40, 25, 6, 71, Decimal("61.5"), suppressed=False)
    assert shown["B"] == Figures(30, 5, 6, 41, Decimal("85.7"), suppressed=False)


def test_a_group_with_few_women_is_closed_together_with_another_one() -> None:
    _, shown = protect({"A": Counts(2, 20, 0), "B": Counts(30, 30, 0), "C": Counts(7, 9, 0)}, K)
    assert shown["A"] == CLOSED
    assert shown["C"] == CLOSED
    assert shown["B"].women == 30


def test_few_of_other_sex_hide_the_total_but_not_women_and_men() -> None:
    _, shown = protect({"A": Counts(20, 20, 1), "B": Counts(30, 30, 8), "C": Counts(30, 30, 0)}, K)
    assert shown["A"] == Figures(20, 20, None, None, Decimal("50.0"), suppressed=True)
    assert shown["B"].total is None, "else the one in A would be the difference"
    assert shown["C"].total == 60


@pytest.mark.parametrize("count", [1, 4])
def test_a_group_of_fewer_than_k_is_closed_even_if_all_are_men(count: int) -> None:
    _, shown = protect({"A": Counts(0, count, 0), "B": Counts(30, 30, 0), "C": Counts(30, 30, 0)}, K)
    assert shown["A"] == CLOSED


def test_a_group_of_one_sex_is_shown_from_twice_k_on() -> None:
    _, shown = protect({"A": Counts(0, 9, 0), "B": Counts(30, 30, 0), "C": Counts(30, 30, 0), "D": Counts(0, 10, 0)}, K)
    assert shown["A"] == CLOSED
    assert shown["D"] == Figures(0, 10, 0, 10, Decimal("0.0"), suppressed=False)


def test_a_small_total_is_withheld_and_never_zero() -> None:
    total, shown = protect({"A": Counts(1, 2, 0)}, K)
    assert total == CLOSED
    assert shown == {"A": CLOSED}


def test_a_group_without_women_and_men_has_no_share_and_hides_nothing() -> None:
    total, shown = protect({"A": Counts(0, 0, 7)}, K)
    assert total == shown["A"] == Figures(0, 0, 7, 7, None, suppressed=False)


@settings(max_examples=500, deadline=None)
@given(tables, st.integers(2, 10))
@example({"A": Counts(0, 5, 0), "B": Counts(3, 2, 0)}, 5)
@example({"A": Counts(6, 0, 0), "B": Counts(2, 3, 4), "C": Counts(9, 9, 1)}, 5)
def test_no_withheld_figure_can_be_narrowed_to_less_than_k(table: dict[str, Counts], k: int) -> None:
    total, shown = protect(table, k)
    assert list(narrowed(attack_table(table, total, shown), k)) == []


@settings(max_examples=500, deadline=None)
@given(tables, st.integers(2, 10))
def test_no_small_count_is_ever_shown(table: dict[str, Counts], k: int) -> None:
    total, shown = protect(table, k)
    for line in [total, *shown.values()]:
        figures = (line.women, line.men, line.other, line.total)
        assert not any(figure is not None and 0 < figure < k for figure in figures)
        assert line.suppressed == (None in figures)
        assert (line.women is None) == (line.men is None)
        assert line.share is None or line.women is not None


def test_the_attacker_catches_a_rule_without_complementary_suppression(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "_is_hidden", lambda *_: True)
    table = {"A": Counts(2, 20, 0), "B": Counts(30, 30, 0), "C": Counts(7, 9, 0)}
    total, shown = protect(table, K)
    found = {edge.name: width for edge, width in narrowed(attack_table(table, total, shown), K)}
    assert found["A", "women"] == 0
