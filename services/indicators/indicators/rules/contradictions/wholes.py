"""Parts beside their whole: portfolios, regions, marker levels, budget lines, and what a plan's own rules say."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from indicators.rules.contradictions.facts import (
    Contradiction,
    Facts,
    Input,
    Said,
    of_claim,
    places_of,
    printed_beside,
    slack,
)
from indicators.rules.lines import Line, figure_of, unit_of
from indicators.rules.relations import compare
from indicators.rules.words import said_result, spoken
from shared.events.claims import ClaimState
from shared.events.resources import BudgetLine, ResourcesState
from shared.figures import round_half_up


def wholes_and_their_parts(facts: Facts) -> Iterator[Contradiction]:
    """Targets that are parts of another: counts add up to the whole, shares are drawn from the summed counts, never averaged."""
    parts: dict[tuple[str, str, str], list[Line]] = defaultdict(list)
    for line in facts.lines:
        if line.target.part_of is not None:
            parts[line.indicator.code, line.target.phase, line.target.part_of].append(line)
    for key, lines in parts.items():
        whole = facts.by_target.get(key)
        if whole is None or whole.standing is None or whole.standing.value is None:
            continue
        exact = _of_parts(lines, whole)
        if exact is not None:
            said = Said(
                of=f"result/{whole.key}",
                text=whole.standing.text or whole.standing.comment or whole.target.text,
                value=whole.standing.value,
                provenance=whole.standing.provenance,
            )
            unit = unit_of(whole.indicator)
            inputs = [
                Input(of=line.target.place, words=said_result(line.standing, unit)) for line in lines if line.standing
            ]
            found = printed_beside(
                "parts-and-whole", facts.plan.code, said, whole.standing.value, exact, unit=unit, inputs=inputs
            )
            if found is not None:
                yield found.model_copy(update={"indicators": [whole.indicator.code]})


def _of_parts(lines: Sequence[Line], whole: Line) -> Fraction | None:
    """What parts of the whole's day make together; None where one has no figure of that day."""
    day = whole.standing.as_of if whole.standing else None
    standing = [line.standing for line in lines if line.standing is not None and line.standing.as_of == day]
    if len(standing) < len(lines):
        return None
    if whole.indicator.kind == "percentage":
        if any(result.numerator is None or result.denominator is None for result in standing):
            return None
        return Fraction(
            sum(result.numerator or 0 for result in standing) * 100, sum(result.denominator or 0 for result in standing)
        )
    declared = whole.indicator.aggregation
    figures = [figure_of(result) for result in standing]
    if any(figure is None for figure in figures) or (declared is not None and declared.places != "sum"):
        return None
    return sum((figure for figure in figures if figure is not None), Fraction(0))


def breakdowns(facts: Facts) -> Iterator[Contradiction]:
    """Cells of a breakdown that do not add to their whole, where the indicator says that they do."""
    for line in facts.lines:
        result, declared = line.standing, line.indicator.aggregation
        if result is None or result.value is None or declared is None or declared.places != "sum":
            continue
        for dimension in line.indicator.disaggregation:
            cells = [cell for cell in result.breakdown if cell.dimension == dimension.code]
            figures = [figure for cell in cells if (figure := figure_of(cell)) is not None]
            total = sum(figures, Fraction(0))
            if len(figures) == len(dimension.categories) and total != Fraction(result.value):
                yield Contradiction(
                    rule="breakdown-and-whole",
                    severity="contradiction",
                    plan=facts.plan.code,
                    words=f"{line.key}: the cells of {dimension.code} add up to {spoken(total)}, the whole is {result.value}",
                    said=[
                        Said(
                            of=f"result/{line.key}",
                            text=result.text or line.target.text,
                            value=result.value,
                            provenance=result.provenance,
                        )
                    ],
                    computed=round_half_up(total, 3),
                    inputs=[Input(of=cell.category, words=said_result(cell, "")) for cell in cells],
                    difference=round_half_up(Fraction(result.value) - total, 3),
                    indicators=[line.indicator.code],
                )


def marker_shares(facts: Facts) -> Iterator[Contradiction]:
    """Shares of the marker's levels that make no 100 beyond the rounding of each, or that their counts do not give."""
    for markers in facts.markers:
        of = f"markers/{markers.plan}/{markers.phase}/{markers.population}" + (
            f"/{markers.area}" if markers.area else ""
        )
        shares = [level.share for level in markers.levels if level.share is not None]
        counts = [level.count for level in markers.levels if level.count is not None]
        total = sum((Fraction(share) for share in shares), Fraction(0))
        if len(shares) == len(markers.levels) > 1 and abs(total - 100) > slack(shares):
            text = " + ".join(str(share) for share in shares)
            yield Contradiction(
                rule="marker-shares-make-100",
                severity="contradiction",
                plan=facts.plan.code,
                words=f"{of}: {text} make {round_half_up(total)}, more off 100 than rounding explains",
                said=[Said(of=of, text=text, provenance=markers.provenance)],
                computed=round_half_up(total, 3),
                difference=round_half_up(100 - total, 3),
            )
        if len(counts) < len(markers.levels) or not sum(counts):
            continue
        for level in markers.levels:
            if level.share is not None and level.count is not None:
                text = f"level {level.level}: {level.count} of {sum(counts)}, {level.share} per cent"
                said = Said(of=of, text=text, value=level.share, provenance=markers.provenance)
                exact = Fraction(level.count * 100, sum(counts))
                found = printed_beside("marker-share", facts.plan.code, said, level.share, exact, unit="per cent")
                if found is not None:
                    yield found


def budget_lines(facts: Facts) -> Iterator[Contradiction]:
    """Published totals that the lines do not give. A line without a number is no zero: with one, more may be in the total."""
    for resources in facts.resources:
        for name, published in (
            ("budget", resources.published_budget),
            ("expenditure", resources.published_expenditure),
        ):
            if published is not None:
                yield from _total(facts, resources, name, published)


def _total(facts: Facts, resources: ResourcesState, name: str, published: Decimal) -> Iterator[Contradiction]:
    lines = [(line, figure) for line in resources.lines if (figure := _figure(line, name)) is not None]
    total = sum((Fraction(figure) for _, figure in lines), Fraction(0))
    difference = Fraction(published) - total
    if not lines or difference == 0:
        return
    within = abs(difference) <= slack([figure for _, figure in lines], published)
    of = f"resources/{resources.plan}/{resources.phase}/{resources.area}"
    yield Contradiction(
        rule="budget-lines-and-total",
        severity="rounding" if within else "contradiction",
        plan=facts.plan.code,
        words=f"{of}: the lines of {name} add up to {spoken(total)}, published are {spoken(published)} {resources.unit}"
        + (", which the rounding of each explains" if within else ""),
        said=[Said(of=of, text=f"{name}: {published}", value=published, provenance=resources.provenance)],
        computed=round_half_up(total, 3),
        inputs=[Input(of=line.source, words=str(figure)) for line, figure in lines],
        difference=round_half_up(difference, 3),
    )


def _figure(line: BudgetLine, name: str) -> Decimal | None:
    return line.budget if name == "budget" else line.expenditure


def rules_between_values(facts: Facts) -> Iterator[Contradiction]:
    """The plan's own rules, over what stands in each phase."""
    for rule in facts.rules:
        named = {term.phase for term in [*rule.left, *rule.right]}
        phases = [phase.code for phase in facts.plan.phases] if None in named else sorted(filter(None, named))[:1]
        for phase in phases:
            compared = compare(rule, phase, facts.standings)
            if compared is None or compared.holds:
                continue
            terms = [*compared.left.terms, *compared.right.terms]
            yield Contradiction(
                rule=f"rule:{rule.code}",
                severity="contradiction",
                plan=facts.plan.code,
                words=compared.words,
                said=[Said(of=f"rule/{facts.plan.code}/{rule.code}", text=rule.title, value=compared.right.value)],
                computed=compared.left.value,
                exact=compared.left.exact,
                inputs=[Input(of=f"{term.indicator}/{term.phase}/{term.place}", words=term.words) for term in terms],
                difference=compared.right.value - compared.left.value,
                indicators=sorted({term.indicator for term in terms}),
            )


def claimed_shares_of_one_whole(facts: Facts) -> Iterator[Contradiction]:
    """Claimed shares of the expenditure of an area by source of funds: all of them make 100 but for their rounding."""
    prefix = "share-of-expenditure:"
    groups: dict[tuple[str | None, str | None], list[ClaimState]] = defaultdict(list)
    for claim in facts.claims:
        if claim.concept is not None and claim.concept.startswith(prefix) and claim.value is not None:
            groups[claim.area, claim.phase].append(claim)
    sources = {(one.area, one.phase): len(one.lines) for one in facts.resources}
    for (area, phase), claims in groups.items():
        shares = [claim.value for claim in claims if claim.value is not None]
        total = sum((Fraction(share) for share in shares), Fraction(0))
        if len(shares) != sources.get((area or "", phase or "")) or abs(total - 100) <= slack(shares):
            continue
        yield Contradiction(
            rule="claimed-shares-make-100",
            severity="contradiction",
            plan=facts.plan.code,
            words=f"the claimed shares of {area} make {round_half_up(total, max(map(places_of, shares)))}, not 100",
            said=[of_claim(facts.plan.code, claim) for claim in claims],
            computed=round_half_up(total, 3),
            difference=round_half_up(100 - total, 3),
        )
