"""How far a target is reached, and whether that is on pace.

Everything is exact: fractions inside, one rounding where a figure is shown. Percentages are never averaged or added; a figure is
compared with its own baseline and target only. It depends on the recorded figures and their days, not on the day of asking. A figure
recorded before the indicator was redefined is no figure of what is asked now.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules import trend
from indicators.rules.figures import Computed
from indicators.rules.lines import Line, figure_of, is_reached, unit_of
from indicators.rules.words import spoken
from shared.figures import round_half_up

ON_TRACK, ACCELERATE, FAIR = Fraction(95, 100), Fraction(60, 100), Fraction(10, 100)
MUCH, SOME = Decimal("0.015"), Decimal("0.005")


class Attainment(BaseModel):
    """What part of the way to the target is done; more than 100 beyond it, negative on the wrong side of the baseline."""

    per_cent: Computed | None
    exact: str | None
    method: Literal["from_baseline", "from_zero", "kept", "none"]
    words: str


class Pace(BaseModel):
    """What a straight way from the baseline to the target would give on the result's day, and what is there."""

    day: date
    elapsed_days: int
    total_days: int
    expected: Computed
    exact_expected: str
    actual: Computed
    pace: Literal["ahead", "on_pace", "behind"]
    by: Computed
    words: str


class Growth(BaseModel):
    """Growth per year that is seen, beside the one that is needed; `ratio` is seen over needed."""

    observed_per_year: Computed
    required_per_year: Computed | None
    ratio: Computed | None
    progress: Literal["achieved", "on_track", "acceleration_needed", "limited", "deterioration"]
    method: str = "compound annual growth rates, observed over required (Statistics Canada, as in Open SDG)"


class Projection(BaseModel):
    """Where the figure would be at the phase's end, and what part of the way from baseline to target that is."""

    estimate: Computed
    ratio: Computed
    progress: Literal["met_or_on_track", "fair_but_acceleration_needed", "stagnation_or_regression"]
    method: str


def attainment(actual: Fraction, target: Fraction, baseline: Fraction | None, *, reached: bool, up: bool) -> Attainment:
    """(actual - baseline) / (target - baseline), right for targets above and below the baseline.

    Without a baseline it is actual / target, where the target is above zero and more is better. A target that is the baseline itself
    asks to be kept, and has no way to be on. Source: domain notes c2; TolaActivity's decrease form is the same quotient.
    """
    if baseline is not None and baseline != target:
        ratio, method = (actual - baseline) / (target - baseline), "from_baseline"
    elif baseline is not None:
        words = "the target is the baseline itself, and is " + ("kept" if reached else "not kept")
        return Attainment(per_cent=Decimal(100) if reached else None, exact=None, method="kept", words=words)
    elif up and target > 0:
        ratio, method = actual / target, "from_zero"
    else:
        why = "the target is zero" if up else "less is better"
        words = f"there is no baseline, and {why}, so no part of a way can be told; the target is "
        words += "reached" if reached else "not reached"
        return Attainment(per_cent=Decimal(100) if reached else None, exact=None, method="none", words=words)
    done = round_half_up(ratio * 100)
    of = "the way from the baseline to the target" if method == "from_baseline" else "the target"
    return Attainment(
        per_cent=done,
        exact=str(ratio),
        method="from_baseline" if method == "from_baseline" else "from_zero",
        words=f"{done} per cent of {of}",
    )


def expected_at(day: date, starts: date, ends: date, baseline: Fraction, target: Fraction) -> Fraction:
    """On the straight way, baseline + (target - baseline) * elapsed / total, from the baseline on the first day to the target on the last."""
    total = (ends - starts).days
    elapsed = min(max((day - starts).days, 0), total)
    return target if total == 0 else baseline + (target - baseline) * Fraction(elapsed, total)


def pace(line: Line) -> Pace | None:
    """None where there is no number, or nothing that the way begins at. Of an exact number it is told by the distance that is left,
    and a figure beyond it, which has to come back, is neither ahead nor behind.
    """
    actual, target, start = line.comparable_figure, line.target.value, _start(line)
    if actual is None or target is None or start is None or line.standing is None:
        return None
    aim = Fraction(target)
    starts, ends, day = line.phase.starts, line.phase.ends, line.standing.as_of
    expected = expected_at(day, starts, ends, start, aim)
    if _beyond(line, actual):
        return None
    lead = actual - expected if _up(line) else expected - actual
    if line.target.operator == "exactly":
        lead = abs(aim - expected) - abs(aim - actual)
    word: Literal["ahead", "on_pace", "behind"] = "on_pace" if lead == 0 else "ahead" if lead > 0 else "behind"
    total = (ends - starts).days
    by, unit = abs(lead), unit_of(line.indicator)
    points = "percentage points" if unit == "per cent" else unit
    says = {
        "on_pace": "exactly on pace",
        "ahead": f"{spoken(by, points)} ahead of pace",
        "behind": f"{spoken(by, points)} behind pace",
    }[word]
    return Pace(
        day=day,
        elapsed_days=min(max((day - starts).days, 0), total),
        total_days=total,
        expected=round_half_up(expected, 3),
        exact_expected=str(expected),
        actual=round_half_up(actual, 3),
        pace=word,
        by=round_half_up(by, 3),
        words=f"{says}: {spoken(expected, unit)} would be expected on {day}, {spoken(actual, unit)} is there",
    )


def growth(line: Line) -> Growth | None:
    """None for percentages and where a value is not positive: there the straight form of `pace` holds.

    Ratio of the observed to the required growth rate: 0.95 or more is on track, 0.60 or more needs acceleration, 0 or more is limited,
    less is deterioration. Without a number to reach: 1.5 per cent a year, 0.5, 0. Source: Open SDG `docs/progress-methodology.md`.
    """
    start, now = _baseline_point(line), _standing_point(line)
    if line.indicator.kind == "percentage" or start is None or now is None or _beyond(line, now.value):
        return None
    observed = trend.growth_rate(start, now)
    if observed is None:
        return None
    if line.target.value is None:
        better = observed if _up(line) else -observed
        word = "on_track" if better >= MUCH else "acceleration_needed" if better >= SOME else "limited"
        return _growth(observed, None, None, "deterioration" if better < 0 else word)
    required = trend.growth_rate(start, trend.Point(line.phase.ends, Fraction(line.target.value), "target"))
    if required is None or required == 0 or (required > 0) != _up(line):
        return None
    ratio = Fraction(observed) / Fraction(required)
    if is_reached(line):
        return _growth(observed, required, ratio, "achieved")
    word = "on_track" if ratio >= ON_TRACK else "acceleration_needed" if ratio >= ACCELERATE else "limited"
    return _growth(observed, required, ratio, "deterioration" if ratio < 0 else word)


def _growth(observed: Decimal, required: Decimal | None, ratio: Fraction | None, word: str) -> Growth:
    return Growth.model_validate(
        {
            "observed_per_year": round_half_up(observed * 100, 2),
            "required_per_year": None if required is None else round_half_up(required * 100, 2),
            "ratio": None if ratio is None else round_half_up(ratio, 3),
            "progress": word,
        }
    )


def projection(line: Line) -> Projection | None:
    """(estimate - baseline) / (target - baseline), the estimate carried on to the phase's end from baseline and latest value.

    0.95 or more is met or on track, 0.10 or more fair, less stagnation or regression; a value that meets the target counts as met.
    Source: UNSD Progress Chart Technical Note 2023. Percentages and zeros go on in a straight line, all else by compound growth.
    """
    start, now, target = _baseline_point(line), _standing_point(line), line.target.value
    if start is None or now is None or target is None or Fraction(target) == start.value or start.day >= now.day:
        return None
    carried, method = _carried(line, start, now)
    if carried is None:
        return None
    estimate = trend.bounded(line.indicator, carried)
    ratio = (estimate - start.value) / (Fraction(target) - start.value)
    if line.target.operator == "exactly":
        ratio = min(ratio, 2 - ratio)  # as far beyond the target is as far from it
    good = is_reached(line) or ratio >= ON_TRACK
    return Projection(
        estimate=round_half_up(estimate, 3),
        ratio=round_half_up(ratio, 3),
        progress="met_or_on_track"
        if good
        else "fair_but_acceleration_needed"
        if ratio >= FAIR
        else "stagnation_or_regression",
        method=method,
    )


def _carried(line: Line, start: trend.Point, now: trend.Point) -> tuple[Fraction | None, str]:
    left = max(trend.years(line.phase.ends) - trend.years(now.day), Fraction(0))
    rate = None if line.indicator.kind == "percentage" else trend.growth_rate(start, now)
    if rate is not None:
        return trend.grown(now.value, rate, left), "UNSD 2023, by compound annual growth"
    per_year = (now.value - start.value) / (trend.years(now.day) - trend.years(start.day))
    return now.value + per_year * left, "UNSD 2023, in a straight line"


def attainment_of(line: Line) -> Attainment | None:
    """None where target or result is no number, or the result is of an earlier definition. Of an exact number it is told by distance:
    12 of exactly 10 is 80 per cent of it, as 8 is.
    """
    actual, target, baseline = line.comparable_figure, line.target.value, line.baseline
    if actual is None or target is None:
        return None
    start, aim = None if baseline is None else figure_of(baseline), Fraction(target)
    if line.target.operator != "exactly":
        return attainment(actual, aim, start, reached=is_reached(line), up=_up(line))
    # seen from the target, a figure beyond it lies where its mirror image on the near side lies
    distance = abs(actual - aim)
    near = aim - distance if start is None or start <= aim else aim + distance
    return attainment(near, aim, start, reached=is_reached(line), up=True)


def _up(line: Line) -> bool:
    """Whether more is better. A target of an exact number is above or below where things started."""
    if line.target.operator == "exactly":
        start = None if line.baseline is None else figure_of(line.baseline)
        value = Fraction(line.target.value or 0)
        return line.indicator.direction == "up" if start is None or start == value else value > start
    return line.target.operator in ("at_least", "increases")


def _beyond(line: Line, figure: Fraction) -> bool:
    """Whether the figure went past an exact number that is aimed at, seen from where things started."""
    start, target = _start(line), line.target.value
    if line.target.operator != "exactly" or target is None or start is None:
        return False
    return (figure - Fraction(target)) * (Fraction(target) - start) > 0


def _start(line: Line) -> Fraction | None:
    """Where the way begins: the baseline, or nothing where a count accrues."""
    figure = None if line.baseline is None else figure_of(line.baseline)
    return Fraction(0) if figure is None and trend.accrues(line.indicator) else figure


def _baseline_point(line: Line) -> trend.Point | None:
    figure = None if line.baseline is None else figure_of(line.baseline)
    return None if figure is None else trend.Point(trend.baseline_day(line), figure, "baseline")


def _standing_point(line: Line) -> trend.Point | None:
    figure = line.comparable_figure
    if line.standing is None or figure is None:
        return None
    return trend.Point(line.standing.as_of, figure, f"result {line.standing.number}")
