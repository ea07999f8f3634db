"""An attacker on published tables: how far can a withheld figure be narrowed by all that is shown?

Independent of `rules`: it knows no suppression rule and no closed form. A table with its totals is a circulation (each figure is the
flow on one edge, each sum is a node), so the exact least and greatest value of a withheld figure is found by two maximum flows
through the other withheld figures. Bounds of such a network are whole numbers, hence those of a linear programme.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from hr_diversity.rules.suppression import Counts, Figures

ENDLESS = 10**6
COLUMNS = ("women", "men", "other")


@dataclass(frozen=True)
class Edge:
    name: Any
    tail: Hashable
    head: Hashable
    figure: int
    shown: bool


@dataclass
class Attack:
    edges: list[Edge] = field(default_factory=list)

    def add(self, name: Any, tail: Hashable, head: Hashable, figure: int, *, shown: bool) -> None:
        self.edges.append(Edge(name, tail, head, figure, shown))

    def width(self, edge: Edge) -> int:
        """Greatest minus least value that `edge` can have; 0 where it is known exactly."""
        return self._flow(edge, edge.head, edge.tail, ENDLESS) + self._flow(edge, edge.tail, edge.head, edge.figure)

    def _flow(self, without: Edge, source: Hashable, sink: Hashable, most: int) -> int:
        room: dict[Hashable, dict[Hashable, int]] = {}
        for edge in self.edges:
            if edge is without or edge.shown:
                continue
            there, back = room.setdefault(edge.tail, {}), room.setdefault(edge.head, {})
            there[edge.head] = there.get(edge.head, 0) + ENDLESS
            back[edge.tail] = back.get(edge.tail, 0) + edge.figure
        flow = 0
        while flow < most and (path := _path(room, source, sink)):
            step = min(most - flow, *(room[a][b] for a, b in path))
            for a, b in path:
                room[a][b] -= step
                room[b][a] = room[b].get(a, 0) + step
            flow += step
        return flow


def _path(
    room: Mapping[Hashable, Mapping[Hashable, int]], source: Hashable, sink: Hashable
) -> list[tuple[Hashable, Hashable]]:
    came: dict[Hashable, Hashable] = {source: source}
    waiting = deque([source])
    while waiting and sink not in came:
        here = waiting.popleft()
        for there, left in room.get(here, {}).items():
            if left > 0 and there not in came:
                came[there] = here
                waiting.append(there)
    path: list[tuple[Hashable, Hashable]] = []
    while sink in came and sink != source:
        path.append((came[sink], sink))
        sink = came[sink]
    return path


def attack_table(groups: Mapping[str, Counts], total: Figures, lines: Mapping[str, Figures]) -> Attack:
    """The attack on one table; edges are named (group, column), with None for the total line."""
    attack = Attack()
    whole = Counts(*map(sum, zip(*groups.values(), strict=True)))
    for group, counts, line in [*((g, c, lines[g]) for g, c in groups.items()), (None, whole, total)]:
        for column in COLUMNS:
            ends = (("row", group), column) if group is not None else (column, "whole")
            attack.add((group, column), *ends, getattr(counts, column), shown=getattr(line, column) is not None)
        ends = ("all", ("row", group)) if group is not None else ("whole", "all")
        attack.add((group, "total"), *ends, counts.total, shown=line.total is not None)
    return attack


def narrowed(attack: Attack, k: int) -> Iterator[tuple[Edge, int]]:
    """Withheld figures that are known to less than k, but for those whose column is shown to hold nobody."""
    empty = {edge.name[1] for edge in attack.edges if edge.name[0] is None and edge.shown and edge.figure == 0}
    for edge in attack.edges:
        if not edge.shown and edge.name[1] not in empty:
            width = attack.width(edge)
            if width < k:
                yield edge, width
