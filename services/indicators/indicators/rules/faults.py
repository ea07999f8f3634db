"""What keeps a figure from being a result of its target."""

from datetime import date
from decimal import Decimal

from indicators.rules.status import HUNDRED, derived_value
from shared.events.indicators import IndicatorState, PlanState, Target
from shared.events.results import Result

Fault = tuple[str, object, str]
"""(JSON pointer, value, what is wrong)"""


def faults_of_day(plan: PlanState, as_of: date) -> list[Fault]:
    """No figure of a plan is of a day before the plan begins; what is before, its baselines tell."""
    if as_of >= plan.starts:
        return []
    return [("#/as_of", as_of.isoformat(), f"is before the plan begins, {plan.starts}")]


def faults_of_result(indicator: IndicatorState, target: Target, given: Result) -> list[Fault]:
    """What keeps `given` from being a result of `target`; empty when nothing does."""
    said = [
        name
        for name, present in {
            "value": given.value is not None or given.numerator is not None or given.denominator is not None,
            "reached": given.reached is not None,
            "category": given.category is not None,
            "parts": given.parts is not None,
            "no_data": given.no_data is not None,
        }.items()
        if present
    ]
    wanted = {"milestone": "reached", "categorical": "category", "ordinal": "category", "compound": "parts"}.get(
        indicator.kind, "value"
    )
    if said == ["no_data"]:
        return _faults_of_reason(given)
    if said == [wanted]:
        return _FAULTS[indicator.kind](indicator, target, given) or faults_of_bounds(indicator, given)
    detail = (
        f"a {indicator.kind} indicator takes {wanted} or no_data"
        if len(said) == 1
        else f"exactly one of {wanted} and no_data is wanted"
    )
    return [_fault(name, given, detail) for name in said or [wanted]]


def _faults_of_reason(given: Result) -> list[Fault]:
    """Of all reasons this one alone takes a target out of what is counted, so it is not had for nothing."""
    if given.no_data == "not_applicable" and not (given.comment or "").strip():
        return [("#/comment", given.comment, "say why it does not apply; not_applicable needs a comment")]
    return []


def _fault(name: str, given: Result, detail: str) -> Fault:
    """A value may have been given as numerator and denominator, and then those are named."""
    if name == "value":
        name = next((part for part in ("numerator", "denominator") if getattr(given, part) is not None), name)
    return f"#/{name}", getattr(given, name), detail


def _faults_of_percentage(_: IndicatorState, __: Target, given: Result) -> list[Fault]:
    if (given.numerator is None) != (given.denominator is None):
        missing = "numerator" if given.numerator is None else "denominator"
        return [(f"#/{missing}", None, "numerator and denominator go together")]
    if given.numerator is not None and given.denominator is not None:
        return _faults_of_share(given.numerator, given.denominator)
    if given.value is not None and not 0 <= given.value <= HUNDRED:
        return [("#/value", given.value, "a percentage is from 0 to 100")]
    return []


def _faults_of_share(numerator: int, denominator: int) -> list[Fault]:
    if denominator <= 0:
        return [("#/denominator", denominator, "must be greater than 0; where there is nothing to count, say no_data")]
    if not 0 <= numerator <= denominator:
        return [("#/numerator", numerator, f"must be from 0 to the denominator, {denominator}")]
    return []


def _faults_of_count(_: IndicatorState, __: Target, given: Result) -> list[Fault]:
    if given.numerator is not None or given.denominator is not None:
        return [_fault("value", given, "a count takes a value; numerator and denominator belong to percentages")]
    if given.value is not None and (given.value < 0 or given.value != given.value.to_integral_value()):
        return [("#/value", given.value, "a count is a whole number, 0 or more")]
    return []


def _faults_of_quantity(_: IndicatorState, __: Target, given: Result) -> list[Fault]:
    if given.numerator is not None or given.denominator is not None:
        return [_fault("value", given, "a quantity takes a value; numerator and denominator belong to percentages")]
    return []


def faults_of_bounds(indicator: IndicatorState, given: Result) -> list[Fault]:
    """The indicator's own bounds, both included."""
    value = derived_value(given.numerator, given.denominator, given.value)
    if value is None:
        return []
    if indicator.minimum is not None and value < indicator.minimum:
        return [_fault("value", given, f"must be {indicator.minimum} or more")]
    if indicator.maximum is not None and value > indicator.maximum:
        return [_fault("value", given, f"must be {indicator.maximum} or less")]
    return []


def _faults_of_category(indicator: IndicatorState, _: Target, given: Result) -> list[Fault]:
    known = indicator.categories or []
    return [] if given.category in known else [("#/category", given.category, f"must be one of {', '.join(known)}")]


def _faults_of_parts(indicator: IndicatorState, target: Target, given: Result) -> list[Fault]:
    """A part's number is 0 or more, unless the indicator's own minimum says otherwise: followers may grow by -3 per cent."""
    lowest = Decimal(0) if indicator.minimum is None else indicator.minimum
    wanted = {part.name: part for part in target.parts or []}
    faults: list[Fault] = []
    names = [part.name for part in given.parts or []]
    for place, part in enumerate(given.parts or []):
        if part.name not in wanted or names.count(part.name) > 1:
            faults.append((f"#/parts/{place}/name", part.name, f"must be each of {', '.join(wanted)} once"))
        elif (wanted[part.name].operator == "reached") != (part.reached is not None) or (part.reached is None) == (
            part.value is None
        ):
            field = "reached" if wanted[part.name].operator == "reached" else "value"
            faults.append(
                (
                    f"#/parts/{place}/{field}",
                    getattr(part, field),
                    f"the part {part.name} takes {field}, and nothing else",
                )
            )
        elif part.value is not None and part.value < lowest:
            faults.append((f"#/parts/{place}/value", part.value, f"must be {lowest} or more"))
    missing = [name for name in wanted if name not in names]
    return faults or [("#/parts", names, f"the part {name} is missing") for name in missing]


def _faults_of_milestone(_: IndicatorState, __: Target, ___: Result) -> list[Fault]:
    return []


_FAULTS = {
    "percentage": _faults_of_percentage,
    "count": _faults_of_count,
    "quantity": _faults_of_quantity,
    "milestone": _faults_of_milestone,
    "categorical": _faults_of_category,
    "ordinal": _faults_of_category,
    "compound": _faults_of_parts,
}
