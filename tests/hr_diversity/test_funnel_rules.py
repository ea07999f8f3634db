"""The funnel: an attacker with every line of a table narrows no small count and no small step, and ratios are of what is shown."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.hr_diversity.attack import Attack

from hr_diversity.rules import funnel
from hr_diversity.rules.funnel import Chain, Shown, find_adverse_impact, list_steps, protect
from hr_diversity.rules.suppression import Counts
from hr_diversity.rules.vacancies import STAGES

K = 5


def chain(women: tuple[int, ...], men: tuple[int, ...], other: tuple[int, ...] = (0, 0, 0, 0)) -> Chain:
    return {stage: Counts(*counts) for stage, *counts in zip(STAGES, women, men, other, strict=True)}


def attack(groups: Mapping[str, Chain], total: Shown, lines: Mapping[str, Shown], sex: str) -> Attack:
    """Each group is a path through the stages, with an edge for those left behind at each; the total line is the way back."""
    found = Attack()
    whole = funnel.add_chains(list(groups.values()))
    for group, counts in groups.items():
        place: Any = "all"
        figures = [getattr(counts[stage], sex) for stage in STAGES]
        for number, stage in enumerate(STAGES):
            shown = getattr(lines[group][stage], sex) is not None
            found.add((group, stage), place, (group, stage), figures[number], shown=shown)
            left = figures[number] - (figures[number + 1] if number < 3 else 0)
            found.add((group, stage, "left"), (group, stage), ("left", stage), left, shown=False)
            place = (group, stage)
    for number, stage in enumerate(STAGES):
        back = ("left", STAGES[number - 1]) if number else "all"
        shown = getattr(total[stage], sex) is not None
        found.add((None, stage), ("left", stage), back, getattr(whole[stage], sex), shown=shown)
    return found


def narrowed(groups: Mapping[str, Chain], total: Shown, lines: Mapping[str, Shown]) -> list[tuple[Any, ...]]:
    """Small counts and steps that are known to less than K."""
    found = []
    for sex in ("women", "men"):
        attacked = attack(groups, total, lines, sex)
        small = [edge for edge in attacked.edges if 0 < edge.figure < K]
        found += [(sex, *edge.name) for edge in small if edge.shown or attacked.width(edge) < K]
    return found


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    def falling(most: int) -> tuple[int, ...]:
        found = [draw(st.one_of(st.integers(0, 8), st.integers(0, most)))]
        while len(found) < 4:
            found.append(draw(st.one_of(st.integers(0, found[-1]), st.integers(0, min(7, found[-1])))))
        return tuple(found)

    return chain(falling(60), falling(60), falling(6) if draw(st.booleans()) else (0, 0, 0, 0))


tables = st.dictionaries(st.sampled_from("abcde"), chains(), min_size=1, max_size=5)
WIDE = chain((60, 30, 20, 10), (70, 35, 20, 10))


@given(tables)
@settings(max_examples=500, deadline=None)
@example({"a": WIDE, "b": chain((60, 3, 0, 0), (70, 30, 10, 5)), "c": WIDE})
def test_no_small_count_and_no_small_step_is_known(groups: dict[str, Chain]) -> None:
    assert narrowed(groups, *protect(groups, K)) == []


def test_the_attacker_catches_a_rule_that_closes_small_groups_only(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = {"a": WIDE, "b": chain((60, 3, 0, 0), (70, 30, 10, 5)), "c": WIDE}
    monkeypatch.setattr(funnel, "_hidden", lambda *_: True)
    assert narrowed(groups, *protect(groups, K))


def test_the_attacker_catches_a_rule_that_looks_at_counts_and_not_at_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    groups = {"a": WIDE, "b": chain((60, 57, 20, 10), (70, 35, 20, 10))}
    monkeypatch.setattr(funnel, "pairwise", lambda _: [])
    assert narrowed(groups, *protect(groups, K))


def test_large_groups_lose_nothing() -> None:
    groups = {"a": WIDE, "b": chain((50, 20, 10, 5), (50, 20, 10, 5))}
    total, lines = protect(groups, K)
    assert not any(one.suppressed for line in (total, *lines.values()) for one in line.values())
    assert [total[stage].women for stage in STAGES] == [110, 50, 30, 15]


def test_where_nearly_all_who_are_recommended_are_selected_the_recommended_are_left_out() -> None:
    total, _ = protect(
        {"a": chain((60, 30, 12, 10), (60, 30, 12, 10)), "b": chain((60, 30, 11, 10), (60, 30, 11, 10))}, K
    )
    assert [total[stage].women for stage in STAGES] == [120, 60, None, 20]
    assert total["recommended"].suppressed


def test_one_of_other_sex_is_not_told_by_the_number_of_selections() -> None:
    one = chain((60, 30, 20, 10), (70, 35, 20, 10), (9, 5, 2, 1))
    total, lines = protect({"a": one, "b": WIDE}, K)
    assert (total["selected"].women, total["selected"].men) == (None, None)
    assert all(line["selected"].suppressed for line in lines.values())
    assert total["shortlisted"].women == 60


def test_ratios_are_shares_of_the_stage_before_with_their_counts() -> None:
    steps = list_steps(protect({"a": chain((100, 40, 20, 10), (200, 50, 20, 10))}, K)[0])
    assert [(one.before, one.stage, one.women_ratio, one.men_ratio, one.adverse_impact) for one in steps] == [
        ("applied", "shortlisted", Decimal("40.0"), Decimal("25.0"), Decimal("1.60")),
        ("shortlisted", "recommended", Decimal("50.0"), Decimal("40.0"), Decimal("1.25")),
        ("recommended", "selected", Decimal("50.0"), Decimal("50.0"), Decimal("1.00")),
        ("applied", "selected", Decimal("10.0"), Decimal("5.0"), Decimal("2.00")),
    ]
    assert steps[0][2:6] == (100, 40, 200, 50)


@pytest.mark.parametrize(
    ("counts", "impact"),
    [
        ((100, 8, 100, 10), "0.80"),
        ((8, 1, 1, 1), "0.13"),
        ((0, 0, 9, 9), None),
        ((9, 9, 9, 0), None),
        ((9, 0, 9, 9), "0.00"),
    ],
)
def test_adverse_impact_is_the_ratio_of_two_ratios(counts: tuple[int, int, int, int], impact: str | None) -> None:
    assert find_adverse_impact(*counts) == (None if impact is None else Decimal(impact))


@given(tables)
@settings(max_examples=100, deadline=None)
def test_a_group_that_is_closed_at_a_stage_is_closed_at_all_after_it(groups: dict[str, Chain]) -> None:
    total, lines = protect(groups, K)
    shown = [stage for stage in STAGES if total[stage].women is not None]
    for line in lines.values():
        for before, stage in pairwise(shown):
            assert line[before].women is not None or line[stage].women is None
    if len(groups) == 1:
        assert next(iter(lines.values())) == total
