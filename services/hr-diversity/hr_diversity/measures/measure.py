"""What a measure is: a name, a definition with its source, and how its groups are counted in a cube.

A cube is a frame with one row for each combination of grade, contract_source, region, unit and sex that occurs, and `n`, the
number of people in it. It is all that measures see of a snapshot.
"""

from dataclasses import dataclass
from typing import Literal

import polars as pl

Dimension = Literal["grade", "contract_source", "region", "unit"]
Tally = tuple[int, int, int]
"""Women, men, other (X or not stated)."""

CUBE = ("grade", "contract_source", "region", "unit", "sex")

_TALLY = (
    pl.col("n").filter(pl.col("sex").eq_missing("F")).sum().alias("women"),
    pl.col("n").filter(pl.col("sex").eq_missing("M")).sum().alias("men"),
    pl.col("n").filter(~pl.col("sex").is_in(["F", "M"]).fill_null(value=False)).sum().alias("other"),
)


@dataclass(frozen=True, slots=True)
class Measure:
    """`formula` names the document that the definition comes from. `version` rises when the same snapshot would give other
    figures. `order` is the order of the groups; None sorts them by code. `beside` is the code of the same measure over the whole
    workforce, or over the regular budget. `grades` and `funding` say of what posts it is; None: of all.
    """

    code: str
    title: str
    definition: str
    formula: str
    version: int = 1
    dimension: Dimension | None = None
    order: tuple[str, ...] | None = None
    beside: str | None = None
    grades: frozenset[str] | None = None
    funding: str | None = None

    @property
    def rule(self) -> str:
        return f"{self.code}/{self.version}"


def count_people(frame: pl.DataFrame) -> pl.DataFrame:
    """The cube of a frame of people."""
    return frame.group_by(CUBE).len("n")


def add_cubes(cubes: list[pl.DataFrame]) -> pl.DataFrame:
    """The cube of all people of these cubes; there is at least one."""
    return pl.concat(cubes).group_by(CUBE).agg(pl.col("n").sum())


def tally(cube: pl.DataFrame) -> Tally:
    women, men, other = cube.select(_TALLY).row(0)
    return women, men, other


def tally_by(cube: pl.DataFrame, measure: Measure) -> dict[str, Tally]:
    """The tally of each group that has somebody, in the measure's order."""
    assert measure.dimension is not None  # noqa: S101 (asked of measures with a dimension only)
    rows = cube.group_by(pl.col(measure.dimension).cast(pl.String)).agg(_TALLY).rows()
    found = {group: (women, men, other) for group, women, men, other in rows}
    return {group: found[group] for group in measure.order or sorted(found) if group in found}
