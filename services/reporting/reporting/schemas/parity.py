"""The shapes of what is answered of women and men."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.events.hr_diversity import Cell
from shared.figures import Figure


class Parity(BaseModel):
    code: str
    title: str
    as_of: date
    source: str
    source_note: str | None = Field(
        None, description="what the source says of itself, as that nobody of its staff exists"
    )
    place: str
    dimension: str | None
    women: int | None
    men: int | None
    other: int | None
    total: int | None
    numerator: int | None
    denominator: int | None
    share: Figure | None
    suppressed: bool
    cells: list[Cell]
    derived_from: dict[str, Any]
    series: list[dict[str, Any]]
    position: str


class Stand(BaseModel):
    """So many men replaced by women (`women_needed`), or the reverse, bring the share into the band; both null where no split of so few
    people lies in it.
    """

    state: Literal["below", "at_parity", "above"]
    women_needed: int | None
    men_needed: int | None


class Since(BaseModel):
    """What changed since the snapshot before: points of per cent, women, men."""

    points: Figure
    women: int
    men: int


class ParityLine(BaseModel):
    """`women`, `men` and `share` null: withheld, never zero. `suppressed` is true where only `other` and `total` are, too."""

    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool
    parity: Stand | None
    change: Since | None = Field(
        description="null where one of the two is withheld, or they are drawn by different rules"
    )


class ParityGroup(ParityLine):
    group: str = Field(examples=["P5", "senior/africa"])


class ParityPoint(BaseModel):
    as_of: date
    women: int | None
    men: int | None
    other: int | None
    total: int | None
    share: Figure | None
    suppressed: bool
    parity: Stand | None
    numerator: int | None
    denominator: int | None
    snapshot: str
    revision: int
    rule: str


class ParityTrend(BaseModel):
    """Over the last unbroken run of snapshots of one rule; `per_year` in points of per cent."""

    model_config = ConfigDict(populate_by_name=True)

    from_: date = Field(alias="from")
    to: date
    points: int
    per_year: Figure
    projected_year: int | None = Field(description="in which the share comes to 50 per cent at this pace")


class MeasureParity(ParityLine):
    """`band`: from and to which per cent of women a group is at parity, by its unrounded share."""

    code: str
    title: str
    source: str
    source_note: str | None = Field(
        None, description="what the source says of itself, as that nobody of its staff exists"
    )
    as_of: date
    dimension: str | None
    band: dict[str, Figure]
    numerator: int | None
    denominator: int | None
    before: dict[str, Any] | None
    groups: list[ParityGroup]
    series: list[ParityPoint]
    trend: ParityTrend | None
    derived_from: dict[str, Any]
    position: str


class MeasureKnown(BaseModel):
    source: str
    code: str
    title: str
    dimension: str | None
    days: list[date]


class SnapshotKnown(BaseModel):
    """`published`: whether any count of it is out. One that differs by too few people from others is not."""

    source: str
    as_of: date
    revision: int
    published: bool


class Measures(BaseModel):
    items: list[MeasureKnown]
    snapshots: list[SnapshotKnown]
    position: str


class Targets(BaseModel):
    items: list[dict[str, Any]]
    position: str


class UnitName(BaseModel):
    unit: str
    name: str


class Units(BaseModel):
    items: list[UnitName]
    position: str
