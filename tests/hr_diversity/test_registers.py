"""Participation, compliance and exits: counts come in, measures go out, and small ones do not."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.hr_diversity.pushing import count, select

from hr_diversity.rules.tallies import may_follow, show_rate
from shared import clock
from shared.testing import Client

V1 = "/hr-diversity/v1"
PARTICIPATION = {"kind": "training", "title": "Turin Centre", "as_of": "2022-12-31", "women": 370, "men": 630}
COMPLIANCE = {"kind": "appraisals", "title": "Appraisals of 2022", "as_of": "2022-12-31", "completed": 880, "of": 1000}
EXITS = {
    "title": "Separations",
    "since": "2022-01-01",
    "as_of": "2022-12-31",
    "reasons": {
        "retirement": {"women": 20, "men": 30},
        "resignation": {"women": 2, "men": 9},
        "transfer": {"women": 6, "men": 7},
        "end_of_contract": {"women": 40, "men": 40},
    },
    "interviews": 10,
}
ENTRIES: dict[str, dict[str, Any]] = {
    "participation/turin-women": PARTICIPATION,
    "compliance/appraisals": COMPLIANCE,
    "exits/all": EXITS,
}
OTHERS = ["custodian", "reviewer", "evaluation-office", "senior-manager", "reader", "operator"]


async def put(client: Client, path: str, said: dict[str, Any], *, if_match: str | None = None, **more: Any) -> Any:
    headers = {"If-Match": if_match} if if_match else {}
    return await client.put(f"{V1}/{path}", json={**said, **more}, headers=headers, role="hr-feeder")


async def published(client: Client, path: str, role: Any = "reader", **params: str) -> dict[str, Any]:
    answer = await client.get(f"{V1}/{path}", params=params, role=role)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def stated(client: Client) -> list[dict[str, Any]]:
    rows = await select(client, "SELECT payload FROM outbox ORDER BY position")
    return [json.loads(one.payload) for one in rows]


async def test_who_took_part_is_a_measure_of_women_and_men(client: Client) -> None:
    made = await put(client, "participation/turin-women", PARTICIPATION)
    assert (made.status_code, made.headers["etag"]) == (201, '"1"')
    [event] = await stated(client)
    assert (event["code"], event["source"], event["as_of"]) == (
        "participation-turin-women",
        "participation",
        "2022-12-31",
    )
    assert (event["women"], event["men"], event["share"], event["suppressed"]) == (370, 630, 37, False)
    shown = await published(client, "participation/turin-women")
    assert (shown["measure"], shown["women"], shown["share"], shown["said"]) == (event["code"], 370, 37, None)


async def test_what_was_completed_is_a_numerator_of_a_denominator_and_no_women_and_men(client: Client) -> None:
    await put(client, "compliance/appraisals", COMPLIANCE)
    [event] = await stated(client)
    assert (event["numerator"], event["denominator"], event["share"]) == (880, 1000, 88)
    assert (event["women"], event["men"], event["suppressed"]) == (None, None, False)


async def test_a_few_who_have_not_completed_are_not_told(client: Client) -> None:
    await put(client, "compliance/appraisals", COMPLIANCE, completed=997)
    [event] = await stated(client)
    assert (event["numerator"], event["denominator"], event["share"], event["suppressed"]) == (None, None, None, True)
    shown = await published(client, "compliance/appraisals")
    assert (shown["numerator"], shown["suppressed"]) == (None, True)


async def test_reasons_of_few_are_withheld_with_another_that_hides_them(client: Client) -> None:
    await put(client, "exits/all", EXITS)
    [event] = await stated(client)
    hidden = {cell["group"] for cell in event["cells"] if cell["women"] is None}
    assert (event["women"], event["men"], event["dimension"]) == (68, 86, "reason")
    assert hidden == {"resignation", "transfer"}
    assert "interviews" not in event


@pytest.mark.parametrize("path", ENTRIES)
async def test_an_entry_is_changed_by_its_version_and_said_again_is_not_stated_again(client: Client, path: str) -> None:
    said = ENTRIES[path]
    assert (await put(client, path, said)).status_code == 201
    assert (await put(client, path, said)).status_code == 200
    assert await count(client, "outbox") == 1
    blind = await put(client, path, said, title="Another")
    stale = await put(client, path, said, title="Another", if_match='"9"')
    changed = await put(client, path, said, title="Another", if_match='"1"')
    assert [one.status_code for one in (blind, stale, changed)] == [428, 412, 200]
    assert (changed.headers["etag"], changed.json()["title"]) == ('"2"', "Another")
    later = await put(client, path, said, as_of="2023-12-31")
    assert later.status_code == 201
    assert (await published(client, path, as_of="2023-06-30"))["as_of"] == "2022-12-31"
    trail = await select(client, "SELECT aggregate, sequence, kept ->> 'title' FROM changes ORDER BY 1, 2")
    assert [(one[1], one[2]) for one in trail] == [(1, said["title"]), (2, "Another"), (1, said["title"])]
    heads = (await client.get(f"{V1}/heads", role="operator")).json()
    assert {one["aggregate"]: one["sequence"] for one in heads} == {one[0]: 2 - (i == 2) for i, one in enumerate(trail)}


async def test_the_hr_role_sees_what_was_registered_and_that_is_on_record(client: Client) -> None:
    await put(client, "exits/all", EXITS)
    full = await published(client, "exits/all", "hr-feeder", detail="full")
    assert (full["said"]["interviews"], full["said"]["reasons"]["resignation"]["women"]) == (10, 2)
    [one] = (await client.get(f"{V1}/disclosures", role="operator")).json()["items"]
    assert one["asked"] == f"{V1}/exits/all?detail=full"


@pytest.mark.parametrize(
    ("path", "more", "pointer"),
    [
        ("participation/x", {"as_of": str(clock.today() + timedelta(days=9))}, "#/as_of"),
        ("participation/x", {"kind": "party"}, "#/kind"),
        ("participation/x", {"names": ["Ada"]}, "#/names"),
        ("compliance/x", {"completed": 1001}, "#/completed"),
        ("compliance/x", {"completed": -1}, "#/completed"),
        ("exits/x", {"since": "2023-01-01"}, "#/since"),
        ("exits/x", {"interviews": 155}, "#/interviews"),
        ("exits/x", {"reasons": {"fate": {"women": 1, "men": 1}}}, "#/reasons/fate"),
    ],
)
async def test_counts_that_cannot_be_are_refused(
    reading: Client, path: str, more: dict[str, Any], pointer: str
) -> None:
    said = next(said for name, said in ENTRIES.items() if name.split("/")[0] == path.split("/", maxsplit=1)[0])
    answer = await put(reading, path, said, **more)
    assert answer.status_code == 422, answer.text
    assert pointer in {one["pointer"].removesuffix("/[key]") for one in answer.json()["errors"]}
    assert (await reading.get(f"{V1}/{path}", role="reader")).status_code == 404


async def test_entries_are_listed_page_by_page(client: Client) -> None:
    for path, said in ENTRIES.items():
        await put(client, path, said)
    first = await published(client, "registers", limit="2")
    second = await published(client, "registers", limit="2", after=first["next"])
    assert [one["source"] for one in first["items"] + second["items"]] == ["compliance", "exits", "participation"]
    only = await published(client, "registers", register="exits")
    assert [one["code"] for one in only["items"]] == ["all"]
    assert only["items"][0]["said"] is None


@pytest.mark.parametrize("path", ENTRIES)
async def test_who_may_register_and_who_may_see_all(reading: Client, path: str) -> None:
    absent = path.split("/", maxsplit=1)[0] + "/absent"
    for role in [*OTHERS, None]:
        refused = 403 if role else 401
        answer = await reading.put(f"{V1}/{absent}", json=ENTRIES[path], role=role)  # type: ignore[arg-type]
        full = await reading.get(f"{V1}/{absent}", params={"detail": "full"}, role=role)  # type: ignore[arg-type]
        seen = await reading.get(f"{V1}/{absent}", role=role)  # type: ignore[arg-type]
        assert (answer.status_code, full.status_code, seen.status_code) == (refused, refused, 404 if role else 401), (
            role
        )
        assert (await reading.get(f"{V1}/registers", role=role)).status_code == (200 if role else 401)  # type: ignore[arg-type]


@given(st.integers(0, 40), st.integers(0, 40))
@settings(max_examples=200)
def test_a_rate_is_shown_exactly_where_none_of_its_groups_is_small(completed: int, missing: int) -> None:
    shown = show_rate(completed, completed + missing, 5)
    small = any(0 < group < 5 for group in (completed, missing))
    assert shown.suppressed == small
    assert (shown.numerator is None, shown.share is None) == (small, small or completed + missing == 0)


async def test_one_more_who_took_part_changes_no_published_figure(client: Client) -> None:
    await put(client, "participation/turin-women", PARTICIPATION)
    held = await put(client, "participation/turin-women", PARTICIPATION, if_match='"1"', women=371)
    assert (held.status_code, held.json()["held"], held.json()["women"]) == (200, True, 370)
    assert [event["women"] for event in await stated(client)] == [370, 370]
    again = await put(client, "participation/turin-women", PARTICIPATION, if_match='"2"', women=375)
    assert (again.json()["held"], again.json()["women"]) == (False, 375)


async def test_an_entry_of_the_next_day_that_differs_by_one_is_not_told(client: Client) -> None:
    await put(client, "compliance/appraisals", COMPLIANCE)
    near = await put(client, "compliance/appraisals", COMPLIANCE, as_of="2022-12-30", completed=879)
    assert (near.json()["held"], near.json()["numerator"], near.json()["suppressed"]) == (True, None, True)
    far = await put(client, "compliance/appraisals", COMPLIANCE, as_of="2021-12-31", completed=879)
    assert far.json()["numerator"] == 879, "another year is of others"


async def test_who_left_in_a_time_that_begins_a_day_later_is_not_told_where_the_day_would_be(client: Client) -> None:
    await put(client, "exits/all", EXITS)
    fewer = {**EXITS["reasons"], "end_of_contract": {"women": 39, "men": 40}}
    near = await put(client, "exits/all", EXITS, since="2022-01-02", as_of="2022-12-30", reasons=fewer)
    assert (near.json()["held"], near.json()["women"], near.json()["suppressed"]) == (True, None, True)
    before = await put(client, "exits/all", EXITS, since="2021-01-01", as_of="2021-12-31", reasons=fewer)
    assert before.json()["held"] is False, "times that have no day in common are of others"


@pytest.mark.parametrize(("women", "told"), [(40, True), (41, False), (44, False), (45, True), (35, True), (36, False)])
def test_counts_may_follow_one_another_where_they_are_equal_or_differ_by_enough(women: int, told: bool) -> None:
    before, after = ({"reasons": {"retirement": {"women": n, "men": 9}}} for n in (40, women))
    assert may_follow(before, after, 5) is told
