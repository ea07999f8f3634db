"""What is kept of the rows: compressed chunks without a staff id, and the cube that all measures are drawn from."""

import hashlib
import io
from collections import Counter
from dataclasses import dataclass

import polars as pl
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from hr_diversity.intake.columns import COLUMNS
from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.measures.cubes import Cubes, count_people
from hr_diversity.measures.ladder import AGE_BANDS, NOT_STATED

PSEUDONYM_BYTES = 16
PURPOSE, PURPOSE_OF_BLOCKS = b"apge staff id", b"apge staff block"
FORM = "2"
"""What pseudonyms are made by and how a chunk is packed; the first form, of keyed BLAKE2b alone, had no mark."""
BAND = 5
DUPLICATE = "duplicate_staff_id"
STORED_AS = {"birth_year": "birth_band"}


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a snapshot as Parquet (zstd): pseudonym, sex, grade, contract_source, portfolio, region, unit, duty_station,
    nationality, geographic_post, entered_on, birth_band (the first year of five), age_band (as of the snapshot's year).
    """

    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """A chunk before duplicates are known; `prints` (eight bytes of each pseudonym) and `lines` are of its rows, in order. `missing` counts
    the rows without a value, by column.
    """

    chunk: Chunk
    cubes: Cubes
    prints: pl.Series
    lines: pl.Series
    missing: Counter[str]

    def who(self) -> pl.DataFrame:
        """`pseudonym` and `line` of the rows, unpacked again: they are asked for only of deltas and where ids are there twice."""
        rows = pl.read_parquet(io.BytesIO(self.chunk.data), columns=["pseudonym"])
        return rows.with_columns(self.lines)


class Pseudonyms:
    """staff id -> 16 bytes that tell nothing of it, by a secret that the database does not hold. The same id gives the same pseudonym,
    so that snapshots can be compared; without the secret nobody can try out ids.

    An id that fits is one AES block, encrypted and added to itself (Matyas-Meyer-Oseas, ISO/IEC 10118-2, with a secret key): who knows
    the key cannot turn it round either. A column of them is one call, with no loop that keeps other threads from running: a sixth of the
    time of keyed BLAKE2b, by which other ids are hashed.
    """

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2b(secret.encode(), person=PURPOSE).digest()
        key = hashlib.blake2b(secret.encode(), person=PURPOSE_OF_BLOCKS, digest_size=32).digest()
        self._cipher = Cipher(algorithms.AES256(key), modes.ECB())  # noqa: S305 (each is a block of its own)

    def of(self, staff_ids: pl.Series) -> pl.Series:
        """Of ids without a NUL, in order."""
        fits = (staff_ids.str.len_bytes() <= PSEUDONYM_BYTES) & (staff_ids.str.len_chars() == staff_ids.str.len_bytes())
        if fits.all():
            return self._of_short(staff_ids)
        blake, key, size = hashlib.blake2b, self._key, PSEUDONYM_BYTES
        others = [blake(one, key=key, digest_size=size).digest() for one in staff_ids.filter(~fits).cast(pl.Binary)]
        made = pl.concat([self._of_short(staff_ids.filter(fits)), pl.Series(others, dtype=pl.Binary)])
        place = pl.concat([fits.arg_true(), (~fits).arg_true()])
        return made.gather(place.arg_sort()).alias("pseudonym")

    def _of_short(self, ids: pl.Series) -> pl.Series:
        blocks = ids.str.pad_end(PSEUDONYM_BYTES, "\0").str.join("").item().encode()
        made = _octets(self._cipher.encryptor().update(blocks)) ^ _octets(blocks)
        return made.reshape((-1, PSEUDONYM_BYTES)).arr.to_list().cast(pl.Binary).alias("pseudonym")


def _octets(data: bytes) -> pl.Series:
    return pl.Series([data]).bin.reinterpret(dtype=pl.Array(pl.UInt8, len(data))).explode()


def can_be_joined(chunk: bytes) -> bool:
    """Whether its pseudonyms are made as those of new chunks are."""
    return pl.read_parquet_metadata(io.BytesIO(chunk)).get("apge.form") == FORM


def keep(good: pl.DataFrame, pseudonyms: Pseudonyms, year: int) -> Kept:
    """`good` as `checks.check` gives it, not empty; `year` is that of the snapshot's day."""
    pseudonym = pseudonyms.of(good["staff_id"])
    stored = good.select(
        pseudonym,
        pl.exclude("line", "staff_id", "birth_year"),
        (pl.col("birth_year") // BAND * BAND).alias("birth_band"),
        age_band(pl.lit(year) - pl.col("birth_year")).alias("age_band"),
    )
    prints = pseudonym.bin.slice(0, 8).bin.reinterpret(dtype=pl.UInt64)
    return Kept(pack(stored), count_people(stored), prints, good["line"], _count_missing(stored))


def _count_missing(stored: pl.DataFrame) -> Counter[str]:
    counts = stored.null_count().row(0, named=True)
    return Counter({name: counts.get(STORED_AS.get(name, name), 0) for name in COLUMNS})


def age_band(age: pl.Expr) -> pl.Expr:
    """The band of an age in whole years."""
    bands = pl.Series(AGE_BANDS[:-1], dtype=pl.Enum(AGE_BANDS))
    number = ((age // 10) - 2).clip(0, len(bands) - 1)
    return pl.lit(bands).gather(number).fill_null(NOT_STATED)


def pack(stored: pl.DataFrame) -> Chunk:
    out = io.BytesIO()
    stored.with_columns(pl.col(pl.Categorical).cast(pl.String)).write_parquet(
        out, compression="zstd", compression_level=1, statistics=False, metadata={"apge.form": FORM}
    )  # level 3 gains 1 % for 40 % more time
    return Chunk(stored.height, out.getvalue())


def drop_duplicates(kept: list[Kept]) -> tuple[list[Kept], pl.DataFrame]:
    """(what stays, findings). Of several good rows with one staff id the first stays."""
    prints = pl.concat([one.prints for one in kept]) if kept else pl.Series(dtype=pl.UInt64)
    if prints.n_unique() == prints.len():
        return kept, pl.DataFrame(schema=SCHEMA)
    return _drop_again(kept)


def _drop_again(kept: list[Kept]) -> tuple[list[Kept], pl.DataFrame]:
    again = ~pl.concat([one.who()["pseudonym"] for one in kept]).is_first_distinct()
    staying, found, start = [], [pl.DataFrame(schema=SCHEMA)], 0
    for one in kept:
        mine = again.slice(start, one.chunk.rows)
        start += one.chunk.rows
        if mine.any():
            found.append(refused(one.lines.filter(mine).to_frame(), "staff_id", DUPLICATE))
        staying.append(_without(one, mine) if mine.any() else one)
    return [one for one in staying if one.chunk.rows], pl.concat(found)


def _without(one: Kept, gone: pl.Series) -> Kept:
    stored = pl.read_parquet(io.BytesIO(one.chunk.data)).filter(~gone)
    return Kept(
        pack(stored), count_people(stored), one.prints.filter(~gone), one.lines.filter(~gone), _count_missing(stored)
    )
