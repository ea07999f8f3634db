"""Desirable ranges by rule, one file per family, and what of them may be published. Pure: no database, no clock, no framework.

A further rule is a file of its own and an entry in RULES.
"""

from hr_diversity.rules.representation.fao import FAO
from hr_diversity.rules.representation.ilo import ILO
from hr_diversity.rules.representation.ranges import Rule
from hr_diversity.rules.representation.un import UN, UN_WEIGHTED
from hr_diversity.rules.representation.unesco import UNESCO

RULES: dict[str, Rule] = {rule.code: rule for rule in (UN, UN_WEIGHTED, UNESCO, FAO, ILO)}
