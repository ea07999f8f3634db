"""One concept with two values from two sources: on the same day a contradiction, on different days a change."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from indicators.rules.contradictions.amounts import COMPUTED
from indicators.rules.contradictions.counts import AREAS, COUNTED
from indicators.rules.contradictions.facts import Contradiction, Facts, Said, explained, of_claim
from indicators.rules.lines import unit_of
from indicators.rules.status import exactly
from indicators.rules.words import spoken
from shared.events.claims import ClaimState
from shared.figures import round_half_up


@dataclass(frozen=True)
class Value:
    plan: str
    said: Said
    figure: Fraction
    unit: str | None
    as_of: date | None
    phase: str | None
    indicator: str | None = None


def one_concept_two_values(plans: Sequence[Facts]) -> Iterator[Contradiction]:
    """Claims of one concept, and of an indicator that is named like it, beside each other; never those that are computed anyway."""
    groups: dict[tuple[str, str, str], list[Value]] = defaultdict(list)
    for facts in plans:
        for claim in facts.claims:
            figure = exactly(claim.value, claim.numerator, claim.denominator)
            if (
                claim.concept
                and figure is not None
                and claim.concept.partition(":")[0] not in {*COMPUTED, *COUNTED, AREAS}
            ):
                groups[_key(facts, claim)].append(_of(facts, claim, figure))
    for facts in plans:
        for line in facts.lines:
            key = (line.indicator.code, line.target.place, "")
            if key in groups and line.standing is not None and line.figure is not None:
                said = Said(
                    of=f"result/{line.key}",
                    text=line.standing.text or line.indicator.title,
                    value=line.standing.value,
                    provenance=line.standing.provenance,
                )
                as_of, unit = line.standing.as_of, unit_of(line.indicator) or None
                value = Value(facts.plan.code, said, line.figure, unit, as_of, line.target.phase, line.indicator.code)
                groups[key].append(value)
    for key, values in sorted(groups.items()):
        yield from _disagreements(key[0], values)


def _key(facts: Facts, claim: ClaimState) -> tuple[str, str, str]:
    """The same thing in all sources; of an area, only within its plan."""
    return (claim.concept or "", claim.place or "global", f"{facts.plan.code}/{claim.area}" if claim.area else "")


def _of(facts: Facts, claim: ClaimState, figure: Fraction) -> Value:
    said = of_claim(facts.plan.code, claim)
    return Value(facts.plan.code, said, figure, claim.unit, claim.as_of, claim.phase, claim.indicator)


def _disagreements(concept: str, values: Sequence[Value]) -> Iterator[Contradiction]:
    days: dict[tuple[date | None, str | None], list[Value]] = defaultdict(list)
    for value in values:
        days[(value.as_of, None) if value.as_of else (None, value.phase)].append(value)
    for of_day in days.values():
        if any(_differ(of_day[0], other) for other in of_day[1:]):
            yield _item(concept, of_day, "contradiction")
    dated = sorted((value for value in values if value.as_of), key=lambda value: value.as_of or date.min)
    firsts = {value.as_of: value for value in reversed(dated)}
    series = [firsts[day] for day in sorted(day for day in firsts if day is not None)]
    if any(_differ(before, after) for before, after in pairwise(series)):
        yield _item(concept, series, "change")


def _differ(one: Value, other: Value) -> bool:
    """Beyond the coarser of the two precisions; figures in different units are not compared."""
    if one.unit is not None and other.unit is not None and one.unit != other.unit:
        return False
    if one.figure == other.figure:
        return False
    printed = [(value.said.value, against.figure) for value, against in ((one, other), (other, one))]
    return not any(value is not None and explained(value, figure) == "half_up" for value, figure in printed)


def _item(concept: str, values: Sequence[Value], severity: str) -> Contradiction:
    unit = next((value.unit for value in values if value.unit), "")
    told = "; ".join(
        spoken(value.figure, unit) + (f" on {value.as_of}" if value.as_of else "") + f" ({_source(value)})"
        for value in values
    )
    figures = [value.figure for value in values]
    return Contradiction.model_validate(
        {
            "rule": "one-concept-two-values" if severity == "contradiction" else "one-concept-over-time",
            "severity": severity,
            "plan": values[0].plan,
            "words": f"{concept}: {told}",
            "said": [value.said for value in values],
            "difference": round_half_up(max(figures) - min(figures), 3),
            "indicators": sorted({value.indicator for value in values if value.indicator}),
        }
    )


def _source(value: Value) -> str:
    where = value.said.provenance
    return where.document if where else value.said.of
