"""Whether a target can be reached on the way that its figures go.

It depends on the recorded figures and their days, not on the day of asking: what is missed is missed by a figure of the phase's end.
"""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from pydantic import BaseModel

from indicators.rules import trend
from indicators.rules.figures import Computed
from indicators.rules.lines import Line, is_reached, unit_of
from indicators.rules.words import said_target, spoken
from shared.figures import round_half_up


class TrendPoint(BaseModel):
    day: date
    value: Computed
    source: str


class Outlook(BaseModel):
    """Whether the target can be reached on the way that the figures go."""

    outlook: Literal["reached", "attainable", "not_attainable", "missed", "unknown"]
    words: str
    method: str = "a line of least squares through the points, read at the end of the phase"
    points: list[TrendPoint]
    per_year: Computed | None = None
    needed_per_year: Computed | None = None
    until: date
    estimate: Computed | None = None
    left_out: list[str] = []


def outlook(line: Line, others: Sequence[Line] = (), left_out: Sequence[str] = ()) -> Outlook | None:
    """Reached, missed (the figure is of the phase's last day or later), or attainable on the trend; None for no numeric target."""
    target = line.target.value
    if target is None:
        return None
    points = trend.points_of(line, others)
    shown = [TrendPoint(day=one.day, value=round_half_up(one.value, 3), source=one.source) for one in points]
    missing = [*left_out, *trend.left_out(line, others)]
    found = Outlook(outlook="unknown", words="", points=shown, until=line.phase.ends, left_out=missing)
    wanted = said_target(line.target, unit_of(line.indicator))
    if line.standing is None or line.comparable_figure is None:
        other = "" if line.figure is None else " of this definition, only of the one before it"
        return found.model_copy(update={"words": f"there is no figure{other}"})
    if is_reached(line):
        return found.model_copy(update={"outlook": "reached", "words": f"{wanted} is reached"})
    if line.standing.as_of >= line.phase.ends:
        return found.model_copy(update={"outlook": "missed", "words": f"{wanted} was not reached by {line.phase.ends}"})
    through = trend.line_through(points)
    if through is None:
        few = "one point only" if points else "no point"
        return found.model_copy(update={"words": f"a trend takes two points, and there is {few} of this definition"})
    return _drawn(found, line, points[-1], through)


def _drawn(found: Outlook, line: Line, last: trend.Point, through: tuple[Fraction, Fraction]) -> Outlook:
    target, unit = Fraction(line.target.value or 0), unit_of(line.indicator)
    estimate = trend.bounded(line.indicator, trend.at_day(through, line.phase.ends))
    holds = {"at_least": estimate >= target, "at_most": estimate <= target, "exactly": estimate == target}
    attainable = holds[line.target.operator]
    needed = (target - last.value) * trend.DAYS_OF_A_YEAR / (line.phase.ends - last.day).days
    says = "reaches" if attainable else "does not reach"
    wanted = said_target(line.target, unit)
    return found.model_copy(
        update={
            "outlook": "attainable" if attainable else "not_attainable",
            "words": f"the trend gives {spoken(round_half_up(estimate), unit)} on {line.phase.ends}, which {says} {wanted}",
            "per_year": round_half_up(through[0] * trend.DAYS_OF_A_YEAR, 2),
            "needed_per_year": round_half_up(needed, 2),
            "estimate": round_half_up(estimate, 3),
        }
    )
