"""Any plan on the first page: chosen by keyboard, its areas as a tree, what fell back and what is done about it, money and marker."""

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visits
from tests.browser.looking import counts, rows, tab_to
from tests.browser.world import World
from tests.reporting.facts import FIRST, LAST, PLAN, WORLD, envelope, in_time, plan, service_of

from shared.events.base import topic_of
from shared.testing import wait_until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
TITLE = "A small plan"


@pytest.fixture(scope="module")
async def small(world: World) -> str:
    """The small plan of the views' tests, its area `money` below `staff`; the page's address when it is there."""
    areas = [area.model_copy(update={"parent": "staff" if area.code == "money" else None}) for area in plan().areas]
    tree = plan().model_copy(update={"areas": areas})
    stated = [one for one in in_time(WORLD) if service_of(one) == "indicators" and not one.subject.startswith("unit/")]
    await world.bus.publish(topic_of("indicators"), [*stated, envelope(tree, PLAN, 3, 60)])

    async def arrived() -> bool:
        found = await world.http.get(f"{world.url}/reporting/v1/status", params={"plan": PLAN})
        return found.is_success and [one["parent"] for one in found.json()["by_area"]] == [None, "staff"]

    await wait_until(arrived)
    return f"{world.url}/?plan={PLAN}"


async def test_plan_and_phase_are_chosen_by_keyboard_and_the_address_remembers_them(
    world: World, small: str, visit: Visits
) -> None:
    page = await visit(world.url)
    chooser = page.locator("#plans")
    await expect(chooser.locator("nav")).to_be_hidden()
    await page.locator("#plans summary").focus()
    await page.keyboard.press("Enter")
    brief = chooser.locator(f"article[data-key={PLAN}]")
    await expect(brief.locator(f"li[data-key='{FIRST}']")).to_contain_text(
        "1 on track, 1 not on track, 0 data unavailable of 2 targets"
    )
    await expect(brief.locator(f"li[data-key='{LAST}']")).to_contain_text("0 met, 1 not met, 2 data unavailable of 3")
    await tab_to(page, TITLE)
    await tab_to(page, FIRST)
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_have_text(TITLE)
    assert f"plan={PLAN}&phase={FIRST}" in page.url
    assert await counts(page) == {"on_track": 1, "not_on_track": 1, "data_unavailable": 0}


async def test_an_area_counts_what_is_below_it_and_unfolds_by_keyboard(small: str, visit: Visits) -> None:
    page = await visit(small)
    table = page.locator("#areas table")
    assert [(row[0], row[-1]) for row in await rows(table)] == [("Staffing", "3")]
    await tab_to(page, "Unfold what is below Staffing")
    await page.keyboard.press("Enter")
    await expect(table.locator("tr[data-key=money]")).to_be_visible()
    assert [(row[0], row[-1]) for row in await rows(table)] == [("Staffing", "3"), ("Money", "1")]
    await expect(page.get_by_role("button", name="Fold what is below Staffing")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(table.locator("tr[data-key=money]")).to_have_count(0)


async def test_a_target_that_fell_back_is_marked_and_its_remedial_action_is_there(small: str, visit: Visits) -> None:
    page = await visit(f"{small}&phase={FIRST}")
    news = page.locator("#changes .news li", has=page.locator("[data-open=fell]"))
    await expect(news.filter(has_text="Fell back")).to_have_count(1)
    await expect(news.filter(has_text="Fell back")).to_contain_text("now not on track (was on track)")
    remedies = page.locator("#remedies")
    await expect(remedies).to_contain_text("1 target fell back and has a remedial action. 1 past the due date.")
    await expect(remedies.locator("li")).to_contain_text("Find out why")
    await expect(remedies.locator("li")).to_contain_text("was due 30 Jun 2021 · with two months of work · ")
    await expect(remedies.locator("li")).to_contain_text("Chief, HRD")
    await remedies.locator("[data-open=fell]").click()
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("28 per cent (2017)")
    await expect(card).to_contain_text("Not comparable: no trend is drawn over both.")
    await expect(card.locator(".history .fell")).to_contain_text("Fell back from on track in 2018-19")
    await expect(card).to_contain_text("Evidence: The report (withdrawn: wrong)")


async def test_money_and_marker_are_tables_and_are_not_there_where_nothing_was_reported(
    small: str, visit: Visits
) -> None:
    page = await visit(small)
    money = page.locator("#money")
    assert await rows(money.locator("table").first) == [
        ["Staffing", "5", "2"],
        ["Money printed total: spending 14; contained in an area above, not added again", "10", "15"],
    ]
    await expect(money.locator("tfoot").first).to_contain_text("Total")
    await expect(money).to_contain_text("Gender marker of results")
    assert [row[1:] for row in await rows(money.locator("table").last)] == [
        ["1", "12.5 %"],
        ["3", "37.5 %"],
        ["4", "50 %"],
    ]
    other = await visit(f"{small}&phase={FIRST}")
    await expect(other.locator("#areas table")).to_be_visible()
    await expect(other.locator("#money")).to_be_hidden()


async def test_on_a_phone_nothing_of_any_plan_scrolls_sideways(small: str, visit: Visits) -> None:
    page = await visit(small, viewport={"width": 360, "height": 800})
    await page.locator("[data-fold=staff]").click()
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    await page.locator("#plans article li .bar").first.wait_for()
    assert await page.evaluate("document.documentElement.scrollWidth") <= 360
