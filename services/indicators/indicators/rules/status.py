"""What a result means for its target.

Status never rolls up: each target has its own, from its own result. Zero is a result ("none", "not achieved"); missing data has a
reason and no value. Comparisons are exact: a share is compared as numerator and denominator, before any rounding.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from shared.events.indicators import Baseline, IndicatorState, Status, Target, TargetPart, Vocabulary
from shared.events.results import Result, ResultPart
from shared.figures import share

HUNDRED = Decimal(100)


WORDS: dict[Vocabulary, frozenset[Status]] = {
    "mid_cycle": frozenset({"on_track", "not_on_track", "data_unavailable"}),
    "end_of_cycle": frozenset({"met", "not_met", "data_unavailable"}),
}


def judge(indicator: IndicatorState, target: Target, result: Result | None, vocabulary: Vocabulary) -> Status:
    """The status of `target` in the words of its phase; no result or one without data is `data_unavailable`."""
    reached = None if result is None or result.no_data is not None else meets(indicator, target, result)
    if reached is None:
        return "data_unavailable"
    if vocabulary == "mid_cycle":
        return "on_track" if reached else "not_on_track"
    return "met" if reached else "not_met"


def meets(indicator: IndicatorState, target: Target, result: Result) -> bool | None:
    """Whether `result` reaches `target`; None where it does not say, or where a direction has nothing to start from."""
    match target.operator:
        case "reached":
            return result.reached
        case "all_of":
            return _all_parts(target.parts or [], result.parts or [])
        case "exactly" if target.category is not None:
            return None if result.category is None else result.category == target.category
        case "at_least" if target.category is not None:
            return _reaches_category(indicator.categories or [], target.category, result.category)
        case "increases" | "decreases":
            return _moves(target.operator, target.baseline or indicator.baseline, result)
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


def _reaches_category(order: Sequence[str], wanted: str, given: str | None) -> bool | None:
    """`order` is from the lowest to the highest."""
    if given not in order or wanted not in order:
        return None
    return order.index(given) >= order.index(wanted)


def _moves(operator: str, baseline: Baseline | None, result: Result) -> bool | None:
    """A direction without a number: beyond the baseline, compared exactly; standing still is no movement."""
    before = None if baseline is None else exactly(baseline.value, baseline.numerator, baseline.denominator)
    now = exactly(result.value, result.numerator, result.denominator)
    if before is None or now is None:
        return None
    return now > before if operator == "increases" else now < before


def exactly(value: Decimal | None, numerator: int | None, denominator: int | None) -> Fraction | None:
    """The figure without any rounding: a share from its counts where it has them, in per cent."""
    if numerator is not None and denominator:
        return Fraction(numerator * 100, denominator)
    return None if value is None else Fraction(value)


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


def target_of(indicator: IndicatorState, phase: str, place: str) -> Target | None:
    return next((target for target in indicator.targets if (target.phase, target.place) == (phase, place)), None)
