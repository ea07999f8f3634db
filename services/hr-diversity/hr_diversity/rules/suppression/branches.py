"""Places, units and ages as networks whose rows are levels."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from hr_diversity.measures.ladder import SENIOR_OTHER, SENIOR_REGULAR
from hr_diversity.rules.suppression.lines import Counts, add
from hr_diversity.rules.suppression.network import Edge, Line, Name

MARGIN, REGULAR = 3, 2
"""Weights: of senior posts in a place, those on the regular budget are the plan's indicator, and are withheld after all of them."""
SENIOR_LEVELS = frozenset({SENIOR_REGULAR, SENIOR_OTHER})
REST = "rest"


@dataclass(frozen=True, slots=True)
class Branch:
    """People by (level, value) of one dimension, and by (value, part), where parts are of a finer dimension.

    `dimension` and `finer` are the last words of the measures' codes.
    """

    dimension: str
    cells: Mapping[tuple[str, str], Counts]
    finer: str | None = None
    parts: Mapping[tuple[str, str], Counts] = field(default_factory=dict)

def branch_network(branch: Branch, hidden: Collection[str]) -> tuple[list[Edge], dict[Line, Name | None]]:
    """The edges, and which edge each printed line is; None: it is withheld with its level.

    The levels that are `hidden` are one row, which is not printed.
    """
    hides_senior = bool(SENIOR_LEVELS & set(hidden))
    names = dict[Line, Name | None]()
    sums: dict[tuple[str, ...], list[Counts]] = defaultdict(list)
    for (level, value), counts in branch.cells.items():
        row = REST if level in hidden else level
        sums["row", row].append(counts)
        sums["value", value].append(counts)
        sums["cell", row, value].append(counts)
        if level in SENIOR_LEVELS and not hides_senior:
            sums["senior", value].append(counts)
        for line in _lines(branch.dimension, level, value):
            whole = level in SENIOR_LEVELS and line[1] != value
            name = ("senior", value) if whole else ("cell", level, value)
            names[line] = None if (hides_senior if whole else row == REST) else name
        names[f"staff-by-{branch.dimension}", value] = "value", value
    finer = branch.finer is not None
    edges = [_edge(name, add(parts), hides_senior=hides_senior, finer=finer) for name, parts in sums.items()]
    for edge, line in _parts(branch):
        edges.append(edge)
        if line is not None:
            names[line] = edge.name
    return edges, names


def _parts(branch: Branch) -> Iterator[tuple[Edge, Line | None]]:
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
                yield Edge(("pair", value, part), ("parts", value), ("part", part), counts, printed=False), None
        tail = ("part", part) if several else ("parts", into[0])
        whole = add(branch.parts[value, part] for value in into)
        yield Edge(("part", part), tail, "all", whole), (f"staff-by-{branch.finer}", part)


def _lines(dimension: str, level: str, value: str) -> list[Line]:
    """The printed lines that a cell is, or is a part of."""
    by = f"staff-by-category-and-{dimension}"
    if level not in SENIOR_LEVELS:
        return [(by, f"{level}/{value}")]
    own = [(f"women-p5-plus-regular-budget-by-{dimension}", value)] if level == SENIOR_REGULAR else []
    return [(by, f"senior/{value}"), *own]


def _edge(name: tuple[str, ...], counts: Counts, *, hides_senior: bool, finer: bool) -> Edge:
    kind, row, *rest = name
    if kind == "row":  # known from the posts, so it cannot be withheld here
        return Edge(name, "all", name, counts, weight=None)
    if kind == "value":
        return Edge(name, name, ("parts", row) if finer else "all", counts, weight=MARGIN)
    if kind == "senior":
        return Edge(name, ("seniors", row), ("value", row), counts)
    [value] = rest
    head = ("seniors", value) if row in SENIOR_LEVELS and not hides_senior else ("value", value)
    printed = row not in {REST, SENIOR_OTHER}
    return Edge(name, ("row", row), head, counts, printed=printed, weight=REGULAR if row == SENIOR_REGULAR else 1)

