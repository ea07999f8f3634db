"""The scorecard's page in a browser: without a script, by keyboard, on a phone, in the dark, on paper."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route
from tests.browser.conftest import Visits, chromium
from tests.browser.looking import colour, contrast, focused, rows, tab_to, value
from tests.hr_diversity.carding import CARDS, issue, plan, tell, two_years, units
from tests.hr_diversity.conftest import KEY

from hr_diversity.main import service
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
HOST = "http://cards.test"
WIDTHS = [320, 390, 768, 1280]


@pytest.fixture(scope="module")
async def cards(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    chromium()
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, pseudonym_key=KEY, anonymous_reading=True) as client,
    ):
        await two_years(client)
        await tell(client, *units(), *plan())
        yield client


@dataclass
class Looking:
    """Opens pages that the service answers in this process."""

    client: Client
    browser: Browser
    visits: Visits

    async def __call__(self, path: str, **context: Any) -> Page:
        async def answer(route: Route) -> None:
            asked = route.request.url.removeprefix(HOST)
            given = await self.client.get(asked, headers={"accept": route.request.headers.get("accept", "")})
            await route.fulfill(status=given.status_code, headers=dict(given.headers), body=given.content)

        opened = await self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **context})
        self.visits.contexts.append(opened)
        page = await opened.new_page()
        page.on("console", lambda said: self.visits.complaints.append(said.text) if said.type == "error" else None)
        await page.route(f"{HOST}/hr-diversity/**", answer)
        await page.goto(HOST + path)
        return page


@pytest.fixture
def look(cards: Client, browser: Browser, visit: Visits) -> Looking:
    return Looking(cards, browser, visit)


@pytest.mark.parametrize("width", WIDTHS)
async def test_nothing_scrolls_sideways_and_nothing_is_torn_out_of_its_box(look: Looking, width: int) -> None:
    for path in (f"{CARDS}/policy", f"{CARDS}/whole-organisation", CARDS):
        page = await look(path, viewport={"width": width, "height": 800})
        await page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        torn = await page.evaluate("""[...document.querySelectorAll('section table, section p, section li, section svg')]
            .filter(one => one.getBoundingClientRect().right > one.closest('section').getBoundingClientRect().right + 1)
            .map(one => one.outerHTML.slice(0, 80))""")
        assert torn == []


async def test_every_drawing_has_its_figures_beside_it_as_a_table(look: Looking) -> None:
    page = await look(f"{CARDS}/policy")
    drawn = await page.locator("#trend svg[role=img]").get_attribute("aria-label")
    assert drawn == "Share of women: 48.0 per cent on 31 December 2020, 51.9 per cent on 31 December 2021."
    await page.locator("#trend summary").click()
    assert [cells[:4] for cells in await rows(page.locator("#trend table"))] == [
        ["31 December 2021", "140", "130", "51.9"],
        ["31 December 2020", "120", "130", "48.0"],
    ]
    bars = page.locator("svg.bar")
    assert await bars.count() > 3
    assert await bars.evaluate_all("all => all.every(one => one.ariaHidden === 'true')")
    assert [cells[1:3] for cells in await rows(page.locator("#categories table"))][-1] == ["50", "60"]


async def test_it_is_read_by_keyboard_alone(look: Looking) -> None:
    page = await look(f"{CARDS}/policy")
    await page.keyboard.press("Tab")
    assert await focused(page) == "To the figures"
    await page.keyboard.press("Enter")
    await tab_to(page, "The same as a table")
    assert await page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    await page.keyboard.press("Enter")
    assert await page.locator("#trend table").is_visible()
    await tab_to(page, "As PDF, one A4 page")
    assert "format=pdf&as_of=2021-12-31" in str(await page.evaluate("document.activeElement.href"))


async def test_everything_has_a_name_and_headings_are_in_order(look: Looking) -> None:
    page = await look(f"{CARDS}/whole-organisation")
    tree = await (await page.context.new_cdp_session(page)).send("Accessibility.getFullAXTree")
    nodes = [node for node in tree["nodes"] if not node.get("ignored")]
    named = {"link", "image", "img", "region", "columnheader", "rowheader", "heading"}
    assert [value(node, "role") for node in nodes if value(node, "role") in named and not value(node, "name")] == []
    levels = await page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(one => +one.tagName[1])")
    assert levels[0] == 1
    assert set(levels[1:]) == {2}
    assert {"main", "region"} <= {value(node, "role") for node in nodes}


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_and_marks_stand_out_from_their_ground(look: Looking, scheme: Any) -> None:
    page = await look(f"{CARDS}/policy", color_scheme=scheme)
    surface = await colour(page, "--surface")
    for name in ("--ink", "--soft", "--women", "--men", "--bad", "--good", "--senior", "--accent"):
        assert contrast(await colour(page, name), surface) >= 4.5, name


async def test_on_paper_it_is_one_page_of_a4(look: Looking) -> None:
    page = await look(f"{CARDS}/policy")
    printed = await page.pdf(prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 1


async def test_a_card_that_was_issued_is_shown_from_its_address(look: Looking, cards: Client) -> None:
    issued = await issue(cards)
    page = await look(f"{CARDS}/issues/{issued['id']}")
    assert "Scorecard 1, issued on" in await page.locator(".when").inner_text()
    assert issued["digest"] in await page.locator("#source").inner_text()


async def test_the_list_leads_to_each_card(look: Looking) -> None:
    page = await look(CARDS)
    await tab_to(page, "Policy portfolio")
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"{HOST}{CARDS}/policy")
    assert await page.locator("h1").inner_text() == "Policy portfolio"
