"""The checker itself: a history in which all is well passes, and each planted violation is named."""

from collections.abc import Callable

import pytest
from tests.faults.history import Evidence, History, Logged, check, violations

pytestmark = pytest.mark.faults

A, B = "result/plan/indicator/2020-21/global", "result/plan/indicator/2020-21/region:africa"


def recorded() -> History:
    """a1, a2, a3 of A one after the other, a2 at the second try; b1 of B never answered; b2 of B refused."""
    history = History()
    for key, aggregate, number in (("a1", A, 1), ("a2", A, 2), ("a3", A, 3)):
        if key == "a2":
            history.complete(history.invoke(key, aggregate), "unknown")
        history.complete(history.invoke(key, aggregate), "acknowledged", number)
    history.complete(history.invoke("b1", B), "unknown")
    history.complete(history.invoke("b2", B), "refused")
    return history


def sides(unanswered: bool = True) -> Evidence:
    """What the sides hold where all is well; whether the change that was never answered took effect is open."""
    effects = {A: [(1, "a1"), (2, "a2"), (3, "a3")]} | ({B: [(1, "b1")]} if unanswered else {})
    log = [Logged(aggregate, n, f"id-{key}", n, key) for aggregate, entries in effects.items() for n, key in entries]
    log.insert(2, log[0])  # said again: that is no violation
    heads = {aggregate: (len(entries), "digest") for aggregate, entries in effects.items()}
    shown = {aggregate: f"met by result {len(entries)}" for aggregate, entries in effects.items()}
    copy = {aggregate: [*entries] for aggregate, entries in effects.items()}
    return Evidence(effects, copy, log, {**heads}, {**heads}, {**shown}, {**shown})


@pytest.mark.parametrize("unanswered", [True, False])
def test_a_history_in_which_all_is_well_passes(unanswered: bool) -> None:
    check(recorded(), sides(unanswered))


def drop_at_source(e: Evidence) -> None:
    e.source[A] = [(1, "a1"), (2, "a3")]


def drop_on_bus(e: Evidence) -> None:
    e.log = [entry for entry in e.log if entry.key != "a3"]


def drop_in_view(e: Evidence) -> None:
    del e.view[A][2]


def lose_unanswered_on_the_way(e: Evidence) -> None:
    del e.view[B]


def double_at_source(e: Evidence) -> None:
    e.source[A].append((4, "a2"))


def double_on_bus(e: Evidence) -> None:
    e.log = [*e.log, Logged(A, 4, "id-again", 4, "a2")]


def double_in_view(e: Evidence) -> None:
    e.view[A].append((4, "a3"))


def swap_at_source(e: Evidence) -> None:
    e.source[A] = [(1, "a1"), (2, "a3"), (3, "a2")]


def swap_unnumbered(e: Evidence) -> None:
    """b1 is asked for after a3 was acknowledged, and stands before it."""
    for side in (e.source, e.view):
        del side[B]
        side[A] = [(1, "a1"), (2, "a2"), (3, "b1"), (4, "a3")]


def swap_in_view(e: Evidence) -> None:
    e.view[A].reverse()


def swap_on_bus(e: Evidence) -> None:
    first, second, *rest = [entry for entry in e.log if entry.aggregate == A]
    e.log = [second, first, *rest]


def send_client_back(e: Evidence) -> None:
    e.watched_backwards = 1


def nobody_asked_at_source(e: Evidence) -> None:
    e.source[A].append((4, "a4"))


def refused_and_yet_in_view(e: Evidence) -> None:
    e.view[B].append((2, "b2"))


def event_without_change(e: Evidence) -> None:
    e.log = [*e.log, Logged(A, 4, "id-4")]


def event_of_unanswered_only(e: Evidence) -> None:
    del e.source[B]


def aggregate_only_in_view(e: Evidence) -> None:
    e.view_heads["unit/GHOST"] = (1, "digest")


def jump_on_bus(e: Evidence) -> None:
    e.log = [entry for entry in e.log if (entry.aggregate, entry.sequence) != (A, 2)]


def two_contents(e: Evidence) -> None:
    e.log = [*e.log, Logged(A, 2, "id-other", 2, "a2")]


def view_behind(e: Evidence) -> None:
    e.view_heads[A] = (2, "digest")


def view_without(e: Evidence) -> None:
    del e.view_heads[A]


def view_differs(e: Evidence) -> None:
    e.view_heads[A] = (3, "another digest")


def client_behind(e: Evidence) -> None:
    e.watched[A] = "not_met by result 2"


def client_without(e: Evidence) -> None:
    del e.watched[B]


PLANTED: list[tuple[str, Callable[[Evidence], None]]] = [
    ("lost", drop_at_source),
    ("lost", drop_on_bus),
    ("lost", drop_in_view),
    ("lost", lose_unanswered_on_the_way),
    ("doubled", double_at_source),
    ("doubled", double_on_bus),
    ("doubled", double_in_view),
    ("reordered", swap_at_source),
    ("reordered", swap_unnumbered),
    ("reordered", swap_in_view),
    ("gap", swap_on_bus),
    ("reordered", send_client_back),
    ("ghost", nobody_asked_at_source),
    ("ghost", refused_and_yet_in_view),
    ("ghost", event_without_change),
    ("ghost", event_of_unanswered_only),
    ("ghost", aggregate_only_in_view),
    ("gap", jump_on_bus),
    ("forked", two_contents),
    ("stale view", view_behind),
    ("stale view", view_without),
    ("stale view", view_differs),
    ("stale client", client_behind),
    ("stale client", client_without),
]


@pytest.mark.parametrize(("kind", "plant"), PLANTED, ids=[plant.__name__ for _, plant in PLANTED])
def test_each_planted_violation_is_named(kind: str, plant: Callable[[Evidence], None]) -> None:
    evidence = sides()
    plant(evidence)
    found = violations(recorded(), evidence)
    assert kind in {one.kind for one in found}, found
    with pytest.raises(AssertionError, match=kind):
        check(recorded(), evidence)
