"""Flows between two snapshots of a million rows: from their stored chunks to the accounts, beside a bare Polars join of the same people.

The limit reads the same columns of the same rows from two Parquet files and joins them by pseudonym, nothing else: no comparison, no
account. Suppression is timed by itself, on the same accounts. Nobody is in the snapshots.
"""

import io
import random
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date

import polars as pl

from benchmarks.measuring import Row
from hr_diversity.intake.checks import LISTS
from hr_diversity.measures.changes import compare
from hr_diversity.measures.flows import COMPARED, LADDERS, REGULAR_ONLY, draw_accounts
from hr_diversity.rules.flow_suppression import ALL, Stocks, withhold
from hr_diversity.rules.flows import REGULAR, WHOLE

COMMAND = "python -m benchmarks flows"
ROWS, CHUNK, ROUNDS = 1_000_000, 60_000, 5
LEFT, CAME, ROSE, MOVED = 0.07, 0.08, 0.05, 0.06
THRESHOLD = 5
FEW = 200
"""People who left, and as many who moved, between two snapshots that are nearly the same."""


def staff(rows: int, draw: random.Random) -> pl.DataFrame:
    """As the intake stores it: a pseudonym of sixteen bytes, enumerations, the year of a birth band."""
    ids = draw.randbytes(16 * rows)
    listed = {name: pl.Series(draw.choices(words, k=rows), dtype=pl.Enum(words)) for name, words in LISTS.items()}
    return pl.DataFrame(
        {
            "pseudonym": [ids[at : at + 16] for at in range(0, len(ids), 16)],
            **listed,
            "unit": draw.choices([f"UNIT-{n}" for n in range(40)], k=rows),
            "duty_station": draw.choices([f"Station {n}" for n in range(120)], k=rows),
            "nationality": draw.choices([f"{n:03}" for n in range(180)], k=rows),
            "geographic_post": draw.choices([True, False], k=rows),
            "entered_on": draw.choices([date(year, 1, 1) for year in range(1990, 2022)], k=rows),
            "birth_band": pl.Series(draw.choices(range(1955, 2000, 5), k=rows), dtype=pl.Int16),
        }
    )


def a_year_later(before: pl.DataFrame, draw: random.Random) -> pl.DataFrame:
    def some(share: float, of: pl.DataFrame) -> pl.Series:
        return pl.Series([draw.random() < share for _ in range(of.height)])

    stays = before.filter(~some(LEFT, before))
    grade = before.schema["grade"]
    higher = pl.col("grade").cast(pl.String).replace({"P2": "P3", "P3": "P4", "P4": "P5", "G4": "G5"}).cast(grade)
    stays = stays.with_columns(grade=pl.when(some(ROSE, stays)).then(higher).otherwise("grade"))
    stays = stays.with_columns(unit=pl.when(some(MOVED, stays)).then(pl.lit("UNIT-0")).otherwise("unit"))
    return pl.concat([stays, staff(int(before.height * CAME), draw)])


def chunks(people: pl.DataFrame) -> list[bytes]:
    return [_parquet(people.slice(start, CHUNK)) for start in range(0, people.height, CHUNK)]


def _parquet(people: pl.DataFrame) -> bytes:
    out = io.BytesIO()
    people.write_parquet(out, compression="zstd", compression_level=1, statistics=False)
    return out.getvalue()


def bare_join(before: bytes, after: bytes) -> int:
    was, now = (pl.read_parquet(io.BytesIO(data), columns=["pseudonym", *COMPARED]) for data in (before, after))
    return was.join(now, on="pseudonym", how="full", coalesce=True, suffix="_after").height


def seconds(rounds: Iterator[float]) -> str:
    taken = sorted(rounds)
    return f"{statistics.median(taken):.2f} s (n={len(taken)}, {taken[0]:.2f} to {taken[-1]:.2f})"


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def run() -> list[Row]:
    draw = random.Random(2022)
    before = staff(ROWS, draw)
    after = a_year_later(before, draw)
    first = pl.int_range(pl.len()) < FEW
    few = before.slice(FEW).with_columns(unit=pl.when(first).then(pl.lit("ELSEWHERE")).otherwise("unit"))
    old, new, near = chunks(before), chunks(after), chunks(few)
    whole = [_parquet(before), _parquet(after)]
    del before, after, few
    rounds: dict[str, list[float]] = {"accounts": [], "near": [], "join": []}
    for _ in range(ROUNDS):
        rounds["join"].append(timed(lambda: bare_join(*whole)))
        rounds["accounts"].append(timed(lambda: draw_accounts(old, new)))
        rounds["near"].append(timed(lambda: compare(old, near)))
    found = draw_accounts(old, new)
    shown = frozenset((of, grade, sex) for of in (WHOLE, REGULAR) for grade in (*found[of], ALL) for sex in range(3))
    weighed = timed(lambda: withhold(found, Stocks(shown, shown), THRESHOLD, LADDERS, REGULAR_ONLY))
    join, accounts = statistics.median(rounds["join"]), statistics.median(rounds["accounts"])
    near_ = statistics.median(rounds["near"])
    limit = f"bare Polars join of the same two files {seconds(iter(rounds['join']))}"
    return [
        Row(
            "flows between two snapshots of 1,000,000 rows, to the accounts",
            f"{seconds(iter(rounds['accounts']))}; what is withheld {weighed:.2f} s",
            limit,
            f"{accounts / join:.2f}",
            "at most 1 s",
            COMMAND,
        ),
        Row(
            "two snapshots of 1,000,000 rows compared where 400 people differ",
            seconds(iter(rounds["near"])),
            limit,
            f"{near_ / join:.2f}",
            "less than the join",
            COMMAND,
        ),
    ]
