"""What was refused and why: the first of them in full, all of them counted."""

from collections import Counter
from dataclasses import dataclass, field

import polars as pl

KEPT, SHOWN = 10_000, 100
LONGEST_VALUE = 40
TELLING_ID = 4
CODES = ("bad_unit", "bad_nationality", "bad_geographic_post", "bad_gone")
"""The rules that speak of codes, beside those that begin with UNKNOWN."""
UNKNOWN = "unknown_"
MOST_CODES, MOST_SHOWN = 10_000, 20
"""Different codes that are counted, of which there are few; where a column holds anything, those that are most often there."""

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
    most, of which answers show SHOWN. `unknown` counts the rows by column and code that was not known.
    """

    rows: int = 0
    by_rule: Counter[str] = field(default_factory=Counter)
    first: list[Refused] = field(default_factory=list)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, found: pl.DataFrame) -> None:
        """`found` has the columns of SCHEMA, one row for each rule that a row breaks; no line was there before."""
        if found.is_empty():
            return
        self.rows += found["line"].n_unique()
        self.by_rule.update(dict(found["rule"].value_counts().iter_rows()))
        cut = pl.col("value").str.slice(0, LONGEST_VALUE) + pl.when(
            pl.col("value").str.len_chars() > LONGEST_VALUE
        ).then(pl.lit("...")).otherwise(pl.lit(""))
        found = found.with_columns(value=cut)
        codes = found.filter(pl.col("rule").str.starts_with(UNKNOWN) | pl.col("rule").is_in(CODES)).drop_nulls("value")
        self._count_codes(Counter({row[:2]: row[2] for row in codes.group_by("column", "value").len().iter_rows()}))
        lowest = found.bottom_k(KEPT, by="line")
        self._show([*self.first, *(Refused(**row) for row in lowest.iter_rows(named=True))])

    def join(self, others: "Findings") -> None:
        """`others` are of other lines."""
        self.rows += others.rows
        self.by_rule.update(others.by_rule)
        self._count_codes(others.unknown)
        self._show([*self.first, *others.first])

    def _count_codes(self, found: Counter[tuple[str, str]]) -> None:
        self.unknown.update(found)
        if len(self.unknown) > MOST_CODES:
            self.unknown = Counter(dict(self.unknown.most_common(MOST_CODES // 2)))

    @property
    def unknown_codes(self) -> dict[str, dict[str, int]]:
        """By column the codes that were most often there, each with its rows."""
        shown: dict[str, dict[str, int]] = {}
        for (column, code), rows in sorted(self.unknown.items(), key=lambda one: (-one[1], one[0])):
            of_column = shown.setdefault(column, {})
            if len(of_column) < MOST_SHOWN:
                of_column[code] = rows
        return dict(sorted(shown.items()))

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


def unless_id(value: pl.Expr, staff_id: pl.Expr) -> pl.Expr:
    """The value as it may be shown: not where columns are mixed up, or run together, and the staff id stands in it.

    An id of a few characters is looked for as the whole value only, since "9" is in every "P9".
    """
    value, staff = value.cast(pl.String), staff_id.str.strip_chars()
    within = (staff.str.len_chars() >= TELLING_ID) & value.str.contains(staff, literal=True)
    return pl.when(~within & (value.str.strip_chars() != staff)).then(value)
