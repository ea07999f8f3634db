"""The synthetic staff agrees with every figure of it that the documents publish, and its people have careers."""

import csv
import hashlib
import json
import tracemalloc
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from data.workforce import plan, tables
from data.workforce.people import write

DATA = Path(__file__).parents[2] / "data"
YEARS = tables.YEARS
REGULAR, COOPERATION = tables.REGULAR, tables.COOPERATION
LARGE = 20_000
STAYS_THE_SAME = ("birth_year", "nationality", "sex", "entered_on", "geographic_post", "contract_source")

Staff = dict[str, dict[str, str]]


def published(code: str) -> dict[str, Decimal]:
    figures = json.loads((DATA / "figures.json").read_text(encoding="utf-8"))["figures"]
    [found] = [figure for figure in figures if figure["code"] == code]
    return {value["name"]: Decimal(value["value"]) for value in found["values"]}


def read(folder: Path) -> dict[int, Staff]:
    """The staff of each year by id; an id that stands in a file twice is an error."""
    found = {}
    for year in YEARS:
        with (folder / f"synthetic-staff-{year}-12-31.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        found[year] = {row["staff_id"]: row for row in rows}
        assert len(found[year]) == len(rows)
    return found


@pytest.fixture(scope="module")
def staff(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Staff]:
    folder = tmp_path_factory.mktemp("staff")
    write(folder, rows=tables.STAFF, seed=2016)
    return read(folder)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Staff]:
    folder = tmp_path_factory.mktemp("large")
    write(folder, rows=LARGE, seed=7)
    return read(folder)


@pytest.fixture(params=["staff", "large"])
def either(request: pytest.FixtureRequest) -> dict[int, Staff]:
    return request.getfixturevalue(request.param)


def percent(part: int, whole: int) -> Decimal:
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def senior(staff: Staff) -> list[dict[str, str]]:
    return [r for r in staff.values() if r["contract_source"] == REGULAR and r["grade"] in tables.SENIOR]


def pairs(staff: dict[int, Staff], first: int, last: int) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Rows of one person at consecutive year ends from `first` to `last`."""
    return [
        (staff[year][one], staff[year + 1][one])
        for year in range(first, last)
        for one in staff[year].keys() & staff[year + 1].keys()
    ]


def test_the_last_year_has_as_many_rows_as_asked_for(staff: dict[int, Staff], large: dict[int, Staff]) -> None:
    assert (len(staff[2022]), len(large[2022])) == (3000, LARGE)


@pytest.mark.parametrize("year", [2020, 2021, 2022])
def test_women_at_p5_and_above_are_the_published_share(either: dict[int, Staff], year: int) -> None:
    of = senior(either[year])
    assert percent(sum(r["sex"] == "F" for r in of), len(of)) == published("women-p5-plus")[str(year)]


def test_before_the_strategy_the_share_was_lower_so_that_there_was_progress_over_the_baseline(
    either: dict[int, Staff],
) -> None:
    shares = {
        year: percent(sum(r["sex"] == "F" for r in senior(either[year])), len(senior(either[year]))) for year in YEARS
    }
    assert max(shares[2016], shares[2017]) < published("women-p5-plus")["2021"]


def test_parity_is_lacking_at_p5_and_d1(staff: dict[int, Staff]) -> None:
    for grade in ("P5", "D1"):
        of = [r for r in senior(staff[2022]) if r["grade"] == grade]
        assert percent(sum(r["sex"] == "F" for r in of), len(of)) < 47


def test_shares_of_the_workforce_are_the_published_ones(either: dict[int, Staff]) -> None:
    rows, told = either[2022].values(), published("workforce-composition-2022")
    cooperation = sum(r["contract_source"] == COOPERATION for r in rows)
    assert percent(cooperation, len(rows)) == told["development_cooperation"]
    assert percent(sum(r["geographic_post"] == "true" for r in rows), len(rows)) == told["geographic_posts"]


def test_only_international_staff_on_the_regular_budget_counts_for_geography(either: dict[int, Staff]) -> None:
    for staff in either.values():
        for row in staff.values():
            if row["geographic_post"] == "true":
                assert row["contract_source"] == REGULAR
                assert row["grade"] in tables.INTERNATIONAL


def test_so_many_professionals_came_to_development_cooperation_as_vacancies_were_filled(
    staff: dict[int, Staff],
) -> None:
    came = [staff[2022][one] for one in staff[2022].keys() - staff[2021].keys()]
    filled = sum(r["contract_source"] == COOPERATION and r["grade"].startswith("P") for r in came)
    assert filled == published("professional-vacancies-2022")["development_cooperation:filled"]


@pytest.mark.parametrize(("biennium", "first", "last"), [("2018-19", 2017, 2019), ("2020-21", 2019, 2021)])
def test_regular_budget_staff_who_changed_position_or_duty_station_are_the_published_number(
    staff: dict[int, Staff], biennium: str, first: int, last: int
) -> None:
    changed = {
        before["staff_id"]
        for before, after in pairs(staff, first, last)
        if before["contract_source"] == REGULAR
        and any(before[name] != after[name] for name in ("grade", "unit", "duty_station"))
    }
    assert len(changed) == published("regular-budget-mobility")[biennium]


def test_there_are_women_enough_at_p4_and_p5_for_the_mentees(staff: dict[int, Staff]) -> None:
    """More than three years in the grade in July 2022: in it at the end of 2018 and of 2021."""
    eligible = [
        one
        for one in staff[2018].keys() & staff[2021].keys()
        if staff[2021][one]["sex"] == "F" and staff[2021][one]["grade"] in {"P4", "P5"}
        if staff[2018][one]["grade"] == staff[2021][one]["grade"]
    ]
    assert len(eligible) >= published("career-mentoring-2022")["mentees"]


def test_turnover_is_low_on_the_regular_budget(staff: dict[int, Staff]) -> None:
    def leaving(source: str) -> Decimal:
        before = [one for one, r in staff[2021].items() if r["contract_source"] == source]
        return percent(sum(one not in staff[2022] for one in before), len(before))

    assert leaving(REGULAR) < 8
    assert leaving(COOPERATION) > 2 * leaving(REGULAR)


def test_a_person_keeps_what_does_not_change_and_rises_one_grade_at_a_time(either: dict[int, Staff]) -> None:
    for before, after in pairs(either, YEARS[0], YEARS[-1]):
        assert [before[name] for name in STAYS_THE_SAME] == [after[name] for name in STAYS_THE_SAME]
        assert after["grade"] in {before["grade"], plan.following(before["grade"])}


def test_who_came_or_rose_within_the_year_does_not_rise_again(either: dict[int, Staff]) -> None:
    for year in YEARS[2:]:
        for before, after in pairs(either, year - 1, year):
            if before["grade"] != after["grade"]:
                assert either[year - 2][before["staff_id"]]["grade"] == before["grade"]


def test_nobody_comes_back_and_who_comes_in_entered_in_that_year(either: dict[int, Staff]) -> None:
    gone: set[str] = set()
    for year in YEARS[1:]:
        left, came = either[year - 1].keys() - either[year].keys(), either[year].keys() - either[year - 1].keys()
        gone |= left
        assert not came & gone
        assert all(either[year][one]["entered_on"].startswith(str(year)) for one in came)


def test_every_year_somebody_comes_leaves_rises_and_moves(staff: dict[int, Staff]) -> None:
    for year in YEARS[:-1]:
        both = pairs(staff, year, year + 1)
        assert staff[year].keys() - staff[year + 1].keys()
        assert staff[year + 1].keys() - staff[year].keys()
        assert any(before["grade"] != after["grade"] for before, after in both)
        assert any(before["duty_station"] != after["duty_station"] for before, after in both)


@pytest.mark.parametrize("rows", [300, 3000, 44_444, 1_000_000, 10_000_000])
def test_careers_add_up_to_the_stocks_at_every_scale(rows: int) -> None:
    found: Counter[tuple[str, str, str, int]] = Counter()
    for career, count in plan.careers(rows).items():
        assert count > 0
        for n, grade in enumerate(career.grades):
            found[career.source, grade, career.sex, n] += count if grade else 0
    for (source, grade, sex), counts in plan.stocks(rows).items():
        assert [found[source, grade, sex, n] for n in range(len(YEARS))] == counts


def digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def test_one_seed_gives_one_staff_whichever_years_are_written(tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("once", "again", "some", "other")}
    for folder in folders.values():
        folder.mkdir()
    write(folders["once"], rows=400, seed=1)
    write(folders["again"], rows=400, seed=1)
    write(folders["some"], rows=400, seed=1, years=[2021])
    write(folders["other"], rows=400, seed=2)
    once = digests(folders["once"])
    assert digests(folders["again"]) == once
    assert digests(folders["some"]).items() <= once.items()
    assert not digests(folders["other"]).items() & once.items()


def test_the_memory_that_it_takes_does_not_grow_with_the_people(tmp_path: Path) -> None:
    def most(rows: int) -> int:
        tracemalloc.start()
        write(tmp_path, rows=rows, seed=1, years=[2022])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    few, many = most(25_000), most(75_000)
    assert many < 1.5 * few


def test_everybody_is_marked_as_synthetic(either: dict[int, Staff]) -> None:
    assert all(one.startswith("SY-") for staff in either.values() for one in staff)
