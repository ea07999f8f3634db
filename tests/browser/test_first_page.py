"""What somebody sees who opens the first page, and how it keeps up."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, expect
from tests.browser.conftest import Visits
from tests.browser.world import PLAN, World, running_world

from reporting.models import announce_reset
from shared.database import connect
from shared.events.hr_diversity import Cell, MeasureState
from shared.issuer import LocalIssuer
from shared.testing import Postgres

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser"), pytest.mark.timeout(240)]

MOVING = "moving-plan"
OVERSIGHT = {"code": "evaluations-scope", "unit": "EVAL"}

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
async def moving(world: World) -> str:
    """A plan of the same facts that tests may change."""
    await world.load(MOVING, actions=False)
    return MOVING


async def counts(page: Page) -> dict[str, int]:
    figures = page.locator("#headline .figure")
    names = [await figures.nth(place).get_attribute("data-status") for place in range(await figures.count())]
    texts = await page.locator("#headline [data-count]").all_inner_texts()
    return dict(zip([str(name) for name in names], map(int, texts), strict=True))


async def rows(table: Locator) -> list[list[str]]:
    """The texts of a table's body, cell by cell, with single spaces."""
    found: list[list[str]] = await table.evaluate(
        "table => [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText.replace(/\\s+/g, ' ').trim()))"
    )
    return found


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
    assert " met" not in text
    await page.get_by_role("link", name="2018-19").click()
    await page.locator("#live[data-state=live]").wait_for()
    words = await page.locator("#headline .word").all_inner_texts()
    assert [word.strip() for word in words] == ["met", "not met", "data unavailable"]
    assert "on track" not in await page.locator("main").inner_text()
    await expect(page.locator("#published")).to_contain_text("lists one of them")


async def test_a_recorded_result_moves_counts_and_news_without_a_reload(
    world: World, moving: str, visit: Visits
) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    await page.evaluate("window.same = true")
    before = await counts(page)
    result = {"phase": "2020-21", "numerator": 70, "denominator": 100}
    await world.record(OVERSIGHT["code"], result, OVERSIGHT["unit"], moving)
    news = page.locator("#changes .news li").first
    await expect(news).to_contain_text("56 → 70 per cent, now on track (was not on track)")
    await expect(news).to_contain_text("reported by Evaluation Office · just now")
    await expect(page.locator("#headline [data-status=on_track] [data-count]")).to_have_text(
        str(before["on_track"] + 1)
    )
    area = page.locator("#areas tr[data-key=oversight]")
    await expect(area).to_contain_text("1 20 %", use_inner_text=True)
    assert await area.evaluate("row => row.getAnimations().length") == 1  # it is lit up
    await expect(page.locator("#announcer")).to_contain_text("now on track")
    assert await counts(page) == {
        **before,
        "on_track": before["on_track"] + 1,
        "not_on_track": before["not_on_track"] - 1,
    }
    assert await page.evaluate("window.same") is True


async def test_a_measure_moves_its_indicator_and_the_news_name_the_snapshot(
    world: World, moving: str, visit: Visits
) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    await world.state_measure(measure("women-p5-plus-regular-budget", 265, 449))
    news = page.locator("#changes .news li", has=page.locator("[data-open=women-p5-plus]")).first
    await expect(news).to_contain_text("38 → 37.1 per cent, still not on track")
    await expect(news).to_contain_text("from the staffing snapshot of 31 Dec 2021")


async def test_many_changes_at_once_are_read_together(world: World, moving: str, visit: Visits) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/v1/status?" in request.url else None)
    for number in range(12):
        await world.record("turin-women", {"phase": "2020-21", "value": 40 + number / 10}, "TURIN", moving)
    await expect(page.locator("#changes .news")).to_contain_text("41.1 per cent")
    assert 1 <= len(asked) < 12


async def test_changes_stand_still_for_those_who_want_no_motion(world: World, moving: str, visit: Visits) -> None:
    page = await visit(f"{world.url}/?plan={moving}", reduced_motion="reduce")
    await world.record("capacity-plan", {"phase": "2020-21", "reached": True, "text": "Drafted"}, "HRD", moving)
    news = page.locator("#changes .news li").first
    await expect(news).to_contain_text("Drafted")
    colours = await news.evaluate(
        "row => row.getAnimations()[0].effect.getKeyframes().map(frame => frame.backgroundColor)"
    )
    assert len(set(colours)) == 1


async def test_after_a_restart_the_page_reconnects_and_has_missed_nothing(
    world: World, moving: str, visit: Visits
) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    await page.evaluate("window.same = true")
    await world.reporting.stop()
    await expect(page.locator("#live")).to_have_text("Reconnecting")
    await expect(page.locator("#stale")).to_contain_text("No connection to the server")
    await world.record("cpo-gender-marker", {"phase": "2020-21", "value": 12, "text": "12 per cent"}, "PROGRAM", moving)
    await world.reporting.start()
    await expect(page.locator("#live")).to_have_text("Live")
    await expect(page.locator("#changes .news li").first).to_contain_text("12 per cent, now not on track")
    await expect(page.locator("#stale")).to_be_hidden()
    await expect(page.locator("#problem")).to_be_hidden()
    assert await page.evaluate("window.same") is True
    visit.complaints.clear()  # the browser reports the refused connections


async def test_a_reset_loads_everything_anew(world: World, moving: str, visit: Visits) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    async with page.expect_response(lambda answer: "/v1/changes" in answer.url and answer.ok):
        database = connect(world.reporting.database_url)
        async with database.transaction() as session:
            await announce_reset(session, "status")
        await database.close()
    await expect(page.locator("#live")).to_have_text("Live")
    await expect(page.locator("#problem")).to_be_hidden()
    assert sum((await counts(page)).values()) == 29


async def test_a_card_opens_and_closes_by_keyboard_and_gives_the_focus_back(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    await page.keyboard.press("Tab")
    assert await focused(page) == "Skip to the figures"
    await page.keyboard.press("Enter")
    await tab_to(page, "Accountability")
    await page.keyboard.press("Enter")
    assert (await focused(page)).startswith("Accountability")
    await expect(page.locator("#area-accountability")).to_have_attribute("open", "")
    title = (
        "Number of unconscious bias sessions convened by the Senior Management Team for senior managers (D1 and above)"
    )
    await tab_to(page, title)
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    card = page.get_by_role("dialog", name=title)
    await expect(card).to_contain_text("The result of 31 Dec 2020 is 0; the target is at least 2")
    await expect(card).to_contain_text("Office of the Director-General")
    await expect(card.get_by_role("heading", name="Accelerating actions")).to_be_visible()
    await expect(card.locator(".actions li").first).to_contain_text("planned")
    await expect(card.get_by_role("heading", name="History")).to_be_visible()
    assert await focused(page) == "Close"
    await page.keyboard.press("Escape")
    await expect(card).to_be_hidden()
    assert await focused(page) == title


async def test_an_open_card_keeps_up_with_its_indicator(world: World, moving: str, visit: Visits) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    await page.locator("#area-oversight summary").click()
    await page.locator("#area-oversight [data-open=evaluations-findings]").click()
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("49 per cent")
    await world.record("evaluations-findings", {"phase": "2020-21", "value": 66, "text": "66 per cent"}, "EVAL", moving)
    await expect(card.locator(".standing")).to_contain_text("66 per cent")
    await expect(card.locator(".history li").first).to_contain_text("66 per cent, on track")


@pytest.mark.parametrize("width", [360, 768, 1440])
async def test_nothing_scrolls_sideways(world: World, visit: Visits, width: int) -> None:
    page = await visit(world.url, viewport={"width": width, "height": 800})
    await page.locator("#groups details").first.wait_for()
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.locator("[data-open=zero-harassment-campaign]").last.click()
    await expect(page.get_by_role("dialog")).to_contain_text("History")
    assert (
        await page.evaluate("document.querySelector('#card').scrollWidth - document.querySelector('#card').clientWidth")
        == 0
    )


async def test_everything_has_a_name_headings_are_in_order_and_landmarks_are_there(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    tree = await (await page.context.new_cdp_session(page)).send("Accessibility.getFullAXTree")
    nodes = [node for node in tree["nodes"] if not node.get("ignored")]
    named = {
        "button",
        "link",
        "image",
        "img",
        "table",
        "dialog",
        "navigation",
        "region",
        "complementary",
        "columnheader",
    }
    unnamed = [node for node in nodes if value(node, "role") in named and not value(node, "name")]
    assert [value(node, "role") for node in unnamed] == []
    roles = {value(node, "role") for node in nodes}
    assert {"banner", "main", "contentinfo", "complementary", "navigation", "status"} <= roles
    levels = await page.evaluate("[...document.querySelectorAll('h1, h2, h3, h4')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following <= level + 1 for level, following in pairwise(levels))
    assert await page.evaluate("document.documentElement.lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_status_colours_can_be_told_from_their_ground(world: World, visit: Visits, scheme: Any) -> None:
    page = await visit(world.url, color_scheme=scheme)
    await page.locator("#area-accountability summary").click()
    grounds = [await colour(page, name) for name in ("--surface", "--paper", "--fresh")]
    for name in ("--good", "--bad", "--none", "--soft", "--accent", "--ink"):
        tone = await colour(page, name)
        for ground in grounds if name != "--soft" else grounds[:2]:
            assert contrast(tone, ground) >= 4.5, f"{name} on {ground}"
    shown = await page.locator("#area-accountability .chip[data-status=not_on_track]").first.evaluate(
        "chip => getComputedStyle(chip).color"
    )
    assert shown == "rgb({}, {}, {})".format(*await colour(page, "--bad"))
    for name in ("--women", "--men"):
        assert contrast(await colour(page, name), grounds[0]) >= 4.5


async def test_a_status_is_never_told_by_colour_alone(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    bare = await page.evaluate("""[...document.querySelectorAll('.chip, .figure .word, .tally td[data-status]')]
        .filter(one => !one.querySelector('use') || !one.innerText.trim()).length""")
    assert bare == 0
    shapes = await page.evaluate("new Set([...document.querySelectorAll('symbol')].map(one => one.innerHTML)).size")
    assert shapes == 5


async def test_a_failure_shows_the_problem_and_trying_again_brings_the_figures(world: World, visit: Visits) -> None:
    async def refuse(route: Route) -> None:
        problem = {"detail": "the database does not answer just now", "instance": "some-id"}
        await route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(problem))

    page = await visit("about:blank", loaded=False)
    await page.route("**/reporting/v1/status*", refuse)
    await page.goto(world.url)
    await expect(page.get_by_role("alert")).to_contain_text("the database does not answer just now (reference some-id)")
    await expect(page.locator("#areas")).to_be_hidden()
    await page.unroute("**/reporting/v1/status*")
    await page.get_by_role("button", name="Try again").click()
    await expect(page.locator("#areas table")).to_be_visible()
    await expect(page.get_by_role("alert")).to_be_hidden()
    visit.complaints.clear()  # the browser reports the refused request


async def test_being_offline_is_said_and_ends_by_itself(world: World, visit: Visits) -> None:
    page = await visit(world.url)
    await page.context.set_offline(True)
    await expect(page.locator("#live")).to_have_text("Offline")
    await expect(page.locator("#stale")).to_contain_text("this device is offline")
    await page.context.set_offline(False)
    await expect(page.locator("#live")).to_have_text("Live")
    await expect(page.locator("#stale")).to_be_hidden()
    visit.complaints.clear()  # the browser reports the lost connection


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


@pytest.fixture
async def empty_world(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[World]:
    async with running_world(postgres, issuer) as running:
        yield running


async def test_an_empty_page_says_what_to_do_and_fills_by_itself(empty_world: World, visit: Visits) -> None:
    page = await visit(empty_world.url)
    await expect(page.locator("h1")).to_have_text("No plan has been loaded yet")
    await expect(page.locator("main")).to_contain_text("apge load")
    await asyncio.gather(
        empty_world.load(actions=False),
        expect(page.locator("h1")).to_have_text("ILO Action Plan for Gender Equality 2018-21"),
    )
    await expect(page.locator("#headline [data-status=not_on_track] [data-count]")).to_have_text("20")
    assert f"plan={PLAN}" in str(await page.get_by_role("link", name="2018-19").get_attribute("href"))


def cell(group: str, women: int, men: int) -> Cell:
    return Cell(group=group, women=women, men=men, other=0, total=women + men, share=share(women, men))


def share(women: int, men: int) -> Decimal:
    return round(Decimal(100 * women) / (women + men), 1)


def measure(code: str, women: int, men: int, cells: list[Cell] | None = None) -> MeasureState:
    return MeasureState(
        code=code,
        title=code,
        source="hr",
        as_of=date(2021, 12, 31),
        snapshot="snapshot-1",
        revision=1,
        rule=f"{code}/1",
        dimension="grade" if cells else None,
        women=women,
        men=men,
        other=0,
        total=women + men,
        share=share(women, men),
        suppressed=False,
        cells=cells or [],
    )


def value(node: dict[str, Any], name: str) -> str:
    return str(node.get(name, {}).get("value", ""))


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.ariaLabel || document.activeElement.innerText.trim()"))


async def tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        await page.keyboard.press("Tab")
        if await focused(page) == name:
            return
    pytest.fail(f"no Tab leads to {name!r}")


async def colour(page: Page, name: str) -> tuple[int, int, int]:
    """The red, green and blue of a custom property."""
    found = await page.evaluate(
        "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()", name
    )
    red, green, blue = (int(found[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """WCAG 2.2, contrast ratio: (lighter + 0.05) / (darker + 0.05) of the relative luminances."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [part / 255 for part in colour]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
