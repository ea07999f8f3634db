"""The page of women and men: at a glance, by keyboard, on a phone, with a table behind each drawing, live, and silent about what is withheld."""

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import Page, expect
from tests.browser.conftest import Visits, chromium
from tests.browser.looking import colour, contrast, rows, tab_to, value
from tests.reporting.facts import publish
from tests.reporting.sse import Listening, listening
from tests.reporting.staffing import YEARS, a_year, aims, staff, stated, taken

from shared.issuer import LocalIssuer
from shared.testing import Postgres

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
WIDTHS = [390, 1280]


@pytest.fixture(scope="module")
async def server(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Listening]:
    chromium()
    async with listening(postgres, issuer, anonymous_reading=True) as running:
        await publish(running.app, *aims(), *staff(), taken(2016, "held"))
        await running.client.caught_up()
        yield running


def page_of(server: Listening, query: str = "") -> str:
    return f"http://127.0.0.1:{server.port}/parity{query}"


async def lines(page: Page) -> list[list[str]]:
    await expect(page.locator("#lines table")).to_be_visible()
    found: list[list[str]] = await page.locator("#lines table").evaluate(
        "table => [...table.tBodies].flatMap(body => [...body.rows].map(row => [...row.cells].map(cell => cell.innerText.replace(/\\s+/g, ' ').trim())))"
    )
    return found


async def test_the_page_says_at_a_glance_how_far_the_staff_is_from_parity(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server))
    await expect(page.locator("#lead")).to_have_text(
        "On 31 Dec 2020 women were 52.4 per cent of the staff: 220 women and 200 men."
    )
    staff_of_all, senior = page.locator("#overview .pair").nth(0), page.locator("#overview .pair").nth(1)
    regular, whole = staff_of_all.locator("article").nth(0), staff_of_all.locator("article").nth(1)
    await expect(regular).to_contain_text("below parity")
    await expect(regular).to_contain_text("4 women in place of men would bring it to 47 per cent.")
    await expect(whole).to_contain_text("at parity")
    await expect(whole).to_contain_text("+1.2 points since 31 Dec 2019.")
    await expect(senior.locator("article").nth(0)).to_contain_text("39.2\u00a0% women")
    await expect(senior.locator("article").nth(1)).to_contain_text("too few to show")
    assert await page.locator("#overview .withheld strong").count() == 0


async def test_lines_have_wings_words_and_shapes_and_what_is_withheld_is_never_zero(
    server: Listening, visit: Visits
) -> None:
    page = await visit(page_of(server, "?by=region"))
    assert await lines(page) == [
        ["Africa", "60", "", "60", "50 %", "at parity", "nobody", "+4.5 points"],
        ["Americas", "50", "", "50", "50 %", "at parity", "nobody", "no change"],
        ["Arab States", "too few to show"],
    ]
    bare = await page.evaluate(
        "[...document.querySelectorAll('.chip[data-parity]')].filter(one => !one.querySelector('use') || !one.textContent.trim()).length"
    )
    assert bare == 0
    few = page.locator("#lines [data-few]")
    assert await few.locator(".wings").count() == 0
    await expect(page.locator("#lines .note")).to_contain_text("1 of 3 lines are not shown")
    await expect(page.locator("#origin")).to_contain_text("never a zero")
    await expect(page.locator("#origin")).to_contain_text("published with no figure: the snapshot of 31 Dec 2016")
    await expect(page.locator("#origin")).to_contain_text("From payroll: the snapshot of 31 Dec 2020, as first sent")


async def test_the_ladder_s_top_is_above_and_withheld_neighbours_are_one_row(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server))
    assert [line[0] for line in await lines(page)] == ["D1", "P5", "P4"]
    await expect(page.locator("#lines .summary")).to_contain_text(
        "Where most women are needed in place of men: P5, 13 women"
    )


async def test_crossings_stand_in_groups(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server, "?by=category-and-region"))
    assert [line[0] for line in await lines(page)] == [
        "P5 and above",
        "Africa",
        "Americas",
        "Professional, P1 to P4",
        "Africa",
    ]
    assert await page.locator("#lines th[scope=rowgroup]").count() == 2


async def test_the_choice_is_made_by_keyboard_stands_in_the_address_and_goes_back(
    server: Listening, visit: Visits
) -> None:
    page = await visit(page_of(server))
    await lines(page)
    for _ in range(30):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "choose-by":
            break
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.type("Reg")
    await expect(page.locator("#lines tr[data-key=africa]")).to_be_visible()
    assert page.url.endswith("?by=region")
    assert await page.evaluate("document.activeElement.id") == "choose-by"
    await page.locator("#choose-day").select_option("2019-12-31")
    await expect(page.locator("#lead")).to_contain_text("On 31 Dec 2019 women were 51.2 per cent")
    assert page.url.endswith("?by=region&as_of=2019-12-31")
    await page.go_back()
    await page.go_back()
    await expect(page.locator("#lines tr[data-key=P5]")).to_be_visible()
    await expect(page.locator("#choose-by")).to_have_value("grade")
    await expect(page.locator("#choose-day")).to_have_value("newest")


async def test_every_drawing_has_its_figures_as_a_table(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server))
    drawn = await page.locator("#senior [role=img]").get_attribute("aria-label")
    assert drawn == (
        "Share of women by snapshot: 31 Dec 2018 38\u00a0%, 31 Dec 2019 38.6\u00a0%, 31 Dec 2020 39.2\u00a0%."
    )
    await tab_to(page, "The same as a table\n3 snapshots")
    await page.keyboard.press("Enter")
    assert await rows(page.locator("#senior table")) == [
        ["31 Dec 2020", "40", "", "62", "39.2 %", "below parity", "8 women"],
        ["31 Dec 2019", "39", "", "62", "38.6 %", "below parity", "9 women"],
        ["31 Dec 2018", "38", "", "62", "38 %", "below parity", "9 women"],
    ]
    await expect(page.locator("#senior .aims")).to_contain_text(
        "45 per cent in 2020-21 (no data yet): A plan for the staff"
    )
    hidden = await page.locator(".wings, .split").evaluate_all("all => all.every(one => one.ariaHidden === 'true')")
    assert hidden


async def test_who_came_stands_by_sex_and_by_grade(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server))
    assert await rows(page.locator("#flows table").first) == [["Came", "30", "", "20", "60 %"]]
    await page.locator("#flows summary").click()
    assert await rows(page.locator("#flows table").nth(1)) == [
        ["D1", "too few to show"],
        ["P5", "6", "", "too few", "\u2013"],
        ["P4", "20", "", "15", "57.1 %"],
    ]
    await expect(page.locator("#flows")).to_contain_text("Nobody: G1.")
    await expect(page.locator("#cards a").first).to_have_attribute(
        "href", "/hr-diversity/v1/scorecards/whole-organisation"
    )


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("by", ["grade", "category-and-region"])
async def test_nothing_scrolls_sideways_or_is_torn_out_of_its_section(
    server: Listening, visit: Visits, width: int, by: str
) -> None:
    page = await visit(page_of(server, f"?by={by}"), viewport={"width": width, "height": 800})
    await lines(page)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    torn = await page.evaluate("""[...document.querySelectorAll('section table, section tbody td, section tbody th, section p, section li, .plot > span')]
        .filter(one => one.getBoundingClientRect().right > one.closest('section').getBoundingClientRect().right + 1
            || one.getBoundingClientRect().left < one.closest('section').getBoundingClientRect().left - 1)
        .map(one => one.outerHTML.slice(0, 100))""")
    assert torn == []


async def test_everything_has_a_name_and_headings_are_in_order(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server), viewport={"width": 390, "height": 800})
    await lines(page)
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    tree = await (await page.context.new_cdp_session(page)).send("Accessibility.getFullAXTree")
    nodes = [node for node in tree["nodes"] if not node.get("ignored")]
    named = {"button", "link", "image", "img", "table", "navigation", "region", "combobox", "columnheader"}
    unnamed = [node for node in nodes if value(node, "role") in named and not value(node, "name")]
    assert [value(node, "role") for node in unnamed] == []
    assert {"table", "rowheader", "columnheader", "combobox"} <= {value(node, "role") for node in nodes}
    levels = await page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5')].filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following <= level + 1 for level, following in pairwise(levels))


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_what_is_told_by_colour_can_be_told_from_its_ground(
    server: Listening, visit: Visits, scheme: Any
) -> None:
    page = await visit(page_of(server), color_scheme=scheme)
    ground = await colour(page, "--surface")
    for name in ("--good", "--bad", "--none", "--women", "--men", "--soft"):
        assert contrast(await colour(page, name), ground) >= 4.5, name


async def test_a_new_snapshot_appears_without_a_reload(server: Listening, visit: Visits) -> None:
    page = await visit(page_of(server, "?by=region"), reduced_motion="reduce")
    pinned = await visit(page_of(server, "?by=region&as_of=2020-12-31"))
    await lines(page)
    await page.evaluate("window.same = true")
    await publish(server.app, *stated(a_year(YEARS[-1] + 1)), taken(YEARS[-1] + 1))
    await expect(page.locator("#lead")).to_contain_text("On 31 Dec 2021 women were 53.5 per cent")
    await expect(page.locator("#lines tr[data-key=africa] .women.number")).to_have_text("70")
    await expect(page.locator("#announcer")).to_have_text("Now shown: the snapshot of 31 Dec 2021.")
    await expect(page.locator("#choose-day")).to_contain_text("Newest, 31 Dec 2021")
    assert await page.evaluate("window.same") is True
    light = await page.locator("#lines tr[data-key=africa]").evaluate(
        "row => row.getAnimations()[0].effect.getKeyframes().map(frame => frame.backgroundColor)"
    )
    assert len(set(light)) == 1  # no motion for who wants none
    await expect(pinned.locator("#choose-day")).to_contain_text("31 Dec 2021")
    await expect(pinned.locator("#lead")).to_contain_text("On 31 Dec 2020")


async def test_before_the_first_snapshot_the_page_says_so_and_waits(postgres: Postgres, issuer: LocalIssuer, visit: Visits) -> None:  # fmt: skip
    async with listening(postgres, issuer, anonymous_reading=True) as fresh:
        page = await visit(page_of(fresh))
        await expect(page.locator("#empty")).to_contain_text("No staffing snapshot has been taken in yet")
        await expect(page.locator("#overview")).to_be_hidden()
        await publish(fresh.app, *staff([2020]))
        await expect(page.locator("#overview")).to_contain_text("below parity")
        await expect(page.locator("#overview")).to_contain_text("The first snapshot.")
        await expect(page.locator("#empty")).to_be_hidden()
        await page.close()  # it would miss the server, which ends here


async def test_the_plan_page_leads_here(server: Listening, visit: Visits) -> None:
    page = await visit(f"http://127.0.0.1:{server.port}/?plan=staff-plan")
    await page.locator("#parity .onward a").click()
    await expect(page.locator("h1")).to_have_text("Women and men")
