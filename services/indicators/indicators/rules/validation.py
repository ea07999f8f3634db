"""What is asked of a result beyond its own form, when it is submitted or tried.

An error refuses the result; a warning goes with it into the answer and refuses nothing. Each finding has the values of both sides.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules.faults import Fault
from indicators.rules.figures import Computed
from indicators.rules.lines import figure_of, unit_of
from indicators.rules.relations import Compared, Key, Standings, compare, parts_of, value_at
from indicators.rules.status import HUNDRED
from indicators.rules.words import spoken
from shared.events.claims import RuleState
from shared.events.indicators import Dimension, IndicatorState, Phase, Target
from shared.events.results import BreakdownCell, Result
from shared.figures import round_half_up

Severity = Literal["error", "warning"]


class Finding(BaseModel):
    """A rule that does not hold, with the values of both sides."""

    rule: str
    severity: Severity
    pointer: str
    words: str
    left: Computed | None = None
    right: Computed | None = None
    compared: Compared | None = None

    @property
    def column(self) -> str:
        """The field of a row that it is about."""
        return self.pointer.removeprefix("#").removeprefix("/") or "value"


def faults_of_breakdown(indicator: IndicatorState, given: Result) -> list[Fault]:
    """Cells are of declared dimensions and categories, each once, and each is a figure that the indicator could have."""
    declared = {dimension.code: dimension for dimension in indicator.disaggregation}
    faults: list[Fault] = []
    seen = set[tuple[str, str]]()
    for place, cell in enumerate(given.breakdown):
        here, dimension = f"#/breakdown/{place}", declared.get(cell.dimension)
        if dimension is None:
            known = ", ".join(declared) or "none"
            faults.append((f"{here}/dimension", cell.dimension, f"must be a dimension of the indicator: {known}"))
        elif cell.category not in dimension.categories:
            known = ", ".join(dimension.categories)
            faults.append((f"{here}/category", cell.category, f"must be one of {known}"))
        elif (cell.dimension, cell.category) in seen:
            faults.append((f"{here}/category", cell.category, "stands there twice"))
        else:
            faults += [(f"{here}/{name}", value, detail) for name, value, detail in _faults_of_cell(indicator, cell)]
        seen.add((cell.dimension, cell.category))
    return faults


def _faults_of_cell(indicator: IndicatorState, cell: BreakdownCell) -> list[tuple[str, object, str]]:
    counts = (cell.numerator, cell.denominator)
    if counts.count(None) == 1:
        name = "numerator" if cell.numerator is None else "denominator"
        return [(name, None, "numerator and denominator go together")]
    if (cell.value is None) == (cell.numerator is None):
        return [("value", cell.value, "a cell has a value, or numerator and denominator")]
    if cell.numerator is not None and indicator.kind != "percentage":
        return [("numerator", cell.numerator, "numerator and denominator belong to percentages")]
    return _out_of_range(indicator, cell)


def _out_of_range(indicator: IndicatorState, cell: BreakdownCell) -> list[tuple[str, object, str]]:
    whole, part, value = cell.denominator, cell.numerator, cell.value
    if whole is not None and whole <= 0:
        return [("denominator", whole, "must be greater than 0; leave the cell out where nothing is counted")]
    if part is not None and whole is not None and not 0 <= part <= whole:
        return [("numerator", part, f"must be from 0 to the denominator, {whole}")]
    if value is not None and indicator.kind == "percentage" and not 0 <= value <= HUNDRED:
        return [("value", value, "a percentage is from 0 to 100")]
    if value is not None and indicator.kind == "count" and (value < 0 or value != value.to_integral_value()):
        return [("value", value, "a count is a whole number, 0 or more")]
    return []


def outside_phase(phase: Phase, given: Result) -> list[Finding]:
    """A figure of a day outside its phase may be a slip, or late: the report on a phase is often written after it."""
    if phase.starts <= given.as_of <= phase.ends:
        return []
    if given.as_of < phase.starts:
        words = f"{given.as_of} is before the phase {phase.code} begins, {phase.starts}"
    else:
        words = f"{given.as_of} is after the phase {phase.code} ends, {phase.ends}"
    return [Finding(rule="as-of-outside-phase", severity="warning", pointer="#/as_of", words=words)]


def check(
    indicator: IndicatorState, target: Target, given: Result, standings: Standings, rules: Sequence[RuleState]
) -> list[Finding]:
    """Everything that does not hold once `given` stands; `standings` is what stands with it, `rules` are the plan's."""
    return [
        *_dimensions_add_up(indicator, given),
        *_places_add_up(indicator, target, given, standings),
        *_rules_hold((indicator.code, target.phase, target.place), standings, rules),
    ]


def _dimensions_add_up(indicator: IndicatorState, given: Result) -> list[Finding]:
    """The cells of a dimension are the whole where all its categories are given, and no more than it where some are missing."""
    rule = indicator.aggregation.places if indicator.aggregation else "none"
    if rule not in ("sum", "ratio"):
        return []
    found = []
    for dimension in indicator.disaggregation:
        cells = [cell for cell in given.breakdown if cell.dimension == dimension.code]
        if cells and rule == "sum" and indicator.kind != "percentage":
            found += _adds_up(
                dimension, cells, [figure_of(cell) for cell in cells], figure_of(given), unit_of(indicator)
            )
        elif cells and given.numerator is not None and all(cell.numerator is not None for cell in cells):
            for name in ("numerator", "denominator"):
                parts = [Fraction(getattr(cell, name)) for cell in cells]
                found += _adds_up(dimension, cells, parts, Fraction(getattr(given, name)), name)
    return found


def _adds_up(
    dimension: Dimension,
    cells: Sequence[BreakdownCell],
    parts: Sequence[Fraction | None],
    whole: Fraction | None,
    unit: str,
) -> list[Finding]:
    total = sum((part for part in parts if part is not None), Fraction(0))
    all_given = len(cells) == len(dimension.categories)
    if whole is None or total == whole or (not all_given and total < whole):
        return []
    says = "add up to" if all_given else "already add up to"
    return [
        Finding(
            rule="parts-add-to-total",
            severity="error",
            pointer="#/breakdown",
            words=f"{dimension.code}: the {len(cells)} cells {says} {spoken(total, unit)}, the whole is {spoken(whole, unit)}",
            left=round_half_up(total, 3),
            right=round_half_up(whole, 3),
        )
    ]


def _places_add_up(indicator: IndicatorState, target: Target, given: Result, standings: Standings) -> list[Finding]:
    """Places with targets of their own add to the whole once each has a result of the same day.

    The whole is refused where it differs from its parts. A part only warns: parts are corrected first, and the whole after them.
    """
    if indicator.kind == "percentage" or indicator.aggregation is None or indicator.aggregation.places != "sum":
        return []
    kinds = {one.place.partition(":")[0] for one in indicator.targets if ":" in one.place and one.phase == target.phase}
    if target.place != "global":
        kinds &= {target.place.partition(":")[0]}
    found = []
    for kind in sorted(kinds):
        places = parts_of(indicator, target.phase, kind)
        keys: list[Key] = [(indicator.code, target.phase, place) for place in ("global", *places)]
        results = [standings.results.get(key) for key in keys]
        if any(result is None or result.as_of != given.as_of for result in results):
            continue
        total = value_at(indicator, target.phase, f"{kind}:*", standings.results)
        whole = value_at(indicator, target.phase, "global", standings.results)
        if total is not None and whole is not None and total != whole:
            found.append(_unlike_its_parts(indicator, target, kind, len(places), total, whole))
    return found


def _unlike_its_parts(
    indicator: IndicatorState, target: Target, kind: str, parts: int, total: Fraction, whole: Fraction
) -> Finding:
    unit = unit_of(indicator)
    return Finding(
        rule="parts-add-to-total",
        severity="error" if target.place == "global" else "warning",
        pointer="#/value",
        words=f"{kind}: {parts} places add up to {spoken(total, unit)}, the whole is {spoken(whole, unit)}",
        left=round_half_up(total, 3),
        right=round_half_up(whole, 3),
    )


def _rules_hold(key: Key, standings: Standings, rules: Sequence[RuleState]) -> list[Finding]:
    found = []
    for rule in rules:
        if not _is_about(rule, key):
            continue
        compared = compare(rule, key[1], standings)
        if compared is not None and not compared.holds:
            found.append(
                Finding(
                    rule=rule.code,
                    severity=rule.severity,
                    pointer="#",
                    words=compared.words,
                    left=compared.left.value,
                    right=compared.right.value,
                    compared=compared,
                )
            )
    return found


def _is_about(rule: RuleState, key: Key) -> bool:
    code, phase, place = key
    kind = place.partition(":")[0]
    return any(
        term.indicator == code
        and term.phase in (None, phase)
        # a term about a region may be read from the breakdown of the whole
        and (term.place in (place, f"{kind}:*") or place == "global")
        for term in [*rule.left, *rule.right]
    )
