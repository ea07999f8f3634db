"""What a table is, its limits, and what is wrong with a file that is none."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from indicators.rules.cells import Cell
from shared.errors import FieldError, TooLarge, Unprocessable, shorten

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

MOST_ROWS = 20_000
MOST_COLUMNS = 100


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` by their number in the file, as a spreadsheet shows it (the header is row 1); rows without any content are left out.
    Each row has a cell for each of `names`; None where it is empty.
    """

    names: list[str]
    rows: list[tuple[int, list[Cell]]]


class NoTable(Unprocessable):
    slug = "no-table"


class WrongColumns(Unprocessable):
    slug = "wrong-columns"


class TooManyRows(TooLarge):
    slug = "too-many-rows"


def too_many_rows(what: str = "the file") -> TooManyRows:
    return TooManyRows(f"{what} has more than {MOST_ROWS:,} rows; empty ones count. Send it in parts")


def make_table(cells: Iterable[tuple[int, Sequence[Cell]]], columns: Sequence[str], needed: Sequence[str]) -> Table:
    """The rows under their header, which is the first. Raises NoTable, WrongColumns, TooManyRows.

    Names are known by any case and with spaces around them; a nameless column may hold nothing.
    """
    rows = iter(cells)
    first = next(rows, None)
    if first is None:
        raise NoTable("the file is empty; its first row names the columns")
    names = _names(first[1], columns, needed)
    width, found = len(names), []
    for number, row in rows:
        if number > MOST_ROWS + 1:
            raise too_many_rows()
        filled = [None if cell == "" else cell for cell in row]
        beyond = next((cell for cell in filled[width:] if cell is not None), None)
        if beyond is not None:
            detail = f"row {number} has more cells than the header has columns"
            raise NoTable(f"{detail}: {shorten(beyond)!r}", errors=[FieldError(pointer=f"#/{number}", detail=detail)])
        if any(cell is not None for cell in filled):
            found.append((number, filled[:width] + [None] * (width - len(filled))))
    return Table(names, found)


def _names(header: Sequence[Cell], columns: Sequence[str], needed: Sequence[str]) -> list[str]:
    names = ["" if cell is None else str(cell).strip().lower() for cell in header]
    while names and not names[-1]:
        names.pop()
    if len(names) > MOST_COLUMNS:
        raise WrongColumns(f"the file has {len(names):,} columns; the most is {MOST_COLUMNS}")
    wrong = [(name, "unknown column") for name in dict.fromkeys(names) if name not in columns]
    wrong += [(name, "missing column") for name in needed if name not in names]
    wrong += [(name, "column that is there twice") for name in dict.fromkeys(names) if names.count(name) > 1]
    if wrong:
        raise WrongColumns(
            "; ".join(f"{what} {shorten(name)!r}" for name, what in wrong[:20])
            + f". Row 1 names the columns: {', '.join(columns)}",
            errors=[FieldError(pointer="#/1", value=shorten(name), detail=what) for name, what in wrong[:20]],
        )
    return names
