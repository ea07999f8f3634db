"""Vacancies as they are registered. No person stands anywhere: applicants are counts by stage and sex."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from hr_diversity.measures.ladder import GRADES, PORTFOLIOS, REGIONS
from shared.events.hr_diversity import ContractSource, Stage, Track
from shared.requests import Day, Flag, Request

Count = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9-]{0,39}$")]
REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Reference = Annotated[str, StringConstraints(pattern=REFERENCE)]
Version = Annotated[int, Field(ge=0, lt=2**53, strict=True)]


class Applicants(Request):
    """How many at one stage; `other` is X or not stated."""

    women: Count
    men: Count
    other: Count = 0


class NewVacancy(Request):
    """What the HR system says of a vacancy. Days are the days on which a stage was reached, `closed` may be announced ahead."""

    unit: Code
    portfolio: Literal[PORTFOLIOS] | None = None  # type: ignore[valid-type]
    region: Literal[REGIONS] | None = None  # type: ignore[valid-type]
    duty_station: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)] | None = None
    grade: Literal[GRADES]  # type: ignore[valid-type]
    funding: ContractSource
    track: Track
    key_position: Flag = Field(False, description="a key position of a development cooperation project")
    gender_text: Flag | None = Field(
        None, description="its text asks for gender-related skills or duties; null: not read"
    )
    geographic_post: Flag | None = Field(None, description="subject to geographical distribution")
    posted: Day
    closed: Day | None = None
    shortlisted: Day | None = None
    selected: Day | None = None
    on_post: Day | None = None
    cancelled: Day | None = None
    applicants: dict[Stage, Applicants] = Field(default={}, description="a stage that was not counted is left out")


class VacancyRow(NewVacancy):
    """A vacancy among many. With `version` (0: there was none) the row is refused where others have changed it since."""

    reference: Reference
    version: Version | None = None


class Vacancy(BaseModel):
    """As it stands. `version` is its ETag."""

    reference: str
    version: int
    unit: str
    portfolio: str | None
    region: str | None
    duty_station: str | None
    grade: str
    funding: ContractSource
    track: Track
    key_position: bool
    gender_text: bool | None
    geographic_post: bool | None
    posted: date
    closed: date | None
    shortlisted: date | None
    selected: date | None
    on_post: date | None
    cancelled: date | None
    applicants: dict[Stage, dict[str, int]]


class Vacancies(BaseModel):
    items: list[Vacancy]
    next: str | None


class Refusal(BaseModel):
    """Why a row is refused: the field, its value, the rule's name, and what is wrong."""

    field: str
    value: Any = None
    rule: str
    detail: str


Outcome = Literal["would_register", "would_update", "registered", "updated", "unchanged", "refused"]


class RowAnswer(BaseModel):
    row: int = Field(description="from 1; in NDJSON the line")
    reference: str | None
    outcome: Outcome
    version: int | None = Field(None, description="of the vacancy from now on")
    refused: list[Refusal] = []


class VacancyBatch(BaseModel):
    """What became of every row. Of a dry run nothing was stored."""

    dry_run: bool
    rows: int
    counts: dict[Outcome, int]
    items: list[RowAnswer]


class RegisterChange(BaseModel):
    """One change. `kept` is what the register held from then on."""

    model_config = ConfigDict(from_attributes=True)

    sequence: int
    event: str
    actor: str
    subject: str
    changed_at: datetime
    kept: dict[str, Any]


class RegisterChanges(BaseModel):
    items: list[RegisterChange]
    next: str | None
