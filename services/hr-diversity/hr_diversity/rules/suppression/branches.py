"""Places, units and ages as networks whose rows are levels."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from hr_diversity.measures.ladder import SENIOR_OTHER, SENIOR_REGULAR
from hr_diversity.rules.suppression.lines import Counts, add
from hr_diversity.rules.suppression.network import Edge, Line, Name, Table
from hr_diversity.rules.suppression.posts import REST, SENIOR_ON_REGULAR, SENIORS

MARGIN, REGULAR = 3, 2
"""Weights: of senior posts in a place, those on the regular budget are the plan's indicator, and are withheld after all of them."""
SENIOR_LEVELS = frozenset({SENIOR_REGULAR, SENIOR_OTHER})


@dataclass(frozen=True, slots=True)
class Branch:
    """People by (level, value) of one dimension, and by (value, part), where parts are of a finer dimension.

    `dimension` and `finer` are the last words of the measures' codes.
    """

    dimension: str
    cells: Mapping[tuple[str, str], Counts]
    finer: str | None = None
    parts: Mapping[tuple[str, str], Counts] = field(default_factory=dict)


def branch_network(branch: Branch, row_of: Mapping[str, str], *, knows_rest: bool = True) -> Table:
    """People by level, value and part. A line is withheld with its level where that has no row of its own.

    `row_of`: see `posts.rows_of`. Levels that are the rest are one row, which is not printed; where the number of
    the whole staff is withheld too, its sum has to be hidden here as well.
    """
    names = dict[Line, Name | None]()
    sums: dict[tuple[str, ...], list[Counts]] = defaultdict(list)
    rest: dict[str, set[str]] = defaultdict(set)
    for (level, value), counts in branch.cells.items():
        row = row_of[level]
        for name in (("row", row), ("value", value), ("cell", row, value)):
            sums[name].append(counts)
        if row == REST:
            rest[value].add("senior" if level in SENIOR_LEVELS else level)
        if _has_own_rows(row_of) and level in SENIOR_LEVELS:
            sums["senior", value].append(counts)
        names |= _names(branch.dimension, level, value, row_of)
        names[f"staff-by-{branch.dimension}", value] = "value", value
    edges = [_edge(name, add(of), branch, row_of, len(of)) for name, of in sums.items() if name[:2] != ("cell", REST)]
    edges += [_rest(value, add(sums["cell", REST, value]), len(levels)) for value, levels in rest.items()]
    if not knows_rest:
        edges = [_unknown(edge) if edge.name == ("row", REST) else edge for edge in edges]
    table = Table(edges, names, {})
    for level, value in branch.cells:
        if level == row_of[level] == SENIOR_OTHER:
            table.unprinted[f"level/{branch.dimension}", f"{level}/{value}"] = "cell", level, value
    for edge, line in _parts(branch):
        edges.append(edge)
        (table.names if edge.printed else table.unprinted)[line] = edge.name
    return table


def _has_own_rows(row_of: Mapping[str, str]) -> bool:
    return all(row_of[level] == level for level in SENIOR_LEVELS)


def _names(dimension: str, level: str, value: str, row_of: Mapping[str, str]) -> dict[Line, Name | None]:
    """The printed lines that a cell is, or is a part of."""
    by, row = f"staff-by-category-and-{dimension}", row_of[level]
    own = ("cell", row, value) if row == level else None
    if level not in SENIOR_LEVELS:
        return {(by, f"{level}/{value}"): own}
    whole: Name | None = ("senior", value) if _has_own_rows(row_of) else None
    if row == SENIORS:
        whole = "cell", SENIORS, value
    found: dict[Line, Name | None] = {(by, f"senior/{value}"): whole}
    if level == SENIOR_REGULAR:
        found[f"women-p5-plus-regular-budget-by-{dimension}", value] = own
    return found


def _edge(name: tuple[str, ...], counts: Counts, branch: Branch, row_of: Mapping[str, str], lines: int) -> Edge:
    kind, row, *rest = name
    if kind == "row":  # known from the posts, so it cannot be withheld here
        return Edge(name, "all", name, counts, weight=None)
    if kind == "value":
        return Edge(name, name, ("parts", row) if branch.finer else "all", counts, weight=MARGIN, lines=lines)
    if kind == "senior":
        return Edge(name, ("seniors", row), ("value", row), counts)
    [value] = rest
    head = ("seniors", value) if row in SENIOR_LEVELS and _has_own_rows(row_of) else ("value", value)
    weight = REGULAR if row == SENIOR_REGULAR else 1
    return Edge(name, ("row", row), head, counts, printed=row != SENIOR_OTHER, weight=weight)


def _rest(value: str, counts: Counts, lines: int) -> Edge:
    """People of withheld levels. Where they are of one level, or of one sex, their sum tells of a withheld line."""
    secret = lines == 1 or max(counts) == counts.total
    name = "cell", REST, value
    return Edge(name, ("row", REST), ("value", value), counts, printed=False, secret=secret, lines=lines)


def _unknown(row: Edge) -> Edge:
    return replace(row, printed=False, weight=1, secret=True)


def _parts(branch: Branch) -> Iterator[tuple[Edge, Line]]:
    """A part in one value is an edge. One in several is the sum of edges that no table prints, which anybody can work out where the
    other parts of a value are shown.
    """
    values: dict[str, list[str]] = defaultdict(list)
    for value, part in branch.parts:
        values[part].append(value)
    for part, into in values.items():
        several = len(into) > 1
        if several:
            for value in into:
                counts = branch.parts[value, part]
                yield (
                    Edge(("pair", value, part), ("parts", value), ("part", part), counts, printed=False),
                    (
                        f"{branch.dimension}/{branch.finer}",
                        f"{value}/{part}",
                    ),
                )
        tail = ("part", part) if several else ("parts", into[0])
        whole = add(branch.parts[value, part] for value in into)
        yield Edge(("part", part), tail, "all", whole), (f"staff-by-{branch.finer}", part)


def lines_of(branches: Iterable[Branch]) -> dict[Name, int]:
    """How many lines, each with somebody, an edge of the posts has in the branch that has most of them."""
    found: dict[Name, int] = {}
    for branch in branches:
        pairs: set[tuple[Name, str]] = set()
        for level, value in branch.cells:
            pairs.add((("category", "senior" if level in SENIOR_LEVELS else level), value))
            if level == SENIOR_REGULAR:
                pairs.add((SENIOR_ON_REGULAR, value))
        for name, lines in Counter(name for name, _ in pairs).items():
            found[name] = max(found.get(name, 0), lines)
    return found
