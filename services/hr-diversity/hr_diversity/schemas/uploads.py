"""A file that is sent in parts, as its sender sees it."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from hr_diversity.schemas.snapshots import Mode, Receipt
from shared.errors import ProblemDocument

UploadState = Literal["receiving", "counting", "done", "refused"]


class Upload(BaseModel):
    """A file that is declared, and how far it is. `offset` bytes of it are stored; the next part begins there."""

    id: str
    source: str
    as_of: date
    mode: Mode
    base: date | None
    content_type: str
    content_encoding: str
    digest: str | None = Field(description="SHA-256 of the whole file as it is sent, in hex, where the sender named it")
    state: UploadState = Field(
        description="receiving: parts may be added; counting: it is being taken in; done: see receipt; refused: see problem"
    )
    offset: int
    counted: int = Field(description="lines taken in so far; told about once a second")
    declared_at: datetime
    receipt: Receipt | None = None
    problem: ProblemDocument | None = None


class Uploads(BaseModel):
    items: list[Upload]
    next: str | None
