"""Figures unlike those before them. They are asked about, never refused: a record is a record until somebody looks.

Sources: the three checks of DHIS2 (min-max, z-score, modified z-score); for the last, Iglewicz and Hoaglin, "How to Detect and Handle
Outliers", 1993: 0.6745 (x - median) / MAD beyond 3.5, with the mean deviation where more than half of the figures are the same.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from statistics import median

from indicators.rules.validation import Finding
from indicators.rules.words import spoken
from shared.figures import round_half_up

ENOUGH = 5
"""Fewer figures tell nothing about what is usual."""
Z_LIMIT, MODIFIED_LIMIT = Fraction(3), Fraction(7, 2)
OF_MEDIAN, OF_MEAN = Fraction(6745, 10000), Fraction(7979, 10000)
"""What makes the median, and the mean, of the deviations a standard deviation where figures are normally distributed."""


def outliers(figure: Fraction, before: Sequence[Fraction], unit: str) -> list[Finding]:
    """What is unusual about `figure` after the figures `before`; nothing where those are fewer than five."""
    if len(before) < ENOUGH:
        return []
    found = [
        ("outlier-min-max", _beyond(figure, before)),
        ("outlier-z-score", _z_score(figure, before)),
        ("outlier-modified-z-score", _modified(figure, before)),
    ]
    return [
        Finding(
            rule=rule,
            severity="warning",
            pointer="#/value",
            words=f"{spoken(figure, unit)} is {why}, after {len(before)} figures before it",
            left=round_half_up(figure, 3),
            right=round_half_up(usual, 3),
        )
        for rule, told in found
        if told is not None
        for why, usual in [told]
    ]


def _beyond(figure: Fraction, before: Sequence[Fraction]) -> tuple[str, Fraction] | None:
    """Further outside the span of all figures than that span is wide."""
    lowest, highest = min(before), max(before)
    span = highest - lowest
    if figure > highest + span:
        return f"more than the span of all figures above the highest, {spoken(highest)}", highest
    if figure < lowest - span:
        return f"more than the span of all figures below the lowest, {spoken(lowest)}", lowest
    return None


def _z_score(figure: Fraction, before: Sequence[Fraction]) -> tuple[str, Fraction] | None:
    mean = sum(before, Fraction(0)) / len(before)
    variance = sum(((one - mean) ** 2 for one in before), Fraction(0)) / (len(before) - 1)
    if variance == 0 or (figure - mean) ** 2 <= Z_LIMIT**2 * variance:
        return None
    score = float(figure - mean) / sqrt(variance)
    return f"{score:.1f} standard deviations from the mean, {spoken(round_half_up(mean, 2))}", mean


def _modified(figure: Fraction, before: Sequence[Fraction]) -> tuple[str, Fraction] | None:
    middle = Fraction(median(before))
    deviations = [abs(one - middle) for one in before]
    spread, factor = Fraction(median(deviations)), OF_MEDIAN
    if spread == 0:
        spread, factor = sum(deviations, Fraction(0)) / len(deviations), OF_MEAN
    if spread == 0 or factor * abs(figure - middle) / spread <= MODIFIED_LIMIT:
        return None
    score = factor * (figure - middle) / spread
    return f"{round_half_up(score)} by the modified z-score from the median, {spoken(round_half_up(middle, 2))}", middle
