"""Women in senior posts: the plan's first indicator."""

import polars as pl

from hr_diversity.measures.ladder import REGULAR_BUDGET, SENIOR
from hr_diversity.measures.measure import Measure, Tally, tally

SENIOR_WOMEN = Measure(
    code="women-p5-plus-regular-budget",
    title="Women in posts at P5 and above, regular budget",
    definition=(
        "Women among the women and men in grades P5, D1, D2, ADG, DDG and DG on regular-budget contracts on the as-of date, "
        "in per cent. Sex X or not stated is counted beside them, not in the share."
    ),
    formula="Action Plan for Gender Equality 2018-21, indicator 1; Human Resources Strategy 2022-25, progress 2022",
    beside="women-p5-plus-whole-workforce",
    grades=SENIOR,
    funding=REGULAR_BUDGET,
)

SENIOR_WOMEN_OF_ALL = Measure(
    code="women-p5-plus-whole-workforce",
    title="Women in posts at P5 and above, whole workforce",
    definition=(
        "Women among the women and men in grades P5, D1, D2, ADG, DDG and DG on the as-of date, whatever their contracts are funded "
        "from, in per cent. Sex X or not stated is counted beside them, not in the share."
    ),
    formula=(
        "The platform's own, beside that of the regular budget: Human Resources Strategy 2022-25, progress 2022, asks that the full "
        "workforce be seen"
    ),
    beside="women-p5-plus-regular-budget",
    grades=SENIOR,
)

_SENIOR = pl.col("grade").cast(pl.String).is_in(sorted(SENIOR))
_REGULAR = pl.col("contract_source").cast(pl.String) == REGULAR_BUDGET


def senior_on_regular_budget(cube: pl.DataFrame) -> Tally:
    return tally(cube.filter(_SENIOR & _REGULAR))


def others_on_regular_budget(cube: pl.DataFrame) -> Tally:
    return tally(cube.filter(~_SENIOR & _REGULAR))


def senior_on_other_sources(cube: pl.DataFrame) -> Tally:
    return tally(cube.filter(_SENIOR & ~_REGULAR))


def others_on_other_sources(cube: pl.DataFrame) -> Tally:
    return tally(cube.filter(~_SENIOR & ~_REGULAR))
