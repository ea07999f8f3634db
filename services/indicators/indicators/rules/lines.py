"""A target with everything that was recorded for it: what progress, contradictions and explanations are drawn from."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from indicators.rules.status import exactly, meets
from shared.events.indicators import Baseline, IndicatorState, Phase, Status, Target
from shared.events.results import BreakdownCell, Result


@dataclass(frozen=True)
class Line:
    """`results` are all that were ever recorded, the oldest first; `standing` is the one that the status rests on."""

    indicator: IndicatorState
    phase: Phase
    target: Target
    results: tuple[Result, ...]
    standing: Result | None
    status: Status

    @cached_property
    def key(self) -> str:
        return f"{self.indicator.plan}/{self.indicator.code}/{self.target.phase}/{self.target.place}"

    @property
    def figure(self) -> Fraction | None:
        """What stands, exactly: a share in per cent from its counts. None where there is no number."""
        return None if self.standing is None else figure_of(self.standing)

    @property
    def baseline(self) -> Baseline | None:
        return self.target.baseline or self.indicator.baseline


def figure_of(given: Result | BreakdownCell | Baseline) -> Fraction | None:
    return exactly(given.value, given.numerator, given.denominator)


def latest_by_day(results: tuple[Result, ...]) -> dict[date, Result]:
    """For each day the result that counts: of several the one recorded last that was not sent back."""
    counted = [result for result in sorted(results, key=lambda one: one.number) if result.review != "sent_back"]
    return {result.as_of: result for result in counted}


def unit_of(indicator: IndicatorState) -> str:
    return "per cent" if indicator.kind == "percentage" else indicator.unit or ""


def is_reached(line: Line) -> bool:
    return line.standing is not None and meets(line.indicator, line.target, line.standing) is True
