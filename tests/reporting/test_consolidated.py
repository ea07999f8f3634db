"""What is drawn from the views beside the status: all plans, the tree of areas, money and markers, actions, and the whole card."""

from typing import Any

import pytest
from tests.reporting.facts import FIRST, LAST, PLAN, at, envelope, recorded, result, result_key, tell
from tests.reporting.test_views import get

from shared.testing import Client


async def test_every_plan_is_listed_with_the_counts_of_each_phase_in_its_own_words(reading: Client) -> None:
    (found,) = (await get(reading, "plans"))["items"]
    assert (found["code"], found["indicators"], found["areas"], found["current_phase"]) == (PLAN, 3, 2, LAST)
    assert [(phase["code"], phase["targets"]["counts"]) for phase in found["phases"]] == [
        (FIRST, {"on_track": 1, "not_on_track": 1, "data_unavailable": 0}),
        (LAST, {"met": 0, "not_met": 1, "data_unavailable": 2}),
    ]
    assert (found["changed_at"], found["latest_result"]) == (at(30).isoformat(), "2020-12-31")


async def test_the_counts_in_the_list_of_plans_are_those_of_the_status(reading: Client) -> None:
    (found,) = (await get(reading, "plans"))["items"]
    for phase in found["phases"]:
        assert phase["targets"] == (await get(reading, "status", plan=PLAN, phase=phase["code"]))["targets"]


async def test_money_is_summed_by_area_and_source_and_stands_beside_what_was_published(reading: Client) -> None:
    found = await get(reading, "resources", plan=PLAN)
    assert found["phase"] == LAST
    staff, money = found["by_area"]
    assert (staff["area"], money["area"]) == ("staff", "money")
    assert money["sum"] == {"budget": 10, "budget_not_given": 1, "expenditure": 15, "expenditure_not_given": 0}
    assert money["published"] == {"budget": None, "expenditure": 14}
    assert money["difference"] == {"budget": None, "expenditure": 1}
    (total,) = found["totals"]
    assert (total["unit"], total["budget"], total["expenditure"], total["budget_not_given"]) == (
        "US$ million",
        15,
        17,
        2,
    )
    assert [(one["source"], one["budget"], one["expenditure"]) for one in total["by_source"]] == [
        ("Regular budget", 15, 13),
        ("Other", None, 4),
    ]


async def test_shares_of_the_marker_are_of_its_counts_the_highest_level_first(reading: Client) -> None:
    (found,) = (await get(reading, "resources", plan=PLAN, phase=LAST))["markers"]
    assert (found["population"], found["area"], found["total"]) == ("results", None, 8)
    assert [(one["level"], one["count"], one["share"]) for one in found["levels"]] == [
        (3, 1, 12.5),
        (2, 3, 37.5),
        (1, 4, 50),
    ]


async def test_of_another_phase_nothing_was_reported(reading: Client) -> None:
    found = await get(reading, "resources", plan=PLAN, phase=FIRST)
    assert (found["by_area"], found["totals"], found["markers"]) == ([], [], [])


@pytest.mark.parametrize(
    ("given", "codes"),
    [
        ({}, ["remedy-fell-1", "outreach"]),
        ({"kind": "remedial"}, ["remedy-fell-1"]),
        ({"open": "true"}, ["remedy-fell-1"]),
        ({"kind": "accelerating", "open": "true"}, []),
    ],
)
async def test_actions_are_listed_by_kind_and_whether_they_are_open(
    reading: Client, given: dict[str, str], codes: list[str]
) -> None:
    found = await get(reading, "actions", plan=PLAN, **given)
    assert [one["code"] for one in found["items"]] == codes
    assert found["total"] == len(codes)


async def test_a_remedial_action_says_who_by_when_with_what_and_for_which_target(reading: Client) -> None:
    (found,) = (await get(reading, "actions", plan=PLAN, kind="remedial"))["items"]
    assert (found["due"], found["resources"], found["responsible_roles"]) == (
        "2021-06-30",
        "two months of work",
        ["Chief, HRD"],
    )
    assert found["responsible"] == [{"unit": "HRD", "name": "People"}]
    assert found["serves"] == [{"code": "fell", "title": "Indicator fell"}]
    assert found["opened_by"] == f"{PLAN}/fell/{FIRST}/global"


async def fell(client: Client) -> Any:
    return await get(client, "indicators/fell", plan=PLAN)


async def test_the_history_of_a_card_marks_the_regression_with_what_was_before_and_its_action(reading: Client) -> None:
    found = (await fell(reading))["history"]
    assert [one["event"].removeprefix("indicators.") for one in found] == [
        "result-recorded.v1",
        "result-recorded.v1",
        "status-regressed.v1",
        "result-accepted.v1",
        "result-reopened.v1",
    ]
    marked = [one for one in found if one.get("regressed")]
    assert [(one["before"], one["before_phase"], one["action"]) for one in marked] == [
        ("on_track", FIRST, "remedy-fell-1")
    ]


async def test_a_card_says_what_the_indicator_is_who_kept_it_when_and_what_it_may_be_compared_with(
    reading: Client,
) -> None:
    found = await fell(reading)
    assert (found["definition"], found["baseline_said"]) == ("Women among a hundred people", "28 per cent (2017)")
    assert [(one["name"], one["since"], one["until"]) for one in found["custodianships"]] == [
        ("Finance", None, "2018-12-31"),
        ("People", "2019-01-01", None),
    ]
    assert found["aligned_with"] == [{"plan": "another-plan", "code": "share", "title": None}]
    assert found["predecessor"] == {
        "plan": PLAN,
        "code": "share",
        "title": "Indicator share",
        "comparable": False,
        "comparability": "Counted otherwise before",
    }


async def test_a_card_shows_the_breakdown_the_evidence_and_that_a_document_was_withdrawn(reading: Client) -> None:
    found = await fell(reading)
    (state,) = found["state"]
    assert state["result"]["breakdown"] == [{"dimension": "sex", "category": "women", "value": 30}]
    assert state["result"]["evidence"] == [{"title": "The report", "document": "report"}]
    assert [(one["code"], one["withdrawn"], one["reason"]) for one in found["documents"]] == [("report", True, "wrong")]


async def test_why_names_the_unit_of_every_figure(reading: Client) -> None:
    (found,) = (await fell(reading))["why"]
    assert found["because"] == (
        "The result of 2020-12-31 is 30 per cent (30 of 100); the target is at least 35 per cent; "
        "so the status is not on track."
    )


async def test_a_regression_is_told_as_one_even_where_more_was_stated_of_the_target_at_once(reading: Client) -> None:
    found = [
        one
        for one in (await get(reading, "changes", view="status", limit=200))["items"]
        if one.get("indicator") == "fell" and "status" in one
    ]
    (told,) = [one for one in found if one.get("regressed")]
    assert (told["before"], told["before_phase"], told["status"]) == ("on_track", FIRST, "not_on_track")
    assert (told["action"], told["key"]) == ("remedy-fell-1", f"{PLAN}/fell/{FIRST}/global/regressed")
    assert [one["status"] for one in found] == ["not_on_track"] * len(found)


async def test_changes_of_one_plan_are_told_without_those_of_others(client: Client) -> None:
    for code in ("one", "two"):
        stated = envelope(recorded("share", "met", result(50), in_plan=code), result_key("share", in_plan=code), 1, 1)
        await tell(client, stated)
    found = await get(client, "changes", view="status,indicators", plan="one")
    assert {one["key"].partition("/")[0] for one in found["items"]} == {"one"}
    assert len(found["items"]) == 2
    everything = await get(client, "changes", view="status")
    assert {one["plan"] for one in everything["items"]} == {"one", "two"}
