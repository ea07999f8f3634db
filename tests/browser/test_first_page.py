"""What somebody sees who opens the first page."""

import re

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visits
from tests.browser.looking import cell, counts, measure, rows
from tests.browser.world import World

from shared.events.hr_diversity import Cell

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_the_headline_says_each_count_with_its_word_its_whole_and_its_share(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    assert await page.title() == "ILO Action Plan for Gender Equality 2018-21 · APGE Monitor"
    await expect(page.locator("h1")).to_have_text("ILO Action Plan for Gender Equality 2018-21")
    figures = [" ".join(text.split()) for text in await page.locator("#headline .figure").all_inner_texts()]
    assert figures == [
        "on track 2 of 29 — 6.9 %",
        "not on track 20 of 29 — 69 %",
        "data unavailable 7 of 29 — 24.1 %",
    ]
    parts = page.locator("#headline .bar [data-status]")
    widths = [await parts.nth(place).evaluate("part => part.clientWidth") for place in range(3)]
    assert widths[1] / widths[0] == pytest.approx(10, rel=0.1)


async def test_the_headline_can_be_read_without_scripts(world: World, visit: Visits) -> None:
    page = await visit(world.url, loaded=False, java_script_enabled=False)
    assert await counts(page) == {"on_track": 2, "not_on_track": 20, "data_unavailable": 7}
    await expect(page.locator("noscript p")).to_be_visible()
    await expect(page.locator(".skeleton").first).to_be_hidden()


async def test_the_published_figures_stand_beside_the_computed_ones_with_the_reason(
    world: World, visit: Visits
) -> None:
    page = await visit(world.url)
    section = page.locator("#published")
    assert await rows(section.locator("table")) == [
        ["on track", "29 50.8 %", "2 6.9 %", "\u221227"],
        ["not on track", "21 36.8 %", "20 69 %", "\u22121"],
        ["data unavailable", "7 12.2 %", "7 24.1 %", "0"],
        ["targets", "57", "29", "\u221228"],
    ]
    await expect(section).to_contain_text("counts 57 monitored targets, but lists 29 of them one by one")
    await expect(section).to_contain_text("cut off, not rounded")
    await expect(section).to_contain_text("Preface, paragraph 2")


async def test_the_areas_are_a_table_that_adds_up_to_the_headline(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    found = await rows(page.locator("#areas table"))
    assert [row[0] for row in found] == [
        "Results-based management",
        "Oversight",
        "Accountability",
        "Human and financial resources",
        "Capacity",
    ]
    sums = [sum(int(row[column].split()[0]) for row in found) for column in range(1, 5)]
    assert sums == [2, 20, 7, 29]
    heads = await page.locator("#areas thead th").all_inner_texts()
    assert [head.lower() for head in heads] == ["area", "on track", "not on track", "data unavailable", "targets"]


async def test_regions_portfolios_and_custodians_are_folded_away_and_named_in_words(
    world: World, visit: Visits
) -> None:
    page = await visit(world.url)
    groups = page.locator("#groups details")
    await expect(groups).to_have_count(3)
    await expect(groups.nth(0).locator("table")).to_be_hidden()
    await groups.nth(0).locator("summary").click()
    regions = await rows(groups.nth(0).locator("table"))
    assert [row[0] for row in regions] == [
        "Africa",
        "Americas",
        "Arab States",
        "Asia and the Pacific",
        "Europe and Central Asia",
    ]
    assert regions[0][1].startswith("1 ")
    await groups.nth(2).locator("summary").click()
    await expect(groups.nth(2)).to_contain_text("Human Resources Development Department")


async def test_an_indicator_shows_result_and_target_in_words_for_each_place(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    await page.get_by_role("link", name="Results-based management").click()
    item = page.locator("#area-results-based-management li", has=page.locator("[data-open=gender-marker-proposals]"))
    await expect(item).to_contain_text("Global (headquarters managed): 13 per cent against 37 per cent")
    await expect(item).to_contain_text("Africa: 31 per cent against 27 per cent")
    await expect(item.locator(".chip")).to_have_text(
        [" not on track", " on track", *[" not on track"] * 4], use_inner_text=False
    )


async def test_the_other_phase_has_its_own_words_and_no_others(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    text = await page.locator("main").inner_text()
    assert "not on track" in text
    assert " met" not in re.sub(r"was met in 2018-19|2018-19: met", "", text)  # but beside the name of their phase
    await page.get_by_role("link", name="2018-19").click()
    await page.locator("#live[data-state=live]").wait_for()
    words = await page.locator("#headline .word").all_inner_texts()
    assert [word.strip() for word in words] == ["met", "not met", "data unavailable"]
    assert "on track" not in await page.locator("main").inner_text()
    await expect(page.locator("#published")).to_contain_text("lists one of them")


async def test_without_a_snapshot_parity_says_so_and_with_one_it_shows_bars_and_hides_small_groups(
    world: World, visit: Visits
) -> None:
    page = await visit(world.url)
    section = page.locator("#parity")
    await expect(section).to_contain_text("No staffing snapshot has been taken in yet")
    few = Cell(group="ADG", women=None, men=None, other=None, total=None, share=None, suppressed=True)
    cells = [cell("P4", 168, 171), cell("P5", 112, 188), few]
    await world.state_measure(measure("staff-by-grade", 280, 359, cells))
    await expect(section.locator("table")).to_be_visible()
    assert await rows(section.locator("table")) == [
        ["ADG", "too few to show", "\u2013"],
        ["P5", "112", "", "188", "37.3 %"],
        ["P4", "168", "", "171", "49.6 %"],
    ]
    await expect(section).to_contain_text("On 31 Dec 2021 women were 43.8 per cent of staff: 280 women and 359 men")
    wings = section.locator("tr[data-key=P5] .wings i")
    women, men = [await wings.nth(place).evaluate("wing => wing.clientWidth") for place in range(2)]
    assert women / men == pytest.approx(112 / 188, rel=0.05)
