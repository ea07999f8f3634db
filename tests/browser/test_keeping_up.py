"""How the first page keeps up: changes as they happen, lost connections, failures, and a plan that comes later."""

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Route, expect
from tests.browser.conftest import Visits
from tests.browser.looking import counts, measure
from tests.browser.world import PLAN, World, running_world

from reporting.models import announce_reset
from shared.database import connect
from shared.issuer import LocalIssuer
from shared.testing import Postgres

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

MOVING = "moving-plan"
OVERSIGHT = {"code": "evaluations-scope", "unit": "EVAL"}


@pytest.fixture(scope="module")
async def moving(world: World) -> str:
    """A plan of the same facts that tests may change."""
    await world.load(MOVING, actions=False)
    return MOVING


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


async def test_an_open_card_keeps_up_with_its_indicator(world: World, moving: str, visit: Visits) -> None:
    page = await visit(f"{world.url}/?plan={moving}")
    await page.locator("#area-oversight summary").click()
    await page.locator("#area-oversight [data-open=evaluations-findings]").click()
    card = page.get_by_role("dialog")
    await expect(card).to_contain_text("49 per cent")
    await world.record("evaluations-findings", {"phase": "2020-21", "value": 66, "text": "66 per cent"}, "EVAL", moving)
    await expect(card.locator(".standing")).to_contain_text("66 per cent")
    await expect(card.locator(".history li").first).to_contain_text("66 per cent, on track")


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
