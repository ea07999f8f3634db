"""People counted by what measures are drawn by: all that measures see of a snapshot.

A cube is a frame with one row for each combination that occurs, and `n`, the number of people in it. There are several small ones in
place of one with all columns, which would have nearly as many rows as there are people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hr_diversity.measures.ladder import REGULAR_BUDGET
from hr_diversity.measures.measure import Measure, Tally, group_of, in_order, members, with_groups

COUNTED = frozenset({"P1", "P2", "P3", "P4", "P5", "D1", "D2", "ADG", "DDG", "DG"})
"""Grades whose regular-budget posts can be subject to geographical distribution: HR Strategy 2022-25, progress 2022, footnote 3."""

KEYS = {
    "posts": ("grade", "contract_source", "category", "level"),
    "places": ("level", "region", "duty_station"),
    "units": ("level", "portfolio", "unit"),
    "ages": ("level", "age_band"),
    "nationalities": ("level", "nationality"),
}
"""The columns of each cube besides sex and n. `nationalities` is of those on posts subject to geographical distribution only."""

_OF = {
    **dict.fromkeys(("grade", "contract_source", "category"), "posts"),
    **dict.fromkeys(("region", "duty_station"), "places"),
    **dict.fromkeys(("portfolio", "unit"), "units"),
    "age_band": "ages",
}
TALLY = (
    pl.col("n").filter(pl.col("sex").eq_missing("F")).sum().alias("women"),
    pl.col("n").filter(pl.col("sex").eq_missing("M")).sum().alias("men"),
    pl.col("n").filter(~pl.col("sex").is_in(["F", "M"]).fill_null(value=False)).sum().alias("other"),
)


@dataclass(frozen=True, slots=True)
class Cubes:
    """The cubes of some people, by their names in KEYS."""

    posts: pl.DataFrame
    places: pl.DataFrame
    units: pl.DataFrame
    ages: pl.DataFrame
    nationalities: pl.DataFrame

    def of(self, measure: Measure) -> pl.DataFrame:
        """The cube that has the measure's columns, `category` among them."""
        names = {_OF[name] for name in measure.dimensions if name != "category"} or {"posts"}
        [name] = names
        cube: pl.DataFrame = getattr(self, name)
        if name == "posts":
            return cube
        level = pl.col("level").cast(pl.String)
        return cube.with_columns(
            category=pl.when(level.str.starts_with("senior")).then(pl.lit("senior")).otherwise(level)
        )


def count_people(stored: pl.DataFrame) -> Cubes:
    """The cubes of a frame of people as it is stored."""
    people = with_groups(stored).collect()
    counted = people.filter(
        pl.col("geographic_post").fill_null(value=False)
        & pl.col("grade").cast(pl.String).is_in(sorted(COUNTED))
        & (pl.col("contract_source").cast(pl.String) == REGULAR_BUDGET)
    )
    frames = {name: people if name != "nationalities" else counted for name in KEYS}
    return Cubes(**{name: frames[name].group_by(*keys, "sex").len("n") for name, keys in KEYS.items()})


def add_cubes(cubes: Sequence[Cubes]) -> Cubes:
    """The cubes of all people of these; there is at least one."""
    return Cubes(
        **{
            name: pl.concat([getattr(one, name) for one in cubes]).group_by(*keys, "sex").agg(pl.col("n").sum())
            for name, keys in KEYS.items()
        }
    )


def tally(cubes: Cubes, measure: Measure) -> Tally:
    """All whom the measure counts."""
    women, men, other = cubes.of(measure).filter(members(measure)).select(TALLY).row(0)
    return women, men, other


def tally_by(cubes: Cubes, measure: Measure) -> dict[str, Tally]:
    """The tally of each group that has somebody, in the measure's order."""
    cube = cubes.of(measure).filter(members(measure))
    found = {group: (w, m, o) for group, w, m, o in cube.group_by(group_of(measure).alias("group")).agg(TALLY).rows()}
    return {group: found[group] for group in in_order(measure, list(found))}
