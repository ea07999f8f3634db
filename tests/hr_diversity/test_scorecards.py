"""The one-page scorecard: what is on it, where it is from, and in which forms it comes."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
from tests.contracts.projection_suite import ProjectionSuite, envelope
from tests.hr_diversity.carding import CARDS, card, pages_of, plan, staff, tell, two_years, units
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import accepted
from tests.hr_diversity.registering import registered, row
from tests.hr_diversity.staff import file_of, people

from hr_diversity.api.forms import preferred
from hr_diversity.handlers import cards as learned
from hr_diversity.main import service
from hr_diversity.web.page import POLICY
from shared.cloudevents import Envelope
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service

V1 = "/hr-diversity/v1"


@pytest.fixture(scope="module")
async def drawn(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    """Two years of snapshots, with units and a plan. Nothing is changed in it."""
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, pseudonym_key=KEY) as client,
    ):
        await two_years(client)
        await tell(client, *units(), *plan())
        of = {"grade": "P5", "unit": "POLICY-DEPARTMENTS", "applicants": {}}
        still = dict.fromkeys(("closed", "shortlisted", "selected"))
        await registered(
            client,
            row(1, **of, **still, posted="2021-11-01"),
            row(2, **of, **still, posted="2022-01-10"),
            row(3, **{**of, "grade": "G5", "unit": "HRD"}, **still, posted="2021-11-01"),
            row(4, **{**of, "unit": "HRD"}, **still, portfolio="policy", posted="2021-06-01", cancelled="2021-07-01"),
        )
        said = {"kind": "training", "as_of": "2021-11-30", "women": 37, "men": 63}
        for code in ("turin-policy", "turin-field-operations"):
            path = f"{V1}/participation/{code}"
            put = await client.put(path, json={**said, "title": code}, role="hr-feeder")
            assert put.status_code == 201, put.text
        yield client


async def test_the_headline_is_the_portfolio_s_line_with_parity_and_what_has_changed(drawn: Client) -> None:
    found = await card(drawn)
    line = found["headline"]
    assert (line["women"], line["men"], line["share"]) == (140, 130, 51.9)
    assert line["parity"] == {"status": "at_parity", "women_needed": 0, "men_needed": 0}
    assert line["year_before"] == {"as_of": "2020-12-31", "share": 48, "points": 3.9, "women": 20, "men": 0}
    assert found["summary"][0] == (
        "On 31 December 2021 women were 51.9 per cent of the staff of the Policy portfolio: 140 women and 130 men."
    )
    earlier = await card(drawn, as_of="2021-06-30")
    assert (earlier["as_of"], earlier["headline"]["before"], earlier["headline"]["year_before"]) == (
        "2020-12-31",
        None,
        None,
    )


async def test_how_many_more_women_are_needed_is_said(drawn: Client) -> None:
    found = await card(drawn, "policy")
    senior = next(one for one in found["categories"]["lines"] if one["group"] == "senior")
    assert (senior["women"], senior["men"], senior["share"]) == (50, 60, 45.5)
    assert senior["parity"] == {"status": "below", "women_needed": 2, "men_needed": 0}


async def test_senior_posts_stand_beside_the_target_of_the_plan(drawn: Client) -> None:
    found = await card(drawn, "whole-organisation")
    assert found["senior"]["regular_budget"]["share"] == 37.9
    assert found["senior"]["target"] == {
        "plan": "small",
        "indicator": "women",
        "phase": "2020-21",
        "place": "global",
        "at_least": 45,
        "met": False,
        "points_short": 7.1,
    }
    assert (await card(drawn, "policy"))["senior"]["target"]["met"] is True


async def test_whole_workforce_and_regular_budget_stand_side_by_side(drawn: Client) -> None:
    found = await card(drawn, "whole-organisation")
    lines = {one["group"]: (one["women"], one["men"]) for one in found["contract_sources"]["lines"]}
    assert lines["whole"] == (380, 390)
    assert lines["regular_budget"] == (230, 240)
    assert lines["development_cooperation"] == (150, 150)


async def test_parts_are_portfolios_of_the_whole_and_units_of_a_portfolio(drawn: Client) -> None:
    whole, policy = await card(drawn, "whole-organisation"), await card(drawn, "policy")
    assert {one["group"] for one in whole["parts"]["lines"]} == {"policy", "management-reform", "field-operations"}
    assert [(one["name"], one["women"]) for one in policy["parts"]["lines"]] == [("Policy departments", 140)]


async def test_who_came_rose_and_left_is_said_of_the_whole_organisation(drawn: Client) -> None:
    found = await card(drawn, "whole-organisation")
    assert [one["name"] for one in found["flows"]["lines"]][::4] == ["Appointed", "Left"]
    assert (await card(drawn, "policy"))["flows"]["lines"] == []
    assert (await card(drawn, "whole-organisation", as_of="2020-12-31"))["flows"]["lines"] == []


async def test_a_vacancy_counts_where_it_was_open_on_the_day_of_the_figures(drawn: Client) -> None:
    assert (await card(drawn, "policy"))["open_vacancies"] == {"total": 1, "senior": 1, "by_category": {"senior": 1}}
    whole = (await card(drawn, "whole-organisation"))["open_vacancies"]
    assert whole == {"total": 2, "senior": 1, "by_category": {"general_service": 1, "senior": 1}}
    assert (await card(drawn, "policy", as_of="2020-12-31"))["open_vacancies"]["total"] == 0


async def test_participation_is_shown_where_it_is_registered_for_the_portfolio(drawn: Client) -> None:
    assert [one["title"] for one in (await card(drawn, "policy"))["participation"]] == ["turin-policy"]
    assert len((await card(drawn, "whole-organisation"))["participation"]) == 2
    assert (await card(drawn, "management-reform"))["participation"] == []


@pytest.mark.parametrize("portfolio", ["policy", "whole-organisation"])
async def test_a_card_says_what_it_is_drawn_from_and_holds_no_other_figure(drawn: Client, portfolio: str) -> None:
    """Every line of women and men on the card is a line of a measure that anybody may read."""
    found = await card(drawn, portfolio)
    published: set[tuple[Any, ...]] = set()
    for of in found["drawn_from"]:
        path = f"measures/{of['measure']}"
        if of["measure"].startswith("participation-"):
            path = of["measure"].replace("-", "/", 1)
        answer = (await drawn.get(f"{V1}/{path}", params={"as_of": of["as_of"]}, role="reader")).json()
        published |= {(one["women"], one["men"], one["share"]) for one in [answer, *answer["cells"]]}
    groups = [one for name in ("categories", "contract_sources", "parts", "flows") for one in found[name]["lines"]]
    lines = [found["headline"], found["senior"]["regular_budget"], *groups, *found["participation"]]
    assert {(one["women"], one["men"], one["share"]) for one in lines} <= published
    assert all(of["rule"] and of["snapshot"] and of["revision"] for of in found["drawn_from"])


async def test_what_is_withheld_is_named_with_the_reason_and_never_zero(client: Client) -> None:
    few = file_of([*staff().decode().splitlines()[1:], *people(2, 5000, grade="D1", portfolio="policy", unit="GEDI")])
    await accepted(client, few)
    await tell(client, *units())
    found = await card(client, "policy")
    hidden = [one for one in found["categories"]["lines"] if one["women"] is None]
    for one in hidden:
        assert (one["men"], one["total"], one["share"], one["suppressed"], one["parity"]) == (*[None] * 3, True, None)
    named = {one["where"]: one["groups"] for one in found["withheld"]}
    assert named.get("By category", []) == [one["name"] for one in hidden]
    assert all("Fewer than 5" in one["why"] for one in found["withheld"])


async def test_a_headline_that_is_withheld_names_what_was_shown_last(client: Client) -> None:
    await accepted(client, staff(), as_of="2020-12-31")
    await accepted(client, staff(1), as_of="2021-12-31")
    found = await card(client)
    if found["headline"]["women"] is None:
        assert found["headline"]["last_shown"] == {"as_of": "2020-12-31", "women": 120, "men": 130, "share": 48}
        assert "Last shown: 48 per cent women on 31 December 2020" in found["summary"][0]
        assert "Last shown" in (await client.get(f"{CARDS}/policy?format=html", role="reader")).text


async def test_without_a_snapshot_there_is_no_card_and_the_list_says_so(reading: Client) -> None:
    absent = await reading.get(f"{CARDS}/policy", role="reader")
    assert (absent.status_code, absent.json()["type"]) == (404, "urn:apge:problem:scorecard-not-drawn")
    items = (await reading.get(CARDS, role="reader")).json()["items"]
    assert [(one["portfolio"], one["as_of"], one["issues"], one["meetings"]) for one in items] == [
        (name, None, 0, 0) for name in ("whole-organisation", "policy", "management-reform", "field-operations")
    ]
    assert "No snapshot has given figures" in (await reading.get(f"{CARDS}?format=html", role="reader")).text


async def test_an_unknown_portfolio_parameter_or_source_is_named(drawn: Client) -> None:
    unknown = await drawn.get(f"{CARDS}/finance", role="reader")
    assert (unknown.status_code, unknown.json()["errors"][0]["value"]) == (404, "finance")
    assert "field-operations" in unknown.json()["detail"]
    misspelt = await drawn.get(f"{CARDS}/policy?asof=2021-12-31", role="reader")
    assert (misspelt.status_code, misspelt.json()["errors"][0]["parameter"]) == (400, "asof")
    other = await drawn.get(f"{CARDS}/policy?source=other", role="reader")
    assert (other.status_code, "other" in other.json()["detail"]) == (404, True)


async def test_whoever_may_not_read_gets_no_card(drawn: Client) -> None:
    for path in ("", "/policy", "/issues"):
        assert (await drawn.get(f"{CARDS}{path}", headers={"accept": "text/html"})).status_code == 401


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("", "json"),
        ("*/*", "json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("application/pdf", "pdf"),
        ("text/html;q=0.5, application/json", "json"),
        ("application/json;q=0.1, text/html;q=0.2", "html"),
        ("text/html;q=0", "json"),
        ("text/html;q=lots", "json"),
    ],
)
def test_the_form_is_what_is_accepted_most(accept: str, form: str) -> None:
    assert preferred(accept) == form


@pytest.mark.parametrize("form", ["json", "html", "pdf"])
async def test_each_form_has_a_tag_of_its_own_and_is_not_sent_twice(drawn: Client, form: str) -> None:
    first = await drawn.get(f"{CARDS}/policy", params={"format": form}, role="reader")
    tag = first.headers["etag"]
    again = await drawn.get(f"{CARDS}/policy", params={"format": form}, headers={"If-None-Match": tag}, role="reader")
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    other = await drawn.get(f"{CARDS}/management-reform", params={"format": form}, role="reader")
    assert other.headers["etag"] != tag
    assert "Accept" in first.headers["vary"]


async def test_the_page_loads_nothing_runs_nothing_and_says_the_card_s_figures(drawn: Client) -> None:
    page = await drawn.get(f"{CARDS}/policy", headers={"accept": "text/html"}, role="reader")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    for absent in ("<script", " style=", " src=", "<link", "@import", "http-equiv"):
        assert absent not in page.text
    for figure in (
        "51.9",
        "140 women",
        "130 men",
        "Policy departments",
        "at least",
        "31 December 2021",
        "staff-by-unit/1",
    ):
        assert figure in page.text


async def test_what_others_wrote_is_text_on_the_page_and_on_the_sheet(client: Client) -> None:
    await accepted(client, staff())
    told = [(key, event.model_copy(update={"name": "<b>#panic(1)</b> &"})) for key, event in units()]
    await tell(client, *told)
    page = await client.get(f"{CARDS}/policy?format=html", role="reader")
    assert "&lt;b&gt;#panic(1)&lt;/b&gt; &amp;" in page.text
    sheet = await client.get(f"{CARDS}/policy?format=pdf", role="reader")
    assert (sheet.status_code, sheet.content[:5]) == (200, b"%PDF-")


async def test_printing_leaves_no_compiler_in_the_service(drawn: Client) -> None:
    assert (await drawn.get(f"{CARDS}/policy?format=pdf", role="reader")).status_code == 200
    assert "typst" not in sys.modules


async def test_the_sheet_is_one_tagged_page_of_a4_and_the_same_bytes_each_time(drawn: Client) -> None:
    for portfolio in ("policy", "whole-organisation"):
        first, again = [(await drawn.get(f"{CARDS}/{portfolio}?format=pdf", role="reader")).content for _ in range(2)]
        assert first == again
        assert pages_of(first) == 1
        for said in (b"/MarkInfo", b"pdfuaid", b"pdfaid", b"/Lang"):
            assert said in first, said


def test_a_service_that_draws_no_card_loads_neither_compiler_nor_templates() -> None:
    said = "import sys, hr_diversity.main; print([name for name in ('typst', 'jinja2') if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


class TestCards(ProjectionSuite):
    service = service
    projection = learned

    def facts(self) -> list[Envelope]:
        told = []
        for key, event in [*units()[:2], *plan()]:
            titled = "name" if hasattr(event, "name") else "code"
            told += [
                envelope(event, key, 1),
                envelope(event.model_copy(update={titled: "another"}), key, 2),
            ]
        return told


def test_the_words_of_a_target_that_is_learned_are_those_that_were_said() -> None:
    """What is kept of an indicator is its state as JSON, which must be read back without loss."""
    [_, (_, indicator)] = plan()
    assert type(indicator).model_validate_json(json.dumps(indicator.model_dump(mode="json"))) == indicator
