"""Answers about why a target has its status."""

from pydantic import BaseModel

from indicators.rules.why import Step
from shared.events.indicators import Status


class Why(BaseModel):
    """`sentence` is the chain in short; `steps` are all of it, in order."""

    plan: str
    indicator: str
    phase: str
    place: str
    status: Status
    sentence: str
    steps: list[Step]
