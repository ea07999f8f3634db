"""What was refused and why: the first of them in full, all of them counted."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

KEPT, SHOWN = 10_000, 100
LONGEST_VALUE = 40

SCHEMA = {"line": pl.UInt32, "column": pl.String, "value": pl.String, "rule": pl.String}


@dataclass(frozen=True, slots=True, order=True)
class Refused:
    """One rule that one row breaks. `line` is the line of the file, from 1; `value` is cut, and None for staff ids."""

    line: int
    column: str
    rule: str
    value: str | None


@dataclass
class Findings:
    """`rows` refused, each of which may break several rules, which `by_rule` counts; `first` are those of the lowest lines, KEPT at the
    most, of which answers show SHOWN.
    """

    rows: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    first: list[Refused] = field(default_factory=list)

    def add(self, found: pl.DataFrame) -> None:
        """`found` has the columns of SCHEMA, one row for each rule that a row breaks; no line was there before."""
        if found.is_empty():
            return
        self.rows += found["line"].n_unique()
        self.by_rule.update(dict(found["rule"].value_counts().iter_rows()))
        cut = pl.col("value").str.slice(0, LONGEST_VALUE) + pl.when(
            pl.col("value").str.len_chars() > LONGEST_VALUE
        ).then(pl.lit("...")).otherwise(pl.lit(""))
        lowest = found.bottom_k(KEPT, by="line").with_columns(value=cut)
        self._show([*self.first, *(Refused(**row) for row in lowest.iter_rows(named=True))])

    def join(self, others: "Findings") -> None:
        """`others` are of other lines."""
        self.rows += others.rows
        self.by_rule.update(others.by_rule)
        self._show([*self.first, *others.first])

    def _show(self, found: list[Refused]) -> None:
        self.first = sorted(found, key=lambda one: (one.line, one.column, one.rule))[:KEPT]

    @property
    def shown(self) -> list[Refused]:
        return self.first[:SHOWN]


def refused(lines: pl.DataFrame, column: str, rule: str, value: pl.Expr | None = None) -> pl.DataFrame:
    """Findings of one rule; `lines` has the column `line`."""
    return lines.select(
        pl.col("line").cast(pl.UInt32),
        pl.lit(column).alias("column"),
        (pl.lit(None) if value is None else value).cast(pl.String).alias("value"),
        pl.lit(rule).alias("rule"),
    )
