"""The desirable ranges of the United Nations Secretariat, in posts and in weighted posts."""

from collections.abc import Sequence
from fractions import Fraction

from hr_diversity.rules.representation.ranges import Member, Parameters, Range, Rule, parameters, three_factors

SOURCE = "United Nations system of desirable ranges: 40, 5 and 55 per cent; 15 per cent, 4.8 and 14 posts"


def _range(midpoint: Fraction, of: Parameters, per_post: Fraction) -> Range:
    half = max(midpoint * of["half_percent"] / 100, of["half_at_least"])
    upper = max(midpoint + half, of["upper_at_least"])
    return Range(midpoint * per_post, (midpoint - half) * per_post, upper * per_post, per_post)


def _in_posts(members: Sequence[Member], base: Fraction, of: Parameters) -> dict[str, Range]:
    midpoints = three_factors(members, base, of)
    return {country: _range(midpoint, of, Fraction(1)) for country, midpoint in midpoints.items()}


def _in_points(members: Sequence[Member], base: Fraction, of: Parameters) -> dict[str, Range]:
    midpoints = three_factors(members, base, of)
    return {country: _range(midpoint, of, of["point_value"]) for country, midpoint in midpoints.items()}


_WEIGHTS = parameters(
    membership="40", population="5", contribution="55", half_percent="15", half_at_least="4.8", upper_at_least="14"
)

UN = Rule(
    code="un-range",
    version=1,
    title="United Nations desirable range",
    source=SOURCE,
    verified=True,
    note=(
        "midpoint = base x (40 % / members + 5 % x population share + 55 % x scale share); half = the greater of 15 % of the midpoint and "
        "4.8; upper limit at least 14. How limits become whole posts was not seen."
    ),
    parameters=_WEIGHTS,
    base=None,
    rounding="none",
    spread=_in_posts,
)

UN_WEIGHTED = Rule(
    code="un-weighted-range",
    version=1,
    title="United Nations weighted range",
    source=f"{SOURCE}, each multiplied by the point value of a post",
    verified=True,
    note=(
        "The ranges of posts times the average point value of a post (86.37; 84.14 in another year). Points of single grades were not seen, "
        "so every post has the average."
    ),
    parameters={**_WEIGHTS, **parameters(point_value="86.37")},
    base=None,
    rounding="none",
    spread=_in_points,
)
