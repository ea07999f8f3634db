"""What is deleted of snapshots, and by which rule."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

Reason = Literal["old", "superseded", "asked"]


class Policy(BaseModel):
    """How long rows of people are kept; measures are kept for ever. None: nothing is deleted by itself."""

    rows_kept_years: int | None = Field(description="by the day of the snapshot")
    superseded_kept_days: int | None = Field(description="since another revision took its place")
    uploads_kept_hours: float = Field(description="of a file that is not complete, or whose upload has ended")


class ErasedRows(BaseModel):
    snapshot: str
    source: str
    as_of: date
    revision: int
    rows: int
    reason: Reason
    actor: str | None = Field(None, description="the role that had it done; null in a dry run")
    erased_at: datetime | None = None


class RetentionRun(BaseModel):
    """What was deleted, or in a dry run would be. `left` snapshots are due beyond these: run it again."""

    dry_run: bool
    policy: Policy
    snapshots: list[ErasedRows]
    rows: int
    left: int


class RetentionTrail(BaseModel):
    policy: Policy
    items: list[ErasedRows]
    next: str | None
