"""Claims about how many indicators are above or below their targets, recounted."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction

from indicators.rules.contradictions.amounts import summed_lines
from indicators.rules.contradictions.facts import Contradiction, Facts, Input, of_claim
from indicators.rules.lines import Line, unit_of
from indicators.rules.status import meets
from indicators.rules.words import said_result, said_target, spoken
from shared.events.claims import ClaimState


def claimed_counts_of_indicators(facts: Facts) -> Iterator[Contradiction]:
    """What a claim like "five of eight are above their target" gives when it is recounted, over targets for the whole of an indicator."""
    for claim in facts.claims:
        counted = COUNTED.get(claim.concept or "")
        claimed = claim.numerator if claim.numerator is not None else claim.value
        if counted is None or claimed is None:
            continue
        areas = facts.within(claim.area)
        lines = [
            line
            for line in facts.lines
            if line.target.place == "global"
            and line.indicator.area in areas
            and claim.phase in (None, line.target.phase)
        ]
        holding = [line for line in lines if counted(line)]
        if len(holding) != claimed or claim.denominator not in (None, len(lines)):
            yield _recounted(facts, claim, lines, holding)


def claimed_counts_of_areas(facts: Facts) -> Iterator[Contradiction]:
    """What a claim like "four of the five outputs reach their target" gives when it is recounted: the areas right below one, each by what its results add up to."""
    for claim in facts.claims:
        claimed = claim.numerator if claim.numerator is not None else claim.value
        if claim.concept != AREAS or claimed is None:
            continue
        below = [area.code for area in facts.plan.areas if area.parent == claim.area]
        sums = {area: _sums(summed_lines(facts, area, claim.phase)) for area in below}
        known = {area: both for area, both in sums.items() if both is not None}
        holding = [area for area, (results, targets) in known.items() if results >= targets]
        if len(known) < len(below) or (len(holding) == claimed and claim.denominator in (None, len(below))):
            continue
        said = f"{claimed} of {claim.denominator}" if claim.denominator is not None else f"{claimed}"
        yield Contradiction(
            rule="recount-of-areas",
            severity="contradiction",
            plan=facts.plan.code,
            words=f"{claim.text!r} says that {said} reach their target; {len(holding)} of {len(below)} do: {', '.join(holding)}",
            said=[of_claim(facts.plan.code, claim)],
            computed=Decimal(len(holding)),
            inputs=[Input(of=area, words=f"{spoken(a)}, asked are {spoken(b)}") for area, (a, b) in known.items()],
            difference=Decimal(claimed - len(holding)),
        )


def _sums(lines: list[Line]) -> tuple[Fraction, Fraction] | None:
    """Results and targets; None where one of the lines has none."""
    pairs = [(line.figure, line.target.value) for line in lines]
    known = [(figure, Fraction(value)) for figure, value in pairs if figure is not None and value is not None]
    if not known or len(known) < len(pairs):
        return None
    return sum((a for a, _ in known), Fraction(0)), sum((b for _, b in known), Fraction(0))


def _recounted(facts: Facts, claim: ClaimState, lines: list[Line], holding: list[Line]) -> Contradiction:
    word = (claim.concept or "").removeprefix("indicators-").replace("-", " ")
    claimed = claim.numerator if claim.numerator is not None else claim.value or 0
    said = f"{claimed} of {claim.denominator}" if claim.denominator is not None else f"{claimed}"
    codes = ", ".join(line.indicator.code for line in holding)
    return Contradiction(
        rule="recount-of-indicators",
        severity="contradiction",
        plan=facts.plan.code,
        words=f"{claim.text!r} says that {said} are {word}; {len(holding)} of {len(lines)} are: {codes or 'none'}",
        said=[of_claim(facts.plan.code, claim)],
        computed=Decimal(len(holding)),
        inputs=[Input(of=line.indicator.code, words=_beside(line)) for line in lines],
        difference=Decimal(claimed - len(holding)),
        indicators=sorted({line.indicator.code for line in lines}),
    )


def _beside(line: Line) -> str:
    unit = unit_of(line.indicator)
    result = "no result" if line.standing is None else said_result(line.standing, unit)
    return f"{result}, asked is {said_target(line.target, unit)}"


def _reaches(line: Line) -> bool | None:
    return None if line.standing is None else meets(line.indicator, line.target, line.standing)


def _above(line: Line) -> bool:
    """More than is asked for; what is no number is reached or not, and cannot be more."""
    if line.figure is None or line.target.value is None:
        return _reaches(line) is True
    return line.figure < line.target.value if line.target.operator == "at_most" else line.figure > line.target.value


AREAS = "areas-on-or-above-target"
COUNTED: dict[str, Callable[[Line], bool]] = {
    "indicators-above-target": _above,
    "indicators-on-or-above-target": lambda line: _reaches(line) is True,
    "indicators-below-target": lambda line: _reaches(line) is False,
}
