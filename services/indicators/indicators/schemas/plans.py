"""Answers about a plan as a whole: what differs from another one, and its gender-equality marker."""

from pydantic import BaseModel

from indicators.rules.markers import PopulationMarkers
from indicators.rules.plan_diff import Diff
from indicators.rules.totals import AreaTotals


class PlanDiff(Diff):
    """`plan` beside `before`; the versions are those of the plans, None for a plan as it is."""

    plan: str
    version: int | None
    before: str
    before_version: int | None


class PlanTotals(BaseModel):
    plan: str
    phase: str
    items: list[AreaTotals]


class PlanMarkers(BaseModel):
    plan: str
    items: list[PopulationMarkers]
