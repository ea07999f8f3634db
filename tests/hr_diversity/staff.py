"""Staff files for tests: nobody in them exists."""

from collections.abc import Iterable
from pathlib import Path

COLUMNS = [
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
]
HEADER = ",".join(COLUMNS)
EXAMPLES = Path(__file__).parents[2] / "data" / "examples"

SOMEBODY = {
    "staff_id": "T-1",
    "sex": "F",
    "grade": "P4",
    "contract_source": "regular_budget",
    "unit": "HRD",
    "portfolio": "management-reform",
    "region": "europe-central-asia",
    "duty_station": "Geneva",
    "nationality": "CHE",
    "birth_year": "1980",
    "geographic_post": "true",
    "entered_on": "2015-03-01",
}


def row(number: int = 1, **changes: str) -> str:
    return ",".join({**SOMEBODY, "staff_id": f"T-{number}", **changes}.values())


def file_of(rows: Iterable[str], header: str = HEADER) -> bytes:
    return "".join(f"{line}\n" for line in [header, *rows]).encode()


def people(count: int, start: int = 1, **changes: str) -> list[str]:
    return [row(n, **changes) for n in range(start, start + count)]


def a_staff(women: int = 60, men: int = 40, *, grade: str = "P5") -> bytes:
    """So many women and men in one unit, none of them in a small group."""
    return file_of(people(women, grade=grade) + people(men, women + 1, grade=grade, sex="M"))


def example(year: int) -> bytes:
    return (EXAMPLES / f"staff-{year}-12-31.csv").read_bytes()
