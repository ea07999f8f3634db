"""Over random staffs and histories, an attacker who knows all that is published narrows nothing withheld to less than k.

Each case is fifty staffs, or ten histories, so that several workers share them. The mutants show that the attacker would see a leak.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import pytest
from tests.hr_diversity.attacker.histories import History, a_history
from tests.hr_diversity.attacker.pairs import attack_pair
from tests.hr_diversity.attacker.release import Known, Leak, attack
from tests.hr_diversity.attacker.workforces import Person, cubes_of, known_of, staff, states_of, truth_of

from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.ladder import LEVELS
from hr_diversity.rules.releases import Release, Restless, restless
from hr_diversity.rules.suppression import network, tables
from hr_diversity.service.releases import draw

K = 5
STAFFS, AT_ONCE = 500, 50
HISTORIES, TOGETHER = 60, 6


def leaks_of(people: Sequence[Person], seed: int = 0, *, drawn_for: int = K) -> list[Leak]:
    """Half of the attackers know the staffing table: which grades each contract source pays."""
    states = states_of(draw(cubes_of(people), drawn_for))
    return attack(states, known_of(people, posts=bool(seed % 2)), K, truth_of(people))


def some_history(seed: int, **how: Any) -> History:
    """Of few people or many."""
    return a_history(random.Random(seed), K, most=8000 if seed % 2 else 800, **how)


def leaks_in(history: History) -> list[Leak]:
    found = [leak for one, other in combinations(history.out, 2) for leak in attack_pair(one, other, K)]
    for one in history.out[1:]:
        people = list(one.staff.values())
        found += attack(one.states, known_of(people), K, truth_of(people))
    return found


@pytest.mark.parametrize("first", range(0, STAFFS, AT_ONCE))
def test_nothing_withheld_of_a_release_is_known_to_less_than_k(first: int) -> None:
    found = {seed: leaks_of(staff(random.Random(seed)), seed) for seed in range(first, first + AT_ONCE)}
    assert {seed: list(map(str, leaks)) for seed, leaks in found.items() if leaks} == {}


@pytest.mark.parametrize("first", range(0, HISTORIES, TOGETHER))
def test_releases_set_against_each_other_show_no_moves_of_few_people(first: int) -> None:
    found = {seed: leaks_in(some_history(seed)) for seed in range(first, first + TOGETHER)}
    assert {seed: list(map(str, leaks)) for seed, leaks in found.items() if leaks} == {}


def test_most_of_a_random_history_is_released_and_shown() -> None:
    """Else there is nothing to attack."""
    histories = [some_history(seed) for seed in range(10)]
    lines = [cell for history in histories for one in history.out for state in one.states for cell in state["cells"]]
    assert sum(len(history.out) for history in histories) > 20
    assert sum(cell["women"] is not None for cell in lines) > len(lines) / 3


def test_the_same_staff_released_again_withholds_the_same() -> None:
    history = a_history(random.Random(1), K, snapshots=1)
    history.push(dict(history.out[0].staff))
    assert [one.states for one in history.out[1:]] == [history.out[0].states]


def test_the_attacker_knows_every_measure_of_the_catalogue_and_works_from_what_the_api_shows() -> None:
    people = staff(random.Random(4))
    states = states_of(draw(cubes_of(people), K))
    assert {state["code"] for state in states} == set(CATALOGUE)
    as_json = [{**state, "share": state["share"] and float(state["share"])} for state in states]
    assert attack(as_json, Known(), K) == []


# Mutants


def no_complements(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tables, "protect", lambda *_: None)


def no_rest_row(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tables, "rows_of", lambda _: {level: level for level in LEVELS})


def all_given_back(patch: pytest.MonkeyPatch) -> None:
    def give_back(of: network.Network, added: set[int], *_: Any) -> None:
        for at in added:
            of.show(at)

    patch.setattr(network, "_give_back", give_back)


def nobody_present(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(network.Network, "floor", lambda *_: 0)


def stuck_is_fine(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(tables, "protect", lambda *told: network.protect(*told) and None)


MUTANTS = {no_complements: 0, no_rest_row: 100, all_given_back: 0, nobody_present: 0, stuck_is_fine: 0}
"""And from which staff on they are looked for, which is quicker where few staffs show them."""


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mutant_is_caught(mutant: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch) -> None:
    mutant(monkeypatch)
    first = MUTANTS[mutant]
    assert any(leaks_of(staff(random.Random(seed)), seed) for seed in range(first, first + AT_ONCE))


def test_a_threshold_that_is_off_by_one_is_caught() -> None:
    assert any(leaks_of(staff(random.Random(seed)), seed, drawn_for=K - 1) for seed in range(AT_ONCE))


def moves_ignored(_: Sequence[tuple[Release, Mapping[Any, Any]]], __: int) -> Restless:
    return Restless()


def unprinted_ignored(pairs: Sequence[tuple[Release, Mapping[Any, Any]]], k: int) -> Restless:
    found = restless(pairs, k)
    return Restless(
        *(frozenset(line for line in lines if line[0] in CATALOGUE) for lines in (found.closed, found.partly)),
        covering=found.covering,
    )


@pytest.mark.parametrize(("weigh", "first"), [(moves_ignored, 0), (unprinted_ignored, 70)])
def test_a_history_whose_moves_are_ignored_is_caught(weigh: Any, first: int) -> None:
    seeds = range(first, first + AT_ONCE)
    assert any(leaks_in(a_history(random.Random(seed), K, snapshots=4, weigh=weigh)) for seed in seeds)
