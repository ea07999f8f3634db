"""Requests about custodians: who keeps an indicator from when on, and why that changed."""

from typing import Annotated, Literal

from pydantic import Field

from indicators.schemas.definitions import UnitCode
from shared.requests import Day, Request, Words


class CustodyChange(Request):
    """`replace`: these units instead of all others; `add`: beside the others; `end`: these no longer. `since` is the first day of the
    new order, today where it is absent.
    """

    change: Literal["replace", "add", "end"]
    units: Annotated[list[UnitCode], Field(min_length=1, max_length=50)]
    since: Day | None = None
    reason: Words
