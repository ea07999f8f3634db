"""The one-page scorecard of a portfolio: its content, its issues, and the meetings that had it on their agenda."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hr_diversity.schemas.measures import Line
from hr_diversity.schemas.parity import Parity, ParityPolicy
from shared.figures import Figure
from shared.requests import Day, Request

Portfolio = Literal["policy", "management-reform", "field-operations", "whole-organisation"]
MeetingPortfolio = Literal["policy", "management-reform", "field-operations"]


class CardLine(Line):
    """A line of the card. `parity` is null where its figures are withheld, or nobody is there; `measure` is what it is drawn from."""

    group: str
    name: str
    parity: Parity | None
    measure: str


class Compared(BaseModel):
    """What has changed since another day: points of per cent, women and men. All null where a figure of either day is withheld."""

    as_of: date
    share: Figure | None
    points: Figure | None = Field(description="the share now less the share then, unrounded, half up to one decimal")
    women: int | None
    men: int | None


class LastShown(BaseModel):
    """The latest earlier figures of a line whose figures are withheld now."""

    as_of: date
    women: int
    men: int
    share: Figure | None


class Headline(CardLine):
    before: Compared | None = Field(description="against the snapshot before; null: there is none by the same rule")
    year_before: Compared | None = Field(description="against the latest snapshot that is a year older or more")
    per_year: Figure | None = Field(description="points a year over the unbroken run of shown figures")
    projected_year: int | None = Field(description="when the share would be at the goal, at that pace")
    last_shown: LastShown | None = Field(description="where the figures of the day are withheld")


class Target(BaseModel):
    """What the plan aims at for these posts. `met` is null where the figure is withheld."""

    plan: str
    indicator: str
    phase: str
    place: str
    at_least: Figure
    met: bool | None
    points_short: Figure | None = Field(
        description="to the target, unrounded shares, half up to one decimal; 0 where it is met"
    )


class SeniorPosts(BaseModel):
    """P5 and above. The target of the plan is about the regular budget."""

    regular_budget: Headline | None
    whole_workforce: Headline | None
    target: Target | None


class TrendPoint(BaseModel):
    as_of: date
    women: int | None
    men: int | None
    share: Figure | None
    suppressed: bool
    senior_share: Figure | None = Field(description="women at P5 and above, regular budget")


class Groups(BaseModel):
    """`left_out` groups follow the ones that are shown, which are the largest."""

    title: str
    lines: list[CardLine]
    left_out: int = 0


class OpenVacancies(BaseModel):
    """Posted by the as-of date, and by then neither on post nor cancelled. Vacancies, not people."""

    total: int
    senior: int = Field(description="at P5 and above")
    by_category: dict[str, int]


class Participation(Line):
    title: str
    as_of: date
    measure: str


class Definition(BaseModel):
    term: str
    words: str
    formula: str


class Withheld(BaseModel):
    where: str
    groups: list[str]
    why: str


class DrawnFrom(BaseModel):
    measure: str
    rule: str
    as_of: date
    snapshot: str
    revision: int


class Scorecard(BaseModel):
    """One page on women and men of a portfolio, drawn from published figures of one source and day, and from nothing else."""

    portfolio: Portfolio
    title: str
    as_of: date
    source: str
    source_note: str | None = Field(
        None, description="what the source says of itself, as that nobody of its staff exists"
    )
    summary: list[str] = Field(description="the card in sentences, the most important first")
    policy: ParityPolicy
    headline: Headline
    senior: SeniorPosts
    categories: Groups
    contract_sources: Groups
    parts: Groups
    flows: Groups = Field(
        description="who came, rose and left since the snapshot before; of the whole organisation only"
    )
    trend: list[TrendPoint]
    open_vacancies: OpenVacancies
    participation: list[Participation]
    definitions: list[Definition]
    withheld: list[Withheld]
    drawn_from: list[DrawnFrom]
    rule: str


class CardEntry(BaseModel):
    """`share` is null where it is withheld; `as_of` is null where no figure was drawn for the portfolio yet."""

    portfolio: Portfolio
    title: str
    as_of: date | None
    source: str | None
    source_note: str | None = None
    share: Figure | None
    parity: Parity | None
    issues: int
    last_issued: date | None
    meetings: int = Field(
        description="meetings of this portfolio with the scorecard on their agenda, all that are known"
    )


class CardList(BaseModel):
    items: list[CardEntry]


class NewIssue(Request):
    """Which card is frozen: that of the latest figures not after `as_of`, of `source` where two have that day."""

    as_of: Day | None = None
    source: Annotated[str, Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")] | None = None


Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)]


class NewTabling(Request):
    """A meeting that a Deputy Director-General held with the scorecard on its agenda. No names of people."""

    meeting: Short = Field(examples=["Policy Senior Management Team"])
    meeting_on: Day
    portfolio: MeetingPortfolio = Field(description="of the Deputy Director-General who held it")
    agenda_item: Short = Field(examples=["4: Scorecard on women and men"])
    minutes: Short | None = Field(None, description="reference of a document", examples=["PSMT-2021-06-minutes"])


class Withdrawal(Request):
    reason: Reason


class Tabling(BaseModel):
    """`meeting`, `agenda_item`, `minutes` and `reason` are null for those who neither table cards nor feed HR figures."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    portfolio: MeetingPortfolio
    meeting_on: date
    tabled_at: datetime
    withdrawn_at: datetime | None
    meeting: str | None
    agenda_item: str | None
    minutes: str | None
    reason: str | None


class IssueEntry(BaseModel):
    id: str
    portfolio: Portfolio
    number: int = Field(description="counts the issues of the portfolio from 1")
    as_of: date
    source: str
    issued_at: datetime
    digest: str = Field(description="SHA-256 of the content's bytes, in hex")
    version: int
    meetings: int = Field(description="that had it on their agenda, those withdrawn not counted")


class Issue(IssueEntry):
    """The card as it was frozen, and what became of it."""

    tablings: list[Tabling]
    scorecard: Scorecard


class IssueList(BaseModel):
    items: list[IssueEntry]
    next: str | None


class Tabled(BaseModel):
    """`counted` is how many meetings of the portfolio in that biennium have had the scorecard on their agenda, up to that day."""

    issue: str
    tabling: Tabling
    biennium: str
    counted: int
