"""Suppression: an attacker with all published figures narrows no withheld one to less than k."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.hr_diversity.attack import COLUMNS, Attack, attack_table, narrowed

from hr_diversity.measures.ladder import CONTRACT_SOURCES, REGULAR_BUDGET, SENIOR
from hr_diversity.rules import suppression
from hr_diversity.rules.suppression import Counts, Figures, protect, protect_part
from hr_diversity.service import releases as service

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


def test_a_homogeneous_group_of_k_is_shown() -> None:
    _, shown = protect({"A": Counts(0, 5, 0), "B": Counts(30, 30, 0)}, K)
    assert shown["A"] == Figures(0, 5, 0, 5, Decimal("0.0"), suppressed=False)


def test_a_small_total_is_withheld_and_never_zero() -> None:
    total, shown = protect({"A": Counts(1, 2, 0)}, K)
    assert total == CLOSED
    assert shown == {"A": CLOSED}


def test_a_group_without_women_and_men_has_no_share_and_hides_nothing() -> None:
    total, shown = protect({"A": Counts(0, 0, 7)}, K)
    assert total == shown["A"] == Figures(0, 0, 7, 7, None, suppressed=False)


def test_a_part_is_closed_where_the_rest_is_small() -> None:
    assert protect_part(Counts(40, 40, 0), Counts(42, 60, 0), K) == CLOSED
    assert protect_part(Counts(40, 40, 0), Counts(45, 60, 0), K).women == 40


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
    monkeypatch.setattr(suppression, "_cover", lambda withheld, *_, **__: set(withheld))
    table = {"A": Counts(2, 20, 0), "B": Counts(30, 30, 0), "C": Counts(7, 9, 0)}
    total, shown = protect(table, K)
    found = {edge.name: width for edge, width in narrowed(attack_table(table, total, shown), K)}
    assert found["A", "women"] == 0


people = st.dictionaries(
    st.tuples(
        st.sampled_from(["G5", "P2", "P4", "P5", "D1", "DG"]), st.sampled_from(CONTRACT_SOURCES), st.sampled_from("FMX")
    ),
    st.one_of(st.integers(1, 6), st.integers(1, 40)),
    min_size=1,
    max_size=24,
)


corners = st.fixed_dictionaries(
    {
        (grade, source, sex): st.integers(K, 12)
        for grade in ("P4", "P5")
        for source in (REGULAR_BUDGET, "development_cooperation")
        for sex in "FM"
    }
)
"""Women and men enough in every corner of senior or not, regular budget or not."""


def cube_of(counts: dict[tuple[str, str, str], int]) -> pl.DataFrame:
    rows = [(grade, source, "africa", "HRD", sex, n) for (grade, source, sex), n in counts.items()]
    return pl.DataFrame(rows, schema=["grade", "contract_source", "region", "unit", "sex", "n"], orient="row")


def attack_all(counts: dict[tuple[str, str, str], int], drawn: dict[str, service.Drawn], column: str) -> Attack:
    """One sex in the tables by grade and by contract source and in the P5+ figure, taken together."""
    sex = dict(zip(COLUMNS, "FMX", strict=True))[column]
    mine = {(grade, source): n for (grade, source, of), n in counts.items() if of == sex}
    attack = Attack()

    def shown(line: Figures) -> bool:
        return getattr(line, column) is not None

    def total_of(*, senior: bool, regular: bool) -> int:
        return sum(n for (g, s), n in mine.items() if (g in SENIOR) == senior and (s == REGULAR_BUDGET) == regular)

    by_grade, by_source = drawn["staff-by-grade"], drawn["staff-by-contract-source"]
    for grade, line in by_grade.cells.items():
        ladder = "senior" if grade in SENIOR else "others"
        figure = sum(n for (g, _), n in mine.items() if g == grade)
        attack.add(grade, "all", ("grade", grade), figure, shown=shown(line))
        attack.add(None, ("grade", grade), (ladder, "grades"), figure, shown=False)
    of_all = drawn["women-p5-plus-whole-workforce"].total
    for ladder in ("senior", "others"):
        figure = sum(n for (grade, _), n in mine.items() if (grade in SENIOR) == (ladder == "senior"))
        known = ladder == "senior" and shown(of_all)
        attack.add(f"all {ladder}", (ladder, "grades"), ladder, figure, shown=known)
    senior = drawn["women-p5-plus-regular-budget"].total
    attack.add("p5+", "senior", ("source", REGULAR_BUDGET), total_of(senior=True, regular=True), shown=shown(senior))
    attack.add("rest", "senior", "elsewhere", total_of(senior=True, regular=False), shown=False)
    attack.add("rest", "others", ("source", REGULAR_BUDGET), total_of(senior=False, regular=True), shown=False)
    attack.add("rest", "others", "elsewhere", total_of(senior=False, regular=False), shown=False)
    for source, line in by_source.cells.items():
        figure = sum(n for (_, s), n in mine.items() if s == source)
        if source != REGULAR_BUDGET:
            attack.add(None, "elsewhere", ("source", source), figure, shown=False)
        attack.add(source, ("source", source), "whole", figure, shown=shown(line))
    attack.add("whole", "whole", "all", sum(mine.values()), shown=shown(by_grade.total))
    return attack


def test_senior_posts_of_the_whole_workforce_are_shown_only_where_every_corner_is_large() -> None:
    def of_all(**few: int) -> Figures:
        counts = {
            ("P5", REGULAR_BUDGET): 9,
            ("P5", "other"): 9,
            ("P4", REGULAR_BUDGET): 9,
            ("P4", "other"): few.get("P4", 9),
        }
        cube = cube_of({(*cell, sex): n for cell, n in counts.items() for sex in "FM"})
        return {one.measure.code: one.total for one in service.draw(cube, K)}["women-p5-plus-whole-workforce"]

    assert of_all() == Figures(18, 18, 0, 36, Decimal("50.0"), suppressed=False)
    assert of_all(P4=4) == CLOSED


@settings(max_examples=500, deadline=None)
@given(people | st.builds(lambda many, few: {**few, **many}, corners, people))
def test_the_tables_together_with_the_senior_figures_narrow_no_small_count_to_less_than_k(
    counts: dict[tuple[str, str, str], int],
) -> None:
    drawn = {one.measure.code: one for one in service.draw(cube_of(counts), K)}
    for column in COLUMNS:
        attack = attack_all(counts, drawn, column)
        senior, whole = (next(e for e in attack.edges if e.name == name) for name in ("p5+", "whole"))
        if any(edge.shown and edge.figure == 0 for edge in (senior, whole)):
            continue  # nobody of that sex there: shown on purpose, and then nothing is left to hide
        if senior.shown and whole.shown and senior.figure == whole.figure:
            continue  # everybody of that sex is in the shown figure
        for edge in attack.edges:
            if not edge.shown and edge.name is not None and 0 < edge.figure < K:
                assert attack.width(edge) >= K, (column, edge)
