"""Women in senior posts: the plan's first indicator, in all and by place, portfolio and age."""

from hr_diversity.measures.ladder import REGULAR_BUDGET, SENIOR
from hr_diversity.measures.measure import Measure

REGULAR_SENIOR = "Staff in grades P5, D1, D2, ADG, DDG and DG on regular-budget contracts"
FORMULA = "Action Plan for Gender Equality 2018-21, indicator 1; Human Resources Strategy 2022-25, progress 2022"

SENIOR_WOMEN = Measure(
    code="women-p5-plus-regular-budget",
    title="Women in posts at P5 and above, regular budget",
    definition=(
        "Women among the women and men in grades P5, D1, D2, ADG, DDG and DG on regular-budget contracts on the as-of date, "
        "in per cent. Sex X or not stated is counted beside them, not in the share."
    ),
    formula=FORMULA,
    population=REGULAR_SENIOR,
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
    population="Staff in grades P5, D1, D2, ADG, DDG and DG",
    beside="women-p5-plus-regular-budget",
    grades=SENIOR,
)


def _by(dimension: str, words: str) -> Measure:
    return Measure(
        code=f"women-p5-plus-regular-budget-by-{dimension.replace('_', '-')}",
        title=f"Women in posts at P5 and above, regular budget, by {words}",
        definition=f"As women-p5-plus-regular-budget, by {words}. Groups without such posts are left out.",
        formula=FORMULA,
        population=REGULAR_SENIOR,
        dimension=dimension,
        grades=SENIOR,
        funding=REGULAR_BUDGET,
    )


SENIOR_BY_REGION = _by("region", "region")
SENIOR_BY_PORTFOLIO = _by("portfolio", "portfolio")
SENIOR_BY_AGE = _by("age_band", "age band")
SENIORITY = (SENIOR_WOMEN, SENIOR_WOMEN_OF_ALL, SENIOR_BY_REGION, SENIOR_BY_PORTFOLIO, SENIOR_BY_AGE)
