"""What every request body has in common: unknown fields are refused, and so is the one character that PostgreSQL cannot store."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Request(BaseModel):
    """A request body. What a caller may not set is simply not a field, so naming it is an error that says so."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def no_nul(cls, given: Any) -> Any:
        if _has_nul(given):
            raise ValueError("a text contains the character NUL (U+0000), which cannot be stored")
        return given


def _has_nul(given: Any) -> bool:
    if isinstance(given, str):
        return "\x00" in given
    if isinstance(given, dict):
        return any(_has_nul(key) or _has_nul(value) for key, value in given.items())
    return isinstance(given, list) and any(map(_has_nul, given))
