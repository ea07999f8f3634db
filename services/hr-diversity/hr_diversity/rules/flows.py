"""Flow accounts: how a staff came from one snapshot to the next, by grade and sex, whole numbers only. Pure.

    before + in - out + residual = after, for each grade, each sex and each population

in: appointments, promotions_in, other_grade_changes_in, transfers_in; out: separations, promotions_out, other_grade_changes_out,
transfers_out. What must not break: every person who came, left or changed grade or funding is in exactly one term of each grade concerned,
and the residual is what no term explains: people whose sex was stated anew. It is never put into another term.

Choices: sex is that of the later snapshot, of those who left that of the earlier; whoever is stated anew changes before anything else
happens, so in the grade before. Who changes funding is in no other term of the regular budget, which takes and gives people at the grade
that they have on it; the whole less the regular budget then has their promotions. A promotion is a move to a later grade of the ladder, from General
Service to National Officer or Professional too, as the UN's competitive examination "for promotion to the Professional category".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from hr_diversity.rules.suppression.lines import NOBODY, Counts

WHOLE, REGULAR, REST = "whole", "regular_budget", "other_funding"
"""Populations; any other is the contract source of that name. The rest is the whole less the regular budget: never shown as such, but
anybody can subtract.
"""

IN = ("appointments", "promotions_in", "other_grade_changes_in", "transfers_in")
OUT = ("separations", "promotions_out", "other_grade_changes_out", "transfers_out")
MOVES = ("moves",)
"""Within a line: to another unit or duty station in the same grade, or to another grade where a line is of several."""
MOBILE = ("promotions_out", "other_grade_changes_out", *MOVES)
DETAILS = ("lateral_moves", "duty_station_moves")
"""Parts of what is told already: in the same grade in another unit; in whatever grade at another duty station."""
RESTATED = ("restated_in", "restated_out")
TERMS = (*IN, *OUT, *MOVES, *DETAILS)


class Post(NamedTuple):
    """`sex` is WOMEN, MEN or OTHER."""

    sex: int
    grade: str
    funding: str


class Move(NamedTuple):
    """So many people came from one post to another; None: from outside, or to it."""

    before: Post | None
    after: Post | None
    other_unit: bool
    other_station: bool
    people: int


@dataclass(frozen=True, slots=True)
class Line:
    """A grade. `terms` has every one of TERMS and RESTATED."""

    before: Counts
    after: Counts
    terms: Mapping[str, Counts]

    @property
    def residual(self) -> Counts:
        """What no term explains: after - (before + in - out), which may be negative."""
        return Counts(
            *(
                self.after[sex]
                - self.before[sex]
                - sum(self.terms[t][sex] for t in IN)
                + sum(self.terms[t][sex] for t in OUT)
                for sex in range(3)
            )
        )


def stay_of(line: Line, population: str) -> Counts:
    """Who was on the grade and remained. In the rest people are promoted before they leave for the regular budget, so pass through."""
    came = tuple(term for term in IN if term != "transfers_in") if population == REST else IN
    passed = line.terms["transfers_out"] if population == REST else NOBODY
    return Counts(*(line.after[sex] + passed[sex] - sum(line.terms[term][sex] for term in came) for sex in range(3)))


Account = Mapping[str, Line]
"""By grade."""


def accounts(
    moves: Iterable[Move],
    after: Mapping[Post, int],
    grades: Iterable[str],
    populations: Iterable[str] = (WHOLE, REGULAR, REST),
    joined: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, dict[str, Line]]:
    """The accounts of these populations, of the grades that have a stock or a flow, in the order of `grades`, which is the ladder.
    `joined`: by which name grades are one line together.

    `after` is the stock of the later snapshot; `moves` are all people who differ in anything that is compared. The stock before follows
    from both, because nobody else changed.
    """
    populations = tuple(dict.fromkeys(populations))
    ladder = {grade: place for place, grade in enumerate(grades)}
    before = dict(after)
    counted: dict[tuple[str, str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for move in moves:
        if move.after is not None:
            before[move.after] = before.get(move.after, 0) - move.people
        if move.before is not None:
            before[move.before] = before.get(move.before, 0) + move.people
        for population in populations:
            for term, line, sex in _join(_terms(move, population, ladder), joined):
                counted[population, term, line][sex] += move.people
    order = {joined.get(grade, grade): place for grade, place in ladder.items()}
    stocks = {
        population: (_stock(before, population, joined), _stock(after, population, joined))
        for population in populations
    }
    return {population: _account(population, *stocks[population], counted, order) for population in populations}


def _account(
    population: str,
    first: Mapping[str, Counts],
    last: Mapping[str, Counts],
    counted: Mapping[tuple[str, str, str], Sequence[int]],
    order: Mapping[str, int],
) -> dict[str, Line]:
    there = {name for of, _, name in counted if of == population} | set(first) | set(last)
    return {
        name: Line(
            first.get(name, NOBODY),
            last.get(name, NOBODY),
            {term: Counts(*counted.get((population, term, name), NOBODY)) for term in (*TERMS, *RESTATED)},
        )
        for name in sorted(there, key=order.__getitem__)
    }


def _stock(people: Mapping[Post, int], population: str, joined: Mapping[str, str]) -> dict[str, Counts]:
    found: dict[str, list[int]] = {}
    for post, n in people.items():
        if n and _belongs(post, population):
            found.setdefault(joined.get(post.grade, post.grade), [0, 0, 0])[post.sex] += n
    return {name: Counts(*counts) for name, counts in found.items()}


def _join(terms: Sequence[tuple[str, str, int]], joined: Mapping[str, str]) -> list[tuple[str, str, int]]:
    """The terms by line. Who is promoted out of a line into the same one moves within it."""
    named = [(term, joined.get(grade, grade), sex) for term, grade, sex in terms]
    for kind in ("promotions", "other_grade_changes"):
        ends = [one for one in named if one[0] in (f"{kind}_out", f"{kind}_in")]
        if len({name for _, name, _ in ends}) == 1:
            [(_, name, sex), _] = ends
            return [one for one in named if one not in ends] + [("moves", name, sex)]
    return named


def _belongs(post: Post, population: str) -> bool:
    if population == REST:
        return post.funding != REGULAR
    return population in {WHOLE, post.funding}


def _terms(move: Move, population: str, ladder: Mapping[str, int]) -> list[tuple[str, str, int]]:
    """The terms, each with its grade and sex, in which the account of the population counts a person who moved so."""
    was, now = move.before, move.after
    if was is None or now is None:
        term, post = ("appointments", now) if was is None else ("separations", was)
        return [] if post is None or not _belongs(post, population) else [(term, post.grade, post.sex)]
    found = []
    before, after = _belongs(was, population), _belongs(now, population)
    if was.sex != now.sex and before:
        found += [("restated_in", was.grade, now.sex), ("restated_out", was.grade, was.sex)]
    if before == after:
        return found + _changes(move, was, now, ladder) if before else []
    if population != REST:
        return [*found, ("transfers_out", was.grade, now.sex) if before else ("transfers_in", now.grade, now.sex)]
    found.append(("transfers_out", now.grade, now.sex) if before else ("transfers_in", was.grade, now.sex))
    return found + _changes(move, was, now, ladder)


def _changes(move: Move, was: Post, now: Post, ladder: Mapping[str, int]) -> list[tuple[str, str, int]]:
    found = [("duty_station_moves", now.grade, now.sex)] if move.other_station else []
    if was.grade != now.grade:
        kind = "promotions" if ladder[now.grade] > ladder[was.grade] else "other_grade_changes"
        return [*found, (f"{kind}_out", was.grade, now.sex), (f"{kind}_in", now.grade, now.sex)]
    if move.other_unit:
        found.append(("lateral_moves", now.grade, now.sex))
    return [*found, ("moves", now.grade, now.sex)] if found else []


def total_of(account: Account) -> Line:
    """All grades of an account as one line."""
    lines = list(account.values())
    return Line(
        _add(line.before for line in lines),
        _add(line.after for line in lines),
        {term: _add(line.terms[term] for line in lines) for term in (*TERMS, *RESTATED)},
    )


def _add(counts: Iterable[Counts]) -> Counts:
    women, men, other = 0, 0, 0
    for one in counts:
        women, men, other = women + one.women, men + one.men, other + one.other
    return Counts(women, men, other)
