"""Answers about the audit trail: who changed what, when, from what to what, and why."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field


class Difference(BaseModel):
    pointer: str = Field(examples=["#/standing/value"])
    old: Any
    new: Any


class Change(BaseModel):
    """One change of one aggregate. `version` is the one that the aggregate has since; `reason` is what was said for it."""

    aggregate: str = Field(examples=["result/apge-2018-21/women-p5-plus/2020-21/global"])
    version: int
    event: str = Field(examples=["indicators.result-recorded.v1"])
    changed_at: datetime
    actor: str = Field(description="the role and units, or the measure, that acted", examples=["custodian:HRD"])
    subject: str | None = Field(description="the caller as the issuer names it; told to reviewers and operators only")
    reason: str | None
    differences: list[Difference]


class Changes(BaseModel):
    items: list[Change]
    next: str | None
