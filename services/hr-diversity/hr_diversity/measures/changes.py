"""Who came, left or changed between two snapshots, found on columns: what flows and the distance between two releases rest on.

What must not break: the pseudonym only joins; no frame that leaves this file has it. Of people who did not change nothing is held
but a digest of eight bytes, so that memory is that of the chunks, 16 bytes a row of both, and the people who differ.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

COMPARED = ("sex", "grade", "contract_source", "unit", "portfolio", "region", "duty_station", "birth_band")
ROWS_AT_ONCE = 4_000_000
"""Digests that one join holds; its table takes some forty bytes for each."""


@dataclass(frozen=True, slots=True)
class Changes:
    """`people` has a row for each person who is in one snapshot only or differs in a compared column: `was` and `is` (on the staff
    before, after), each column as it was, and as `<column>_after`; null where the person is not on the staff or nothing is stated.
    Codes are strings, `birth_band` is a number.

    before = unchanged + people who `was`; after = unchanged + people who `is`.
    """

    people: pl.DataFrame
    before: int
    after: int
    unchanged: int


def compare(before: Sequence[bytes], after: Sequence[bytes], *, columns: Sequence[str] = COMPARED) -> Changes:
    """`before` and `after` are the Parquet chunks of two snapshots, in any order, of which no pseudonym is twice in one.

    Digests sort out who did not change; who is left is joined by pseudonym. Two digests that agree by chance would make one person too
    few on one side, which is seen, and then everybody is joined.
    """
    same = frozenset(before) & frozenset(after)
    old, new = (tuple(chunk for chunk in chunks if chunk not in same) for chunks in (before, after))
    was, now = _digests((*old, *new), columns, split=len(old))
    first, second = _apart(was, now)
    if was.len() - first.len() != now.len() - second.len():
        first, second = (pl.int_range(one.len(), dtype=pl.UInt32, eager=True) for one in (was, now))
    people = _join(_rows_at(old, first, columns), _rows_at(new, second, columns), columns)
    alike = sum(_count(chunk) for chunk in same)
    unchanged = alike + was.len() - int(people["was"].sum())
    return Changes(people, alike + was.len(), alike + now.len(), unchanged)


def _count(chunk: bytes) -> int:
    return int(pl.scan_parquet(io.BytesIO(chunk)).select(pl.len()).collect().item())


def _digests(chunks: Sequence[bytes], columns: Sequence[str], *, split: int) -> tuple[pl.Series, pl.Series]:
    """A digest of pseudonym and columns of each row of the first `split` chunks, and of the others.

    The numbers behind enumerations are hashed, which is four times as fast as their words, where all chunks have the same lists.
    """
    schemas = [pl.read_parquet_schema(io.BytesIO(chunk)) for chunk in chunks]
    alike = all(schema[name] == schemas[0][name] for schema in schemas for name in columns)
    row = pl.struct("pseudonym", *(pl.col(name) if alike else _plain(name) for name in columns))
    found = []
    for part in (chunks[:split], chunks[split:]):
        if not part:
            found.append(pl.Series("digest", [], pl.UInt64))
            continue
        rows = pl.concat([pl.scan_parquet(io.BytesIO(chunk)).select(row.hash().alias("digest")) for chunk in part])
        found.append(rows.collect(engine="streaming")["digest"])
    return found[0], found[1]


def _plain(name: str) -> pl.Expr:
    """Enumerations as their words: the numbers behind them change where a list gets a further word."""
    return pl.col(name) if name == "birth_band" else pl.col(name).cast(pl.String)


def _apart(was: pl.Series, now: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Positions, in order, of the digests that the other side does not have."""
    passes = max(1, -(-(was.len() + now.len()) // ROWS_AT_ONCE))
    frames = [pl.LazyFrame({"digest": side}).with_row_index("at") for side in (was, now)]
    found: tuple[list[pl.DataFrame], list[pl.DataFrame]] = ([], [])
    for nth in range(passes):
        left, right = frames if passes == 1 else (one.filter(pl.col("digest") % passes == nth) for one in frames)
        both = [left.join(right, on="digest", how="anti"), right.join(left, on="digest", how="anti")]
        for side, frame in zip(found, pl.collect_all(both), strict=True):
            side.append(frame.select("at"))
    first, second = (pl.concat(side)["at"].sort() for side in found)
    return first, second


def _rows_at(chunks: Sequence[bytes], at: pl.Series, columns: Sequence[str]) -> pl.DataFrame:
    """Pseudonym and columns of the rows at these positions, which are in order."""
    types = {name: pl.Int16 if name == "birth_band" else pl.String for name in columns}
    start, found = 0, [pl.DataFrame(schema={"pseudonym": pl.Binary, **types})]
    for chunk in chunks:
        end = start + _count(chunk)
        here = at.slice(at.search_sorted(start), at.search_sorted(end) - at.search_sorted(start))
        if here.len():
            rows = pl.read_parquet(io.BytesIO(chunk), columns=["pseudonym", *columns])[here - start]
            found.append(rows.select("pseudonym", *map(_plain, columns)).cast({name: types[name] for name in columns}))
        start = end
    return pl.concat(found)


def _join(was: pl.DataFrame, now: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    both = was.with_columns(was=True).join(
        now.with_columns(**{"is": True}), on="pseudonym", how="full", coalesce=True, suffix="_after"
    )
    there = both.with_columns(pl.col("was").fill_null(value=False), pl.col("is").fill_null(value=False))
    differs = [pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in columns]
    return there.filter(pl.any_horizontal(~pl.col("was"), ~pl.col("is"), *differs)).select(
        "was", "is", *columns, *(f"{name}_after" for name in columns)
    )
