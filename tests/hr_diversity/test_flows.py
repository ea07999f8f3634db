"""Flow accounts add up for every staff, and what is shown of them tells of no few people."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hr_diversity.attacker.flows import narrowed

from hr_diversity.measures.ladder import CONTRACT_SOURCES, GRADES
from hr_diversity.rules import flow_suppression
from hr_diversity.rules.flow_suppression import SHOWN_BY_GRADE, Stocks, withhold
from hr_diversity.rules.flows import (
    IN,
    OUT,
    REGULAR,
    REST,
    RESTATED,
    WHOLE,
    Move,
    Post,
    accounts,
    stay_of,
    total_of,
)
from hr_diversity.rules.suppression import protect
from hr_diversity.rules.suppression.lines import MEN, OTHER, WOMEN, Counts

K = 5
LADDERS = (GRADES[:7], GRADES[7:12], GRADES[12:16])
SENIOR_LINE = "senior"
JOINED = dict.fromkeys(GRADES[16:], SENIOR_LINE)
Person = tuple[Post, str, str]
POPULATIONS = (WHOLE, REGULAR, REST, *CONTRACT_SOURCES)


def moves_of(before: Mapping[int, Person], after: Mapping[int, Person]) -> list[Move]:
    """Everybody, also who did not change: the account must not mind."""
    found: Counter[Any] = Counter()
    for person in before.keys() | after.keys():
        was, now = before.get(person), after.get(person)
        both = was is not None and now is not None
        found[
            was[0] if was else None,
            now[0] if now else None,
            both and was[1] != now[1],
            both and was[2] != now[2],
        ] += 1
    return [Move(*move, people) for move, people in found.items()]


def account_of(before: Mapping[int, Person], after: Mapping[int, Person]) -> dict[str, Any]:
    return accounts(moves_of(before, after), Counter(post for post, _, _ in after.values()), GRADES, POPULATIONS)


A_POST = st.builds(
    Post, st.sampled_from([WOMEN, MEN, OTHER]), st.sampled_from(GRADES), st.sampled_from(CONTRACT_SOURCES)
)
A_PERSON = st.tuples(A_POST, st.sampled_from("AB"), st.sampled_from("XY"))
A_STAFF = st.dictionaries(st.integers(0, 40), A_PERSON, max_size=40)


@given(A_STAFF, A_STAFF)
def test_every_line_adds_up_and_its_residual_is_who_was_stated_anew(
    before: dict[int, Person], after: dict[int, Person]
) -> None:
    for population, account in account_of(before, after).items():
        for grade, line in {**account, "": total_of(account)}.items():
            assert all(
                line.before[sex]
                + sum(line.terms[term][sex] for term in IN)
                - sum(line.terms[term][sex] for term in OUT)
                + line.residual[sex]
                == line.after[sex]
                for sex in (WOMEN, MEN, OTHER)
            )
            came, went = (line.terms[term] for term in RESTATED)
            assert line.residual == came.without(went), (population, grade)
            assert sum(line.residual) == 0
            assert min(stay_of(line, population)) >= 0


@given(A_STAFF, A_STAFF)
def test_stocks_of_an_account_are_those_of_the_snapshots(before: dict[int, Person], after: dict[int, Person]) -> None:
    for population, account in account_of(before, after).items():
        for staff, when in ((before, "before"), (after, "after")):
            counted = Counter(
                (post.grade, post.sex)
                for post, _, _ in staff.values()
                if population == WHOLE
                or (post.funding != REGULAR if population == REST else post.funding == population)
            )
            assert counted == Counter(
                {(grade, sex): n for grade, line in account.items() for sex, n in enumerate(getattr(line, when)) if n}
            )


@given(A_STAFF, A_STAFF)
def test_promotions_of_all_grades_in_and_out_are_the_same_people(
    before: dict[int, Person], after: dict[int, Person]
) -> None:
    for account in account_of(before, after).values():
        terms = total_of(account).terms
        assert terms["promotions_in"] == terms["promotions_out"]
        assert terms["other_grade_changes_in"] == terms["other_grade_changes_out"]


@given(A_STAFF, A_STAFF)
def test_the_regular_budget_and_the_rest_are_the_whole(before: dict[int, Person], after: dict[int, Person]) -> None:
    found = account_of(before, after)
    parts = [total_of(found[part]) for part in (REGULAR, REST)]
    whole = total_of(found[WHOLE])
    for term in SHOWN_BY_GRADE:
        if term != "moves":  # who changes funding and unit is in that of the whole only
            assert [sum(both) for both in zip(*(part.terms[term] for part in parts), strict=True)] == list(
                whole.terms[term]
            )
    assert parts[0].terms["transfers_in"] == parts[1].terms["transfers_out"]


def one(before: Person | None, after: Person | None, population: str = WHOLE) -> dict[str, dict[str, Counts]]:
    """The terms that a single person's move is counted in, by grade."""
    found = account_of({} if before is None else {1: before}, {} if after is None else {1: after})[population]
    return {
        grade: {term: counts for term, counts in line.terms.items() if counts.total} for grade, line in found.items()
    }


def somebody(grade: str, funding: str = REGULAR, sex: int = WOMEN, unit: str = "A", station: str = "X") -> Person:
    return Post(sex, grade, funding), unit, station


A_WOMAN, A_MAN = Counts(1, 0, 0), Counts(0, 1, 0)


@pytest.mark.parametrize(("lower", "higher"), [("P3", "P4"), ("P3", "D1"), ("G7", "P2"), ("G6", "NOA"), ("NOC", "P3")])
def test_a_later_grade_of_the_ladder_is_a_promotion(lower: str, higher: str) -> None:
    assert one(somebody(lower), somebody(higher)) == {
        lower: {"promotions_out": A_WOMAN},
        higher: {"promotions_in": A_WOMAN},
    }
    assert one(somebody(higher), somebody(lower)) == {
        lower: {"other_grade_changes_in": A_WOMAN},
        higher: {"other_grade_changes_out": A_WOMAN},
    }


def test_another_unit_is_a_lateral_move_and_either_unit_or_station_a_move() -> None:
    assert one(somebody("P3"), somebody("P3", unit="B", station="Y")) == {
        "P3": {"moves": A_WOMAN, "lateral_moves": A_WOMAN, "duty_station_moves": A_WOMAN}
    }
    assert one(somebody("P3"), somebody("P3", station="Y")) == {"P3": {"moves": A_WOMAN, "duty_station_moves": A_WOMAN}}


def test_who_rises_from_other_funding_to_the_regular_budget_is_a_transfer_to_it_and_a_promotion_of_the_whole() -> None:
    was, now = somebody("P3", "other"), somebody("P4")
    assert one(was, now, REGULAR) == {"P4": {"transfers_in": A_WOMAN}}
    assert one(was, now) == {"P3": {"promotions_out": A_WOMAN}, "P4": {"promotions_in": A_WOMAN}}
    assert one(was, now, REST) == {
        "P3": {"promotions_out": A_WOMAN},
        "P4": {"promotions_in": A_WOMAN, "transfers_out": A_WOMAN},
    }


def test_who_is_promoted_and_stated_anew_is_promoted_as_stated_now() -> None:
    found = account_of({1: somebody("P3", sex=OTHER)}, {1: somebody("P4", sex=MEN)})[WHOLE]
    assert found["P3"].terms["promotions_out"] == found["P4"].terms["promotions_in"] == A_MAN
    assert (found["P3"].residual, found["P4"].residual) == (Counts(0, 1, -1), Counts(0, 0, 0))


# What is shown


@st.composite
def pairs(draw: st.DrawFn) -> tuple[dict[str, Any], Stocks]:
    """A staff of a few grades with flows of all sizes, and what is shown of its stocks."""
    grades = draw(st.lists(st.sampled_from(GRADES[13:18]), min_size=1, max_size=4, unique=True))
    count = st.one_of(st.integers(0, 4), st.integers(5, 30))
    moves: list[Move] = []
    posts = [Post(sex, grade, funding) for sex in (WOMEN, MEN) for grade in grades for funding in (REGULAR, "other")]
    after = {post: draw(count) for post in posts}
    for post in posts:
        came = draw(count)
        moves += [Move(None, post, False, False, came), Move(post, None, False, False, draw(count))]
        after[post] += came
    for _ in range(draw(st.integers(0, 4))):
        was, now = draw(st.sampled_from(posts)), draw(st.sampled_from(posts))
        if was != now and (was.sex == now.sex or draw(st.integers(0, 3)) == 0):
            people = draw(count)
            moves.append(Move(was, now, False, False, people))
            after[now] += people
    found = accounts([move for move in moves if move.people], after, GRADES, joined=JOINED)
    return found, shown_stocks(found)


def shown_stocks(found: Mapping[str, Any]) -> Stocks:
    """As tables by grade show them: what is withheld of the whole, of the regular budget or of the rest is withheld of all."""

    def shown(when: str) -> frozenset[tuple[str, str, int]]:
        cells = {(grade, sex) for grade in (*found[WHOLE], "") for sex in (WOMEN, MEN, OTHER)}
        for account in found.values():
            total, lines = protect({grade: getattr(line, when) for grade, line in account.items()}, K)
            for grade, line in {**lines, "": total}.items():
                cells -= {
                    (grade, sex) for sex in (WOMEN, MEN, OTHER) if (line.women, line.men, line.other)[sex] is None
                }
        return frozenset((population, *cell) for cell in cells for population in (WHOLE, REGULAR))

    return Stocks(shown("before"), shown("after"))


@settings(deadline=None, max_examples=40)
@given(pairs())
def test_nobody_who_knows_all_that_is_shown_narrows_a_withheld_term(pair: tuple[dict[str, Any], Stocks]) -> None:
    """To less than k and few people, nor to less than stocks and transfers that are shown do alone."""
    found, stocks = pair
    gone = withhold(found, stocks, K, LADDERS, {SENIOR_LINE})
    tight = {
        cell: one
        for cell, one in narrowed(found, stocks, gone, K, {SENIOR_LINE}).items()
        if one.most > 0 and one.least < K
    }
    alone = narrowed(found, stocks, every_cell(found) | gone, K, {SENIOR_LINE}) if tight else {}
    assert {cell: one for cell, one in tight.items() if cell not in alone or one.width < alone[cell].width} == {}


def every_cell(found: Mapping[str, Any]) -> set[tuple[str, str, int]]:
    return {(term, grade, sex) for grade in (*found[WHOLE], "") for term in SHOWN_BY_GRADE for sex in range(3)}


def test_without_complementary_suppression_the_attacker_finds_withheld_terms(monkeypatch: pytest.MonkeyPatch) -> None:
    before = {n: somebody("P3", sex=n % 2) for n in range(60)} | {n: somebody("P4", sex=n % 2) for n in range(60, 120)}
    after = {n: one for n, one in before.items() if n not in (0, 2, 4, *range(60, 80))}
    after |= {n: somebody("P4", sex=n % 2) for n in range(200, 230)}
    found = {name: account for name, account in account_of(before, after).items() if name in (WHOLE, REGULAR, REST)}
    stocks = shown_stocks(found)
    assert narrowed(found, stocks, withhold(found, stocks, K), K) == {}
    monkeypatch.setattr(flow_suppression._Hiding, "hide", lambda self: self.gone)
    assert ("separations", "P3", WOMEN) in narrowed(found, stocks, withhold(found, stocks, K), K)


def test_a_term_that_would_tell_a_small_one_of_another_grade_is_withheld_with_it() -> None:
    before = {n: somebody("P3", sex=n % 2) for n in range(60)} | {n: somebody("P4", sex=n % 2) for n in range(60, 120)}
    after = {n: one for n, one in before.items() if n not in (0, 2, 4, *range(60, 80))}
    found = account_of(before, after)
    gone = withhold({name: found[name] for name in (WHOLE, REGULAR, REST)}, shown_stocks(found), K)
    assert {("separations", "P3", WOMEN), ("separations", "P4", WOMEN)} <= gone or ("separations", "", WOMEN) in gone
