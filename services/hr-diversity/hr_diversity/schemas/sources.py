"""How a source lays out the files that it pushes."""

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from shared.requests import Request

Column = Literal[
    "staff_id",
    "sex",
    "grade",
    "contract_source",
    "unit",
    "portfolio",
    "region",
    "duty_station",
    "nationality",
    "birth_year",
    "geographic_post",
    "entered_on",
    "gone",
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Value = Annotated[str, StringConstraints(max_length=200)]
AN_ADDRESS = re.compile(r"\S@\S")


def _on_one_line(given: str) -> str:
    """It is printed, and stated in events, which cannot forget anybody."""
    line = " ".join(given.split())
    if not line.isprintable():
        raise ValueError("a note has characters that are seen, and no others")
    if AN_ADDRESS.search(line):
        raise ValueError("a note names nobody: it has no e-mail address in it")
    return line


Note = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_on_one_line)
]


class Declaration(Request):
    """In our columns' names: what theirs is called, and what their values mean.

    A column that is not declared is looked for under our own name, and a value that is not declared is taken as it stands. An empty
    declaration is as good as none.
    """

    columns: dict[Column, Name] = Field({}, description="our column: its name in their files")
    values: dict[Column, Annotated[dict[Value, Value], Field(max_length=2000)]] = Field(
        {}, description='our column: {their value: our value}; "" is a value that is not there'
    )
    constants: dict[Column, Name] = Field({}, description="our column: the value that it has in every row")
    delimiter: Literal[",", ";", "\t", "|"] = Field(",", description="of CSV")
    encoding: Literal["utf-8", "cp1252", "latin-1", "utf-16"] = Field("utf-8", description="of CSV")
    date_format: Annotated[str, StringConstraints(max_length=40)] | None = Field(
        None,
        description="how days are written as text, like %d.%m.%Y: %Y, one of %m %b %B, %d, and perhaps %H %M %S. Days of typed "
        "columns, and those like 2015-03-01, are read in any case",
    )
    birth_date_column: Name | None = Field(
        None, description="their column with dates of birth, of which the year is taken and nothing else is kept"
    )
    sheet: Annotated[str, StringConstraints(min_length=1, max_length=100)] | None = Field(
        None, description="of XLSX; without it the first one"
    )
    ignored: Literal["others"] | Annotated[list[Name], Field(max_length=200)] = Field(
        [], description='their columns that are not read: a list, or "others" for all that are not declared'
    )
    note: Note | None = Field(
        None,
        description="what whoever sees a figure of this source must know, shown beside each that is stated from now on. No person, no "
        "e-mail address",
        examples=["Synthetic staff: nobody in it exists"],
    )
    feeds_indicators: bool = Field(
        True,
        description="whether its measures become results of the indicators that they feed; false for trials and other views of the staff",
    )


class Source(Declaration):
    """`version` is the ETag."""

    source: str
    version: int
    declared_at: datetime


class Sources(BaseModel):
    items: list[Source]
    next: str | None
