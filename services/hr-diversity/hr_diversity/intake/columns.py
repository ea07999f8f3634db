"""The columns of a staffing snapshot, and the formats that are read."""

from typing import Literal

from shared.errors import FieldError, Unprocessable, shorten

COLUMNS = (
    *("staff_id", "sex", "grade", "contract_source", "unit", "portfolio", "region", "duty_station"),
    *("nationality", "birth_year", "geographic_post", "entered_on"),
)
REQUIRED = ("staff_id", "sex", "grade", "contract_source", "unit", "region")
GONE = "gone"
DELTA_COLUMNS = (*COLUMNS, GONE)
"""A delta may say of whom it knows only that they left; of them it needs no more than the staff id."""

Format = Literal["csv", "ndjson"]
FORMATS: dict[str, Format] = {"text/csv": "csv", "application/x-ndjson": "ndjson"}


class WrongColumns(Unprocessable):
    slug = "wrong-columns"


class EmptyFile(Unprocessable):
    slug = "empty-file"


def check_names(names: list[str], columns: tuple[str, ...] = COLUMNS) -> None:
    """Raises WrongColumns that names every column which is unknown, missing or there twice."""
    required = REQUIRED if GONE not in columns or GONE not in names else REQUIRED[:1]
    wrong = [(name, "unknown column") for name in dict.fromkeys(names) if name not in columns]
    wrong += [(name, "missing column") for name in required if name not in names]
    wrong += [(name, "column that is there twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise WrongColumns(
            "; ".join(f"{what} {shorten(name)!r}" for name, what in wrong[:20])
            + f". The columns are {','.join(columns)}, separated by commas",
            errors=[FieldError(pointer="#/columns", value=shorten(name), detail=what) for name, what in wrong[:20]],
        )
