"""The columns of a staffing snapshot, and the formats that are read."""

from typing import Literal

from shared.errors import FieldError, Unprocessable, shorten

COLUMNS = (
    *("staff_id", "sex", "grade", "contract_source", "unit", "portfolio", "region", "duty_station"),
    *("nationality", "birth_year", "geographic_post", "entered_on"),
)
REQUIRED = ("staff_id", "sex", "grade", "contract_source", "unit", "region")

Format = Literal["csv", "ndjson"]
FORMATS: dict[str, Format] = {"text/csv": "csv", "application/x-ndjson": "ndjson"}


class WrongColumns(Unprocessable):
    slug = "wrong-columns"


class EmptyFile(Unprocessable):
    slug = "empty-file"


def check_names(names: list[str]) -> None:
    """Raises WrongColumns that names every column which is unknown, missing or there twice."""
    wrong = [(name, "unknown column") for name in dict.fromkeys(names) if name not in COLUMNS]
    wrong += [(name, "missing column") for name in REQUIRED if name not in names]
    wrong += [(name, "column that is there twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise WrongColumns(
            "; ".join(f"{what} {shorten(name)!r}" for name, what in wrong[:20])
            + f". The columns are {','.join(COLUMNS)}, separated by commas",
            errors=[FieldError(pointer="#/columns", value=shorten(name), detail=what) for name, what in wrong[:20]],
        )
