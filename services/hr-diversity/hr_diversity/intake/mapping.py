"""How a source lays out its files, and how its rows become ours.

Without a declaration a file has our own names and words. With one, an HR system sends its export as it is: its column names, its
codes, its way to write a day. What must not break: what is refused is named in the words of who sent it; a date of birth becomes a
year before anything looks at it, and is shown nowhere.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Literal

import orjson
import polars as pl

from hr_diversity.intake.columns import COLUMNS, DELTA_COLUMNS, GONE, REQUIRED, WrongColumns
from hr_diversity.intake.findings import unless_id
from shared.errors import FieldError, shorten

Encoding = Literal["utf-8", "cp1252", "latin-1", "utf-16"]
OTHERS: Literal["others"] = "others"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
EARLIEST = 1900
"""A year before it is two digits that were read as four."""
MOST_NAMED = 20
DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True)
class Layout:
    """`columns`, `values` and `constants` are by our names: of the column, of its values {theirs: ours}, of the value that all rows
    have. A column that is in none of them is looked for under our own name. `date_format` tells how days are written that are not
    like 2015-03-01. `ignored` names the columns that are not read, or says that all others are not.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    constants: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: Encoding = "utf-8"
    date_format: str | None = None
    birth_date_column: str | None = None
    sheet: str | None = None
    ignored: tuple[str, ...] | Literal["others"] = ()
    ours: tuple[str, ...] = COLUMNS

    def for_delta(self) -> "Layout":
        """The same for a file that may also say who left."""
        return replace(self, ours=DELTA_COLUMNS)

    @cached_property
    def is_own(self) -> bool:
        return replace(self, ours=COLUMNS) == OWN

    @cached_property
    def names(self) -> dict[str, str]:
        """By our names: the name of each in a file, for every column that a file may bring"""
        theirs = {name: self.columns.get(name, name) for name in self.ours if name not in self.constants}
        return theirs | ({} if self.birth_date_column is None else {"birth_year": self.birth_date_column})

    @cached_property
    def read_names(self) -> frozenset[str]:
        return frozenset(self.names.values())

    @cached_property
    def mark(self) -> bytes:
        """What a file's digest has at its end: under another declaration the same bytes are another content."""
        return b"" if self.is_own else orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    def check_names(self, names: list[str]) -> None:
        """`names` are those of the file. Raises WrongColumns that names every one which is unknown, missing or there twice."""
        known = [name for name in names if name in self.read_names]
        wrong = [(name, "unknown column") for name in self._unknown(names)]
        only_staff = GONE in self.names and self.names[GONE] in names  # it may tell of leavers alone
        required = REQUIRED[:1] if only_staff else REQUIRED
        needed = dict.fromkeys(self.names[name] for name in required if name in self.names)
        wrong += [(name, "missing column") for name in needed if name not in known]
        wrong += [(name, "column that is there twice") for name in dict.fromkeys(known) if known.count(name) > 1]
        self._refuse(wrong)

    def check_known(self, names: list[str]) -> None:
        """Raises WrongColumns that names every unknown one."""
        self._refuse([(name, "unknown column") for name in self._unknown(names)])

    def _unknown(self, names: list[str]) -> list[str]:
        if self.ignored == OTHERS:
            return []
        known = self.read_names | {*self.ignored}
        return [name for name in dict.fromkeys(names) if name not in known]

    def _refuse(self, wrong: list[tuple[str, str]]) -> None:
        if not wrong:
            return
        columns = ",".join(dict.fromkeys(self.names.values()))
        said = "" if self.is_own else " by the declaration of this source"
        raise WrongColumns(
            "; ".join(f"{what} {shorten(name)!r}" for name, what in wrong[:MOST_NAMED])
            + f". The columns are{said} {columns}, separated by {DELIMITERS[self.delimiter]}",
            errors=[FieldError(pointer="#/columns", value=shorten(name), detail=what) for name, what in wrong[:20]],
        )

    def read(self, rows: pl.DataFrame) -> pl.DataFrame:
        """`rows` have `line` and the file's columns, as text. The answer has `line` and every one of our columns, "" where there
        is nothing.
        """
        return rows.select("line", *(self._ours(name, rows.columns).alias(name) for name in self.ours))

    def _ours(self, name: str, brought: list[str]) -> pl.Expr:
        if name in self.constants:
            return pl.lit(self.constants[name])
        theirs = self.names[name]
        if theirs not in brought:
            return pl.lit("")
        text = pl.col(theirs).fill_null("")
        if values := self.values.get(name):
            text = text.replace(dict(values))
        if name == "entered_on" and self.date_format is not None:
            text = self._day(text)
        if name == "birth_year" and self.birth_date_column is not None:
            day = self._day(text)
            text = pl.when(day.str.contains(DAY)).then(day.str.head(4)).when(text != "").then(pl.lit("no day"))
            text = text.otherwise(pl.lit(""))
        return text

    def _day(self, text: pl.Expr) -> pl.Expr:
        """Days of typed columns come as we write them, whatever the format of texts is; what is no day stays as it is."""
        if self.date_format is None:
            return text
        day = text.str.to_datetime(self.date_format, strict=False, time_unit="ms").dt.date()
        day = pl.when(day.dt.year() >= EARLIEST).then(day.dt.to_string("%Y-%m-%d"))
        return pl.when(text.str.contains(DAY)).then(text).otherwise(pl.coalesce(day, text))

    def tell(self, found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        """Findings on the columns and values of `rows`, which are the file's; no staff id and no date of birth is among the values."""
        if self.is_own or found.is_empty():
            return found
        return pl.concat(self._tell(part, rows) for part in found.partition_by("column", maintain_order=True))

    def tell_ids(self, found: pl.DataFrame) -> pl.DataFrame:
        """Findings on staff ids, without values."""
        return found if self.is_own else found.with_columns(pl.lit(self.names["staff_id"]).alias("column"))

    def _tell(self, found: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
        theirs = self.names.get(found["column"][0])
        if theirs is None or theirs not in rows.columns:
            return found if theirs is None else found.with_columns(pl.lit(theirs).alias("column"))
        given = rows.select("line", pl.col(theirs).alias("given"), pl.col(self.names["staff_id"]).alias("staff"))
        secret = theirs in {self.birth_date_column, self.names["staff_id"]}
        shown = pl.lit(None, pl.String) if secret else unless_id(pl.col("given"), pl.col("staff"))
        if self.birth_date_column in rows.columns:  # where columns are mixed up it may stand in this one
            given = given.with_columns(rows[self.birth_date_column].alias("born"))
            shown = pl.when(pl.col("given").ne_missing(pl.col("born"))).then(shown)
        return found.join(given, on="line", how="left", maintain_order="left").select(
            "line",
            pl.lit(theirs).alias("column"),
            pl.when(pl.col("value").is_not_null()).then(shown).alias("value"),
            "rule",
        )


OWN = Layout()
"""Our own names and words."""
