"""A linear programme over unknown counts of people, solved by HiGHS: how far can a sum of them be narrowed by all that is known?

Exact ends of every interval would take two programmes for each figure. Most figures are far from known, and that is seen cheaply: the
optima of a few random objectives are points that agree with all that is known, and two of them that lie k apart clear a figure.
"""

import random
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor

import highspy
import numpy as np

Unknown = Hashable
EPSILON = 1e-5
ENDLESS = highspy.kHighsInf
ROUNDS = 12
PRIMAL_SIMPLEX = 4


class ContradictionError(AssertionError):
    """What is known cannot all be true: the attacker is wrong, or what is published is."""


@dataclass(frozen=True, slots=True)
class Interval:
    least: int
    most: int

    @property
    def width(self) -> int:
        return self.most - self.least


@dataclass
class Programme:
    """Unknowns are zero or more. A sum of them is a mapping to factors."""

    numbers: dict[Unknown, int] = field(default_factory=dict)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def unknown(self, name: Unknown) -> int:
        return self.numbers.setdefault(name, len(self.numbers))

    def add(self, factors: Mapping[int, float], least: float, most: float) -> None:
        """The sum is from `least` to `most`."""
        if factors:
            self.rows.append((dict(factors), least, most))
        elif least > 0 or most < 0:
            raise ContradictionError(f"a sum of nobody is from {least} to {most}")

    def intervals(
        self, sums: Mapping[Hashable, Mapping[int, float]], k: int, seed: int = 1
    ) -> dict[Hashable, Interval]:
        """The exact intervals of those sums that are known to less than `k`."""
        solver = _Solver(self, sums, random.Random(seed))
        for _ in range(ROUNDS):
            if not solver.spread(k):
                break
        found = {name: solver.exactly(name, k) for name in solver.unclear(k)}
        return {name: interval for name, interval in found.items() if interval.width < k}


class _Solver:
    def __init__(self, programme: Programme, sums: Mapping[Hashable, Mapping[int, float]], draw: random.Random) -> None:
        self.names = list(sums)
        self.place = {name: at for at, name in enumerate(self.names)}
        self.factors = _matrix(list(sums.values()), len(programme.numbers))
        self.draw = draw
        self.least = np.full(len(self.names), np.inf)
        self.most = np.full(len(self.names), -np.inf)
        self.size = len(programme.numbers)
        self.highs = _highs(programme)
        self.every = np.arange(self.size, dtype=np.int32)

    def unclear(self, k: int) -> list[Hashable]:
        return [self.names[at] for at in np.nonzero(self.most - self.least < k - EPSILON)[0]]

    def spread(self, k: int) -> bool:
        """Two opposite points of the unclear ones; False when this cleared none."""
        before = self.unclear(k)
        if not before:
            return False
        weights = np.zeros(len(self.names))
        for name in before:
            weights[self.place[name]] = self.draw.uniform(-1, 1)
        cost = np.asarray(weights @ self.factors).ravel()
        for sign in (1, -1):
            self._solve(sign * cost)
        return len(self.unclear(k)) < len(before)

    def exactly(self, name: Hashable, k: int) -> Interval:
        """Exact where it is shorter than k."""
        at = self.place[name]
        cost = self.factors[at]
        for sign in (-1, 1):
            if self.most[at] - self.least[at] >= k - EPSILON:
                break
            self._solve(sign * cost)
        return Interval(ceil(self.least[at] - EPSILON), floor(min(self.most[at], 1e15) + EPSILON))

    def _solve(self, cost: np.ndarray) -> None:
        self.highs.changeColsCost(self.size, self.every, np.ascontiguousarray(cost, dtype=np.float64))
        self.highs.run()
        status = self.highs.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise ContradictionError(f"the programme is {self.highs.modelStatusToString(status)}")
        values = self.factors @ np.asarray(self.highs.getSolution().col_value)
        self.least = np.minimum(self.least, values)
        self.most = np.maximum(self.most, values)


def _matrix(sums: Sequence[Mapping[int, float]], size: int) -> np.ndarray:
    found = np.zeros((len(sums), size))
    for at, factors in enumerate(sums):
        for unknown, factor in factors.items():
            found[at, unknown] = factor
    return found


def _highs(programme: Programme) -> highspy.Highs:
    size, rows = len(programme.numbers), programme.rows
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = size, len(rows)
    lp.col_cost_ = np.zeros(size)
    lp.col_lower_, lp.col_upper_ = np.zeros(size), np.full(size, 1e6)
    lp.row_lower_ = np.array([least for _, least, _ in rows], dtype=np.float64)
    lp.row_upper_ = np.array([most for _, _, most in rows], dtype=np.float64)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.array([0, *np.cumsum([len(factors) for factors, _, _ in rows])], dtype=np.int32)
    lp.a_matrix_.index_ = np.array(_flat(list(factors) for factors, _, _ in rows), dtype=np.int32)
    lp.a_matrix_.value_ = np.array(_flat(list(factors.values()) for factors, _, _ in rows), dtype=np.float64)
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue("simplex_strategy", PRIMAL_SIMPLEX)
    highs.passModel(lp)
    return highs


def _flat(lists: Iterable[list[float]]) -> list[float]:
    return [value for one in lists for value in one]
