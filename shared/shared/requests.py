"""What every request body has in common: unknown fields are refused, and so is the one character that PostgreSQL cannot store."""

import re
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4000)]
Link = Annotated[str, StringConstraints(pattern=r"^https?://\S+$", max_length=2000)]
Flag = Annotated[bool, Field(strict=True)]  # otherwise 1, "yes" and "off" are booleans


def _written_as_a_day(given: Any) -> Any:
    if isinstance(given, date) or (isinstance(given, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII)):
        return given
    raise ValueError('a day is written like "2020-12-31"')  # otherwise 0 and "0" are days of 1970


Day = Annotated[date, BeforeValidator(_written_as_a_day)]


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
    waiting = [given]  # a list, because a body nested 500 deep was answered with 500 for want of stack
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value:
                return True
        elif isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
    return False
