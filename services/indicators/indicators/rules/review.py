"""From which state a result may go where: submitted -> accepted or sent back; accepted -> submitted by reopening.

What was sent back is answered by a new result, which supersedes it; nothing that was said is ever edited.
"""

from collections.abc import Collection
from typing import Literal

from indicators.rules.faults import Fault
from shared.events.results import Result, Review

Verdict = Literal["accept", "send_back", "reopen"]

STEPS: dict[Verdict, tuple[Review, Review]] = {
    "accept": ("submitted", "accepted"),
    "send_back": ("submitted", "sent_back"),
    "reopen": ("accepted", "submitted"),
}
"""(from, to)"""


def refusal(verdict: Verdict, number: int, review: Review, newer: int | None) -> str | None:
    """Why `verdict` is not to be had on a result in the state `review`, which the result `newer` supersedes; None where it is."""
    start, end = STEPS[verdict]
    if review != start:
        return f"result {number} is {said(review)}; only one that is {said(start)} becomes {said(end)}"
    if newer is not None:
        return (
            f"result {number} is {said(review)} and was superseded by result {newer}; that one can become {said(end)}"
        )
    return None


def said(review: Review) -> str:
    return review.replace("_", " ")


def superseded_by(results: Collection[Result], number: int) -> int | None:
    """The result that stands in for result `number`: the last later one of the same day that was not sent back."""
    day = next(result.as_of for result in results if result.number == number)
    later = [r.number for r in results if r.as_of == day and r.number > number and r.review != "sent_back"]
    return max(later, default=None)


def faults_of_superseding(of_day: Result | None, given: Result) -> list[Fault]:
    """What keeps `given` from standing in for `of_day`, what was said of the same day; a measure needs no comment."""
    if of_day is None or of_day.review != "accepted" or given.derived_from is not None or given.comment is not None:
        return []
    return [
        ("#/comment", None, f"result {of_day.number} of {of_day.as_of} is accepted; say why another stands in for it")
    ]
