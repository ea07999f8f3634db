"""The measures that are drawn from every snapshot, one file per family. A new measure is a constant in its family.

What a measure publishes has to be a figure that `rules.suppression` knows as part of a table: a new one is a line there too.
"""

from hr_diversity.measures.composition import COMPOSITION
from hr_diversity.measures.flows import FLOWS
from hr_diversity.measures.geography import GEOGRAPHY
from hr_diversity.measures.measure import Measure
from hr_diversity.measures.seniority import SENIORITY

CATALOGUE: dict[str, Measure] = {measure.code: measure for measure in (*SENIORITY, *COMPOSITION)}
EVERY: dict[str, Measure] = (
    CATALOGUE | {code: flow.measure for code, flow in FLOWS.items()} | {measure.code: measure for measure in GEOGRAPHY}
)
"""With those of flows, which are drawn from two snapshots, and of geography, which are drawn from its table."""
