"""Requests and answers about accelerating and remedial actions."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from indicators.schemas.definitions import Code, Place, Source, UnitCode
from shared.events.indicators import ActionKind, ActionState
from shared.requests import Day, Flag, Label, Request, Words


class ActionDefinition(Request):
    indicators: Annotated[list[Code], Field(min_length=1, max_length=100)]
    places: Annotated[list[Place], Field(max_length=50)] = []
    custodians: Annotated[list[UnitCode], Field(min_length=1, max_length=50)]
    text: Words
    state: ActionState = "planned"
    none_required: Flag = False
    needs_funding: Flag = False
    due: Day | None = None
    note: Words | None = None
    provenance: Source | None = None
    kind: ActionKind = "accelerating"
    starts: Day | None = None
    resources: Words | None = None
    responsible_roles: Annotated[list[Label], Field(max_length=20)] = []


class NewAction(ActionDefinition):
    code: Code


class ActionChange(Request):
    """Only what is given is changed."""

    text: Words | None = None
    state: ActionState | None = None
    needs_funding: Flag | None = None
    due: Day | None = None
    note: Words | None = None
    starts: Day | None = None
    resources: Words | None = None
    responsible_roles: Annotated[list[Label], Field(max_length=20)] | None = None


class Action(ActionDefinition):
    model_config = ConfigDict(extra="ignore")

    plan: str
    code: str
    version: int
    opened_by: str | None = None


class Actions(BaseModel):
    items: list[Action]
    next: str | None
