"""CSV (RFC 4180, commas, a header) as frames of texts.

Polars reads ragged and wrongly quoted lines without a word: a short line is filled up, and an open quote swallows lines. So a chunk
goes to it as it is only where it has no quote and exactly the commas of its lines; otherwise each line is first matched against the
grammar, and those that do not fit are refused. A quoted value may hold commas and quotes, but no line end.
"""

import csv

import polars as pl

from hr_diversity.intake.columns import COLUMNS, EmptyFile, WrongColumns, check_names
from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.intake.lines import Lines

RAGGED, BROKEN_QUOTES = "ragged_line", "broken_quotes"
MOST_COLUMNS = 100

VALUE = '(?:"(?:[^"]|"")*"|[^",]*)'
WELL_FORMED = f"^{VALUE}(?:,{VALUE})*$"


class CsvRows:
    """Reads the header from the first chunk and rows from all."""

    def __init__(self, columns: tuple[str, ...] = COLUMNS) -> None:
        self.columns, self.names = columns, list[str]()

    def read(self, lines: Lines) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(rows, findings). Rows: `line` and every one of `columns`, as text, "" where there is none. Raises WrongColumns."""
        if not self.names:
            header, _, rest = lines.data.partition(b"\n")
            self.names = read_header(header, self.columns)
            lines = Lines(rest, lines.first + 1)
        if not lines.data:
            return self._complete(self._parse(b"")), pl.DataFrame(schema=SCHEMA)
        count = lines.count
        numbers = pl.Series("line", range(lines.first, lines.first + count), pl.UInt32)
        if b'"' not in lines.data and lines.data.count(b",") == (len(self.names) - 1) * count:
            try:
                rows = self._parse(lines.data)
            except pl.exceptions.PolarsError:  # one line too long and another too short by as much
                return self._sort_out(lines, numbers)
            return self._complete(rows.insert_column(0, numbers)), pl.DataFrame(schema=SCHEMA)
        return self._sort_out(lines, numbers)

    def _parse(self, data: bytes) -> pl.DataFrame:
        schema = dict.fromkeys(self.names, pl.String)
        if not data:
            return pl.DataFrame(schema={"line": pl.UInt32, **schema})
        return pl.read_csv(data, has_header=False, schema=schema, empty_string_is_null=False)

    def _sort_out(self, lines: Lines, numbers: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
        texts = lines.data.decode().removesuffix("\n").split("\n")
        frame = pl.DataFrame({"line": numbers, "text": texts}).filter(pl.col("text") != "")
        whole = pl.col("text").str.contains(f"^{VALUE}(?:,{VALUE}){{{len(self.names) - 1}}}$")
        quoted = pl.col("text").str.contains(WELL_FORMED)
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
        return self._complete(rows), pl.concat(found)

    def _complete(self, rows: pl.DataFrame) -> pl.DataFrame:
        given = rows.columns
        return rows.select(
            "line",
            *(pl.col(name).fill_null("") if name in given else pl.lit("").alias(name) for name in self.columns),
        )


def read_header(line: bytes, columns: tuple[str, ...] = COLUMNS) -> list[str]:
    """Raises EmptyFile, or WrongColumns."""
    if not line.strip():
        raise EmptyFile("the first line is empty; it names the columns")
    try:
        names = next(csv.reader([line.decode()], strict=True))
    except csv.Error as error:
        raise WrongColumns(f"line 1, which names the columns, cannot be read: {error}") from error
    check_names(names, columns)
    return names
