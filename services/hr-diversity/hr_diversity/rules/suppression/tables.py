"""The tables of a staff as networks, and how each of their lines may be shown.

Grades stand in categories, and both are crossed with contract sources: one network, the posts. Places, units and ages are crossed with
levels (categories, the senior one by funding); each is a network of its own, a branch, with the levels as its rows. Given the levels,
whoever knows one branch knows nothing of another, since people of one level can be in any place, unit and age. So each branch is
protected as if all levels were known, and levels that the posts withhold are one row of which only the sum is known: then nothing is
won by setting tables against each other. Where a branch cannot be protected so, since its levels are too small for all their lines, a
level more is withheld and all is done anew; if the whole staff has to be withheld, so is every line.

What must not break: a line is one edge, whatever measures print it; levels that are withheld are withheld in every branch.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from hr_diversity.measures.ladder import SENIOR_OTHER
from hr_diversity.rules.suppression.branches import Branch, branch_network, lines_of
from hr_diversity.rules.suppression.lines import MEN, OTHER, WOMEN, Counts, is_small, is_telling
from hr_diversity.rules.suppression.network import Edge, Line, Name, Network, Table, protect, width, withhold_all
from hr_diversity.rules.suppression.posts import LEVEL, REST, line_of, posts_network, rows_of

ALL: Line = ("staff-by-grade", "")


@dataclass(frozen=True, slots=True)
class Staff:
    """`posts`: people by (grade, contract source)."""

    posts: Mapping[tuple[str, str], Counts]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """How lines are shown: `closed` not at all, `partly` without other sex and total. A closed line is also in `partly`.

    `told`: lines that no measure prints and whose women or men can be worked out, `told_others` those whose others can.
    """

    closed: set[Line]
    partly: set[Line]
    told: set[Line]
    told_others: set[Line]


def protect_staff(
    staff: Staff, k: int, restless: Collection[Line] = (), restless_others: Collection[Line] = ()
) -> Pattern:
    """`restless`: lines that may not be shown because too few people came to them or left them since they were shown last;
    `restless_others`: those of which this is so for others than women and men.
    """
    closed, told = _Task((WOMEN, MEN), k, frozenset(restless)).lines(staff)
    partly, told_others = _Task((OTHER,), k, frozenset({*restless_others, *closed})).lines(staff)
    return Pattern(closed, partly | closed, told, told_others)


@dataclass(frozen=True, slots=True)
class _Task:
    """Columns that are withheld together, and the lines that are withheld whatever the others are."""

    columns: tuple[int, ...]
    k: int
    lost: frozenset[Line]

    def lines(self, staff: Staff) -> tuple[set[Line], set[Line]]:
        """The withheld lines, and those that nobody prints and anybody can work out. Where a branch cannot be protected while all know its
        levels, one level more is withheld.
        """
        lost = {line_of(group) if code == LEVEL else (code, group) for code, group in self.lost}
        stuck = set[Line]()
        while True:
            posts = posts_network(staff.posts, lines_of(staff.branches))
            network, _ = self._protect(posts, lost)
            row_of = rows_of(network.names())
            is_known = "all" not in network.names()
            branches = [branch_network(branch, row_of, knows_rest=is_known) for branch in staff.branches]
            if not is_known and (self.columns != (OTHER,) or ALL in stuck):
                return {line for table in (posts, *branches) for line in table.names}, set()
            found, told, stuck = _lines(posts, network), self._told(posts, network), set()
            told |= {(LEVEL, level) for level in (SENIOR_OTHER,) if row_of[level] == level}
            for branch in branches:
                network, fails = self._protect(branch, lost)
                found |= _lines(branch, network)
                told |= self._told(branch, network)
                if fails is not None:
                    stuck.add(_to_withhold(fails, branch.edges))
            if not stuck:
                return found, told
            if stuck <= lost:
                stuck = {ALL}
            lost |= stuck

    def _protect(self, table: Table, lost: Collection[Line]) -> tuple[Network, Name | None]:
        """The network with all withheld that has to be, and a line that could not be hidden even so."""
        secret = {name for line, name in table.unprinted.items() if line in lost}
        edges = [replace(edge, secret=True) if edge.name in secret else edge for edge in table.edges]
        withheld = {name for line, name in table.names.items() if name is not None and line in lost}
        withheld |= {
            edge.name for edge in edges if edge.printed and edge.weight is not None and self._tells(edge.counts)
        }
        network = Network(edges, withheld)
        if "all" in withheld:
            withhold_all(network)
        return network, protect(network, self.columns, self.k)

    def _told(self, table: Table, network: Network) -> set[Line]:
        return {
            line
            for line, name in table.unprinted.items()
            if any(width(network, network.number[name], column, self.k) < self.k for column in self.columns)
        }

    def _tells(self, counts: Counts) -> bool:
        return is_small(counts.other, self.k) if self.columns == (OTHER,) else is_telling(counts, self.k)


def _lines(table: Table, network: Network) -> set[Line]:
    """The lines that are withheld; one without an edge is."""
    gone = network.names()
    return {line for line, name in table.names.items() if name is None or name in gone}


def _to_withhold(fails: Name, rows: Collection[Edge]) -> Line:
    """The level of the line that could not be hidden, or else the smallest one that is shown; if there is none, the whole staff."""
    shown = {edge.name[1]: edge.counts.total for edge in rows if isinstance(edge.name, tuple) and edge.name[0] == "row"}
    shown.pop(REST, None)
    level = fails[1] if isinstance(fails, tuple) else ""
    if level not in shown:
        level = min(shown, key=lambda one: (shown[one], one), default="")
    return line_of(level) if level else ALL
