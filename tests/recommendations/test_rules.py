"""The rules, alone."""

from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommendations import rules

STATES = ["not_initiated", "initiated", "completed", "no_longer_applicable"]
DAY = date(2021, 9, 30)


@pytest.mark.parametrize(
    ("answer", "follow_up", "status"),
    [
        (None, [], "awaiting_response"),
        ("rejected", [], "rejected"),
        ("rejected", ["completed"], "rejected"),
        ("accepted", [], "not_started"),
        ("partially_accepted", [], "not_started"),
        ("accepted", ["not_initiated"], "not_started"),
        ("accepted", ["not_initiated", "no_longer_applicable"], "not_started"),
        ("accepted", ["initiated"], "in_progress"),
        ("accepted", ["completed", "not_initiated"], "in_progress"),
        ("accepted", ["completed", "initiated"], "in_progress"),
        ("accepted", ["completed"], "completed"),
        ("partially_accepted", ["completed", "no_longer_applicable"], "completed"),
        ("accepted", ["no_longer_applicable"], "completed"),
    ],
)
def test_a_status_follows_from_the_answer_and_the_actions(answer, follow_up, status):
    assert rules.status_of(answer, follow_up) == status


@given(st.lists(st.sampled_from(STATES), max_size=6))
def test_an_accepted_recommendation_is_completed_only_with_an_action_and_none_open(follow_up):
    closed = bool(follow_up) and not {"not_initiated", "initiated"} & set(follow_up)
    assert (rules.status_of("accepted", follow_up) == "completed") == closed


@given(st.permutations(["not_initiated", "initiated", "completed", "no_longer_applicable"]))
def test_the_order_of_actions_does_not_matter(follow_up):
    assert rules.status_of("accepted", follow_up) == "in_progress"


@pytest.mark.parametrize(
    ("due", "late"), [(date(2021, 9, 29), True), (date(2021, 9, 30), False), (date(2021, 10, 1), False)]
)
def test_an_action_is_not_overdue_on_the_day_it_is_due(due, late):
    assert rules.is_overdue("initiated", due, DAY) is late


@pytest.mark.parametrize("state", ["completed", "no_longer_applicable"])
def test_a_closed_action_is_never_overdue(state):
    assert rules.is_overdue(state, date(2000, 1, 1), DAY) is False


@pytest.mark.parametrize("answer", ["partially_accepted", "rejected"])
def test_an_answer_that_does_not_accept_in_full_needs_a_reason(answer):
    assert rules.fault_of_response(answer, None, DAY, DAY) == (
        "#/reason",
        None,
        f"a reason is needed where the answer is {answer}",
    )
    assert rules.fault_of_response(answer, "no funds", DAY, DAY) is None


def test_an_acceptance_needs_no_reason():
    assert rules.fault_of_response("accepted", None, DAY, DAY) is None


def test_a_response_is_not_given_tomorrow():
    fault = rules.fault_of_response("accepted", None, date(2021, 10, 1), DAY)
    assert (fault.pointer, fault.value) == ("#/given_on", date(2021, 10, 1))


@pytest.mark.parametrize(
    ("state", "note", "evidence"), list(product(STATES, [None, "because"], [[], [{"title": "The circular"}]]))
)
def test_closing_takes_what_shows_it(state, note, evidence):
    wanting = (state == "no_longer_applicable" and not note) or (state == "completed" and not note and not evidence)
    fault = rules.fault_of_follow_up(state, note, evidence)
    assert (fault is not None and fault.pointer == "#/note") == wanting


@pytest.mark.parametrize(
    ("tree", "pointer"),
    [
        ([(1, None), (2, 1), (3, 1)], None),
        ([(1, None), (1, None)], "#/sub_actions/1/number"),
        ([(1, 1)], "#/sub_actions/0/parent"),
        ([(1, 2), (2, None)], "#/sub_actions/0/parent"),
        ([(1, None), (2, 7)], "#/sub_actions/1/parent"),
    ],
)
def test_a_parent_stands_before_its_parts_and_a_number_once(tree, pointer):
    fault = rules.fault_of_sub_actions(tree)
    assert (fault and fault.pointer) == pointer


@pytest.mark.parametrize(
    ("depends_on", "pointer"), [([], None), ([1, 2], None), ([1, 3], "#/depends_on/1"), ([9], "#/depends_on/0")]
)
def test_a_recommendation_depends_on_others_that_are_there(depends_on, pointer):
    fault = rules.fault_of_dependencies(3, depends_on, {1, 2, 3})
    assert (fault and fault.pointer) == pointer
