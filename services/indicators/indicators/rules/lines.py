"""A target with everything that was recorded for it: what progress, contradictions and explanations are drawn from."""

from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property

from indicators.rules.status import exactly, meets
from shared.events.indicators import Baseline, IndicatorState, Phase, Status, Target
from shared.events.results import BreakdownCell, Result


@dataclass(frozen=True)
class Redefinition:
    """The version of an indicator by which `fields` of its definition last became others, its instant, and its day in the plan's zone."""

    version: int
    at: datetime
    day: date
    fields: tuple[str, ...]

    @property
    def words(self) -> str:
        return f"version {self.version} of {self.day}: {', '.join(self.fields)}"


@dataclass(frozen=True)
class Line:
    """`results` are all that were ever recorded, the oldest first; `standing` is the one that the status rests on.

    What was recorded before `redefined` answered another question: it is told, and no trend or pace is drawn from it.
    """

    indicator: IndicatorState
    phase: Phase
    target: Target
    results: tuple[Result, ...]
    standing: Result | None
    status: Status
    redefined: Redefinition | None = None

    @cached_property
    def key(self) -> str:
        return f"{self.indicator.plan}/{self.indicator.code}/{self.target.phase}/{self.target.place}"

    @property
    def figure(self) -> Fraction | None:
        """What stands, exactly: a share in per cent from its counts. None where there is no number."""
        return None if self.standing is None else figure_of(self.standing)

    @property
    def comparable_figure(self) -> Fraction | None:
        """What stands, where it was recorded under the definition that holds now."""
        return None if self.standing is None or self.is_of_before(self.standing) else self.figure

    @property
    def baseline(self) -> Baseline | None:
        return self.target.baseline or self.indicator.baseline

    def is_of_before(self, result: Result) -> bool:
        """Whether it was recorded before the definition became another."""
        return self.redefined is not None and result.recorded_at < self.redefined.at


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
