"""What is kept of the published table of a snapshot. No figure that is withheld is in it: of countries, the numbers that are shown."""

from datetime import date
from fractions import Fraction

from pydantic import BaseModel, ConfigDict

from hr_diversity.rules.representation.publishing import Pattern, Plan
from hr_diversity.rules.representation.ranges import Range, Status
from hr_diversity.schemas.measures import Line
from hr_diversity.schemas.representation import RangePolicy, Recruits


class KeptRange(BaseModel):
    """Of a member, by a policy: what its range is drawn from, and the range."""

    model_config = ConfigDict(frozen=True)

    population: int
    scale: Fraction
    midpoint: Fraction
    lower: Fraction
    upper: Fraction


class KeptPolicy(BaseModel):
    """A policy as it was told of this snapshot. `numbers`: countries by status; `statuses`: those of withheld numbers that are shown."""

    said: RangePolicy
    inputs_effective_from: date
    inputs_version: int
    inputs_source: str
    inputs_verified: bool
    base_posts: int
    per_post: Fraction
    ranges: dict[str, KeptRange]
    numbers: dict[Status, int] | None = None
    statuses: dict[str, Status] = {}

    @property
    def edition(self) -> tuple[str, date, int, date, int]:
        said = self.said
        return said.code, said.effective_from, said.version, self.inputs_effective_from, self.inputs_version

    def by_country(self) -> dict[str, Range]:
        return {c: Range(one.midpoint, one.lower, one.upper, self.per_post) for c, one in self.ranges.items()}


class KeptTable(BaseModel):
    """`of_staff`: who counts and all staff, as published. `policies`: the first `told` of them are told, in this order; of one code the last edition is shown."""

    k: int
    plan: Plan
    told: int
    women_and_men: bool
    other: bool
    closed: list[str]
    withheld: list[str]
    hidden: list[str]
    counted: Line
    of_staff: tuple[int, int] | None
    countries: dict[str, int]
    groups: dict[str, Line] | None
    recruits: Recruits | None
    policies: list[KeptPolicy]

    def pattern(self) -> Pattern:
        return Pattern(
            plan=self.plan,
            told=self.told,
            withheld=frozenset(self.withheld),
            hidden=frozenset(self.hidden),
            closed=frozenset(self.closed),
            women_and_men=self.women_and_men,
            other=self.other,
        )
