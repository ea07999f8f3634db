"""How many people came to a line of a measure or left it between two snapshots.

Two figures of a line, subtracted, are a figure too: of these people. Its sign and size say who came or left where they are few.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import polars as pl

from hr_diversity.measures import CATALOGUE
from hr_diversity.measures.cubes import TALLY, cube_of, in_numbers, with_category
from hr_diversity.measures.ladder import NOT_STATED
from hr_diversity.measures.measure import Measure, group_of, members, with_kinds
from hr_diversity.rules.suppression import Line

MOVED_BY = ("sex", "grade", "contract_source", "unit", "portfolio", "region", "duty_station", "age_band")
"""The columns in which a person has to differ to have moved."""
UNPRINTED = (
    *("grade/contract_source", "grade/funding", "level"),
    *("level/region", "level/portfolio", "level/age_band", "region/duty_station", "portfolio/unit"),
)
"""Dimensions of lines that no measure prints and that anybody could work out from those of several."""
Moves = dict[Line, tuple[int, int, int]]
"""Women, men and others who came or left, by line; a line that nobody moved in is absent. Who changed sex left and came."""

WHOLE, REGULAR, SENIOR = "staff-by-grade", "staff-by-grade-regular-budget", "women-p5-plus-regular-budget"


def total_of(measure: Measure) -> Line:
    """The line that is the measure's total, whatever measures print it."""
    if measure.grades is not None:
        return (measure.code if measure.dimension is None else SENIOR), ""
    return (WHOLE if measure.funding is None else REGULAR), ""


def count_moves(people: pl.DataFrame) -> Moves:
    """`people` are those who differ, as `changes.compare` gives them for MOVED_BY: each column as it was, and as `<column>_after`."""
    was = in_numbers(people.select("was", *MOVED_BY))
    now = in_numbers(
        people.select(pl.col("is").alias("was"), *(pl.col(f"{name}_after").alias(name) for name in MOVED_BY))
    )
    both = pl.concat([was.collect(), now.collect().rename(_after)], how="horizontal").lazy()
    pairs = dict(zip(_KEYS, pl.collect_all([_pairs(both, keys) for keys in _KEYS.values()]), strict=True))
    sides = {cube: (_side(found, cube), _side(found, cube, _after)) for cube, found in pairs.items()}
    found: Moves = {}
    for code, measure in _lines():
        before, after = (_grouped(side, measure) for side in sides[cube_of(measure)])
        moved = before["group"].ne_missing(after["group"]) | before["sex"].ne_missing(after["sex"])
        both_groups = pl.concat([before.filter(moved), after.filter(moved)]).drop_nulls("group")
        rows = both_groups.group_by("group").agg(TALLY).rows()
        found |= {(code, group): (women, men, others) for group, women, men, others in rows}
    return found


_KEYS = {
    "posts": ("grade", "contract_source"),
    "places": ("level", "region", "duty_station"),
    "units": ("level", "portfolio", "unit"),
    "ages": ("level", "age_band"),
}
"""By the cube that has a line: what people are grouped by, before and after together, before lines are looked at. Those who moved in
none of its columns are few groups, and so are most others."""


def _after(name: str) -> str:
    return f"{name}_after"


def _pairs(both: pl.LazyFrame, keys: tuple[str, ...]) -> pl.LazyFrame:
    names = ["was", "sex", *keys]
    return both.group_by(*names, *map(_after, names)).len("n")


def _side(pairs: pl.DataFrame, cube: str, named: Callable[[str], str] = str) -> pl.DataFrame:
    """The groups as they were before, or after, in the order of `pairs`, with the words that measures ask for."""
    keys = _KEYS[cube]
    side = pairs.select("n", *(pl.col(named(name)).alias(name) for name in ("was", "sex", *keys)))
    if cube == "posts":
        return with_kinds(side.lazy()).collect()
    words = [pl.col(name).cast(pl.String).fill_null(NOT_STATED) for name in keys if name != "level"]
    return with_category(side.with_columns(words))


def _lines() -> Iterator[tuple[str, Measure]]:
    """Every measure with its groups, every total once, and the lines that no measure prints."""
    totals: dict[Line, Measure] = {}
    whole = CATALOGUE[WHOLE]
    for measure in CATALOGUE.values():
        totals.setdefault(total_of(measure), replace(measure, dimension=None))
        if measure.dimension is not None:
            yield measure.code, measure
    for (code, _), measure in totals.items():
        yield code, measure
    for dimension in UNPRINTED:
        code = dimension.replace("duty_station", "duty-station").replace("age_band", "age-band")
        yield code, replace(whole, dimension=dimension)


def _grouped(people: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """The group of each person, null for whom the measure does not count, and who is not on the staff; and sex as it is counted: whoever
    was X and is not stated has not moved.
    """
    group = pl.when(pl.col("was") & members(measure)).then(group_of(measure)).alias("group")
    sex = pl.col("sex").cast(pl.String)
    counted = pl.when(sex.is_in(["F", "M"])).then(sex).otherwise(pl.lit("X")).alias("sex")
    return people.select(group, counted, pl.col("n").cast(pl.Int64))
