"""The contract's grammar: what an event is. One file per stating service stands beside this one.

An event is a fact in the past tense that carries the resulting state of its aggregate, never a delta: a handler is an upsert, a
lost event is healed by the next, a batch may be folded to the last state of each aggregate. Adding an optional field keeps the
version; anything else is a new type. No person is ever in an event, because a log cannot forget.
"""

from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

Aggregate = Literal[
    "unit", "plan", "indicator", "result", "action", "resources", "markers", "document", "claim", "rule",
    "snapshot", "measure", "vacancy", "scorecard", "evaluation", "recommendation",
    "range-inputs", "range-policy",
]  # fmt: skip


class State(BaseModel):
    """A part of an event's payload. Readers ignore fields they do not know; writers are held to the fields by the type checker."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Event(State):
    """A fact. `type` is `<service>.<fact>.v<n>`; its topic is `apge.<service>`; `aggregate` says whose state it carries."""

    type: ClassVar[str]
    aggregate: ClassVar[Aggregate]

    def __init_subclass__(cls, *, type: str | None = None, **kwargs: Any) -> None:  # noqa: A002 (CloudEvents' word)
        super().__init_subclass__(**kwargs)
        if type is not None:
            cls.type = type
            EVENTS[type] = cls


EVENTS: dict[str, type[Event]] = {}
"""Every type of event that is stated, by its name on the bus."""


def topic_of(service: str) -> str:
    return f"apge.{service}"
