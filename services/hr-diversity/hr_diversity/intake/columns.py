"""The columns of a staffing snapshot, and the formats that are read."""

from typing import Literal

from shared.errors import Unprocessable

COLUMNS = (
    *("staff_id", "sex", "grade", "contract_source", "unit", "portfolio", "region", "duty_station"),
    *("nationality", "birth_year", "geographic_post", "entered_on"),
)
REQUIRED = ("staff_id", "sex", "grade", "contract_source", "unit", "region")
GONE = "gone"
DELTA_COLUMNS = (*COLUMNS, GONE)
"""A delta may say of whom it knows only that they left; of them it needs no more than the staff id."""

MOST_COLUMNS = 100

Format = Literal["csv", "ndjson", "xlsx", "parquet"]
FORMATS: dict[str, Format] = {
    "text/csv": "csv",
    "application/x-ndjson": "ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.apache.parquet": "parquet",
}


class WrongColumns(Unprocessable):
    slug = "wrong-columns"


class EmptyFile(Unprocessable):
    slug = "empty-file"
