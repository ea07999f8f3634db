"""What many vacancies say of recruitment."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from shared.events.hr_diversity import Track
from shared.events.indicators import Provenance
from shared.figures import Figure


class Published(BaseModel):
    """What a source says, in its words. It is never mixed with what is computed here."""

    model_config = ConfigDict(from_attributes=True)

    concept: str
    value: Figure | None
    unit: str | None
    text: str
    as_of: date | None
    plan: str
    provenance: Provenance | None


class Duration(BaseModel):
    """Calendar days. n, mean and median are of vacancies that reached `end` in the period; open ones stand beside and are in none of them.

    The median after Kaplan and Meier takes open and cancelled vacancies in as censored; null where fewer than half would have ended.
    """

    code: str
    title: str
    source: str
    start: str | None = Field(
        description="the day that is counted from; null: not stated by the source, and so not computed"
    )
    end: str | None
    track: Track
    key_positions: bool
    computed: bool
    n: int | None
    mean: Figure | None
    median: Figure | None
    n_open: int | None
    n_cancelled: int | None
    kaplan_meier_median: int | None
    published: list[Published]


class RecruitmentDurations(BaseModel):
    """As it was at the end of `until`."""

    since: date | None
    until: date
    unit: str | None
    track: Track | None
    metrics: list[Duration]
