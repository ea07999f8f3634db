"""Measures over time and in scenarios. Everything here is drawn from figures as they may be shown, and says from which."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hr_diversity.rules.parity import Status
from hr_diversity.rules.scenario import Verdict
from hr_diversity.schemas.measures import DerivedFrom, Line
from shared.figures import Figure


class ParityPolicy(BaseModel):
    """What counts as parity: from `lower` to `upper` per cent of women, both included, by the unrounded share."""

    name: str
    lower: Figure
    upper: Figure
    goal: Figure = Field(description="where a projection ends, per cent")
    source: str
    verified: bool = Field(description="whether the text of the source was read")


class Parity(BaseModel):
    """So many men replaced by women (`women_needed`), or the reverse, bring the share into the band; both null where no split of so few
    people lies in it.
    """

    status: Status
    women_needed: int | None
    men_needed: int | None


class Point(Line):
    as_of: date
    numerator: int | None = Field(None, description="of a rate that is not of women and men")
    denominator: int | None = None
    parity: Parity | None = Field(description="null where the figures are withheld, or nobody is there")
    rule: str
    derived_from: DerivedFrom


class Trend(BaseModel):
    """(share of the last - share of the first point, unrounded) / years between, over the last unbroken run of points."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    to: date
    points: int
    per_year: Figure = Field(description="points of per cent a year, half up to three decimals")
    projected_year: int | None = Field(description="null where the share does not rise, or the goal is reached")
    rule: str
    derived_from: list[DerivedFrom] = Field(description="the first and the last point's snapshots")


class SeriesLine(BaseModel):
    group: str | None = Field(description="null for the total line")
    name: str | None = Field(None, description="the unit's name, where it is known")
    points: list[Point]
    trend: Trend | None
    why_no_trend: Literal["no_figure_at_the_last_date", "fewer_than_two_points"] | None


class SeriesBeside(BaseModel):
    """The same measure over the whole workforce, where the series is that of the regular budget, or the other way round."""

    code: str
    title: str
    total: SeriesLine


class Series(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    code: str
    title: str
    definition: str
    source: str
    dimension: str | None
    from_: date | None = Field(alias="from")
    to: date | None
    policy: ParityPolicy
    total: SeriesLine
    groups: list[SeriesLine]
    beside: SeriesBeside | None


class Turnover(BaseModel):
    """Who came to a line and left it between two released snapshots, by the account of their flows. `stocks`: who came is not shown, and is
    what the two stocks and those who left leave; transfers and sexes stated anew are then among them.
    """

    since: date
    as_of: date
    population: str = Field(description="whole or regular_budget")
    grade: str | None = Field(description="null: all grades; senior: P5 and above")
    women_came: int
    men_came: int
    women_left: int
    men_left: int
    basis: Literal["terms", "stocks"]
    years: Figure = Field(description="between the two days")
    rule: str


class ScenarioInputs(BaseModel):
    """What the scenario rests on. `women_leaving` null: women leave as often as men do, year by year."""

    women: int | None
    men: int | None
    separations: Figure
    appointments: Figure
    women_appointed: Figure
    women_leaving: Figure | None
    target: Figure
    until: int


class ScenarioYear(BaseModel):
    """Expected values at the end of the year, so a part of a person may be among them."""

    year: int
    women: Figure
    men: Figure
    share: Figure | None


class TargetReach(BaseModel):
    """`on_course`: the share of appointments suffices; `possible`: a higher one would; `out_of_reach`: even only women would not."""

    verdict: Verdict
    ends_at: Figure | None
    at_most: Figure | None = Field(description="the share if only women were appointed")
    appointments_needed: Figure | None = Field(
        description="share of women among appointments that ends at the target; under 0 and over 100 it is no real share"
    )


class Filled(BaseModel):
    share: Figure
    distance: Figure = Field(description="to the target, in points; negative is short of it")


class OneVacancy(BaseModel):
    """What one open post of this group does, once it is filled; it is not among the women and men."""

    by_woman: Filled
    by_man: Filled


class Scenario(BaseModel):
    """`years`, `target` and `one_vacancy` are empty where the figures they would rest on are withheld."""

    code: str
    title: str
    source: str
    as_of: date
    group: str | None
    suppressed: bool
    inputs: ScenarioInputs
    turnover: Turnover | None = Field(description="what the inputs that were not given come from, per year")
    years: list[ScenarioYear]
    target: TargetReach | None
    one_vacancy: OneVacancy | None
    rule: str
    derived_from: DerivedFrom


class OpenVacancies(BaseModel):
    """What the open vacancies of a line can do to its share. Figures that would rest on withheld ones are null."""

    code: str
    title: str
    source: str
    as_of: date
    group: str | None
    suppressed: bool
    women: int | None
    men: int | None
    share: Figure | None
    target: Figure
    open_vacancies: int = Field(description="neither on post nor cancelled; not among the women and men")
    one_vacancy: OneVacancy | None
    all_by_women: Filled | None
    all_by_men: Filled | None
    women_needed: int | None = Field(
        description="of the open vacancies, so that the target is reached; null: not even all"
    )
    reachable: bool | None = Field(description="false: the target cannot be reached by what is open now")
    rule: str
    derived_from: DerivedFrom


class ReachOf(BaseModel):
    """Whether a target can be reached by a day with the turnover there is. Null where the figures it would rest on are withheld.

    `appointments` are all who come to the line until then, from below or outside; `women_needed` of them reach the target, all others
    being men; more than there are: out of reach.
    """

    code: str
    title: str
    source: str
    as_of: date
    group: str | None
    suppressed: bool
    women: int | None
    men: int | None
    share: Figure | None
    target: Figure
    until: date
    years: Figure = Field(description="from the as-of date to the last day")
    separations: Figure = Field(description="expected until then")
    appointments: Figure = Field(description="expected until then")
    women_appointed: Figure = Field(description="women among them, per cent, as assumed")
    women_leaving: Figure | None = Field(description="women among those who leave, per cent; null: as in the stock")
    women_needed: Figure | None = Field(
        description="of the appointments, for the target; an expected number, not rounded up"
    )
    reach: TargetReach | None
    turnover: Turnover | None = Field(description="what the inputs that were not given come from, per year")
    rule: str
    derived_from: DerivedFrom
