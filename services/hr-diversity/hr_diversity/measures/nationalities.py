"""Who counts for geography: P1 to DG on regular-budget posts that are subject to geographical distribution, by nationality and sex.

Source: Human Resources Strategy 2022-25, progress 2022, footnote 3. Language posts, general service and project staff do not count.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from hr_diversity.measures.cubes import COUNTED, Cubes
from hr_diversity.measures.ladder import REGULAR_BUDGET
from hr_diversity.rules.representation.publishing import NOT_STATED, Counted
from hr_diversity.rules.suppression import NOBODY, Counts


@dataclass(frozen=True, slots=True)
class Appointed:
    """Who came from outside the staff: to posts that count by nationality, and to the same grades and budget without that."""

    by_country: Mapping[str, Counts]
    not_counted: Counts


COLUMNS = ("sex", "grade", "contract_source", "nationality", "geographic_post")
_GRADE = pl.col("grade").cast(pl.String).is_in(sorted(COUNTED)) & (
    pl.col("contract_source").cast(pl.String) == REGULAR_BUDGET
)
_ON_POST = pl.col("geographic_post").cast(pl.String) == "true"


def count_nationalities(chunks: Sequence[bytes]) -> Counted:
    """Of the Parquet chunks of a snapshot."""
    frames = [
        pl.scan_parquet(io.BytesIO(chunk))
        .group_by(
            pl.when(_GRADE).then(_ON_POST.fill_null(value=False)).alias("counts"),
            pl.when(_GRADE & _ON_POST).then(pl.col("nationality").cast(pl.String)).alias("nationality"),
            pl.col("sex").cast(pl.String),
        )
        .len("n")
        for chunk in chunks
    ]
    return _make(pl.concat(frames).collect())


def of_cubes(cubes: Cubes) -> Counted:
    """The same of the cubes of a snapshot."""
    counted = cubes.nationalities.select(
        pl.lit(value=True).alias("counts"),
        pl.col("nationality").cast(pl.String),
        pl.col("sex").cast(pl.String),
        pl.col("n").cast(pl.Int64),
    )
    posts = cubes.posts.select(
        pl.when(_GRADE).then(pl.lit(value=False)).alias("counts"),
        pl.lit(None, pl.String).alias("nationality"),
        pl.col("sex").cast(pl.String),
        pl.col("n").cast(pl.Int64),
    )
    twice = counted.with_columns(counts=pl.lit(value=False), nationality=pl.lit(None, pl.String), n=-pl.col("n"))
    return _make(pl.concat([counted, posts, twice]))


def _make(rows: pl.DataFrame) -> Counted:
    """`counts` null: of other grades or funding."""
    women, men, n = pl.col("sex").eq_missing("F"), pl.col("sex").eq_missing("M"), pl.col("n").cast(pl.Int64)
    tallied = (
        rows.group_by("counts", pl.col("nationality").fill_null(NOT_STATED))
        .agg(
            n.filter(women).sum().alias("women"),
            n.filter(men).sum().alias("men"),
            n.filter(~women & ~men).sum().alias("other"),
        )
        .sort("nationality")
        .rows()
    )
    by_country = {country: Counts(*counts) for counts_here, country, *counts in tallied if counts_here}
    rest = next((Counts(*counts) for here, _, *counts in tallied if here is False), NOBODY)
    staff = [Counts(*counts) for _, _, *counts in tallied]
    return Counted(
        {c: n for c, n in by_country.items() if n.total},
        rest,
        Counts(*map(sum, zip(*staff, strict=True))) if staff else NOBODY,
    )


def count_moved(people: pl.DataFrame) -> tuple[dict[str, Counts], Appointed]:
    """Who came to a post that counts or left one, by nationality, and who was appointed. `people` as `changes.compare` gives them for
    COLUMNS; who changed sex or nationality left and came.
    """
    was = people.select(there="was", **{name: pl.col(name) for name in COLUMNS})
    now = people.select(there="is", **{name: pl.col(f"{name}_after") for name in COLUMNS})
    before, after = (
        frame.select(
            pl.col("nationality").fill_null(NOT_STATED),
            "sex",
            graded=(pl.col("there") & _GRADE).fill_null(value=False),
            counts=(pl.col("there") & _GRADE & _ON_POST).fill_null(value=False),
        )
        for frame in (was, now)
    )
    same = (
        (before["counts"] == after["counts"])
        & before["nationality"].eq_missing(after["nationality"])
        & before["sex"].eq_missing(after["sex"])
    )
    moved = pl.concat([before.filter(~same & before["counts"]), after.filter(~same & after["counts"])])
    fresh = ~people["was"] & people["is"]
    appointed = Appointed(
        _by_country(after.filter(fresh & after["counts"])),
        _sum(after.filter(fresh & after["graded"] & ~after["counts"])),
    )
    return _by_country(moved), appointed


def _by_country(people: pl.DataFrame) -> dict[str, Counts]:
    return {str(country): _sum(part) for (country,), part in people.group_by("nationality")}


def _sum(people: pl.DataFrame) -> Counts:
    women, men = (int((people["sex"] == sex).sum()) for sex in "FM")
    return Counts(women, men, people.height - women - men)
