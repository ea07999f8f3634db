"""The desirable ranges of the ILO, from general knowledge: the text of JIU/REP/96/7, section II.B, was not reached."""

from collections.abc import Sequence
from fractions import Fraction

from hr_diversity.rules.representation.ranges import Member, Parameters, Range, Rule, parameters


def _by_contribution(members: Sequence[Member], base: Fraction, of: Parameters) -> dict[str, Range]:
    scale = sum((one.scale for one in members), Fraction(0))
    small = Range((of["small_lower"] + of["small_upper"]) / 2, of["small_lower"], of["small_upper"])
    found = {}
    for one in members:
        if one.scale <= of["small_up_to_percent"] or not scale:
            found[one.country] = small
            continue
        midpoint, half = base * one.scale / scale, of["half_percent"] / 100
        found[one.country] = Range(midpoint, midpoint * (1 - half), midpoint * (1 + half))
    return found


ILO = Rule(
    code="ilo-range",
    version=1,
    title="ILO desirable range",
    source="General knowledge; the method is in JIU/REP/96/7, section II.B, which was not reached",
    verified=False,
    note="Contributors of 0.2 % or less: 1 to 2 posts. Others: their share of the base, 25 % more or less. To be replaced by the ILO's text.",
    parameters=parameters(small_up_to_percent="0.2", small_lower="1", small_upper="2", half_percent="25"),
    base=None,
    rounding="half_up",
    spread=_by_contribution,
)
