"""Women and men of the whole staff by one column of the snapshot."""

from hr_diversity.measures.ladder import CONTRACT_SOURCES, GRADES
from hr_diversity.measures.measure import Dimension, Measure

OWN = "The platform's own; share as in the staff tables of the Human Resources Strategy 2022-25, progress 2022"


def _composition(code: str, words: str, dimension: Dimension, order: tuple[str, ...] | None = None) -> Measure:
    return Measure(
        code=code,
        title=f"Women and men by {words}",
        definition=(
            f"All staff of the snapshot by {words}: women, men, other (X or not stated), total, and the share of women among "
            "the women and men in per cent. Groups without staff are left out."
        ),
        formula=OWN,
        dimension=dimension,
        order=order,
    )


BY_GRADE = _composition("staff-by-grade", "grade", "grade", GRADES)
BY_REGION = _composition("staff-by-region", "region", "region")
BY_UNIT = _composition("staff-by-unit", "unit", "unit")
BY_CONTRACT_SOURCE = _composition("staff-by-contract-source", "contract source", "contract_source", CONTRACT_SOURCES)
