"""Comparing two snapshots finds exactly the people who came, left or changed, and nothing that names them."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hr_diversity.intake.checks import LISTS
from hr_diversity.measures import changes
from hr_diversity.measures.changes import COMPARED, Changes, compare

SOMEBODY = {
    "sex": "F",
    "grade": "P3",
    "contract_source": "regular_budget",
    "unit": "HRD",
    "portfolio": None,
    "region": "africa",
    "duty_station": "Lima",
    "birth_band": 1980,
}
Staff = Mapping[int, Mapping[str, Any]]


def chunks_of(staff: Staff, at_once: int = 3, lists: Mapping[str, tuple[str, ...]] = LISTS) -> list[bytes]:
    """As the intake packs them, with the columns that are not compared among them."""
    types = {name: pl.Enum(words) for name, words in lists.items()}
    rows = [{"pseudonym": n.to_bytes(16, "big"), **row} for n, row in staff.items()]
    found = []
    for start in range(0, len(rows), at_once):
        frame = pl.DataFrame(
            rows[start : start + at_once],
            schema={"pseudonym": pl.Binary, **dict.fromkeys(COMPARED, pl.String), "birth_band": pl.Int16, **types},
        ).with_columns(nationality=pl.lit("CHE"), entered_on=pl.lit(date(2015, 1, 1)))
        out = io.BytesIO()
        frame.write_parquet(out, compression="zstd")
        found.append(out.getvalue())
    return found


def looked_up(before: Staff, after: Staff) -> list[tuple[Any, ...]]:
    """What differs, found person by person."""
    nobody = dict.fromkeys(COMPARED)
    found = []
    for n in before.keys() | after.keys():
        was, now = before.get(n), after.get(n)
        if was != now:
            rows = [[(person or nobody)[name] for name in COMPARED] for person in (was, now)]
            found.append((was is not None, now is not None, *rows[0], *rows[1]))
    return sorted(found, key=repr)


def rows_of(found: Changes) -> list[tuple[Any, ...]]:
    return sorted(found.people.rows(), key=repr)


A_PERSON = st.fixed_dictionaries(
    {
        "sex": st.sampled_from([*LISTS["sex"], None]),
        "grade": st.sampled_from(LISTS["grade"][:4]),
        "contract_source": st.sampled_from(LISTS["contract_source"]),
        "unit": st.sampled_from(["A", "B"]),
        "portfolio": st.sampled_from([*LISTS["portfolio"], None]),
        "region": st.sampled_from(LISTS["region"]),
        "duty_station": st.sampled_from(["Lima", "Suva", "", None]),
        "birth_band": st.sampled_from([1960, 1965, None]),
    }
)
A_STAFF = st.dictionaries(st.integers(0, 30), A_PERSON, max_size=20)


@given(A_STAFF, A_STAFF, st.integers(1, 7), st.integers(1, 7))
def test_it_finds_whom_a_look_at_every_person_finds(before: Staff, after: Staff, one: int, other: int) -> None:
    found = compare(chunks_of(before, one), chunks_of(after, other))
    assert rows_of(found) == looked_up(before, after)
    assert (found.before, found.after) == (len(before), len(after))
    assert found.before == found.unchanged + found.people["was"].sum()
    assert found.after == found.unchanged + found.people["is"].sum()


@given(A_STAFF, A_STAFF)
def test_many_joins_find_whom_one_finds(before: Staff, after: Staff) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(changes, "ROWS_AT_ONCE", 5)
        found = compare(chunks_of(before), chunks_of(after))
    assert rows_of(found) == looked_up(before, after)


def test_two_digests_that_agree_by_chance_hide_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    before = dict.fromkeys(range(9), SOMEBODY)
    after = {**before, 4: {**SOMEBODY, "grade": "P4"}, 20: SOMEBODY}
    digests = changes._digests

    def clashing(*told: Any, **more: Any) -> tuple[pl.Series, pl.Series]:
        was, now = digests(*told, **more)
        return was, pl.Series("digest", [was[0], *now[1:]], pl.UInt64).set(
            pl.Series([n == now.len() - 1 for n in range(now.len())]), was[-1]
        )

    monkeypatch.setattr(changes, "_digests", clashing)
    assert rows_of(compare(chunks_of(before), chunks_of(after))) == looked_up(before, after)


def test_no_pseudonym_leaves_the_comparison() -> None:
    found = compare(chunks_of({1: SOMEBODY}), chunks_of({2: SOMEBODY}))
    assert "pseudonym" not in found.people.columns
    assert pl.Binary not in found.people.schema.values()


def test_only_the_columns_that_are_asked_for_are_compared() -> None:
    before, after = {1: SOMEBODY, 2: SOMEBODY}, {1: {**SOMEBODY, "unit": "ELSEWHERE"}, 2: {**SOMEBODY, "grade": "P5"}}
    found = compare(chunks_of(before), chunks_of(after), columns=("sex", "grade"))
    assert found.people.rows() == [(True, True, "F", "P3", "F", "P5")]


def test_a_longer_list_of_grades_changes_nobody() -> None:
    staff = {n: {**SOMEBODY, "grade": grade} for n, grade in enumerate(LISTS["grade"])}
    longer = {**LISTS, "grade": ("G0", *LISTS["grade"])}
    found = compare(chunks_of(staff), chunks_of(staff, lists=longer))
    assert (found.people.height, found.unchanged) == (0, len(staff))


def test_the_order_of_people_does_not_matter() -> None:
    staff = {n: {**SOMEBODY, "unit": f"U{n}"} for n in range(50)}
    found = compare(chunks_of(staff, 7), chunks_of(dict(reversed(staff.items())), 11))
    assert (found.people.height, found.unchanged) == (0, 50)


def test_against_an_empty_snapshot_everybody_came() -> None:
    found = compare([], chunks_of({1: SOMEBODY, 2: SOMEBODY}))
    assert found.people.select("was", "is").rows() == [(False, True)] * 2
    assert (found.before, found.after, found.unchanged) == (0, 2, 0)
