"""Women and men of the whole staff, of its regular-budget part, and of the categories, by the columns of the snapshot."""

from hr_diversity.measures.ladder import REGULAR_BUDGET
from hr_diversity.measures.measure import REGULAR, WHOLE, Measure

OWN = "The platform's own; share as in the staff tables of the Human Resources Strategy 2022-25, progress 2022"


def _composition(
    code: str, words: str, dimension: str, *, funding: str | None = None, beside: str | None = None
) -> Measure:
    population = WHOLE if funding is None else REGULAR
    return Measure(
        code=code,
        title=f"Women and men by {words}",
        definition=(
            f"{population} by {words}: women, men, other (X or not stated), total, and the share of women among "
            "the women and men in per cent. Groups without staff are left out."
        ),
        formula=OWN,
        population=population,
        dimension=dimension,
        funding=funding,
        beside=beside,
    )


BY_GRADE = _composition("staff-by-grade", "grade", "grade", beside="staff-by-grade-regular-budget")
BY_GRADE_REGULAR = _composition(
    "staff-by-grade-regular-budget",
    "grade, regular budget",
    "grade",
    funding=REGULAR_BUDGET,
    beside="staff-by-grade",
)
BY_CATEGORY = _composition("staff-by-category", "category", "category")
BY_CONTRACT_SOURCE = _composition("staff-by-contract-source", "contract source", "contract_source")
BY_REGION = _composition("staff-by-region", "region", "region")
BY_DUTY_STATION = _composition("staff-by-duty-station", "duty station", "duty_station")
BY_PORTFOLIO = _composition("staff-by-portfolio", "portfolio", "portfolio")
BY_UNIT = _composition("staff-by-unit", "unit", "unit")
BY_AGE = _composition("staff-by-age-band", "age band", "age_band")
BY_CATEGORY_AND_SOURCE = _composition(
    "staff-by-category-and-contract-source", "category and contract source", "category/contract_source"
)
BY_CATEGORY_AND_REGION = _composition("staff-by-category-and-region", "category and region", "category/region")
BY_CATEGORY_AND_PORTFOLIO = _composition(
    "staff-by-category-and-portfolio", "category and portfolio", "category/portfolio"
)
BY_CATEGORY_AND_AGE = _composition("staff-by-category-and-age-band", "category and age band", "category/age_band")

COMPOSITION = (
    *(
        BY_GRADE,
        BY_GRADE_REGULAR,
        BY_CATEGORY,
        BY_CONTRACT_SOURCE,
        BY_REGION,
        BY_DUTY_STATION,
        BY_PORTFOLIO,
        BY_UNIT,
        BY_AGE,
    ),
    *(BY_CATEGORY_AND_SOURCE, BY_CATEGORY_AND_REGION, BY_CATEGORY_AND_PORTFOLIO, BY_CATEGORY_AND_AGE),
)
