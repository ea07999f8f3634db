"""Geographic representation: what is put, and what is published. A figure that is withheld is null and says so; it is never 0."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

import pycountry
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hr_diversity.rules.representation.publishing import Plan
from hr_diversity.rules.representation.ranges import Mark, Rounding, Status
from hr_diversity.schemas.measures import Line
from shared.figures import Figure
from shared.requests import Day, Flag, Label, Request, Words

CODE = r"^[a-z0-9][a-z0-9-]{0,59}$"
Places = Literal["by_status", "total", "closed"]


def _a_country(given: str) -> str:
    if pycountry.countries.get(alpha_3=given) is None:
        raise ValueError("a country is written in three letters of ISO 3166-1, like CHE")
    return given


Country = Annotated[str, Field(max_length=3), AfterValidator(_a_country)]
Share = Annotated[Decimal, Field(ge=0, le=100, max_digits=10, decimal_places=7)]


def name_of(country: str) -> str | None:
    """In English, as ISO 3166-1 has it."""
    found = pycountry.countries.get(alpha_3=country)
    return None if found is None else str(getattr(found, "common_name", found.name))


class NewMember(Request):
    country: Country = Field(description="ISO 3166-1 alpha-3")
    population: Annotated[int, Field(ge=0, le=10_000_000, strict=True)] = Field(description="in thousands")
    scale: Share = Field(description="share of the scale of assessments, per cent")


class NewInputs(Request):
    """The member States of the organisation. Their shares sum to 100, but for `tolerance`."""

    title: Label
    source: Words
    verified: Flag = Field(description="whether the figures were compared with their source")
    effective_from: Day
    tolerance: Annotated[Decimal, Field(ge=0, le=1, max_digits=6, decimal_places=5)] = Decimal("0.01")
    members: Annotated[list[NewMember], Field(min_length=1, max_length=300)]


class NewPolicy(Request):
    """Which rule applies from a day on. What is left out is the rule's own. `order`: the policy that comes first has women and men by
    status, and is answered where none is named.
    """

    title: Label | None = None
    source: Words | None = None
    verified: Flag | None = None
    rule: Label
    parameters: Annotated[
        dict[str, Annotated[Decimal, Field(ge=0, le=100_000, max_digits=12, decimal_places=4)]], Field(max_length=20)
    ] = {}
    base: Annotated[int, Field(ge=1, le=1_000_000, strict=True)] | Literal["counted"] | None = Field(
        None, description="the posts that are shared out; counted: those that the snapshot counts"
    )
    rounding: Rounding | None = Field(None, description="how limits become whole posts")
    inputs: Annotated[str, Field(pattern=CODE)] = Field(description="code of the inputs; the edition in force applies")
    order: Annotated[int, Field(ge=0, le=1000, strict=True)] = 100
    effective_from: Day
    effective_until: Day | None = None


class Inputs(BaseModel):
    code: str
    version: int
    effective_from: date
    title: str
    source: str
    verified: bool
    tolerance: Figure
    members: list[dict[str, Any]]


class RangePolicy(BaseModel):
    """As it stands, with the defaults of its rule."""

    code: str
    version: int
    effective_from: date
    effective_until: date | None
    title: str
    source: str
    verified: bool
    note: str
    rule: str = Field(description="code/version of the formula")
    parameters: dict[str, Figure]
    base: int | Literal["counted"]
    rounding: Rounding
    inputs: str
    order: int


class RuleEntry(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    version: int
    title: str
    source: str
    verified: bool
    note: str
    defaults: dict[str, Figure] = Field(description="its parameters where a policy names none")
    base: int | None
    rounding: Rounding


class RangePolicies(BaseModel):
    items: list[RangePolicy] = Field(description="every edition, by code, the latest first")
    rules: list[RuleEntry]


class CountryLine(BaseModel):
    """A member State: what its range is drawn from, the range, and where it stands.

    `suppressed`: the number of posts is withheld. The status then stands only where it would tell nothing of the number.
    """

    country: str
    name: str | None
    population: int
    scale: Figure
    midpoint: Figure
    lower: Figure = Field(description="of whole posts where the policy rounds; under 0 it asks for nobody")
    upper: Figure
    posts: int | None
    suppressed: bool
    status: Status | None
    mark: Mark | None = Field(None, description="within the range, where the number is shown")


class GroupFigures(Line):
    group: str


class Recruits(BaseModel):
    """Who was on a post that counts on `as_of` and not on the staff on `since`, by the status of the nationality on `since`."""

    since: date
    less_than_adequate: Line = Field(description="from non-represented and under-represented countries")
    others: Line
    recruits: int | None
    share: Figure | None = Field(description="less_than_adequate of all recruits, per cent")


class Outside(BaseModel):
    """Staff of a nationality that is no member's, or none. `nationality` null: not stated."""

    nationality: str | None
    posts: int | None
    suppressed: bool


class PolicyShown(RangePolicy):
    told: bool = Field(
        description="false: numbers by status are withheld, since beside other policies they would tell too much"
    )
    inputs_verified: bool
    inputs_source: str
    inputs_effective_from: date
    inputs_version: int
    points_per_post: Figure
    base_posts: int | None = Field(description="the base in posts; null where it is withheld")


class RepresentationTable(BaseModel):
    source: str
    as_of: date
    snapshot: str
    revision: int
    detail: Literal["published", "full"]
    plan: Plan = Field(description="by_status: with women and men by status; total: of all only; closed: of no country")
    policy: PolicyShown | None = Field(description="null where no policy was in force")
    policies: list[str] = Field(description="codes of all that were in force on the day, the first one first")
    counted: Line
    share_of_staff: Figure | None = Field(description="counted of all staff, per cent")
    countries_by_status: dict[Status, int] | None
    adequately_represented: Figure | None = Field(description="countries within their range, of all members, per cent")
    groups: list[GroupFigures] | None = Field(description="women and men by status of their country; null: withheld")
    recruits: Recruits | None
    countries: list[CountryLine]
    outside: list[Outside]


class Effect(BaseModel):
    """What a recruit does: to the distance of the share of women to the goal, and to the number of countries within their range, at least
    and at most: which country it is decides, and numbers that are withheld leave it open.
    """

    sex: Literal["woman", "man"]
    nationality: Literal["less_than_adequate", "other"]
    share_of_women: Figure | None
    distance_to_target: Figure | None
    countries: int
    countries_at_least: int
    countries_at_most: int


class StatusGroup(BaseModel):
    """Countries of one status, as published, and what one recruit from each would do. `unknown`: the number is withheld."""

    status: Status | None = Field(description="null: withheld")
    countries: int
    become_adequate: int
    become_over: int
    unknown: int


class VacancyView(BaseModel):
    reference: str
    grade: str
    open: bool
    counts: bool = Field(description="on the regular budget, P1 or above, subject to geographical distribution")
    source: str
    as_of: date
    policy: str | None
    target: Figure
    women: int | None
    men: int | None
    groups: list[StatusGroup]
    matrix: list[Effect]
