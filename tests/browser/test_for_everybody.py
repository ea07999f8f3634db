"""The first page for everybody: by keyboard, on a phone, read aloud, in the dark, with any colour vision."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.async_api import expect
from tests.browser.conftest import Visits
from tests.browser.looking import colour, contrast, focused, tab_to, value
from tests.browser.world import World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


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
    await expect(card).to_contain_text("The result of 31 Dec 2020 is 0 sessions; the target is at least 2 sessions")
    await expect(card).to_contain_text("Office of the Director-General")
    await expect(card.get_by_role("heading", name="Accelerating actions")).to_be_visible()
    await expect(card.locator(".actions li").first).to_contain_text("planned")
    await expect(card.get_by_role("heading", name="History")).to_be_visible()
    assert await focused(page) == "Close"
    await page.keyboard.press("Escape")
    await expect(card).to_be_hidden()
    assert await focused(page) == title


@pytest.mark.parametrize("width", [360, 768, 1440])
async def test_nothing_scrolls_sideways(world: World, visit: Visits, width: int) -> None:
    page = await visit(world.url, viewport={"width": width, "height": 800})
    await page.locator("#groups details").first.wait_for()
    await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    torn = await page.evaluate("""[...document.querySelectorAll('main table, main .bar, main li, main p')]
        .filter(one => one.closest('section, aside'))
        .filter(one => one.getBoundingClientRect().right > one.closest('section, aside').getBoundingClientRect().right)
        .map(one => one.innerText)""")
    assert torn == []
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
    levels = await page.evaluate(
        "[...document.querySelectorAll('h1, h2, h3, h4, h5')].map(one => Number(one.tagName[1]))"
    )
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
