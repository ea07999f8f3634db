"""Where what is said disagrees with what the figures give, or with what is said elsewhere.

One small function for each rule, over the facts of one plan (or, for concepts, of all): none knows a document or an answer. What must
not break: a figure is compared at the precision at which it was printed, and a missing figure contradicts nothing.
"""

from collections.abc import Sequence

from indicators.rules.contradictions import amounts, concepts, counts, printed, statuses, wholes
from indicators.rules.contradictions.facts import Contradiction, Facts

RULES = (
    printed.shares_beside_their_counts,
    printed.headline_counts,
    printed.headline_shares,
    printed.headlines_beside_what_is_known,
    wholes.wholes_and_their_parts,
    wholes.breakdowns,
    wholes.marker_shares,
    wholes.budget_lines,
    wholes.rules_between_values,
    wholes.claimed_shares_of_one_whole,
    statuses.claimed_statuses,
    statuses.earlier_statuses,
    statuses.claimed_figures,
    counts.claimed_counts_of_indicators,
    counts.claimed_counts_of_areas,
    amounts.claimed_amounts,
)


def find(plans: Sequence[Facts]) -> list[Contradiction]:
    """Everything that disagrees, plan by plan and rule by rule, and then what the plans' sources say differently of one concept."""
    found = [item for facts in plans for rule in RULES for item in rule(facts)]
    return [*found, *concepts.one_concept_two_values(plans)]


__all__ = ["Contradiction", "Facts", "find"]
