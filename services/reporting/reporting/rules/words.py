"""Results, targets and the reason for a status, in words."""

from typing import Any

from reporting.rules.status import Row
from shared.events.indicators import Baseline, Target
from shared.events.results import Result
from shared.figures import as_number

_OPERATORS = {"at_least": "at least", "at_most": "at most", "exactly": "exactly"}
_DIRECTIONS = {"increases": "more than", "decreases": "less than"}


def sentence(row: Row) -> str:
    """Why the target has its status, in one sentence, with the unit of every figure."""
    words = row.status.replace("_", " ")
    if row.standing is None:
        return f"Nothing has been reported for this target, so its status is {words}."
    result, unit = row.standing, row.indicator.unit
    if result.no_data is not None:
        return (
            f"The latest report says there is no data ({result.no_data.replace('_', ' ')}), so the status is {words}."
        )
    stood = row.target.baseline or row.indicator.baseline
    aimed = aim(row.target, unit, stood)
    return f"The result of {result.as_of} is {said(result, unit)}; the target is {aimed}; so the status is {words}."


def aim(target: Target, unit: str | None = None, stood: Baseline | None = None) -> str:
    """What is aimed at: "at least 45 per cent", "at least meets requirements", "more than the baseline of 28 per cent (2006)"."""
    if target.operator in _DIRECTIONS and stood is not None:
        known = baseline(stood, unit)
        return f"{_DIRECTIONS[target.operator]} the baseline of {known}" if known else f"“{target.text}”"
    if target.category is not None:
        return f"{_OPERATORS.get(target.operator, target.operator)} {target.category.replace('_', ' ')}"
    if target.value is None:
        return f"“{target.text}”"
    return f"{_OPERATORS.get(target.operator, target.operator)} {_figure(target.value, unit)}"


def baseline(stood: Baseline, unit: str | None) -> str | None:
    """The baseline's figure with its year: "28 per cent (2006)"; its words where it has no figure, None where it has neither."""
    year = f" ({stood.year})" if stood.year is not None else ""
    if stood.value is not None:
        return f"{_figure(stood.value, unit)}{year}"
    if stood.numerator is not None and stood.denominator is not None:
        return f"{stood.numerator} of {stood.denominator}{year}"
    return stood.text


def said(result: Result, unit: str | None = None) -> str:
    """A result in words: "38 per cent (114 of 300)", "reached", "accessible", "interviews 0, report not reached"."""
    if result.parts is not None:
        return ", ".join(f"{part.name} {_part(part.value, part.reached)}" for part in result.parts)
    if result.category is not None:
        return result.category.replace("_", " ")
    if result.reached is not None:
        return "reached" if result.reached else "not reached"
    figure = "" if result.value is None else _figure(result.value, unit)
    return f"{figure} ({result.numerator} of {result.denominator})" if result.numerator is not None else figure


def _figure(value: Any, unit: str | None) -> str:
    return f"{as_number(value)} {unit}" if unit else str(as_number(value))


def _part(value: Any, reached: bool | None) -> str:
    return str(as_number(value)) if value is not None else "reached" if reached else "not reached"
