"""The equitable geographical distribution of FAO."""

from hr_diversity.rules.representation.ranges import Rule
from hr_diversity.rules.representation.un import UN

FAO = Rule(
    code="fao-range",
    version=1,
    title="FAO equitable representation",
    source="FAO, equitable geographical distribution: 40 per cent membership, 5 population, 55 contribution",
    verified=False,
    note="The weights were seen; the width of the range was not, and is taken from the United Nations'.",
    parameters=UN.parameters,
    base=None,
    rounding="none",
    spread=UN.spread,
)
