"""The attack on the flow accounts of a pair of snapshots: all that is shown of them, the stocks, and what holds for any staff.

It knows of each part of the staff (regular budget, other funding) that every line adds up, that nobody leaves who was not there, that
promotions out of all grades are promotions into all grades, and that a transfer from one part is one to the other.
"""

from collections.abc import Collection, Mapping

from tests.hr_diversity.attacker.programme import Interval, Programme

from hr_diversity.rules.flow_suppression import ALL, Stocks, shows_residual
from hr_diversity.rules.flows import IN, MOVES, OUT, REGULAR, REST, RESTATED, WHOLE, Account, stay_of, total_of
from hr_diversity.rules.suppression.lines import is_small

Cell = tuple[str, str, int]
PARTS = (REGULAR, REST)
SEXES = (0, 1, 2)
TRANSFERS = ("transfers_in", "transfers_out")


def programme_of(
    found: Mapping[str, Account], stocks: Stocks, gone: Collection[Cell], k: int, regular_only: Collection[str]
) -> Programme:
    programme = Programme()
    for part in PARTS:
        for grade in found[part]:
            for sex in SEXES:
                _add_line(programme, part, grade, sex)
            for one in (
                {(part, t, grade, sex): sign for sex in SEXES for t, sign in zip(RESTATED, (1, -1), strict=True)},
            ):
                _know(programme, one, 0)
        for sex in SEXES:
            for kind in ("promotions", "other_grade_changes"):
                into = {(part, f"{kind}_in", grade, sex): 1 for grade in found[part]}
                _know(programme, into | {(part, f"{kind}_out", grade, sex): -1 for grade in found[part]}, 0)
    for grade in found[WHOLE]:
        for sex in SEXES:
            for one, other in (TRANSFERS, TRANSFERS[::-1]):
                both = {(REGULAR, one, grade, sex): 1, (REST, other, grade, sex): -1}
                _know(programme, {name: factor for name, factor in both.items() if name[2] in found[name[0]]}, 0)
    _add_shown(programme, found, gone, k, regular_only)
    _add_stocks(programme, found, stocks)
    return programme


def _add_line(programme: Programme, part: str, grade: str, sex: int) -> None:
    def named(term: str) -> tuple[str, str, str, int]:
        return part, term, grade, sex

    late_out, early_in = (("transfers_out",), ("transfers_in",)) if part == REST else ((), ())
    out = {named(term): -1 for term in (*(set(OUT) - set(late_out)), "restated_out", "stay")}
    _know(programme, {named("before"): 1, named("restated_in"): 1, **out, **{named(term): 1 for term in early_in}}, 0)
    came = {named(term): 1 for term in set(IN) - set(early_in)}
    _know(programme, {named("stay"): 1, **came, named("after"): -1, **{named(term): -1 for term in late_out}}, 0)
    stayed = {programme.unknown(named("stay")): 1.0, **{programme.unknown(named(term)): -1.0 for term in MOVES}}
    programme.add(stayed, 0, 1e6)


def _add_shown(
    programme: Programme, found: Mapping[str, Account], gone: Collection[Cell], k: int, regular_only: Collection[str]
) -> None:
    terms = [term for term in (*IN, *OUT, *MOVES) if term not in TRANSFERS]
    for grade in found[WHOLE]:
        of, parts = (REGULAR, (REGULAR,)) if grade in regular_only else (WHOLE, PARTS)
        if grade not in found[of]:
            continue
        line, here = found[of][grade], [part for part in parts if grade in found[part]]
        for sex in SEXES:
            for term in terms:
                if (term, grade, sex) not in gone:
                    _know(programme, sum_of(found, (term, grade, sex), parts), line.terms[term][sex])
            if all(shows_residual(found[part][grade], k) for part in here):
                both = {(part, t, grade, sex): s for part in here for t, s in zip(RESTATED, (1, -1), strict=True)}
                _know(programme, both, line.residual[sex])
    _add_sums(programme, found, gone)


def _add_sums(programme: Programme, found: Mapping[str, Account], gone: Collection[Cell]) -> None:
    for population, parts in ((WHOLE, PARTS), (REGULAR, (REGULAR,))):
        total = total_of(found[population])
        for term in (*IN, *OUT, *MOVES):
            for sex in SEXES:
                same = term.replace("_out", "_in") if not term.startswith("transfers") else term
                if (same, ALL, sex) not in gone and (population == REGULAR or term not in TRANSFERS):
                    every = {(part, term, grade, sex): 1 for part in parts for grade in found[part]}
                    _know(programme, every, total.terms[term][sex])


def _add_stocks(programme: Programme, found: Mapping[str, Account], stocks: Stocks) -> None:
    """What is shown of them and of their sums."""
    for when, shown in (("before", stocks.before), ("after", stocks.after)):
        for population, parts in ((WHOLE, PARTS), (REGULAR, (REGULAR,))):
            for sex in SEXES:
                for grade, line in {**found[population], ALL: total_of(found[population])}.items():
                    if (population, grade, sex) in shown:
                        here = sum_of(found, (when, grade, sex), parts)
                        _know(programme, here, getattr(line, when)[sex])


def _know(programme: Programme, factors: Mapping[tuple[str, str, str, int], int], value: int) -> None:
    programme.add({programme.unknown(name): float(factor) for name, factor in factors.items()}, value, value)


def sum_of(
    found: Mapping[str, Account], cell: Cell, parts: Collection[str] = PARTS
) -> dict[tuple[str, str, str, int], int]:
    term, grade, sex = cell
    grades = {
        part: list(found[part]) if grade == ALL else [grade] for part in parts if grade == ALL or grade in found[part]
    }
    return {(part, term, one, sex): 1 for part, of in grades.items() for one in of}


def narrowed(
    found: Mapping[str, Account], stocks: Stocks, gone: Collection[Cell], k: int, regular_only: Collection[str] = ()
) -> dict[Cell, Interval]:
    """The withheld terms of somebody, and the few who stayed or were stated anew, that are known to less than `k`."""
    programme = programme_of(found, stocks, gone, k, regular_only)
    cells: dict[Cell, dict[tuple[str, str, str, int], int]] = {}
    for cell in gone:
        if cell[0] not in TRANSFERS:
            cells[cell] = sum_of(found, cell, (REGULAR,) if cell[1] in regular_only else PARTS)
        if cell[1] == ALL:
            cells[f"{REGULAR} {cell[0]}", ALL, cell[2]] = sum_of(found, cell, (REGULAR,))
    for grade in found[WHOLE]:
        of, parts = (REGULAR, (REGULAR,)) if grade in regular_only else (WHOLE, PARTS)
        for sex in SEXES if grade in found[of] else ():
            line = found[of][grade]
            if is_small(stay_of(line, of)[sex], k) and all(
                (of, grade, sex) in to for to in (stocks.before, stocks.after)
            ):
                cells["stay", grade, sex] = sum_of(found, ("stay", grade, sex), parts)
            for term in RESTATED:
                if is_small(line.terms[term][sex], k):
                    cells[term, grade, sex] = sum_of(found, (term, grade, sex), parts)
    counted = {cell: names for cell, names in cells.items() if sum(_count(found, name) for name in names)}
    sums = {cell: {programme.unknown(name): 1.0 for name in names} for cell, names in counted.items()}
    return {cell: interval for cell, interval in programme.intervals(sums, k).items() if isinstance(cell, tuple)}


def _count(found: Mapping[str, Account], name: tuple[str, str, str, int]) -> int:
    part, term, grade, sex = name
    line = found[part][grade]
    return stay_of(line, part)[sex] if term == "stay" else line.terms[term][sex]
