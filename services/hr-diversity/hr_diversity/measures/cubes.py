"""People counted by what measures are drawn by: all that measures see of a snapshot.

A cube is a frame with one row for each combination that occurs, and `n`, the number of people in it. There are several small ones in
place of one with all columns, which would have nearly as many rows as there are people.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hr_diversity.measures.ladder import (
    AGE_BANDS,
    CATEGORY_OF,
    CONTRACT_SOURCES,
    GRADES,
    LEVELS,
    NOT_STATED,
    PORTFOLIOS,
    REGIONS,
    REGULAR_BUDGET,
    SEXES,
)
from hr_diversity.measures.measure import Measure, Tally, group_of, in_order, level_of, members

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
    **dict.fromkeys(("grade", "contract_source"), "posts"),
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
        name = cube_of(measure)
        cube: pl.DataFrame = getattr(self, name)
        return cube if name == "posts" else with_category(cube)


def cube_of(measure: Measure) -> str:
    """The name of the cube that has the measure's columns."""
    [name] = {_OF[name] for name in measure.dimensions if name in _OF} or {"posts"}
    return name


def with_category(cube: pl.DataFrame) -> pl.DataFrame:
    """A cube that has `level`, with the `category` of it."""
    level = pl.col("level").cast(pl.String)
    return cube.with_columns(category=pl.when(level.str.starts_with("senior")).then(pl.lit("senior")).otherwise(level))


_LISTED = {
    "grade": pl.Enum(GRADES),
    "contract_source": pl.Enum(CONTRACT_SOURCES),
    "region": pl.Enum(REGIONS),
    "portfolio": pl.Enum(PORTFOLIOS),
    "age_band": pl.Enum(AGE_BANDS),
    "sex": pl.Enum(SEXES),
}
_FREE = ("unit", "duty_station", "nationality")
_STATED = ("duty_station", "portfolio", "age_band")
_LEVEL_OF = pl.Series(
    [level_of(grade, source) for grade in GRADES for source in CONTRACT_SOURCES], dtype=pl.Enum(LEVELS)
)


def count_people(stored: pl.DataFrame) -> Cubes:
    """The cubes of a frame of people as it is stored. They are grouped by the numbers behind their words, and only the groups, of
    which there are few, get the words back: a fifth of the time.
    """
    people = in_numbers(stored)
    counted = people.filter(
        pl.col("geographic_post").fill_null(value=False)
        & pl.col("grade").cast(pl.String).is_in(sorted(COUNTED))
        & (pl.col("contract_source") == REGULAR_BUDGET)
    )
    frames = {name: people if name != "nationalities" else counted for name in KEYS}
    grouped = pl.collect_all([frames[name].group_by(*_grouped(keys), "sex").len("n") for name, keys in KEYS.items()])
    return Cubes(**{name: _in_words(cube, name) for name, cube in zip(KEYS, grouped, strict=True)})


def narrow(people: pl.DataFrame) -> pl.DataFrame:
    """The same people, as `changes.compare` gives them, with enumerations and categories for words: a tenth of the memory."""
    free = {name: pl.Categorical(pl.Categories.random()) for name in _FREE}
    kinds: dict[str, pl.DataType] = {**_LISTED, **free}
    names = {name: kinds.get(name.removesuffix("_after")) for name in people.columns}
    return people.cast({name: kind for name, kind in names.items() if kind is not None})


def in_numbers(people: pl.DataFrame) -> pl.LazyFrame:
    """People, with `level`, whose other columns that cubes have are enumerations or categories: fast to group by."""
    kinds = people.schema
    coded = people.lazy().cast({name: kind for name, kind in _LISTED.items() if name in kinds and kinds[name] != kind})
    coded = coded.with_columns(_numbered(name) for name in _FREE if kinds.get(name) == pl.String)
    number = pl.col("grade").to_physical().cast(pl.UInt32) * len(CONTRACT_SOURCES)
    return coded.with_columns(
        level=pl.lit(_LEVEL_OF).gather(number + pl.col("contract_source").to_physical().cast(pl.UInt32))
    )


def _numbered(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Categorical(pl.Categories.random()))


def _grouped(keys: tuple[str, ...]) -> list[str]:
    return [name for name in keys if name != "category"]


def _in_words(cube: pl.DataFrame, name: str) -> pl.DataFrame:
    words = cube.with_columns(pl.col(_grouped(KEYS[name])).exclude(*_LISTED, "level").cast(pl.String))
    stated = [pl.col(key).cast(pl.String).fill_null(NOT_STATED) for key in KEYS[name] if key in _STATED]
    category = pl.col("grade").cast(pl.String).replace_strict(CATEGORY_OF, return_dtype=pl.String)
    more = {"category": category} if "category" in KEYS[name] else {}
    return words.with_columns(*stated, **more).select(*KEYS[name], "sex", "n")


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
