"""Parquet, batch by batch: what is typed comes out as it is written in a text file (2015-03-01, 1980, true)."""

import io
import os
import struct
from typing import TYPE_CHECKING

import polars as pl

from hr_diversity.sheets.saying import Refusal

if TYPE_CHECKING:
    from hr_diversity.sheets.saying import Asked, Saying

ROWS = 50_000
FEWEST_ALLOWED, ROWS_PER_BYTE = 100_000, 4
"""A file says by itself how many rows it has. One of people has different ids, so it holds some bits of each; one of nothing that is
repeated a billion times has none.
"""
MOST_FOOTER = 8 << 20
MAGIC, ENCRYPTED = b"PAR1", b"PARE"
SHORTEST = 12
"""Both magic words, and the length of the footer."""
SHORT = 10
"""Bytes of a number, boolean or day, about."""
SINGLE = (pl.String, pl.Boolean, pl.Categorical, pl.Enum, pl.Binary, pl.Null)
DAMAGED = "this is no Parquet file, or it is damaged"


def read_parquet(asked: "Asked", saying: "Saying") -> None:
    """Raises Refusal."""
    check_ends(asked.descriptor, asked.size)
    try:
        _read(f"/dev/fd/{asked.descriptor}", asked, saying)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        raise Refusal(DAMAGED) from error  # what it says itself may hold values of the file


def check_ends(descriptor: int, size: int) -> None:
    """Raises Refusal for what the first and last bytes give away."""
    head, tail = os.pread(descriptor, 4, 0), os.pread(descriptor, 8, max(size - 8, 0))
    if ENCRYPTED in {head, tail[4:]}:
        raise Refusal("the file is encrypted; send it without encryption")
    if size < SHORTEST or head != MAGIC or tail[4:] != MAGIC:
        raise Refusal(DAMAGED + ": it does not begin and end with PAR1")
    (footer,) = struct.unpack("<I", tail[:4])
    if footer > size - SHORTEST:
        raise Refusal(DAMAGED + f": its footer would have {footer:,} bytes, and the file has {size:,}")
    if footer > MOST_FOOTER:
        raise Refusal(f"the footer has {footer:,} bytes; one that describes staff has less than {MOST_FOOTER:,}")


def _read(path: str, asked: "Asked", saying: "Saying") -> None:
    schema = pl.read_parquet_schema(path)
    saying.say(b"N", list(schema))
    wanted = [name for name in asked.wanted if name in schema]
    wrong = [f"{name!r} ({schema[name]})"[:200] for name in wanted if _text(name, schema[name]) is None]
    if wrong:
        detail = f"these columns hold no texts, numbers, booleans or days: {', '.join(wrong[:10])}"
        raise Refusal(detail, "wrong-columns")
    rows = pl.scan_parquet(path, glob=False, low_memory=True, use_statistics=False, hive_partitioning=False)
    count = rows.select(pl.len()).collect().item()
    if count > FEWEST_ALLOWED + ROWS_PER_BYTE * asked.size:
        raise Refusal(
            f"it says that it has {count:,} rows, in {asked.size:,} bytes; such rows hold nothing", "too-large"
        )
    line = 1
    for batch in rows.select(wanted).collect_batches(chunk_size=ROWS, maintain_order=True, engine="streaming"):
        for part in batch.iter_slices(ROWS):
            _say(part, line, saying)
            line += part.height


def _say(part: pl.DataFrame, line: int, saying: "Saying") -> None:
    lengths = part.select(_length(name, kind).cast(pl.Int64) for name, kind in part.schema.items())
    longest, size = ([one or 0 for one in found.row(0)] for found in (lengths.max(), lengths.sum()))
    saying.count(max(longest, default=0), sum(size) + part.width * part.height)
    texts = part.select(
        expression.fill_null("").alias(name)
        for name, kind in part.schema.items()
        if (expression := _text(name, kind)) is not None
    )
    out = io.BytesIO()
    numbers = pl.Series("line", range(line, line + texts.height), pl.UInt32)
    texts.insert_column(0, numbers).write_ipc_stream(out)
    saying.say(b"F", out.getvalue())


def _length(name: str, kind: pl.DataType) -> pl.Expr:
    """Bytes of each text, before it is made where one is pointed to many times."""
    column = pl.col(name)
    if kind == pl.String:
        return column.str.len_bytes()
    if isinstance(kind, (pl.Categorical, pl.Enum)):
        return column.cat.len_bytes()
    return column.bin.size() if kind == pl.Binary else pl.lit(SHORT).alias(name)


def _text(name: str, kind: pl.DataType) -> pl.Expr | None:
    """How a column of this type is written; None where it holds no single values."""
    column = pl.col(name)
    if kind == pl.Date:
        return column.dt.to_string("%Y-%m-%d")
    if kind == pl.Datetime:
        day = column.dt.to_string("%Y-%m-%d")
        return pl.when(column.dt.time() == pl.time(0)).then(day).otherwise(column.dt.to_string("%Y-%m-%dT%H:%M:%S"))
    if kind.is_decimal():
        return column.cast(pl.String).str.replace(r"\.0+$", "")
    if kind.is_float():
        known = column.fill_nan(None)  # where whole numbers are missing, some programs write numbers with a fraction
        whole = known.cast(pl.Int64, strict=False)
        return pl.when(known == whole).then(whole.cast(pl.String)).otherwise(known.cast(pl.String))
    return column.cast(pl.String) if isinstance(kind, SINGLE) or kind.is_integer() else None
