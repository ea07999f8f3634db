"""What is claimed of one target: that it is met, or what its figure is."""

from collections.abc import Iterator

from indicators.rules.contradictions.facts import Contradiction, Facts, Input, Said, explained, of_claim
from indicators.rules.lines import Line, figure_of, latest_by_day, unit_of
from indicators.rules.status import exactly, judge, standing_result
from indicators.rules.words import said_result, said_target, spoken
from shared.events.claims import ClaimState
from shared.events.results import Result
from shared.figures import round_half_up

GOOD = {"met": True, "on_track": True, "not_met": False, "not_on_track": False, "data_unavailable": None}


def claimed_statuses(facts: Facts) -> Iterator[Contradiction]:
    """A source says that a target is met (or not), and the row says otherwise. The vocabularies are compared by their sense.

    A claim as of a day is held to what stood on that day.
    """
    for claim in facts.claims:
        line = facts.by_target.get((claim.indicator or "", claim.phase or "", claim.place or "global"))
        if claim.status is None or line is None:
            continue
        known = [result for result in line.results if claim.as_of is None or result.as_of <= claim.as_of]
        stood = standing_result(known)
        status = judge(line.indicator, line.target, stood, line.phase.vocabulary)
        if GOOD[claim.status] == GOOD[status]:
            continue
        unit = unit_of(line.indicator)
        result = "no result" if stood is None else _said(stood, unit)
        yield Contradiction(
            rule="claimed-status",
            severity="contradiction",
            plan=facts.plan.code,
            words=f"{claim.text!r} says {claim.status}; the row says {status}: {result}, "
            f"and asked is {said_target(line.target, unit)}",
            said=[of_claim(facts.plan.code, claim)],
            inputs=[Input(of=f"result/{line.key}", words=result), Input(of="target", words=line.target.text)],
            indicators=[line.indicator.code],
        )


def earlier_statuses(facts: Facts) -> Iterator[Contradiction]:
    """A source states a status for a phase of which there are figures too, and they give another."""
    for line in facts.lines:
        if line.target.place != "global" or line.standing is None:
            continue
        for earlier in line.indicator.earlier:
            if earlier.phase == line.target.phase and GOOD[earlier.status] != GOOD[line.status]:
                result = _said(line.standing, unit_of(line.indicator))
                yield Contradiction(
                    rule="earlier-status",
                    severity="change" if line.standing.as_of > line.phase.ends else "contradiction",
                    plan=facts.plan.code,
                    words=f"{line.key}: {earlier.text!r} says {earlier.status}, the row says {line.status}: {result}",
                    said=[
                        Said(
                            of=f"indicator/{facts.plan.code}/{line.indicator.code}",
                            text=earlier.text,
                            provenance=earlier.provenance,
                        )
                    ],
                    inputs=[Input(of=f"result/{line.key}", words=result)],
                    indicators=[line.indicator.code],
                )


def claimed_figures(facts: Facts) -> Iterator[Contradiction]:
    """A figure that is claimed of a target (by a claim of no other concept), beside the result of the same day, or what stands."""
    for claim in facts.claims:
        claimed = exactly(claim.value, claim.numerator, claim.denominator)
        line = facts.by_target.get((claim.indicator or "", claim.phase or "", claim.place or "global"))
        if claim.concept is not None or claimed is None or line is None:
            continue
        result = _of_day(line, claim)
        figure = None if result is None else figure_of(result)
        if result is None or figure is None:
            continue
        printed = claim.value if claim.value is not None else round_half_up(claimed, 3)
        if explained(printed, figure) == "half_up" or claimed == figure:
            continue
        other_day = claim.as_of is not None and claim.as_of != result.as_of
        unit = unit_of(line.indicator)
        yield Contradiction(
            rule="claimed-figure",
            severity="change" if other_day else "rounding" if explained(printed, figure) else "contradiction",
            plan=facts.plan.code,
            words=f"{claim.text!r} says {spoken(claimed, unit)}"
            + (f" on {claim.as_of}" if other_day else "")
            + f"; the row says {said_result(result, unit)}"
            + (f" on {result.as_of}" if other_day else ""),
            said=[of_claim(facts.plan.code, claim)],
            computed=round_half_up(figure, 3),
            exact=str(figure),
            inputs=[Input(of=f"result/{line.key}, number {result.number}", words=said_result(result, unit))],
            difference=round_half_up(claimed - figure, 3),
            reproduced_by=explained(printed, figure),
            indicators=[line.indicator.code],
        )


def _of_day(line: Line, claim: ClaimState) -> Result | None:
    days = latest_by_day(line.results)
    return days.get(claim.as_of, line.standing) if claim.as_of is not None else line.standing


def _said(result: Result, unit: str) -> str:
    if figure_of(result) is not None:
        return said_result(result, unit)
    return result.text or result.category or (result.no_data or "reached" if result.reached else "not reached")
