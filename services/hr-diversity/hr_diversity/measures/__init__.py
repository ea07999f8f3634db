"""The measures that are drawn from every snapshot, one file per family. A new measure is a constant in its family and a line here."""

from hr_diversity.measures.composition import BY_CONTRACT_SOURCE, BY_GRADE, BY_REGION, BY_UNIT
from hr_diversity.measures.measure import Measure
from hr_diversity.measures.seniority import SENIOR_WOMEN, SENIOR_WOMEN_OF_ALL

CATALOGUE: dict[str, Measure] = {
    measure.code: measure
    for measure in (SENIOR_WOMEN, SENIOR_WOMEN_OF_ALL, BY_GRADE, BY_REGION, BY_UNIT, BY_CONTRACT_SOURCE)
}
