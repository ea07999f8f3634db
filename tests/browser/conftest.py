"""A browser, and what it visits: the two services with the plan of data/ loaded."""

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect
from tests.browser.world import World, running_world

from shared.issuer import LocalIssuer
from shared.testing import Postgres

ARGUMENTS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
PATIENCE = 20_000.0

expect.set_options(timeout=PATIENCE)


def chromium() -> str:
    """Where Chromium is. Skips where there is none; fails in CI, which has one."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI has no Chromium: install the package chromium")
        pytest.skip("there is no Chromium here")
    return found


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = chromium()
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield running
        await running.close()


@pytest.fixture(scope="session")
async def world(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[World]:
    """For all tests. Those that change something load a plan of their own."""
    chromium()
    async with running_world(postgres, issuer) as running:
        await running.load()
        yield running


class Visits:
    """Opens pages in contexts of their own. `complaints` is what any of them wrote to the console as an error."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.complaints: list[str] = []
        self.contexts: list[Any] = []

    async def __call__(self, address: str, *, loaded: bool = True, **context: Any) -> Page:
        given = {"viewport": {"width": 1280, "height": 900}, **context}
        opened = await self.browser.new_context(**given)
        self.contexts.append(opened)
        page = await opened.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(address)
        if loaded:
            await page.locator("#live[data-state=live]").wait_for()
        return page


@pytest.fixture
async def visit(browser: Browser) -> AsyncIterator[Visits]:
    """No page may complain in the console, unless its test empties `complaints` because it broke something on purpose."""
    visits = Visits(browser)
    yield visits
    for context in visits.contexts:
        await context.close()
    assert visits.complaints == []
