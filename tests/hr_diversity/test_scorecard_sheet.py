"""The sheet of a scorecard has room for the largest card, and the drawing never joins what is withheld. Composed without a database."""

import asyncio
import re
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from tests.hr_diversity.carding import pages_of

from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.ladder import CATEGORIES, CATEGORY_OF
from hr_diversity.rules import series
from hr_diversity.rules.scorecard_sources import FLOWS, WHOLE, Aim, Sources, UnitPlace
from hr_diversity.rules.scorecards import compose
from hr_diversity.schemas.scorecards import Portfolio, Scorecard
from hr_diversity.web import page, paper
from hr_diversity.web.stamp import Stamp
from shared.events.hr_diversity import Cell, MeasureState
from shared.figures import share
from shared.places import Places

STAMP = Stamp(number=113, issued_on=date(2022, 1, 20), digest="ab" * 32)
LONG = "Department of Multilateral Partnerships, Development Cooperation and Field Support of the Regions"
QUARTERS = [date(year, month, 28) for year in range(2017, 2022) for month in (3, 6, 9, 12)]
PLACES = ("policy", "management-reform", "field-operations", "not_stated")
Counts = tuple[int, int] | None
Figures = Callable[[int, str], Counts]


def counts(pair: Counts) -> dict[str, Any]:
    if pair is None:
        return {**dict.fromkeys(("women", "men", "other", "total", "share")), "suppressed": True}
    women, men = pair
    figures = {"women": women, "men": men, "other": 7, "total": women + men + 7}
    return {**figures, "share": share(women, women + men), "suppressed": False}


def state(code: str, day: date, total: Counts, dimension: str | None = None, **cells: Counts) -> MeasureState:
    return MeasureState(
        code=code,
        title=LONG,
        source="hris-production",
        as_of=day,
        snapshot="s",
        revision=1,
        rule=f"{code}/1",
        dimension=dimension,
        cells=[Cell(group=group, **counts(pair)) for group, pair in cells.items()],
        **counts(total),
    )


def states(day: date, figure: Figures) -> list[MeasureState]:
    """All measures of a card at that day; `figure` gives women and men of the nth group of a measure."""
    n = QUARTERS.index(day)
    crossed = {f"{category}/{place}": figure(n, category) for category in CATEGORIES for place in PLACES}
    funds = ("regular_budget", "development_cooperation", "other")
    return [
        state("staff-by-portfolio", day, figure(n, "all"), "portfolio", **{one: figure(n, one) for one in PLACES}),
        state("staff-by-category", day, figure(n, "all"), "category", **{one: figure(n, one) for one in CATEGORIES}),
        state("staff-by-category-and-portfolio", day, figure(n, "all"), "category/portfolio", **crossed),
        state("staff-by-contract-source", day, figure(n, "all"), "contract_source", **{f: figure(n, f) for f in funds}),
        state("staff-by-unit", day, figure(n, "all"), "unit", **{f"U{i}": figure(n, f"U{i}") for i in range(20)}),
        state("women-p5-plus-regular-budget", day, figure(n, "senior")),
        *(state(code, day, figure(n, code)) for code in FLOWS),
        state("women-p5-plus-whole-workforce", day, figure(n, "senior")),
        state(
            "women-p5-plus-regular-budget-by-portfolio",
            day,
            figure(n, "senior"),
            "portfolio",
            **{one: figure(n, one) for one in PLACES},
        ),
    ]


def card(portfolio: Portfolio, figure: Figures, note: str | None = None) -> Scorecard:
    measures: dict[str, list[MeasureState]] = {}
    for day in QUARTERS:
        for one in states(day, figure):
            measures.setdefault(one.code, []).append(one)
    aim = ("apge-2018-21", "women-p5-plus", "women-p5-plus-regular-budget", "2020-21")
    found = compose(
        Sources(
            portfolio=portfolio,
            as_of=QUARTERS[-1],
            source="hris-production",
            measures=measures,
            participation=[state(f"participation-{n}", QUARTERS[-1], (370, 630)) for n in range(3)],
            units={f"U{i}": UnitPlace(f"{LONG} U{i}", "policy") for i in range(20)},
            open_by_grade={"G5": 112, "NOB": 7, "P4": 31, "P5": 12},
            category_of=CATEGORY_OF,
            aims=[Aim(*aim, date(2020, 1, 1), date(2021, 12, 31), "global", Fraction(45))],
            definitions={code: (measure.definition, measure.formula) for code, measure in CATALOGUE.items()},
            policy=series.band_of(Decimal(47), Decimal(53)),
            threshold=5,
            note=note,
        )
    )
    assert found is not None
    return found


def shown(n: int, group: str) -> Counts:
    return 10_400 + 101 * n + len(group), 23_100 - 10 * n


def every_other(n: int, group: str) -> Counts:
    return None if n == len(QUARTERS) - 1 and (group == "all" or len(group) % 2) else shown(n, group)


def never(_: int, __: str) -> Counts:
    return None


@pytest.mark.parametrize("portfolio", [WHOLE, "policy"])
@pytest.mark.parametrize("figure", [shown, every_other, never])
async def test_the_largest_card_has_room_on_one_sheet(portfolio: Portfolio, figure: Figures) -> None:
    assert pages_of(await paper.render(card(portfolio, figure, "A note of two lines. " * 9), STAMP)) == 1


async def test_what_the_source_says_of_itself_stands_under_the_title_of_page_and_sheet() -> None:
    given = card(WHOLE, shown, "Nobody in it <exists>")
    text = page.render(given, STAMP).decode()
    assert '<p class="label" role="note">Nobody in it &lt;exists&gt;</p>' in text.partition('<div class="heroes">')[0]
    assert given.summary[0] == "Nobody in it <exists>."
    without = card(WHOLE, shown)
    assert 'class="label"' not in page.render(without, STAMP).decode()
    assert await paper.render(given, STAMP) != await paper.render(without, STAMP)


async def test_who_would_wait_long_for_a_press_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper, "_places", Places(1, 1, paper.PressesBusy, "busy"))
    monkeypatch.setattr(paper, "LONGEST_WAIT", 0.05)
    monkeypatch.setattr(paper, "_print", lambda _: time.sleep(0.5) or b"a sheet")
    given = card("policy", never)
    asked = [asyncio.create_task(paper.render(given, STAMP)) for _ in range(2)]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert done[0] == b"a sheet"
    assert isinstance(done[1], paper.PressesBusy)


@pytest.mark.parametrize("portfolio", [WHOLE, "policy"])
def test_a_card_of_nothing_but_withheld_figures_shows_none(portfolio: Portfolio) -> None:
    of = card(portfolio, never)
    text = page.render(of, STAMP).decode()
    assert "Not shown" in text
    assert "<svg xmlns" not in text
    assert '<rect class="women"' not in text
    assert of.headline.last_shown is None
    assert " 0 " not in re.sub(r"<[^>]+>", " ", text.partition("<main")[2].partition("<footer")[0])


def test_a_line_is_broken_where_a_figure_is_withheld_and_names_no_year_twice() -> None:
    def broken(n: int, group: str) -> Counts:
        return None if n == 9 else shown(n, group)

    text = page.render(card("policy", broken), None).decode()
    assert text.count('<polyline class="women"') == 2
    points = [len(found.split()) for found in re.findall(r'<polyline class="women" points="([^"]+)"', text)]
    assert points == [9, 10]
    assert text.count('<circle class="women"') == 19


def test_a_figure_by_another_rule_is_neither_in_the_line_nor_compared_with() -> None:
    of = card("policy", shown)
    assert of.headline.year_before is not None
    measures: dict[str, list[MeasureState]] = {}
    for day in QUARTERS:
        for one in states(day, shown):
            rule = one.rule if day.year == 2021 else f"{one.code}/0"
            measures.setdefault(one.code, []).append(one.model_copy(update={"rule": rule}))
    found = compose(
        Sources(
            portfolio="policy",
            as_of=QUARTERS[-1],
            source="hris-production",
            measures=measures,
            participation=[],
            units={},
            open_by_grade={},
            category_of=CATEGORY_OF,
            aims=[],
            definitions={},
            policy=series.band_of(Decimal(47), Decimal(53)),
            threshold=5,
        )
    )
    assert found is not None
    assert found.headline.year_before is None
    assert [point.as_of.year for point in found.trend] == [2021] * 4


def test_units_that_are_not_on_the_page_are_counted() -> None:
    of = card("policy", shown)
    assert (len(of.parts.lines), of.parts.left_out) == (8, 12)
    assert [one.total for one in of.parts.lines] == sorted((one.total or 0 for one in of.parts.lines), reverse=True)
