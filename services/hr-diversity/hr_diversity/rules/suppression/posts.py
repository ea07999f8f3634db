"""The posts as a network: grades in categories, and both crossed with contract sources."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from types import MappingProxyType

from hr_diversity.measures.ladder import (
    CATEGORY_OF,
    LEVELS,
    OTHER_FUNDING,
    REGULAR_BUDGET,
    SENIOR_OTHER,
    SENIOR_REGULAR,
)
from hr_diversity.rules.suppression.lines import Counts, add
from hr_diversity.rules.suppression.network import Edge, Line, Name, Table

TOTAL, SENIOR, MARGIN = 50, 40, 3
"""Weights. Without its total a table is hardly one, and without its senior posts on the regular budget the plan has no first indicator."""
POST, FUNDING, LEVEL = "grade/contract_source", "grade/funding", "level"
"""Codes of lines that no measure prints. Groups are as in those of measures with such a dimension."""
REST, SENIORS = "rest", "seniors"
SENIOR_ON_REGULAR: Name = ("pair", "senior", REGULAR_BUDGET)


def posts_network(posts: Mapping[tuple[str, str], Counts], lines: Mapping[Name, int] = MappingProxyType({})) -> Table:
    """People by (grade, contract source).

    Grades by other sources than the regular budget are not printed, nor their sum. `lines`: how many lines of an edge other tables
    have.
    """
    edges, names, unprinted = [], dict[Line, Name | None](), dict[Line, Name]()
    sums: dict[tuple[str, ...], list[Counts]] = defaultdict(list)
    for (grade, source), counts in posts.items():
        category, regular = CATEGORY_OF[grade], source == REGULAR_BUDGET
        cell = "cell", grade, source
        row = "row" if regular else "others", grade
        edges.append(Edge(cell, row, ("column", category, source), counts, printed=regular))
        if regular:
            names["staff-by-grade-regular-budget", grade] = cell
        else:
            unprinted[POST, f"{grade}/{source}"] = cell
            unprinted[FUNDING, f"{grade}/{OTHER_FUNDING}"] = "others", grade
            sums["others", grade].append(counts)
        whole: list[tuple[str, ...]] = [("pair", category, source), ("source", source), ("grade", grade)]
        for name in (*whole, ("category", category)):
            sums[name].append(counts)
    within: Counter[tuple[str, ...]] = Counter(
        ("pair", CATEGORY_OF[grade], source) for grade, source in posts if source == REGULAR_BUDGET
    )
    within += Counter(("category", CATEGORY_OF[name[1]]) for name in sums if name[0] == "grade")
    for name, parts in sums.items():
        if name[0] == "others":
            edges.append(Edge(name, ("row", name[1]), name, add(parts), printed=False))
            continue
        edge, line = _sum(name, add(parts))
        edge = replace(edge, lines=max(within[name], lines.get(name, 0), 1))
        edges.append(edge)
        names[line] = name
    edges.append(Edge("all", "end", "start", add(posts.values()), weight=TOTAL))
    return Table(edges, names | _totals(names), unprinted)


def _sum(name: tuple[str, ...], counts: Counts) -> tuple[Edge, Line]:
    kind, *parts = name
    if kind == "pair":
        category, source = parts
        line = "staff-by-category-and-contract-source", f"{category}/{source}"
        weight = SENIOR if name == SENIOR_ON_REGULAR else 1
        return Edge(name, ("column", category, source), ("column", source), counts, weight=weight), line
    [group] = parts
    if kind == "source":
        return Edge(name, ("column", group), "end", counts, weight=MARGIN), ("staff-by-contract-source", group)
    if kind == "grade":
        return Edge(name, ("category", CATEGORY_OF[group]), ("row", group), counts), ("staff-by-grade", group)
    return Edge(name, "start", ("category", group), counts, weight=MARGIN), ("staff-by-category", group)


def _totals(names: Mapping[Line, Name | None]) -> dict[Line, Name | None]:
    """The total lines, and the measures of one figure."""
    regular = names.get(("staff-by-contract-source", REGULAR_BUDGET))
    found: dict[Line, Name | None] = {("staff-by-grade", ""): "all"}
    if regular is not None:
        found["staff-by-grade-regular-budget", ""] = regular
    for name in names.values():
        if name == ("category", "senior"):
            found["women-p5-plus-whole-workforce", ""] = name
        elif name == SENIOR_ON_REGULAR:
            found["women-p5-plus-regular-budget", ""] = name
    return found


def rows_of(gone: Collection[Name]) -> dict[str, str]:
    """For each level the row of the branches in which it is: its own where its number is shown; otherwise that of all senior posts where
    theirs is, or else the rest.
    """
    rows = {level: REST if ("category", level) in gone else level for level in LEVELS}
    senior = REST if ("category", "senior") in gone else SENIORS
    if SENIOR_ON_REGULAR in gone:
        return rows | {SENIOR_REGULAR: senior, SENIOR_OTHER: senior}
    return rows | {SENIOR_OTHER: REST} if senior == REST else rows


def line_of(level: str) -> Line:
    """The line that is withheld to hide a level."""
    if level == SENIOR_REGULAR:
        return "women-p5-plus-regular-budget", ""
    return "staff-by-category", "senior" if level in {SENIOR_OTHER, SENIORS} else level
