"""What contradictions are found in, and what one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

from pydantic import BaseModel

from indicators.rules.figures import Computed, cut_off
from indicators.rules.lines import Line
from indicators.rules.relations import Standings, standings_of
from indicators.rules.words import spoken
from shared.events.claims import ClaimState, RuleState
from shared.events.indicators import PlanState, Provenance
from shared.events.resources import MarkersState, ResourcesState
from shared.figures import round_half_up

Severity = Literal["contradiction", "rounding", "coverage", "change"]
"""No rounding explains it; a cut-off or the rounding of parts does; less is known here than was published; another day, another value."""


class Said(BaseModel):
    """What a source says, and where."""

    of: str
    """claim/..., result/..., plan/..., resources/..., markers/..."""
    text: str
    value: Computed | None = None
    provenance: Provenance | None = None


class Input(BaseModel):
    of: str
    words: str


class Contradiction(BaseModel):
    """`difference` is said less computed. `reproduced_by` names the rounding that would give what was printed."""

    rule: str
    severity: Severity
    plan: str
    words: str
    said: list[Said]
    computed: Computed | None = None
    exact: str | None = None
    inputs: list[Input] = []
    difference: Computed | None = None
    reproduced_by: Literal["half_up", "truncated"] | None = None
    indicators: list[str] = []
    """those whose figures it draws on"""


@dataclass(frozen=True)
class Facts:
    """Everything that is known of a plan."""

    plan: PlanState
    lines: Sequence[Line]
    claims: Sequence[ClaimState] = ()
    rules: Sequence[RuleState] = ()
    resources: Sequence[ResourcesState] = ()
    markers: Sequence[MarkersState] = ()

    @cached_property
    def standings(self) -> Standings:
        return standings_of(self.lines)

    @cached_property
    def by_target(self) -> dict[tuple[str, str, str], Line]:
        return {(line.indicator.code, line.target.phase, line.target.place): line for line in self.lines}

    def within(self, area: str | None) -> set[str]:
        """The area with all that lies below it; all areas where it is None."""
        if area is None:
            return {one.code for one in self.plan.areas}
        found = {area}
        while True:
            more = {one.code for one in self.plan.areas if one.parent in found} - found
            if not more:
                return found
            found |= more


def places_of(printed: Decimal) -> int:
    """How many digits after the point the figure was printed with."""
    exponent = printed.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def explained(printed: Decimal, exact: Fraction) -> Literal["half_up", "truncated"] | None:
    """The rounding of `exact` that gives `printed` at its own precision; None where neither does."""
    places = places_of(printed)
    if round_half_up(exact, places) == printed:
        return "half_up"
    return "truncated" if cut_off(exact, places) == printed else None


def slack(parts: Sequence[Decimal], whole: Decimal | None = None) -> Fraction:
    """By how much printed parts may miss their whole for the rounding of each alone: half a unit of the last digit of each."""
    figures = [*parts, *([] if whole is None else [whole])]
    return sum((Fraction(1, 2 * 10 ** places_of(figure)) for figure in figures), Fraction(0))


def of_claim(plan: str, claim: ClaimState) -> Said:
    return Said(of=f"claim/{plan}/{claim.code}", text=claim.text, value=claim.value, provenance=claim.provenance)


def printed_beside(
    rule: str, plan: str, said: Said, printed: Decimal, exact: Fraction, *, unit: str, inputs: Sequence[Input] = ()
) -> Contradiction | None:
    """A printed figure beside what is computed; None where half-up rounding of the one gives the other."""
    rounding = explained(printed, exact)
    if rounding == "half_up":
        return None
    computed = round_half_up(exact, max(places_of(printed), 1 if unit == "per cent" else 0))
    why = ", which cut off is what was printed" if rounding else ""
    return Contradiction(
        rule=rule,
        severity="rounding" if rounding else "contradiction",
        plan=plan,
        words=f"{said.text!r} says {spoken(printed, unit)}; the figures give {spoken(computed, unit)}{why}",
        said=[said],
        computed=computed,
        exact=str(exact),
        inputs=list(inputs),
        difference=round_half_up(Fraction(printed) - exact, 3),
        reproduced_by=rounding,
    )
