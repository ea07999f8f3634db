"""Figures and comparisons as a gender focal point would say them."""

from decimal import Decimal
from fractions import Fraction

from indicators.rules.lines import figure_of
from shared.events.indicators import Baseline, Target
from shared.events.results import BreakdownCell, Result, ResultPart
from shared.figures import round_half_up

OPERATORS = {
    "at_least": "at least",
    "at_most": "at most",
    "exactly": "exactly",
    "increases": "more than the baseline",
    "decreases": "less than the baseline",
}


def spoken(figure: Fraction | Decimal, unit: str = "") -> str:
    """The figure without needless digits, at the most three places, with its unit: "37.1 per cent"."""
    exact = Fraction(figure)
    places = next((n for n in range(3) if (exact * 10**n).denominator == 1), 1 if unit == "per cent" else 3)
    return f"{round_half_up(exact, places)} {unit}".strip()


def said_result(given: Result | BreakdownCell | Baseline, unit: str) -> str:
    """With the counts of a share beside it: "37.1 per cent (112 of 302)"."""
    figure = figure_of(given)
    if figure is None:
        return "no figure"
    words = spoken(figure, unit)
    return words if given.numerator is None else f"{words} ({given.numerator} of {given.denominator})"


def said_of_any_kind(result: Result, unit: str) -> str:
    """The figure, category, parts, or whether it is reached; or why there is no data."""
    if result.no_data is not None:
        return f"no data: {result.no_data.replace('_', ' ')}"
    if result.category is not None:
        return result.category
    if result.reached is not None:
        return "reached" if result.reached else "not reached"
    if result.parts is not None:
        return ", ".join(f"{part.name} {said_part(part)}" for part in result.parts)
    return said_result(result, unit)


def said_part(part: ResultPart) -> str:
    if part.reached is not None:
        return "reached" if part.reached else "not reached"
    return "without a figure" if part.value is None else spoken(part.value)


def said_target(target: Target, unit: str) -> str:
    """What is asked for: "at least 45 per cent"."""
    if target.operator == "reached":
        return "reached"
    if target.operator == "all_of":
        return "all of " + ", ".join(part.name for part in target.parts or [])
    if target.category is not None:
        return f"{OPERATORS[target.operator]} {target.category}"
    if target.value is None:
        return OPERATORS[target.operator]
    return f"{OPERATORS[target.operator]} {spoken(target.value, unit)}"
