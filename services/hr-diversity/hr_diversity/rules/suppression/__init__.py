"""Which figures may be shown, so that no small group is known from what is shown. Pure: no database, no clock, no framework.

    lines     counts, and the three ways in which a line of them is shown
    network   which further lines are withheld, by flows through the withheld ones
    tables    the tables of a staff as networks

What must not break: whoever knows every figure that is shown of a release, in all its tables, and every sum that holds between them,
can narrow no withheld figure to an interval shorter than k. Two things are left open on purpose: zero is not small, and a column whose
total is shown as zero has nothing to hide.
"""

from collections.abc import Mapping

from hr_diversity.rules.suppression.lines import (
    MEN,
    NOBODY,
    OTHER,
    WOMEN,
    Counts,
    Figures,
    add,
    are_near,
    is_small,
    is_telling,
    show,
)
from hr_diversity.rules.suppression.network import Edge, Line, Network
from hr_diversity.rules.suppression.network import protect as _protect

__all__ = [
    "MEN",
    "NOBODY",
    "OTHER",
    "WOMEN",
    "Counts",
    "Figures",
    "Line",
    "add",
    "are_near",
    "is_small",
    "is_telling",
    "protect",
    "show",
]

ALL = ""


def protect(groups: Mapping[str, Counts], k: int) -> tuple[Figures, dict[str, Figures]]:
    """The total line and each group's line of one table that stands alone, in the order of `groups`."""
    closed = _withheld(groups, {group for group, counts in groups.items() if is_telling(counts, k)}, (WOMEN, MEN), k)
    few = {group for group, counts in groups.items() if is_small(counts.other, k)}
    partly = closed | _withheld(groups, closed | few, (OTHER,), k)
    lines = {g: show(counts, closed=g in closed, partly=g in partly) for g, counts in groups.items()}
    return show(add(groups.values()), closed=ALL in closed, partly=ALL in partly), lines


def _withheld(groups: Mapping[str, Counts], first: set[str], columns: tuple[int, ...], k: int) -> set[str]:
    whole = add(groups.values())
    if is_small(whole.other, k) if columns == (OTHER,) else is_telling(whole, k):
        return {ALL, *groups}
    edges = [Edge(group, "start", "end", counts) for group, counts in groups.items()]
    network = Network([*edges, Edge(ALL, "end", "start", whole, weight=50)], first)
    _protect(network, columns, k)
    return {str(name) for name in network.names()}
