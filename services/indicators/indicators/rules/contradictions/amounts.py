"""Claimed totals, deviations and shares of money or results, beside what the figures give."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from indicators.rules.contradictions.facts import (
    Contradiction,
    Facts,
    Input,
    of_claim,
    printed_beside,
    slack,
)
from indicators.rules.lines import Line, unit_of
from indicators.rules.relations import value_at
from indicators.rules.words import spoken
from shared.events.claims import ClaimState
from shared.events.resources import BudgetLine

Amount = tuple[Fraction, list[Input], list[Decimal]]
"""The figure, what it is made of, and the printed figures whose rounding it carries."""
RESULTS_RULE = "results-total"


def claimed_amounts(facts: Facts) -> Iterator[Contradiction]:
    """Concepts that can be computed: the parts of each are listed, and the rounding of printed parts is allowed for."""
    for claim in facts.claims:
        concept, _, source = (claim.concept or "").partition(":")
        compute = COMPUTED.get(concept)
        if compute is None or claim.value is None:
            continue
        amount = compute(facts, claim, source)
        if amount is None:
            continue
        exact, inputs, parts = amount
        unit = claim.unit or ""
        found = printed_beside(
            f"claimed-{concept}",
            facts.plan.code,
            of_claim(facts.plan.code, claim),
            claim.value,
            exact,
            unit=unit,
            inputs=inputs,
        )
        if found is None:
            continue
        if (
            parts
            and found.severity == "contradiction"
            and abs(exact - Fraction(claim.value)) <= slack(parts, claim.value)
        ):
            words = f"{found.words}, which the rounding of the parts explains"
            found = found.model_copy(update={"severity": "rounding", "words": words})
        yield found


def slug(source: str) -> str:
    """A source of funds as concepts name it: "Regular budget" is regular-budget."""
    return "-".join("".join(c if c.isalnum() else " " for c in source.lower()).split())


def _counted(facts: Facts, claim: ClaimState, rule_code: str) -> list[Line]:
    if claim.indicator is not None:
        key = (claim.indicator, claim.phase or "", "global")
        return [facts.by_target[key]] if key in facts.by_target else []
    return summed_lines(facts, claim.area, claim.phase, rule_code)


def summed_lines(facts: Facts, area: str | None, phase: str | None, rule_code: str = "") -> list[Line]:
    """The lines whose results make a total: those of the plan's rule of that name where it has one, within the area and below it."""
    rule = next((rule for rule in facts.rules if rule.code == (rule_code or RESULTS_RULE)), None)
    named = None if rule is None else {term.indicator for term in rule.left}
    areas = facts.within(area)
    return [
        line
        for line in facts.lines
        if line.target.place == "global"
        and line.indicator.area in areas
        and phase in (None, line.target.phase)
        and (line.indicator.code in named if named is not None else _is_summed(line))
    ]


def _is_summed(line: Line) -> bool:
    declared = line.indicator.aggregation
    return line.indicator.kind == "count" and declared is not None and declared.places == "sum"


def _results(facts: Facts, claim: ClaimState, source: str) -> Amount | None:
    lines = _counted(facts, claim, source)
    place = claim.place or "global"
    figures = [(line, _figure_at(facts, line, place)) for line in lines]
    known = [(line, figure) for line, figure in figures if figure is not None]
    if not known or len(known) < len(lines):
        return None
    inputs = [Input(of=line.indicator.code, words=spoken(figure, unit_of(line.indicator))) for line, figure in known]
    return sum((figure for _, figure in known), Fraction(0)), inputs, []


def _figure_at(facts: Facts, line: Line, place: str) -> Fraction | None:
    found = value_at(line.indicator, line.target.phase, place, facts.standings.results)
    return _of_parts(line) if found is None and place == "global" else found


def _of_parts(line: Line) -> Fraction | None:
    """What the parts of a compound result add up to, where all are numbers: they are in the indicator's one unit."""
    parts = (line.standing.parts if line.standing else None) or []
    values = [Fraction(part.value) for part in parts if part.value is not None]
    return sum(values, Fraction(0)) if values and len(values) == len(parts) else None


def _asked(line: Line) -> Fraction | None:
    parts = line.target.parts or []
    values = [Fraction(part.value) for part in parts if part.value is not None]
    if line.target.value is not None:
        return Fraction(line.target.value)
    return sum(values, Fraction(0)) if values and len(values) == len(parts) else None


def _targets(facts: Facts, claim: ClaimState, source: str) -> Amount | None:
    lines = [(line, asked) for line in _counted(facts, claim, source) if (asked := _asked(line)) is not None]
    inputs = [Input(of=line.indicator.code, words=line.target.text) for line, _ in lines]
    return (sum((asked for _, asked in lines), Fraction(0)), inputs, []) if lines else None


def _from_target(facts: Facts, claim: ClaimState, source: str) -> Amount | None:
    results, targets = _results(facts, claim, source), _targets(facts, claim, source)
    if claim.numerator is not None and claim.denominator:
        results, targets = (Fraction(claim.numerator), [], []), (Fraction(claim.denominator), [], [])
    if results is None or targets is None or targets[0] == 0:
        return None
    return (results[0] / targets[0] - 1) * 100, _both(results[0], targets[0], "results", "targets"), []


def _shortfall(facts: Facts, claim: ClaimState, source: str) -> Amount | None:
    results, targets = _results(facts, claim, source), _targets(facts, claim, source)
    if results is None or targets is None:
        return None
    return targets[0] - results[0], _both(results[0], targets[0], "results", "targets"), []


def _both(first: Fraction, second: Fraction, one: str, other: str) -> list[Input]:
    return [Input(of=one, words=spoken(first)), Input(of=other, words=spoken(second))]


def _budget(line: BudgetLine) -> Decimal | None:
    return line.budget


def _expenditure(line: BudgetLine) -> Decimal | None:
    return line.expenditure


def _money(
    facts: Facts,
    claim: ClaimState,
    source: str,
    figure: Callable[[BudgetLine], Decimal | None],
    *,
    everywhere: bool = False,
) -> Amount | None:
    """The lines of an area, or of all areas, of a source of funds or of all."""
    found = [
        (one.area, line.source, value)
        for one in facts.resources
        if claim.phase in (None, one.phase) and (everywhere or claim.area in (None, one.area))
        for line in one.lines
        if (not source or slug(line.source) == source) and (value := figure(line)) is not None
    ]
    if not found:
        return None
    inputs = [Input(of=f"{area}, {name}", words=str(value)) for area, name, value in found]
    return sum((Fraction(value) for *_, value in found), Fraction(0)), inputs, [value for *_, value in found]


def _share(part: Amount | None, whole: Amount | None) -> Amount | None:
    if part is None or whole is None or whole[0] == 0:
        return None
    return part[0] * 100 / whole[0], _both(part[0], whole[0], "part", "whole"), []


def _from_budget(facts: Facts, claim: ClaimState, source: str) -> Amount | None:
    budget, spent = _money(facts, claim, source, _budget), _money(facts, claim, source, _expenditure)
    if budget is None or spent is None or budget[0] == 0:
        return None
    return (spent[0] / budget[0] - 1) * 100, _both(spent[0], budget[0], "expenditure", "budget"), []


def _marker(facts: Facts, claim: ClaimState, level: str) -> Amount | None:
    found: Sequence[Decimal] = [
        one.share
        for markers in facts.markers
        if markers.area == claim.area and claim.phase == markers.phase
        for one in markers.levels
        if str(one.level) == level and one.share is not None
    ]
    return (Fraction(found[0]), [Input(of=f"level {level}", words=f"{found[0]} per cent")], []) if found else None


COMPUTED: dict[str, Callable[[Facts, ClaimState, str], Amount | None]] = {
    "results-total": _results,
    "targets-total": _targets,
    "deviation-from-target": _from_target,
    "shortfall-from-target": _shortfall,
    "budget-total": lambda facts, claim, _: _money(facts, claim, "", _budget),
    "expenditure-total": lambda facts, claim, _: _money(facts, claim, "", _expenditure),
    "budget": lambda facts, claim, source: _money(facts, claim, source, _budget),
    "expenditure": lambda facts, claim, source: _money(facts, claim, source, _expenditure),
    "deviation-from-budget": lambda facts, claim, _: _from_budget(facts, claim, ""),
    "share-of-expenditure": lambda facts, claim, source: _share(
        _money(facts, claim, source, _expenditure), _money(facts, claim, "", _expenditure)
    ),
    "share-of-source": lambda facts, claim, source: _share(
        _money(facts, claim, source, _expenditure), _money(facts, claim, source, _expenditure, everywhere=True)
    ),
    "marker-share": _marker,
}
