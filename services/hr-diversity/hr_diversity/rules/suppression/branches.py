"""Places, units and ages as networks whose rows are levels."""

from collections import defaultdict
from collections.abc import Collection, Mapping
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

    @property
    def is_nested(self) -> bool:
        """Each part belongs to one value, so that values are sums of parts."""
        return self.finer is not None and len({part for _, part in self.parts}) == len(self.parts)


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
    edges = [
        _edge(name, add(parts), hides_senior=hides_senior, nested=branch.is_nested) for name, parts in sums.items()
    ]
    if branch.is_nested:
        for (value, part), counts in branch.parts.items():
            edges.append(Edge(("part", part), ("parts", value), "all", counts))
            names[f"staff-by-{branch.finer}", part] = "part", part
    return edges, names


def _lines(dimension: str, level: str, value: str) -> list[Line]:
    """The printed lines that a cell is, or is a part of."""
    by = f"staff-by-category-and-{dimension}"
    if level not in SENIOR_LEVELS:
        return [(by, f"{level}/{value}")]
    own = [(f"women-p5-plus-regular-budget-by-{dimension}", value)] if level == SENIOR_REGULAR else []
    return [(by, f"senior/{value}"), *own]


def _edge(name: tuple[str, ...], counts: Counts, *, hides_senior: bool, nested: bool) -> Edge:
    kind, row, *rest = name
    if kind == "row":  # known from the posts, so it cannot be withheld here
        return Edge(name, "all", name, counts, weight=None)
    if kind == "value":
        return Edge(name, name, ("parts", row) if nested else "all", counts, weight=MARGIN)
    if kind == "senior":
        return Edge(name, ("seniors", row), ("value", row), counts)
    [value] = rest
    head = ("seniors", value) if row in SENIOR_LEVELS and not hides_senior else ("value", value)
    printed = row not in {REST, SENIOR_OTHER}
    return Edge(name, ("row", row), head, counts, printed=printed, weight=REGULAR if row == SENIOR_REGULAR else 1)


def alone_network(branch: Branch) -> tuple[list[Edge], dict[Line, Name | None]]:
    """The finer table by itself, where its codes are in several values and no value is a sum of them."""
    sums: dict[tuple[str, str], list[Counts]] = defaultdict(list)
    for (_, part), counts in branch.parts.items():
        sums["part", part].append(counts)
    edges = [Edge(name, "start", "end", add(of)) for name, of in sums.items()]
    edges.append(Edge("known", "end", "start", add(branch.parts.values()), weight=None))
    return edges, {(f"staff-by-{branch.finer}", part): ("part", part) for _, part in sums}
