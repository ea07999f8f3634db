"""Who saw figures that others do not see."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Disclosure(BaseModel):
    """`asked` is the path with its parameters."""

    model_config = ConfigDict(from_attributes=True)

    asked: str
    actor: str
    subject: str
    disclosed_at: datetime


class Disclosures(BaseModel):
    items: list[Disclosure]
    next: str | None
