"""CSV (RFC 4180, a header, commas or what the layout of the source says) as frames of texts.

Polars reads short and wrongly quoted lines without a word: a short line is filled up, and an open quote swallows lines. So a chunk
goes to it as it is only where it has no quote, and a last value or exactly the delimiters in its lines; otherwise each line is first
matched against the grammar, and those that do not fit are refused. A quoted value may hold delimiters and quotes, but no line end.
"""

import csv

import polars as pl

from hr_diversity.intake.columns import MOST_COLUMNS, EmptyFile, WrongColumns
from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.intake.lines import Lines
from hr_diversity.intake.mapping import OWN, Layout

RAGGED, BROKEN_QUOTES = "ragged_line", "broken_quotes"

NOT_READ = "\0"
"""How the names of columns begin that are parsed and thrown away; no file has a NUL."""


class CsvRows:
    """Reads the header from the first chunk and rows from all."""

    def __init__(self, layout: Layout = OWN) -> None:
        self.names: list[str] = []
        self._layout, self._delimiter = layout, layout.delimiter
        self._value = f'(?:"(?:[^"]|"")*"|[^"{self._delimiter}]*)'

    def read(self, lines: Lines) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(rows, findings). Rows: `line` and the columns that the layout reads, as text, in categories where it has our own words.
        Raises WrongColumns.
        """
        if not self.names:
            header, _, rest = lines.data.partition(b"\n")
            self.names = self._read_names(header)
            lines = Lines(rest, lines.first + 1, lines.count - 1)
        if not lines.data:
            return self._parse(b""), pl.DataFrame(schema=SCHEMA)
        numbers = pl.int_range(lines.first, lines.first + lines.count, dtype=pl.UInt32, eager=True).alias("line")
        if b'"' not in lines.data:
            try:
                rows = self._parse(lines.data, quote=None)
            except pl.exceptions.PolarsError:  # a line is too long
                return self._sort_out(lines, numbers)
            if rows.height == lines.count and self._are_whole(rows, lines):
                return rows.insert_column(0, numbers), pl.DataFrame(schema=SCHEMA)
        return self._sort_out(lines, numbers)

    def _are_whole(self, rows: pl.DataFrame, lines: Lines) -> bool:
        """Whether no line is short. Where all have a last value none is, and their delimiters, of which there are many, need no count."""
        last = self.names[-1]
        if last in rows.columns and not rows.select((pl.col(last) == "").any()).item():
            return True
        return lines.data.count(self._delimiter.encode()) == (len(self.names) - 1) * lines.count

    def _read_names(self, header: bytes) -> list[str]:
        names = read_header(header, self._delimiter)
        self._layout.check_names(names)
        known = self._layout.read_names
        return [name if name in known else f"{NOT_READ}{at}" for at, name in enumerate(names)]

    def _parse(self, data: bytes, *, quote: str | None = '"') -> pl.DataFrame:
        coded = self._layout.is_own
        schema = {name: _categories() if coded and name != "staff_id" else pl.String() for name in self.names}
        read = [name for name in self.names if not name.startswith(NOT_READ)]
        if not data:
            return pl.DataFrame(schema={"line": pl.UInt32, **dict.fromkeys(read, pl.String)})
        rows = pl.read_csv(
            data,
            has_header=False,
            schema=schema,
            empty_string_is_null=False,
            separator=self._delimiter,
            quote_char=quote,
        )
        return rows.select(read).with_columns(pl.col(pl.Categorical).fill_null(""))

    def _sort_out(self, lines: Lines, numbers: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
        texts = lines.data.decode().removesuffix("\n").split("\n")
        frame = pl.DataFrame({"line": numbers, "text": texts}).filter(pl.col("text") != "")
        following = f"(?:[{self._delimiter}]{self._value})"
        whole = pl.col("text").str.contains(f"^{self._value}{following}{{{len(self.names) - 1}}}$")
        quoted = pl.col("text").str.contains(f"^{self._value}{following}*$")
        frame = frame.with_columns(whole=whole, quoted=quoted)
        good = frame.filter(pl.col("whole"))
        rows = self._parse("\n".join(good["text"]).encode())
        if not good.is_empty():
            rows.insert_column(0, good["line"])
        bad = frame.filter(~pl.col("whole"))
        found = [
            refused(bad.filter(pl.col("quoted")), "", RAGGED),
            refused(bad.filter(~pl.col("quoted")), "", BROKEN_QUOTES),
        ]
        return rows, pl.concat(found)


def _categories() -> pl.Categorical:
    """Of one column of one chunk: they go when it does, and so a hostile file cannot heap them up."""
    return pl.Categorical(pl.Categories.random())


def read_header(line: bytes, delimiter: str = ",") -> list[str]:
    """Raises EmptyFile, or WrongColumns."""
    if not line.strip():
        raise EmptyFile("the first line is empty; it names the columns")
    try:
        names = next(csv.reader([line.decode()], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise WrongColumns(f"line 1, which names the columns, cannot be read: {error}") from error
    if len(names) > MOST_COLUMNS:
        raise WrongColumns(f"line 1 names {len(names):,} columns; the most is {MOST_COLUMNS}")
    return names
