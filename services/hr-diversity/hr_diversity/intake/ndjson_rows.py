"""NDJSON (one object a line) as frames of texts. Numbers and booleans are taken as they are written, null and absent as ""."""

import orjson
import polars as pl

from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.intake.lines import Lines
from hr_diversity.intake.mapping import OWN, Layout

BAD_JSON = "bad_json"


class NdjsonRows:
    def __init__(self, layout: Layout = OWN) -> None:
        self._layout = layout
        self._texts = dict.fromkeys(layout.names.values(), pl.String)

    def read(self, lines: Lines) -> tuple[pl.DataFrame, pl.DataFrame]:
        """(rows, findings). Rows: `line` and every column that the layout reads, as text. Raises WrongColumns for a name that is none."""
        numbers = pl.Series("line", range(lines.first, lines.first + lines.count), pl.UInt32)
        try:
            names = pl.read_ndjson(lines.data, infer_schema_length=None).columns
            rows = pl.read_ndjson(lines.data, schema=self._texts)
        except pl.exceptions.PolarsError:  # names no line, so each is looked at
            return self._sort_out(lines, numbers)
        if rows.height != len(numbers):
            return self._sort_out(lines, numbers)
        self._layout.check_known(names)
        return rows.insert_column(0, numbers).fill_null(""), pl.DataFrame(schema=SCHEMA)

    def _sort_out(self, lines: Lines, numbers: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
        good: list[dict[str, object]] = []
        bad: list[int] = []
        for number, text in zip(numbers, lines.data.removesuffix(b"\n").split(b"\n"), strict=True):
            if not text.strip():
                continue
            try:
                read = orjson.loads(text)
            except orjson.JSONDecodeError:
                read = None
            if not isinstance(read, dict):
                bad.append(number)
                continue
            self._layout.check_known(list(read))
            good.append({"line": number, **{name: _text(read.get(name)) for name in self._texts}})
        rows = pl.DataFrame(good, schema={"line": pl.UInt32, **self._texts})
        return rows.fill_null(""), refused(pl.DataFrame({"line": bad}, schema={"line": pl.UInt32}), "", BAD_JSON)


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value).decode()
