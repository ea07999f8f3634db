"""What a measure is: a name, a definition with its population, unit and source, and the groups that it counts.

What a group of a measure is, is said once, in `group_of`; people and cubes are grouped by the same expressions, so that a change of
a person and a count of many are always of the same groups.
"""

from dataclasses import dataclass

import polars as pl

from hr_diversity.measures.ladder import (
    CATEGORY_OF,
    LEVELS,
    NOT_STATED,
    ORDERS,
    OTHER_FUNDING,
    REGULAR_BUDGET,
    SENIOR,
    SENIOR_OTHER,
    SENIOR_REGULAR,
)

Tally = tuple[int, int, int]
"""Women, men, other (X or not stated)."""

WHOLE, REGULAR = "All staff of the snapshot", "Staff on regular-budget contracts"


@dataclass(frozen=True, slots=True)
class Measure:
    """`formula` names the document that the definition comes from. `version` rises when the same snapshot would give other figures.
    `dimension` is a column of people, or two with a slash between them; None: one figure. `beside` is the code of the same measure
    over the whole workforce, or over the regular budget. `grades` and `funding` say of what posts it is; None: of all.
    """

    code: str
    title: str
    definition: str
    formula: str
    population: str = WHOLE
    unit: str = "people"
    version: int = 1
    dimension: str | None = None
    beside: str | None = None
    grades: frozenset[str] | None = None
    funding: str | None = None

    @property
    def rule(self) -> str:
        return f"{self.code}/{self.version}"

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.dimension.split("/")) if self.dimension else ()


def level_of(grade: str, contract_source: str) -> str:
    """What `with_groups` calls `level`, of one post."""
    category = CATEGORY_OF[grade]
    if category != "senior":
        return category
    return SENIOR_REGULAR if contract_source == REGULAR_BUDGET else SENIOR_OTHER


def with_groups(people: pl.DataFrame | pl.LazyFrame) -> pl.LazyFrame:
    """People (grade, contract_source, region, duty_station, portfolio, unit, age_band as stored) with what `with_kinds` tells, and
    "not_stated" where a place or an age is.
    """
    stated = [pl.col(name).cast(pl.String).fill_null(NOT_STATED) for name in ("duty_station", "portfolio", "age_band")]
    return with_kinds(people.lazy().with_columns(stated))


def with_kinds(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Posts (grade, contract_source) with their `category`, `level` and `funding` (the regular budget, or other)."""
    category = pl.col("grade").cast(pl.String).replace_strict(CATEGORY_OF, return_dtype=pl.String)
    regular = pl.col("contract_source").cast(pl.String) == REGULAR_BUDGET
    level = (
        pl.when(category != "senior")
        .then(category)
        .when(regular)
        .then(pl.lit(SENIOR_REGULAR))
        .otherwise(pl.lit(SENIOR_OTHER))
    )
    funding = pl.when(regular).then(pl.lit(REGULAR_BUDGET)).otherwise(pl.lit(OTHER_FUNDING))
    return posts.with_columns(category=category, level=level.cast(pl.Enum(LEVELS)), funding=funding)


def members(measure: Measure) -> pl.Expr:
    """True for the people, or the rows of a cube that has `level`, whom the measure counts."""
    if measure.grades is None and measure.funding is None:
        return pl.lit(value=True)
    if measure.grades == SENIOR:
        of = [SENIOR_REGULAR] if measure.funding == REGULAR_BUDGET else [SENIOR_REGULAR, SENIOR_OTHER]
        return pl.col("level").cast(pl.String).is_in(of)
    assert measure.grades is None  # noqa: S101 (no measure is of other grades)
    return pl.col("contract_source").cast(pl.String) == measure.funding


def group_of(measure: Measure) -> pl.Expr:
    """The code of the group in which somebody is counted; "" for a measure that is one figure."""
    if measure.dimension is None:
        return pl.lit("")
    return pl.concat_str([pl.col(name).cast(pl.String) for name in measure.dimensions], separator="/")


def in_order(measure: Measure, groups: list[str]) -> list[str]:
    """The groups as they are shown."""
    places = [{code: at for at, code in enumerate(ORDERS.get(name, ()))} for name in measure.dimensions]

    def key(group: str) -> list[tuple[int, str]]:
        parts = group.split("/", len(places) - 1)
        return [(place.get(part, len(place)), part) for place, part in zip(places, parts, strict=True)]

    return sorted(groups, key=key)
