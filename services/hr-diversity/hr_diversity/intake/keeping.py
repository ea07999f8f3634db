"""What is kept of the rows: compressed chunks without a staff id, and the cube that all measures are drawn from."""

import hashlib
import io
from dataclasses import dataclass

import polars as pl

from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.measures.cubes import Cubes, count_people
from hr_diversity.measures.ladder import AGE_BANDS, NOT_STATED

PSEUDONYM_BYTES = 16
PURPOSE = b"apge staff id"
BAND = 5
DUPLICATE = "duplicate_staff_id"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a snapshot as Parquet (zstd): pseudonym, sex, grade, contract_source, portfolio, region, unit, duty_station,
    nationality, geographic_post, entered_on, birth_band (the first year of five), age_band (as of the snapshot's year).
    """

    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A chunk before duplicates are known; `who` has `pseudonym` and `line` of its rows, in order."""

    chunk: Chunk
    cubes: Cubes
    who: pl.DataFrame


class Pseudonyms:
    """staff id -> 16 bytes, by BLAKE2b keyed with a secret that the database does not hold. The same id gives the same pseudonym, so
    that snapshots can be compared; without the key nobody can try out ids. Keyed BLAKE2b is a MAC as HMAC-SHA-256 is, and takes
    0.6 s for a million ids where that takes 1.5 s.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2b(secret.encode(), person=PURPOSE).digest()

    def of(self, staff_ids: pl.Series) -> pl.Series:
        blake, key, size = hashlib.blake2b, self._key, PSEUDONYM_BYTES
        ids = staff_ids.cast(pl.Binary).to_list()
        return pl.Series("pseudonym", [blake(one, key=key, digest_size=size).digest() for one in ids], pl.Binary)


def keep(good: pl.DataFrame, pseudonyms: Pseudonyms, year: int) -> Kept:
    """`good` as `checks.check` gives it, not empty; `year` is that of the snapshot's day."""
    who = pl.DataFrame([pseudonyms.of(good["staff_id"]), good["line"]])
    stored = good.select(
        who["pseudonym"],
        pl.exclude("line", "staff_id", "birth_year"),
        (pl.col("birth_year") // BAND * BAND).alias("birth_band"),
        age_band(pl.lit(year) - pl.col("birth_year")).alias("age_band"),
    )
    return Kept(pack(stored), count_people(stored), who)


def age_band(age: pl.Expr) -> pl.Expr:
    """The band of an age in whole years."""
    bands = pl.Series(AGE_BANDS[:-1], dtype=pl.Enum(AGE_BANDS))
    number = ((age // 10) - 2).clip(0, len(bands) - 1)
    return pl.lit(bands).gather(number).fill_null(NOT_STATED)


def pack(stored: pl.DataFrame) -> Chunk:
    out = io.BytesIO()
    stored.write_parquet(
        out, compression="zstd", compression_level=1, statistics=False
    )  # level 3 gains 1 % for 40 % more time
    return Chunk(stored.height, out.getvalue())


def drop_duplicates(kept: list[Kept]) -> tuple[list[Kept], pl.DataFrame]:
    """(what stays, findings). Of several good rows with one staff id the first stays."""
    if not kept:
        return [], pl.DataFrame(schema=SCHEMA)
    pseudonyms = pl.concat([one.who["pseudonym"] for one in kept])
    again = ~pseudonyms.is_first_distinct()
    if not again.any():
        return kept, pl.DataFrame(schema=SCHEMA)
    staying, found, start = [], [], 0
    for one in kept:
        mine = again.slice(start, one.chunk.rows)
        start += one.chunk.rows
        found.append(refused(one.who.filter(mine), "staff_id", DUPLICATE))
        staying.append(_without(one, mine) if mine.any() else one)
    return [one for one in staying if one.chunk.rows], pl.concat(found)


def _without(one: Kept, gone: pl.Series) -> Kept:
    stored = pl.read_parquet(io.BytesIO(one.chunk.data)).filter(~gone)
    return Kept(pack(stored), count_people(stored), one.who.filter(~gone))
