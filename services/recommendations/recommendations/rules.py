"""What follows from what about a recommendation: pure functions, no database, no clock, no framework.

A rule that can be broken gives the first `Fault`, or None; who asks makes an error of it.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from shared.events.recommendations import Answer, FollowUpState, RecommendationStatus

APGE_CUSTODIANS = "APGE-CUSTODIANS"
"""Stands for every unit that is custodian of an indicator at the moment."""
ALL_DEPARTMENTS = "ALL-DEPARTMENTS"
"""Stands for every unit of the kind department."""


class Fault(NamedTuple):
    pointer: str
    value: object
    detail: str


def status_of(answer: Answer | None, follow_up: Collection[FollowUpState]) -> RecommendationStatus:
    """Where a recommendation stands, by its response and by the states of all its follow-up actions.

    Completed takes at least one action, and none that is open; in progress is what has begun but is not completed.
    """
    if answer is None:
        return "awaiting_response"
    if answer == "rejected":
        return "rejected"
    if follow_up and not any(is_open(state) for state in follow_up):
        return "completed"
    return "in_progress" if {"initiated", "completed"} & set(follow_up) else "not_started"


def is_open(state: FollowUpState) -> bool:
    return state in {"not_initiated", "initiated"}


def is_overdue(state: FollowUpState, due: date, today: date) -> bool:
    """An open action is late from the day after the one it is due on."""
    return is_open(state) and due < today


def fault_of_response(answer: Answer, reason: str | None, given_on: date, today: date) -> Fault | None:
    if answer != "accepted" and reason is None:
        return Fault("#/reason", reason, f"a reason is needed where the answer is {answer}")
    if given_on > today:
        return Fault("#/given_on", given_on, f"a response is given today ({today}) at the latest")
    return None


def fault_of_follow_up(state: FollowUpState, note: str | None, evidence: Sequence[object]) -> Fault | None:
    if state == "no_longer_applicable" and note is None:
        return Fault("#/note", note, "a note says why the action is no longer applicable")
    if state == "completed" and note is None and not evidence:
        return Fault("#/note", note, "a completed action needs evidence, or a note that says what was done")
    return None


def fault_of_sub_actions(tree: Sequence[tuple[int, int | None]]) -> Fault | None:
    """`tree` is (number, parent): numbers are used once, and a parent stands before its parts."""
    seen: set[int] = set()
    for place, (number, parent) in enumerate(tree):
        if number in seen:
            return Fault(f"#/sub_actions/{place}/number", number, "two sub-actions have this number")
        if parent is not None and parent not in seen:
            return Fault(f"#/sub_actions/{place}/parent", parent, "no sub-action before this one has this number")
        seen.add(number)
    return None


def fault_of_dependencies(number: int, depends_on: Sequence[int], known: Collection[int]) -> Fault | None:
    """`known` are the recommendations that the same evaluation has."""
    for place, other in enumerate(depends_on):
        if other == number:
            return Fault(f"#/depends_on/{place}", other, "a recommendation does not depend on itself")
        if other not in known:
            return Fault(f"#/depends_on/{place}", other, "the evaluation has no recommendation of this number yet")
    return None
