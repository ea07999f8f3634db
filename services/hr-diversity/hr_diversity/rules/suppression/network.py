"""Which further lines are withheld, so that no withheld one can be worked out from those that are shown.

A table with its totals is a network: each line is an edge with its count, each sum is a node (what comes in goes out). What somebody
who knows all shown lines and all sums can say of a withheld one is an interval, and its ends are found by two flows through the other
withheld edges: by so much it can be greater, by so much smaller, while all that is shown stays. Counts of women, of men and of others
are networks of their own over the same edges, since no line shows a sum of them while it withholds one.

What must not break: when `protect` is done, every withheld line that was to be shown, and every small count that is not shown anyway,
has an interval of k or more in every column, but for those known to hold nobody (Kelly, Golden and Assad 1992 have the heuristic of
cheapest paths). Each column moves while the others stay: so the total has such an interval too, and a line that is listed, hence has
somebody, keeps somebody.
"""

import heapq
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass

from hr_diversity.rules.suppression.lines import Counts, is_small

Node = Hashable
Name = Hashable
Line = tuple[str, str]
"""Code of a measure and group; "" is its total. An edge can be several lines."""
ENDLESS = 1 << 60
MOST_TRIED = 20_000
DEEPEST = 4
PER_LINE = 1_000
"""What one more line withheld costs beside its people: fewer lines first, then smaller groups."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One line. `printed`: it is shown where nothing speaks against it; of the others only small ones have to be hidden, or all that are
    `secret`. `weight`: how much its loss hurts; None: it cannot be withheld, since it is known from elsewhere. `lines`: how many lines
    with somebody are known to be in it.
    """

    name: Name
    tail: Node
    head: Node
    counts: Counts
    printed: bool = True
    weight: int | None = 1
    secret: bool = False
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """Edges, and which of them the lines of the measures are. `names` has the printed lines; None: withheld whatever else is. `unprinted`
    has those that anybody could work out who knows all others.
    """

    edges: list[Edge]
    names: dict[Line, Name | None]
    unprinted: dict[Line, Name]


class Network:
    """The edges of one table, and which of them are withheld. What is not printed is withheld from the start."""

    def __init__(self, edges: Iterable[Edge], withheld: Collection[Name] = ()) -> None:
        self.edges = list(edges)
        self.number = {edge.name: at for at, edge in enumerate(self.edges)}
        self.all_at: dict[Node, list[int]] = defaultdict(list)
        self.open_at: dict[Node, list[int]] = defaultdict(list)
        """The withheld edges of each node, through which a count can move unseen."""
        self.withheld: set[int] = set()
        for at, edge in enumerate(self.edges):
            self.all_at[edge.tail].append(at)
            self.all_at[edge.head].append(at)
            if not edge.printed or edge.name in withheld:
                self.withhold(at)

    def withhold(self, at: int) -> None:
        self.withheld.add(at)
        edge = self.edges[at]
        self.open_at[edge.tail].append(at)
        self.open_at[edge.head].append(at)

    def show(self, at: int) -> None:
        self.withheld.remove(at)
        edge = self.edges[at]
        self.open_at[edge.tail].remove(at)
        self.open_at[edge.head].remove(at)

    def floor(self, at: int, column: int) -> int:
        """The least number that an edge can have while the other columns stay: there is somebody on each."""
        edge = self.edges[at]
        return min(edge.lines, edge.counts.total) if edge.counts[column] == edge.counts.total else 0

    def is_known_empty(self, at: int, column: int, seen: frozenset[int] = frozenset()) -> bool:
        """Whether a larger line is shown to have nobody in this column."""
        if self.edges[at].counts[column] or at in seen or len(seen) > DEEPEST:
            return False
        if at not in self.withheld:
            return True
        tail, head = self.edges[at].tail, self.edges[at].head
        around = (
            [other for other in self.all_at[tail] if self.edges[other].head == tail],
            [other for other in self.all_at[head] if self.edges[other].tail == head],
        )
        return any(side and all(self.is_known_empty(other, column, seen | {at}) for other in side) for side in around)

    def names(self) -> set[Name]:
        """The printed lines that are withheld."""
        return {self.edges[at].name for at in self.withheld if self.edges[at].printed}


@dataclass(slots=True)
class _Witness:
    """Other counts of one column that agree with all that is shown: by how much each edge differs while `about` moves."""

    network: Network
    column: int
    about: int
    moved: dict[int, int]

    def room_back(self, at: int) -> int:
        network, column = self.network, self.column
        return network.edges[at].counts[column] - network.floor(at, column) + self.moved.get(at, 0)

    def push(self, path: Sequence[tuple[int, bool]], most: int) -> int:
        amount = min([most, *(self.room_back(at) for at, forward in path if not forward)])
        for at, forward in path:
            self.moved[at] = self.moved.get(at, 0) + (amount if forward else -amount)
        return amount


Finder = Callable[["_Witness", Node, Node], list[tuple[int, bool]] | None]


def width(network: Network, at: int, column: int, most: int) -> int:
    """Greatest minus least value that a withheld edge can have; `most` where it is that or more."""
    found, _ = _walk(network, at, column, most, _through_withheld)
    return found


def _walk(network: Network, at: int, column: int, most: int, find: Finder) -> tuple[int, set[int]]:
    """How far the edge can move, up and then down, by paths that `find` finds; and the edges that had to move with it."""
    edge, reached, used = network.edges[at], 0, set[int]()
    most_down = edge.counts[column] - network.floor(at, column)
    for start, end, limit in ((edge.head, edge.tail, ENDLESS), (edge.tail, edge.head, most_down)):
        witness, here = _Witness(network, column, at, {}), 0
        while reached < most and here < limit:
            path = find(witness, start, end)
            if path is None:
                break
            step = witness.push(path, min(most - reached, limit - here))
            here, reached = here + step, reached + step
            used.update(on for on, _ in path)
    return reached, used


def _through_withheld(witness: _Witness, start: Node, end: Node) -> list[tuple[int, bool]] | None:
    """The path of fewest edges, withheld ones only."""
    network = witness.network
    came: dict[Node, tuple[Node, int, bool]] = {}
    waiting = deque([start])
    seen = {start}
    while waiting:
        here = waiting.popleft()
        for at in network.open_at[here]:
            forward = network.edges[at].tail == here
            there = network.edges[at].head if forward else network.edges[at].tail
            if at == witness.about or there in seen or not (forward or witness.room_back(at) > 0):
                continue
            came[there] = here, at, forward
            if there == end:
                return _path(came, start, end)
            seen.add(there)
            waiting.append(there)
    return None


def _cheapest(witness: _Witness, start: Node, end: Node) -> list[tuple[int, bool]] | None:
    """The path that withholds least: edges that are withheld, or move already, cost next to nothing."""
    network = witness.network
    came: dict[Node, tuple[Node, int, bool]] = {}
    cost_of = {start: 0}
    waiting: list[tuple[int, int, Node]] = [(0, 0, start)]
    turn, done = 0, set[Node]()
    while waiting:
        cost, _, here = heapq.heappop(waiting)
        if here in done:
            continue
        if here == end:
            return _path(came, start, end)
        done.add(here)
        for at in network.all_at[here]:
            edge = network.edges[at]
            forward = edge.tail == here
            there = edge.head if forward else edge.tail
            if at == witness.about or there in done or not (forward or witness.room_back(at) > 0):
                continue
            price = _price(network, at, witness)
            if price is None or (there in cost_of and cost_of[there] <= cost + price):
                continue
            cost_of[there], came[there] = cost + price, (here, at, forward)
            turn += 1
            heapq.heappush(waiting, (cost + price, turn, there))
    return None


def _price(network: Network, at: int, witness: _Witness) -> int | None:
    if at in network.withheld or at in witness.moved:
        return 1
    edge = network.edges[at]
    return None if edge.weight is None else PER_LINE * edge.weight + min(edge.counts.total, PER_LINE - 1)


def _path(came: dict[Node, tuple[Node, int, bool]], start: Node, end: Node) -> list[tuple[int, bool]]:
    path = []
    while end != start:
        end, at, forward = came[end]
        path.append((at, forward))
    return path[::-1]


def protect(network: Network, columns: Sequence[int], k: int) -> Name | None:
    """Withholds what it takes, in the network itself. Where some line cannot be hidden even so, all of it is withheld, and the line's
    name is returned.
    """
    held = [column for column in columns if any(edge.counts[column] for edge in network.edges)]
    first = set(network.withheld)
    before = -1
    while before != len(network.withheld):  # who was known to be empty may not be known any more
        before = len(network.withheld)
        stuck = _hide_all(network, held, k)
        if stuck is not None:
            withhold_all(network)
            return stuck
    _give_back(network, network.withheld - first, held, k)
    return None


def _hide_all(network: Network, columns: Sequence[int], k: int) -> Name | None:
    """The line that cannot be hidden, if there is one."""
    waiting = deque(sorted(network.withheld, key=lambda at: (network.edges[at].counts.total, at)))
    while waiting:
        at = waiting.popleft()
        for column in columns:
            if _is_hidden(network, at, column, k):
                continue
            reached, used = _walk(network, at, column, k, _cheapest)
            if reached < k:
                return network.edges[at].name
            for more in sorted(used - network.withheld):
                network.withhold(more)
                waiting.append(more)
    return None


def find_cover(network: Network, at: int, column: int, k: int) -> set[int] | None:
    """The shown edges that would hide a withheld one, were they withheld; none where it is hidden, None where nothing hides it."""
    reached, used = _walk(network, at, column, k, _cheapest)
    return used - network.withheld if reached >= k else None


def _is_hidden(network: Network, at: int, column: int, k: int) -> bool:
    """What is not printed anyway has to be hidden where it is small or secret only."""
    edge = network.edges[at]
    is_open = not (edge.printed or edge.secret or is_small(edge.counts[column], k))
    if is_open or width(network, at, column, k) >= k:
        return True
    return network.is_known_empty(at, column)


def _give_back(network: Network, added: set[int], columns: Sequence[int], k: int) -> None:
    """Lines that were withheld for one that others hide by now are shown again, the greatest first."""
    if len(network.withheld) * len(added) > MOST_TRIED:
        return
    for at in sorted(added, key=lambda at: (-(network.edges[at].weight or 0), -network.edges[at].counts.total, at)):
        network.show(at)
        if not all(_is_hidden(network, other, column, k) for other in sorted(network.withheld) for column in columns):
            network.withhold(at)


def withhold_all(network: Network) -> None:
    for at, edge in enumerate(network.edges):
        if at not in network.withheld and edge.weight is not None:
            network.withhold(at)
