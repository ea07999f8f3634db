"""Where figures are going: a line through points, compound growth, and whether a target can be reached on the way they go.

What must not break: a trend runs over one definition only. Points of an earlier plan take part where its indicator is named as the
predecessor and marked comparable, and nowhere else; what was recorded before an indicator was redefined within its plan takes none.
What was left out is named.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from indicators.rules.lines import Line, figure_of, latest_by_day
from shared.events.indicators import IndicatorState

DIGITS = 40
MOST_GROWTH = 40
"""As a power of e: a day's growth read as a year's can have thousands of digits."""
DAYS_OF_A_YEAR = Fraction(1461, 4)


@dataclass(frozen=True)
class Point:
    day: date
    value: Fraction
    source: str


def years(day: date) -> Fraction:
    """The day as a year and its part that is over at the day's end, so that ends of years lie whole years apart."""
    of_year = date(day.year + 1, 1, 1) - date(day.year, 1, 1)
    return day.year + Fraction(day.timetuple().tm_yday, of_year.days)


def accrues(indicator: IndicatorState) -> bool:
    """Whether the figure grows from nothing within each phase, as a count does that no baseline goes before."""
    summed = indicator.aggregation is None or indicator.aggregation.periods == "sum"
    return indicator.kind == "count" and indicator.baseline is None and summed


def baseline_day(line: Line) -> date:
    """The last day of the baseline's year; the day the phase begins where none is said."""
    baseline = line.baseline
    return line.phase.starts if baseline is None or baseline.year is None else date(baseline.year, 12, 31)


def points_of(line: Line, others: Sequence[Line]) -> list[Point]:
    """What the trend of `line` runs through, by day: its own results, those of `others`, its baseline.

    `others` are the same indicator's lines for the same place in other phases, and those of a comparable predecessor. A figure that
    accrues begins at zero with the phase and has no points in other phases. Only what is not after the line's standing result counts,
    and of each line only what was recorded under the definition that holds now.
    """
    found: dict[date, Point] = {}
    for one in _lines(line, others):
        of_now = tuple(result for result in one.results if not one.is_of_before(result))
        for day, result in latest_by_day(of_now).items():
            figure = figure_of(result)
            if figure is not None and (line.standing is None or day <= line.standing.as_of):
                found[day] = Point(day, figure, f"result {result.number} of {one.key}")
    start = _start(line)
    if start is not None and all(start.day < day for day in found):
        found[start.day] = start
    return [found[day] for day in sorted(found)]


def left_out(line: Line, others: Sequence[Line]) -> list[str]:
    """The results that `points_of` leaves out because the definition is another since, line by line, with version, day and fields."""
    told = []
    for one in _lines(line, others):
        numbers = [str(result.number) for result in one.results if one.is_of_before(result)]
        if one.redefined is not None and numbers:
            which = ("result " if len(numbers) == 1 else "results ") + ", ".join(numbers)
            told.append(f"{which} of {one.key}: recorded before the definition changed ({one.redefined.words})")
    return told


def _lines(line: Line, others: Sequence[Line]) -> list[Line]:
    return [line] if accrues(line.indicator) else [*others, line]


def _start(line: Line) -> Point | None:
    baseline = line.baseline
    figure = None if baseline is None else figure_of(baseline)
    if figure is not None:
        return Point(baseline_day(line), figure, "baseline")
    return (
        Point(line.phase.starts, Fraction(0), "nothing at the phase's beginning") if accrues(line.indicator) else None
    )


def line_through(points: Sequence[Point]) -> tuple[Fraction, Fraction] | None:
    """Slope per day, and value on day 0 of the proleptic calendar, of the line of least squares; None without two days.

    slope = sum((x - mean x)(y - mean y)) / sum((x - mean x)^2), exactly.
    """
    if len({point.day for point in points}) < 2:  # noqa: PLR2004 (a line takes two points)
        return None
    xs = [Fraction(point.day.toordinal()) for point in points]
    ys = [point.value for point in points]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / sum((a - x) ** 2 for a in xs)
    return Fraction(slope), Fraction(y - slope * x)


def at_day(trend: tuple[Fraction, Fraction], day: date) -> Fraction:
    return trend[0] * day.toordinal() + trend[1]


def bounded(indicator: IndicatorState, figure: Fraction) -> Fraction:
    """Within what the indicator can be: 0 to 100 per cent, a count from 0, its own bounds."""
    lowest = [Fraction(0)] if indicator.kind in ("percentage", "count") else []
    highest = [Fraction(100)] if indicator.kind == "percentage" else []
    lowest += [] if indicator.minimum is None else [Fraction(indicator.minimum)]
    highest += [] if indicator.maximum is None else [Fraction(indicator.maximum)]
    return min([max([figure, *lowest]), *highest])


def growth_rate(before: Point, after: Point) -> Decimal | None:
    """Compound annual growth rate, (y/y0)^(1/(t-t0)) - 1; None where a value is not positive, no time passed, or a year gives more than e^40.

    Source: Statistics Canada's method as Open SDG has it, `docs/progress-methodology.md`.
    """
    elapsed = years(after.day) - years(before.day)
    if before.value <= 0 or after.value <= 0 or elapsed <= 0:
        return None
    with localcontext() as context:
        context.prec = DIGITS
        power = _decimal(after.value / before.value).ln() / _decimal(elapsed)
        return power.exp() - 1 if abs(power) <= MOST_GROWTH else None


def grown(value: Fraction, rate: Decimal, elapsed: Fraction) -> Fraction | None:
    """The value times (1 + rate)^elapsed, to forty digits; None beyond e^40, where nothing can be meant by it."""
    with localcontext() as context:
        context.prec = DIGITS
        power = (1 + rate).ln() * _decimal(elapsed)
        return value * Fraction(power.exp()) if abs(power) <= MOST_GROWTH else None


def _decimal(figure: Fraction) -> Decimal:
    return Decimal(figure.numerator) / Decimal(figure.denominator)
