"""Names of places and units that few people have are in one group without a name.

A file may say anything in a column of free text, a person's name too where columns are mixed up. What must not break: no such text is
the name of a published group unless k people have it, or it is a unit that is defined.
"""

from collections.abc import Collection
from dataclasses import replace

import polars as pl

from hr_diversity.measures.cubes import KEYS, Cubes

OTHERS = "others"
FOLDED = (("staff-by-duty-station", OTHERS), ("staff-by-unit", OTHERS))
"""The lines of these groups. They are of other places in every snapshot, so they are always withheld."""


def fold(cubes: Cubes, k: int, units: Collection[str]) -> Cubes:
    """The cubes with the duty stations of fewer than k people, and such units beside the defined ones, as one."""
    return replace(
        cubes,
        places=_fold(cubes.places, "duty_station", "places", k, ()),
        units=_fold(cubes.units, "unit", "units", k, units),
    )


def _fold(cube: pl.DataFrame, column: str, name: str, k: int, known: Collection[str]) -> pl.DataFrame:
    text = pl.col(column).cast(pl.String)
    few = (pl.col("n").sum().over(column) < k) & ~text.is_in(sorted(known))
    folded = cube.with_columns(pl.when(few).then(pl.lit(OTHERS)).otherwise(text).alias(column))
    return folded.group_by(*KEYS[name], "sex").agg(pl.col("n").sum())
