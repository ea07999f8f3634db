"""CSV (RFC 4180) in UTF-8. Spreadsheets of some countries write semicolons or tabs, which the header tells.

A text that a spreadsheet would take for a formula is written with an apostrophe before it (OWASP ASVS 1.2.10), which reading takes
away again. One that comes without it is refused: a spreadsheet that opened the file would have run it.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal

from indicators.rules.cells import Cell
from indicators.sheets.table import MOST_ROWS, NoTable, Table, make_table, too_many_rows
from shared.errors import FieldError, shorten
from shared.formulas import STARTS, guard

NUL = "\x00"


def read_csv(body: bytes, columns: Sequence[str], needed: Sequence[str]) -> Table:
    """Every cell is text. Raises NoTable, WrongColumns, TooManyRows."""
    return make_table(_rows(_text(body)), columns, needed)


def _text(body: bytes) -> str:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        detail = f"line {line} is not UTF-8; save the file as 'CSV UTF-8'"
        raise NoTable(detail, errors=[FieldError(pointer=f"#/{line}", detail=detail)]) from error
    if NUL in text:
        line = text.count("\n", 0, text.index(NUL)) + 1
        raise NoTable(f"line {line} contains the character NUL (U+0000); this is no text file")
    return text


def _rows(text: str) -> Iterator[tuple[int, list[Cell]]]:
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    try:
        for number, row in enumerate(reader, 1):
            if number > MOST_ROWS + 1:
                raise too_many_rows()
            yield number, [_read(number, cell) for cell in row]
    except csv.Error as error:
        raise NoTable(f"row {number + 1} (line {reader.line_num}) cannot be read: {error}") from error


def _read(row: int, cell: str) -> Cell:
    if cell.startswith("'") and cell[1:].startswith((*STARTS, "'")):
        return cell[1:]
    if cell.startswith(STARTS) and not _is_harmless(cell):
        detail = "a spreadsheet takes this for a formula; put an apostrophe before it where it is meant as text"
        error = FieldError(pointer=f"#/{row}", value=shorten(cell), detail=detail)
        raise NoTable(f"row {row}: {detail}", errors=[error])
    return cell


def _is_harmless(cell: str) -> bool:
    """A number with its sign, a dash alone or before a space, or nothing but white space."""
    if cell[:1] in "+-" and (not cell[1:2].strip() or cell[1:].replace(".", "", 1).isdecimal()):
        return True
    return not cell.strip()


def write_csv(names: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with the mark that makes Excel read it so."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_written(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _written(cell: Cell) -> str:
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, str):
        return guard(cell)
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)
