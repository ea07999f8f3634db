"""From application to selection by sex. A figure that is withheld is null, and its line says `suppressed`; it is never 0."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from hr_diversity.schemas.measures import Line
from shared.events.hr_diversity import Stage
from shared.figures import Figure

By = Literal["track", "grade", "unit"]


class Step(BaseModel):
    """From one stage to the next that is shown; the last entry is the whole way. Ratios are per cent of the stage before."""

    model_config = ConfigDict(from_attributes=True)

    before: Stage
    stage: Stage
    women_before: int
    women: int
    men_before: int
    men: int
    women_ratio: Figure | None
    men_ratio: Figure | None
    adverse_impact: Figure | None = Field(
        description="the women's ratio divided by the men's; below 0.8 by the four-fifths rule"
    )


class FunnelLine(BaseModel):
    """`vacancies` with a selection decision in the period and all stages counted."""

    vacancies: int
    stages: dict[Stage, Line]
    steps: list[Step]


class FunnelGroup(FunnelLine):
    group: str


class GenderTexts(BaseModel):
    """Vacancies posted in the period whose text asks for gender-related skills or duties: share = asking / read * 100, per cent."""

    asking: int
    read: int
    share: Figure | None
    unread: int


class Funnel(BaseModel):
    """Of the vacancies whose selection decision fell in the period. `uncounted` of them lack the count of a stage and are in no line."""

    since: date
    until: date
    detail: Literal["published", "full"]
    uncounted: int
    total: FunnelLine
    by: dict[By, list[FunnelGroup]]
    gender_texts: GenderTexts
