"""The tables of a staff as networks, and how each of their lines may be shown.

Grades stand in categories, and both are crossed with contract sources: one network, the posts. Places, units and ages are crossed with
levels (categories, the senior one by funding); each is a network of its own, a branch, with the levels as its rows. Given the levels,
whoever knows one branch knows nothing of another, since people of one level can be in any place, unit and age. So each branch is
protected as if all levels were known, and levels that the posts withhold are one row of which only the sum is known: then nothing is
won by setting tables against each other.

What must not break: a line is one edge, whatever measures print it; levels that are withheld are withheld in every branch.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from hr_diversity.rules.suppression.branches import Branch, branch_network
from hr_diversity.rules.suppression.lines import MEN, OTHER, WOMEN, Counts, is_small, is_telling
from hr_diversity.rules.suppression.network import Edge, Line, Name, Network, protect, withhold_all
from hr_diversity.rules.suppression.posts import hidden_levels, posts_network


@dataclass(frozen=True, slots=True)
class Staff:
    """`posts`: people by (grade, contract source)."""

    posts: Mapping[tuple[str, str], Counts]
    branches: tuple[Branch, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """How lines are shown: `closed` not at all, `partly` without other sex and total. A closed line is also in `partly`."""

    closed: set[Line]
    partly: set[Line]


def protect_staff(
    staff: Staff, k: int, restless: Collection[Line] = (), restless_others: Collection[Line] = ()
) -> Pattern:
    """`restless`: lines that may not be shown because too few people came to them or left them since they were shown last;
    `restless_others`: those of which this is so for others than women and men.
    """
    closed: set[Line] = set()
    partly: set[Line] = set()
    for columns, lost, found in (((WOMEN, MEN), restless, closed), ((OTHER,), restless_others, partly)):
        task = _Task(columns, k, {*lost, *closed})
        gone = task.protect(*posts_network(staff.posts), found)
        hidden = hidden_levels(gone)
        for branch in staff.branches:
            task.protect(*branch_network(branch, hidden), found)
    return Pattern(closed, partly | closed)


@dataclass(frozen=True, slots=True)
class _Task:
    """Columns that are withheld together, and the lines that are withheld whatever the others are."""

    columns: tuple[int, ...]
    k: int
    lost: Collection[Line]

    def protect(self, edges: list[Edge], names: Mapping[Line, Name | None], found: set[Line]) -> set[Name]:
        """Adds the withheld lines to `found`, and returns the names of their edges. A line without an edge is withheld."""
        withheld = {name for line, name in names.items() if name is not None and line in self.lost}
        withheld |= {
            edge.name for edge in edges if edge.printed and edge.weight is not None and self._tells(edge.counts)
        }
        network = Network(edges, withheld)
        if "all" in withheld:
            withhold_all(network)
        protect(network, self.columns, self.k)
        gone = network.names()
        found |= {line for line, name in names.items() if name is None or name in gone}
        return gone

    def _tells(self, counts: Counts) -> bool:
        return is_small(counts.other, self.k) if self.columns == (OTHER,) else is_telling(counts, self.k)
