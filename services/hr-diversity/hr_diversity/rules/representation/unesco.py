"""The geographical quotas of UNESCO."""

from collections.abc import Sequence
from fractions import Fraction

from hr_diversity.rules.representation.ranges import Member, Parameters, Range, Rule, parameters, three_factors


def _quotas(members: Sequence[Member], base: Fraction, of: Parameters) -> dict[str, Range]:
    found = {}
    for country, midpoint in three_factors(members, base, of).items():
        lower = max(midpoint * (100 - of["half_percent"]) / 100, of["at_least"])
        found[country] = Range(midpoint, lower, max(midpoint * (100 + of["half_percent"]) / 100, lower))
    return found


UNESCO = Rule(
    code="unesco-quota",
    version=1,
    title="UNESCO geographical quota",
    source="UNESCO, geographical distribution as at June 2019 (25 C/Resolution 40, 32 C/Resolution 71)",
    verified=True,
    note=(
        "850 posts: 65 % membership, 30 % contribution, 5 % population; at least two posts each; under the minimum, over the maximum. "
        "How far minimum and maximum lie from the midpoint was not seen: `half_percent` is an assumption."
    ),
    parameters=parameters(membership="65", population="5", contribution="30", half_percent="25", at_least="2"),
    base=850,
    rounding="half_up",
    spread=_quotas,
)
