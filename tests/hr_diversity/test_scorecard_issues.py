"""A scorecard is frozen when it is issued, and meetings that had it on their agenda count."""

import hashlib
import json
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hr_diversity.carding import CARDS, MEETING, card, issue, staff, table, tell, two_years, units
from tests.hr_diversity.pushing import accepted, count, select

from hr_diversity.rules.meetings import EVERYWHERE, biennium_of, counts_from, name_of
from shared import clock
from shared.testing import Client

OTHERS = ["custodian", "reviewer", "evaluation-office", "reader", "operator"]
CANARY = "Canary Goldfinch"


@pytest.fixture
async def drawn(client: Client) -> Client:
    await two_years(client)
    await tell(client, *units())
    return client


async def events(client: Client, kind: str) -> list[dict[str, Any]]:
    query = "SELECT payload FROM outbox WHERE type = :kind ORDER BY position"
    return [json.loads(one.payload) for one in await select(client, query, kind=f"hr-diversity.{kind}.v1")]


async def meetings(client: Client) -> dict[tuple[str, str], int]:
    """The counts that stand: (place, day) -> meetings."""
    rows = await select(client, "SELECT state FROM measures WHERE code = 'scorecards-tabled' ORDER BY key")
    return {(one.state["place"], one.state["as_of"]): one.state["numerator"] for one in rows}


async def withdraw(client: Client, issued: dict[str, Any], tabling: str, role: Any = "senior-manager") -> Any:
    path = f"{CARDS}/issues/{issued['id']}/tablings/{tabling}/withdrawal"
    return await client.post(path, json={"reason": "the item was taken off the agenda"}, role=role)


async def test_an_issue_keeps_content_page_and_sheet_as_they_were(drawn: Client) -> None:
    before = await card(drawn)
    issued = await issue(drawn)
    assert issued["scorecard"] == before
    forms = {
        form: await drawn.get(f"{CARDS}/issues/{issued['id']}?format={form}", role="reader")
        for form in ("json", "html", "pdf")
    }
    await accepted(drawn, staff(60), as_of="2022-12-31")
    assert (await card(drawn))["as_of"] == "2022-12-31"
    for form, answer in forms.items():
        again = await drawn.get(f"{CARDS}/issues/{issued['id']}?format={form}", role="reader")
        assert (again.status_code, again.content, again.headers["etag"]) == (
            200,
            answer.content,
            answer.headers["etag"],
        )
    assert "Scorecard 1, issued on" in forms["html"].text
    assert issued["digest"] in forms["html"].text
    assert forms["pdf"].content.startswith(b"%PDF-")
    [kept] = await select(drawn, "SELECT content, digest FROM scorecard_issues")
    assert hashlib.sha256(kept.content).hexdigest() == kept.digest == issued["digest"]


async def test_issues_are_numbered_by_portfolio_and_the_same_content_is_not_issued_twice(drawn: Client) -> None:
    first, again, other = await issue(drawn), await issue(drawn), await issue(drawn, "field-operations")
    assert (first["id"], first["number"], other["number"]) == (again["id"], 1, 1)
    earlier = await issue(drawn, as_of="2020-12-31")
    assert (earlier["number"], earlier["as_of"]) == (2, "2020-12-31")
    assert [one["number"] for one in await events(drawn, "scorecard-issued")] == [1, 1, 2]
    listed = (await drawn.get(f"{CARDS}/issues", params={"portfolio": "policy"}, role="reader")).json()
    assert [one["number"] for one in listed["items"]] == [2, 1]
    page = (await drawn.get(f"{CARDS}/issues?limit=1", role="reader")).json()
    following = (await drawn.get(f"{CARDS}/issues?limit=5&after={page['next']}", role="reader")).json()
    assert [one["id"] for one in page["items"] + following["items"]] == [earlier["id"], other["id"], first["id"]]


async def test_an_issue_is_stated_with_its_digest_and_without_its_content(drawn: Client) -> None:
    issued = await issue(drawn)
    [event] = await events(drawn, "scorecard-issued")
    assert event == {
        **{name: issued[name] for name in ("id", "portfolio", "number", "as_of", "source", "issued_at", "digest")},
        "tablings": [],
    }


async def test_a_retry_with_its_key_has_one_effect(drawn: Client) -> None:
    headers = {"Idempotency-Key": "once"}
    answers = [await drawn.post(f"{CARDS}/policy/issues", json={}, headers=headers, role="hr-feeder") for _ in range(2)]
    assert answers[0].content == answers[1].content
    path = f"{CARDS}/issues/{answers[0].json()['id']}/tablings"
    tabled = [await drawn.post(path, json=MEETING, headers=headers, role="senior-manager") for _ in range(2)]
    assert tabled[0].content == tabled[1].content
    assert await count(drawn, "scorecard_issues") == await count(drawn, "scorecard_tablings") == 1


async def test_a_tabling_counts_for_its_portfolio_and_for_the_whole(drawn: Client) -> None:
    issued = await issue(drawn)
    answer = await table(drawn, issued)
    assert answer.status_code == 201, answer.text
    said = answer.json()
    assert (said["biennium"], said["counted"]) == ("2022-23", 1)
    assert await meetings(drawn) == {("portfolio:policy", "2022-03-10"): 1, ("global", "2022-03-10"): 1}
    [event] = await events(drawn, "scorecard-tabled")
    assert event["tablings"] == [
        {"id": said["tabling"]["id"], "portfolio": "policy", "meeting_on": "2022-03-10", "withdrawn": False}
    ]
    shown = (await drawn.get(f"{CARDS}/issues/{issued['id']}", role="reader")).json()
    assert (shown["meetings"], shown["version"], len(shown["tablings"])) == (1, 2, 1)
    cards = (await drawn.get(CARDS, role="reader")).json()["items"]
    assert {one["portfolio"]: one["meetings"] for one in cards}["policy"] == 1


async def test_two_cards_at_one_meeting_are_one_meeting_and_the_same_said_again_is_nothing(drawn: Client) -> None:
    own, whole = await issue(drawn), await issue(drawn, "whole-organisation")
    first, second = await table(drawn, own), await table(drawn, whole, meeting=MEETING["meeting"].upper())
    again = await table(drawn, own)
    assert [one.status_code for one in (first, second, again)] == [201, 201, 201]
    assert again.json()["tabling"]["id"] == first.json()["tabling"]["id"]
    assert set((await meetings(drawn)).values()) == {1}
    assert len(await events(drawn, "scorecard-tabled")) == 2


async def test_a_meeting_that_is_entered_late_is_counted_in_all_later_figures(drawn: Client) -> None:
    issued = await issue(drawn)
    await table(drawn, issued, meeting_on="2022-09-10")
    await table(drawn, issued, meeting_on="2022-03-10")
    assert await meetings(drawn) == {
        ("portfolio:policy", "2022-03-10"): 1,
        ("global", "2022-03-10"): 1,
        ("portfolio:policy", "2022-09-10"): 2,
        ("global", "2022-09-10"): 2,
    }


async def test_each_biennium_counts_anew(drawn: Client) -> None:
    issued = await issue(drawn, as_of="2020-12-31")
    for day in ("2021-06-30", "2021-12-31", "2022-01-01"):
        await table(drawn, issued, meeting_on=day)
    found = await meetings(drawn)
    assert [found["portfolio:policy", day] for day in ("2021-06-30", "2021-12-31", "2022-01-01")] == [1, 2, 1]


async def test_a_tabling_that_is_withdrawn_counts_no_longer_and_stays_on_record(drawn: Client) -> None:
    issued = await issue(drawn)
    await table(drawn, issued, meeting_on="2022-02-10")
    wrong = (await table(drawn, issued)).json()["tabling"]["id"]
    assert (await meetings(drawn))["portfolio:policy", "2022-03-10"] == 2
    undone = await withdraw(drawn, issued, wrong)
    assert (undone.status_code, undone.json()["counted"]) == (200, 1)
    assert (await meetings(drawn))["portfolio:policy", "2022-03-10"] == 1
    assert (await withdraw(drawn, issued, wrong)).status_code == 200
    [event] = await events(drawn, "scorecard-tabling-withdrawn")
    assert [one["withdrawn"] for one in event["tablings"]] == [False, True]
    assert "reason" not in json.dumps(event)
    shown = (await drawn.get(f"{CARDS}/issues/{issued['id']}", role="senior-manager")).json()
    assert (shown["meetings"], shown["tablings"][1]["reason"]) == (1, "the item was taken off the agenda")
    absent = await withdraw(drawn, issued, "0" * 36)
    assert (absent.status_code, absent.json()["type"]) == (404, "urn:apge:problem:unknown-tabling")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"meeting_on": str(clock.today() + timedelta(days=2))}, "#/meeting_on"),
        ({"meeting_on": "2021-12-30"}, "#/meeting_on"),
        ({"meeting_on": 0}, "#/meeting_on"),
        ({"portfolio": "field-operations"}, "#/portfolio"),
        ({"portfolio": "whole-organisation"}, "#/portfolio"),
        ({"meeting": ""}, "#/meeting"),
        ({"meeting": "x" * 201}, "#/meeting"),
        ({"agenda_item": None}, "#/agenda_item"),
        ({"attendees": ["Ada"]}, "#/attendees"),
    ],
)
async def test_a_meeting_that_cannot_have_had_it_is_refused_with_its_field(
    client: Client, more: dict[str, Any], pointer: str
) -> None:
    await accepted(client, staff())
    issued = await issue(client)
    refused = await table(client, issued, **more)
    assert refused.status_code == 422, refused.text
    assert {one["pointer"] for one in refused.json()["errors"]} == {pointer}
    assert await count(client, "scorecard_tablings") == 0


async def test_an_address_of_a_person_is_refused_and_not_repeated(drawn: Client) -> None:
    issued = await issue(drawn)
    for name in ("meeting", "agenda_item", "minutes"):
        refused = await table(drawn, issued, **{name: "by canary@example.org"})
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["pointer"] == f"#/{name}"
        assert "canary" not in refused.text


async def test_what_a_meeting_was_called_leaves_the_service_to_nobody(drawn: Client, caplog: Any, capfd: Any) -> None:
    issued = await issue(drawn)
    said = {"meeting": f"Meeting of {CANARY}", "agenda_item": f"Item of {CANARY}", "minutes": f"Minutes {CANARY}"}
    await table(drawn, issued, **said)
    await drawn.caught_up()
    stated = json.dumps([one.payload for one in await select(drawn, "SELECT payload FROM outbox")])
    logged = caplog.text + "".join(capfd.readouterr())
    for role in (None, "reader", "reviewer", "operator", "evaluation-office"):
        shown = await drawn.get(f"{CARDS}/issues/{issued['id']}", role=role)
        assert CANARY not in shown.text
    assert CANARY not in stated + logged
    assert CANARY in (await drawn.get(f"{CARDS}/issues/{issued['id']}", role="hr-feeder")).text


async def test_who_may_issue_and_who_may_table(drawn: Client) -> None:
    for role in [*OTHERS, None]:
        refused = await drawn.post(f"{CARDS}/policy/issues", json={}, role=role)  # type: ignore[arg-type]
        assert refused.status_code == (403 if role else 401), role
    by_manager = await drawn.post(f"{CARDS}/policy/issues", json={}, role="senior-manager")
    assert by_manager.status_code == 201
    issued = by_manager.json()
    for role in ("hr-feeder", "reviewer", "evaluation-office", "reader", "operator", None):
        refused = await table(drawn, issued, role)
        assert refused.status_code == (403 if role else 401), role
    foreign = await table(drawn, issued, "custodian", units=["HRD"])
    assert (foreign.status_code, foreign.json()["type"]) == (403, "urn:apge:problem:not-your-portfolio")
    assert (await table(drawn, issued, "custodian", units=["HRD", "DDG-POL"])).status_code == 201


async def test_an_issue_that_does_not_exist_is_not_found(drawn: Client) -> None:
    nowhere = {"id": "0" * 36}
    assert (await table(drawn, nowhere)).json()["type"] == "urn:apge:problem:unknown-issue"
    assert (await drawn.get(f"{CARDS}/issues/{'0' * 36}", role="reader")).status_code == 404
    assert (await drawn.post(f"{CARDS}/finance/issues", json={}, role="hr-feeder")).status_code == 404
    assert (await drawn.post(f"{CARDS}/policy/issues", json={"of": 1}, role="hr-feeder")).status_code == 422


async def test_every_issue_and_every_count_is_among_the_heads(drawn: Client) -> None:
    issued = await issue(drawn)
    await table(drawn, issued)
    heads = (await drawn.get("/hr-diversity/v1/heads", role="operator")).json()
    found = {one["aggregate"]: one["sequence"] for one in heads}
    assert found[f"scorecard/{issued['id']}"] == 2
    assert Counter(name.split("/")[0] for name in found if "scorecard" in name) == {"scorecard": 1, "measure": 2}


MEETINGS = st.sets(
    st.tuples(
        st.sampled_from(["policy", "management-reform", "field-operations"]),
        st.dates(date(2020, 1, 1), date(2021, 12, 31)),
        st.sampled_from(["a", "b"]),
    ),
    max_size=8,
)


@given(MEETINGS)
@settings(max_examples=100)
def test_the_portfolios_add_up_to_the_whole_and_counts_never_fall(held: set[tuple[str, date, str]]) -> None:
    counts = counts_from(held, date(2020, 1, 1), [])
    days = sorted({day for _, day, _ in held})
    whole = [counts[EVERYWHERE, day] for day in days]
    assert whole == sorted(whole)
    assert whole[-1:] == [len(held)] * bool(held)
    last = {place: number for (place, _), number in sorted(counts.items(), key=lambda one: one[0][1])}
    assert sum(number for place, number in last.items() if place != EVERYWHERE) == len(held)


@given(MEETINGS, st.data())
@settings(max_examples=100)
def test_counts_that_are_drawn_as_meetings_come_and_go_are_those_of_all_at_once(
    held: set[tuple[str, date, str]], data: Any
) -> None:
    order = data.draw(st.permutations(sorted(held)))
    gone = set(data.draw(st.lists(st.sampled_from(order)))) if order else set()
    drawn: dict[tuple[str, date], int] = {}
    known: set[tuple[str, date, str]] = set()
    for meeting in order:
        known.add(meeting)
        drawn |= counts_from(known, meeting[1], drawn)
    for meeting in gone:
        known.discard(meeting)
        drawn |= counts_from(known, meeting[1], drawn)
    at_once = counts_from(known, date(2020, 1, 1), drawn)
    assert drawn == at_once


def test_a_biennium_begins_with_an_even_year() -> None:
    assert biennium_of(date(2021, 12, 31)) == (date(2020, 1, 1), date(2021, 12, 31))
    assert [name_of(date(year, 1, 1)) for year in (2019, 2020, 1999)] == ["2018-19", "2020-21", "1998-99"]
