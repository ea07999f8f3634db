"""Which terms of the flow accounts are withheld, so that no few people are known from them. Pure.

Published are the account of the whole staff by grade, that of the regular budget in one line for all grades, and, of the regular budget
only, one line for the senior grades together. The moves behind them are
one network: people enter by an appointment, leave by a separation, change grade through the sum of promotions, and change sex where it is
stated anew. Transfers between regular budget and other funding link the two parts of the staff; nothing is hidden by moving them.

What must not break: whoever knows every shown term, every sum, the stocks of both parts, and that each line adds up, can narrow no term of
few people to an interval shorter than k; terms of k or more that are withheld with them may be told by stocks and transfers alone. A term of a line is the sum of two edges, one in each part; it is hidden where one of them can move
while the stocks of both parts stay. Stocks that are not shown have to be able to move as well, which a second look at the network is for.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from hr_diversity.rules.flows import IN, MOVES, OUT, REGULAR, REST, WHOLE, Account, Line, stay_of, total_of
from hr_diversity.rules.suppression.lines import MEN, NOBODY, OTHER, WOMEN, Counts, is_small, is_telling
from hr_diversity.rules.suppression.network import Edge, Name, Network, Node, find_cover, width

Cell = tuple[str, str, int]
"""A term, a grade (ALL for the sum of all) and a sex. Sums of the whole and of the regular budget are withheld together."""
Claim = tuple[int, ...]
ALL = ""
SEXES = (WOMEN, MEN, OTHER)
TOTAL_WEIGHT = 50
OUTSIDE = "outside"
PARTS = (REGULAR, REST)
TRANSFERS = ("transfers_in", "transfers_out")
SHOWN_BY_GRADE = tuple(term for term in (*IN, *OUT, *MOVES) if term not in TRANSFERS)
SUMMED = {"promotions_out": "promotions_in", "other_grade_changes_out": "other_grade_changes_in"}
"""Terms whose sum over all grades is that of another one."""
STAY, BEFORE, AFTER, UNSHOWN = "stay", "before", "after", "unshown "


@dataclass(frozen=True, slots=True)
class Stocks:
    """What is shown of the stocks, as (population, grade or ALL, sex) of the whole and of the regular budget, in both snapshots."""

    before: frozenset[tuple[str, str, int]]
    after: frozenset[tuple[str, str, int]]

    def knows(self, part: str, grade: str, sex: int, when: str) -> bool:
        shown = self.before if when == BEFORE else self.after
        return (REGULAR, grade, sex) in shown and (part == REGULAR or (WHOLE, grade, sex) in shown)


def withhold(
    found: Mapping[str, Account],
    stocks: Stocks,
    k: int,
    ladders: Collection[Sequence[str]] = (),
    regular_only: Collection[str] = (),
) -> set[Cell]:
    """The cells that are withheld. `regular_only` are the lines that are shown of the regular budget, all others being shown of the whole:
    of a line that were shown of both, anybody could tell that of other funding. `ladders` are the grades that follow each other: who is
    promoted out of one is, but for leaps, promoted into the next, so the two terms are withheld together.
    """
    gone = _telling(found, k, regular_only)
    twins = _twins(ladders)
    size = -1
    while len(gone) > size:
        size = len(gone)
        gone |= {twin for cell in gone for twin in twins.get(cell, ())}
        for stocks_move in (False, True):
            gone = _Hiding(list(_edges(found, stocks, k, regular_only, stocks_move=stocks_move)), gone, k).hide()
    return gone


def _telling(found: Mapping[str, Account], k: int, regular_only: Collection[str]) -> set[Cell]:
    gone: set[Cell] = set()
    lines = [(grade, line) for grade, line in found[WHOLE].items() if grade not in regular_only]
    lines += [(grade, line) for grade, line in found[REGULAR].items() if grade in regular_only]
    lines += [(ALL, total_of(account)) for account in found.values()]
    for grade, line in lines:
        for term in (*IN, *OUT, *MOVES):
            counts = line.terms[term]
            if is_telling(counts, k):
                gone |= {_cell(term, grade, sex) for sex in SEXES}
            elif is_small(counts.other, k):
                gone.add(_cell(term, grade, OTHER))
            if term in MOVES and grade != ALL:  # of few who did not move, those who stayed could be told
                stayed = stay_of(line, WHOLE)
                gone |= {_cell(term, grade, sex) for sex in SEXES if 0 <= stayed[sex] - counts[sex] < k <= counts[sex]}
    if any(term in TRANSFERS for term, _, _ in gone):  # one way alone would follow from the stocks
        gone |= {(term, ALL, sex) for term in TRANSFERS for sex in SEXES}
    return gone


def is_too_near(
    former: Mapping[str, Account], found: Mapping[str, Account], k: int, regular_only: Collection[str] = ()
) -> bool:
    """Whether some figure of these accounts of one pair of days differs by few people, whom the two, subtracted, would show."""
    nobody = dict.fromkeys((*IN, *OUT, *MOVES), NOBODY)
    for population in (WHOLE, REGULAR):
        lines = [{**accounts[population], ALL: total_of(accounts[population])} for accounts in (former, found)]
        for grade in lines[0].keys() | lines[1].keys():
            if grade != ALL and (grade in regular_only) != (population == REGULAR):
                continue
            terms = [of[grade].terms if grade in of else nobody for of in lines]
            if any(is_small(abs(terms[0][term][sex] - terms[1][term][sex]), k) for term in nobody for sex in SEXES):
                return True
    return False


def _cell(term: str, grade: str, sex: int) -> Cell:
    return (SUMMED.get(term, term) if grade == ALL else term), grade, sex


def _twins(ladders: Collection[Sequence[str]]) -> dict[Cell, list[Cell]]:
    found: dict[Cell, list[Cell]] = defaultdict(list)
    for ladder in ladders:
        for lower, higher in pairwise(ladder):
            for sex in SEXES:
                out, into = ("promotions_out", lower, sex), ("promotions_in", higher, sex)
                found[out].append(into)
                found[into].append(out)
    return found


class _Hiding:
    """The network, and of every cell its edges and its count."""

    def __init__(self, edges: Sequence[Edge], gone: Collection[Cell], k: int) -> None:
        self.k, self.gone = k, set(gone)
        self.network = Network(edges, {edge.name for edge in edges if not edge.printed or _cell_of(edge) in self.gone})
        self.edges_of: dict[Cell, list[int]] = defaultdict(list)
        for at, edge in enumerate(edges):
            self.edges_of[_cell_of(edge)].append(at)

    def hide(self) -> set[Cell]:
        """The cells that are withheld when every withheld one is hidden. Where stocks alone tell of one, nothing is shown of its sex."""
        cells = sorted(filter(self._has_to_hide, self.edges_of), key=lambda cell: (self._count(cell), cell))
        waiting = deque(claim for cell in cells for claim in self._claims(cell))
        lost: set[int] = set()
        while waiting:
            claim = waiting.popleft()
            _, _, sex = _cell_of(self.network.edges[claim[0]])
            if sex in lost or any(width(self.network, at, 0, self.k) >= self.k for at in claim):
                continue
            covers = [find_cover(self.network, at, 0, self.k) for at in claim]
            possible = [{_cell_of(self.network.edges[at]) for at in cover} for cover in covers if cover is not None]
            more = min(possible, key=_loss) if possible else {cell for cell in self.edges_of if cell[2] == sex}
            if not possible:
                lost.add(sex)
            for one in sorted(more):
                self._withhold(one)
                waiting.extend(self._claims(one) if self._has_to_hide(one) else ())
            waiting.appendleft(claim)
        return self.gone

    def _claims(self, cell: Cell) -> list[Claim]:
        """The edges of a cell, of which one has to move. A sum of the regular budget is shown for itself too, so it has to."""
        every = tuple(self.edges_of[cell])
        return [every[:1], every] if cell[1] == ALL and self.network.edges[every[0]].counts[0] else [every]

    def _count(self, cell: Cell) -> int:
        return sum(self.network.edges[at].counts[0] for at in self.edges_of[cell])

    def _has_to_hide(self, cell: Cell) -> bool:
        """What is withheld, but that it is nobody may be found out; who stayed or was stated anew, where they are few."""
        count = self._count(cell)
        if cell[0].startswith(UNSHOWN):
            return False
        if cell[0] in (STAY, *_RESTATED):
            return is_small(count, self.k)
        return count > 0 and (cell in self.gone or cell[0] in (BEFORE, AFTER))

    def _withhold(self, cell: Cell) -> None:
        if cell[0] in SHOWN_BY_GRADE:
            self.gone.add(cell)
        for at in self.edges_of[cell]:
            if at not in self.network.withheld:
                self.network.withhold(at)


_RESTATED = ("restated_in", "restated_out")


def _loss(cells: Iterable[Cell]) -> tuple[int, list[Cell]]:
    return sum(TOTAL_WEIGHT if grade == ALL else 1 for _, grade, _ in cells), sorted(cells)


def _cell_of(edge: Edge) -> Cell:
    name = edge.name
    assert isinstance(name, tuple)  # noqa: S101 (part, term, grade, sex)
    return name[1], name[2], name[3]


def _edges(
    found: Mapping[str, Account], stocks: Stocks, k: int, regular_only: Collection[str], *, stocks_move: bool
) -> Iterator[Edge]:
    """Of the regular budget first, then of the rest. Where a line is shown of the regular budget only, that of the rest is never shown."""
    for part in PARTS:
        for grade, line in found[part].items():
            unshown = part == REST and grade in regular_only
            for sex in SEXES:
                nodes = _nodes(part, grade, sex, stocks, stocks_move=stocks_move)
                for edge in _line(part, grade, sex, line, nodes):
                    yield _unshow(edge) if unshown else edge
                if stocks_move:
                    yield from _stocks(part, grade, sex, line, stocks, nodes)
                if not shows_residual(line, k):
                    yield from _restated(part, grade, sex, line, nodes[0])
        yield from _totals(part, total_of(found[part]))


def _unshow(edge: Edge) -> Edge:
    term, grade, sex = _cell_of(edge)
    return replace(edge, name=(REST, UNSHOWN + term, grade, sex), printed=False)


def _line(part: str, grade: str, sex: int, line: Line, nodes: tuple[Node, Node]) -> Iterator[Edge]:
    first, last = nodes
    if first != last:
        yield _edge((part, STAY, grade, sex), first, last, stay_of(line, part)[sex], printed=False)
    for term in SHOWN_BY_GRADE:
        tail, head = ((part, sex, term), last) if term in IN else (first, (part, sex, term))
        if term in MOVES:
            tail, head = (part, sex, term, "from"), (part, sex, term, "to")
        yield _edge((part, term, grade, sex), tail, head, line.terms[term][sex])


def _edge(name: Name, tail: Node, head: Node, count: int, *, printed: bool = True) -> Edge:
    return Edge(name, tail, head, Counts(count, 0, 0), printed=printed, lines=0)


def _nodes(part: str, grade: str, sex: int, stocks: Stocks, *, stocks_move: bool) -> tuple[Node, Node]:
    """Two, for nobody leaves who was not there. One where neither stock is known and they do not move: then they set no bound."""
    apart = stocks_move or any(stocks.knows(part, grade, sex, when) for when in (BEFORE, AFTER))
    return (part, sex, grade, BEFORE), (part, sex, grade, AFTER if apart else BEFORE)


def _stocks(part: str, grade: str, sex: int, line: Line, stocks: Stocks, nodes: tuple[Node, Node]) -> Iterator[Edge]:
    """Stocks that are not shown. Where the sum of all is, what one line has more another one has less."""
    first, last = nodes
    sums = {when: (part, sex, when) if stocks.knows(part, ALL, sex, when) else OUTSIDE for when in (BEFORE, AFTER)}
    if not stocks.knows(part, grade, sex, BEFORE):
        yield _edge((part, BEFORE, grade, sex), sums[BEFORE], first, line.before[sex], printed=False)
    if not stocks.knows(part, grade, sex, AFTER):
        yield _edge((part, AFTER, grade, sex), last, sums[AFTER], line.after[sex], printed=False)


def _restated(part: str, grade: str, sex: int, line: Line, first: Node) -> Iterator[Edge]:
    """Whose sex was stated anew. Where the residual is shown, or nobody was, nothing can move."""
    anew, (came, went) = (part, grade, "restated"), _RESTATED
    yield _edge((part, came, grade, sex), anew, first, line.terms[came][sex], printed=False)
    yield _edge((part, went, grade, sex), first, anew, line.terms[went][sex], printed=False)


def shows_residual(line: Line, k: int) -> bool:
    """Whether the residual of a line may be known: it is of nobody, or of no few."""
    figures = [*line.residual, *(count for term in _RESTATED for count in line.terms[term])]
    return not any(is_small(abs(figure), k) for figure in figures)


def _totals(part: str, total: Line) -> Iterator[Edge]:
    for sex in SEXES:
        ends = {
            "appointments": (OUTSIDE, (part, sex, "appointments")),
            "separations": ((part, sex, "separations"), OUTSIDE),
            **{into: ((part, sex, out), (part, sex, into)) for out, into in SUMMED.items()},
            **{term: ((part, sex, term, "to"), (part, sex, term, "from")) for term in MOVES},
        }
        for term, (tail, head) in ends.items():
            yield replace(_edge((part, term, ALL, sex), tail, head, total.terms[term][sex]), weight=TOTAL_WEIGHT)
