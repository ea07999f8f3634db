"""What a result means: pure functions, no database, no clock, no framework.

Status never rolls up: each target has its own, from its own result. Zero is a result ("none", "not achieved"); missing data has a
reason and no value. Comparisons are exact: a share is compared as numerator and denominator, before any rounding.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from shared.events.indicators import IndicatorState, Phase, Result, ResultPart, Status, Target, TargetPart, Vocabulary
from shared.figures import share

DueState = Literal["not_yet_due", "due", "overdue", "submitted", "sent_back", "accepted"]
HUNDRED = Decimal(100)
WORDS: dict[Vocabulary, frozenset[Status]] = {
    "mid_cycle": frozenset({"on_track", "not_on_track", "data_unavailable"}),
    "end_of_cycle": frozenset({"met", "not_met", "data_unavailable"}),
}
DUE_SOON_DAYS = 30


def judge(target: Target, result: Result | None, vocabulary: Vocabulary) -> Status:
    """The status of `target` in the words of its phase; no result or one without data is `data_unavailable`."""
    reached = None if result is None or result.no_data is not None else meets(target, result)
    if reached is None:
        return "data_unavailable"
    if vocabulary == "mid_cycle":
        return "on_track" if reached else "not_on_track"
    return "met" if reached else "not_met"


def meets(target: Target, result: Result) -> bool | None:
    """Whether `result` reaches `target`; None where it does not say."""
    match target.operator:
        case "reached":
            return result.reached
        case "all_of":
            return _all_parts(target.parts or [], result.parts or [])
        case "exactly" if target.category is not None:
            return None if result.category is None else result.category == target.category
        case _:
            return _compares(target.operator, target.value, result)


def _all_parts(wanted: Sequence[TargetPart], given: Sequence[ResultPart]) -> bool | None:
    """One failed part fails the whole, whatever else is missing; otherwise a missing part leaves it open."""
    by_name = {part.name: part for part in given}
    answers = [_part_meets(part, by_name.get(part.name)) for part in wanted]
    if False in answers:
        return False
    return None if None in answers else True


def _part_meets(wanted: TargetPart, given: ResultPart | None) -> bool | None:
    if given is None:
        return None
    if wanted.operator == "reached":
        return given.reached
    if given.value is None or wanted.value is None:
        return None
    return _holds(wanted.operator, given.value, wanted.value)


def _compares(operator: str, wanted: Decimal | None, result: Result) -> bool | None:
    if wanted is None:
        return None
    if result.numerator is not None and result.denominator:
        return _holds(operator, Decimal(result.numerator) * HUNDRED, wanted * result.denominator)
    return None if result.value is None else _holds(operator, result.value, wanted)


def _holds(operator: str, actual: Decimal, wanted: Decimal) -> bool:
    if operator == "at_least":
        return actual >= wanted
    if operator == "at_most":
        return actual <= wanted
    return actual == wanted


def standing_result(results: Iterable[Result]) -> Result | None:
    """The result that counts: the latest as-of date that was not sent back, of several the one recorded last.

    A late snapshot for an earlier date so enters the history and changes no status.
    """
    counted = [result for result in results if result.review != "sent_back"]
    return max(counted, key=lambda result: (result.as_of, result.number), default=None)


def derived_value(numerator: int | None, denominator: int | None, value: Decimal | None) -> Decimal | None:
    """The percentage of a share, half up to one decimal; a given value as it is."""
    if numerator is None or denominator is None:
        return value
    return share(numerator, denominator)


def phase_of(phases: Sequence[Phase], day: date) -> Phase | None:
    return next((phase for phase in phases if phase.starts <= day <= phase.ends), None)


def due_on(phase: Phase) -> date:
    return phase.due or phase.ends


def due_state(phase: Phase, latest: Result | None, today: date) -> DueState:
    """What is wanted of a target's custodian. A deadline ends with its day, not at its beginning."""
    if latest is not None:
        return latest.review
    left = (due_on(phase) - today).days
    if left < 0:
        return "overdue"
    return "due" if left <= DUE_SOON_DAYS else "not_yet_due"


def target_of(indicator: IndicatorState, phase: str, place: str) -> Target | None:
    return next((target for target in indicator.targets if (target.phase, target.place) == (phase, place)), None)


Fault = tuple[str, object, str]
"""(JSON pointer, value, what is wrong)"""


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
    wanted = {"milestone": "reached", "categorical": "category", "compound": "parts"}.get(indicator.kind, "value")
    if said == ["no_data"]:
        return []
    if said == [wanted]:
        return _FAULTS[indicator.kind](indicator, target, given)
    detail = (
        f"a {indicator.kind} indicator takes {wanted} or no_data"
        if len(said) == 1
        else f"exactly one of {wanted} and no_data is wanted"
    )
    return [_fault(name, given, detail) for name in said or [wanted]]


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


def _faults_of_category(indicator: IndicatorState, _: Target, given: Result) -> list[Fault]:
    known = indicator.categories or []
    return [] if given.category in known else [("#/category", given.category, f"must be one of {', '.join(known)}")]


def _faults_of_parts(_: IndicatorState, target: Target, given: Result) -> list[Fault]:
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
        elif part.value is not None and part.value < 0:
            faults.append((f"#/parts/{place}/value", part.value, "must be 0 or more"))
    missing = [name for name in wanted if name not in names]
    return faults or [("#/parts", names, f"the part {name} is missing") for name in missing]


def _faults_of_milestone(_: IndicatorState, __: Target, ___: Result) -> list[Fault]:
    return []


_FAULTS = {
    "percentage": _faults_of_percentage,
    "count": _faults_of_count,
    "milestone": _faults_of_milestone,
    "categorical": _faults_of_category,
    "compound": _faults_of_parts,
}
