"""XLSX: written with a frozen header, widths, drop-downs and a sheet of explanations; read in a process of its own."""

import asyncio
import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path

import orjson
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from indicators.rules.cells import Cell
from indicators.sheets import xlsx_cells
from indicators.sheets.table import MOST_COLUMNS, MOST_ROWS, NoTable, Table, make_table
from shared.places import Places
from shared.workbooks import Refusal, list_parts

READER = Path(__file__).with_name("xlsx_cells.py")
PATIENCE = 10.0
"""Seconds; the reader's processor time is bounded much lower, so this is met by a machine that hardly runs at all."""
TITLE = "Results"
DIGITS = 15
"""What a spreadsheet keeps and shows of a number: 45.300000000000004 is its 45.3."""

MOST_WAITING = 4
LONGEST_WAIT = 1.0
"""Seconds; who would wait longer for a reader is told to come again."""

_places = Places(2, MOST_WAITING)


async def read_xlsx(body: bytes, columns: Sequence[str], needed: Sequence[str]) -> Table:
    """The sheet `Results`, or the first one. Numbers are decimals, days are texts. Raises NoTable, WrongColumns, TooManyRows.

    What the archive's directory gives away is refused before it waits for a reader; ReadersBusy where too many wait already.
    """
    await asyncio.to_thread(_check_directory, body)
    async with _places.one(LONGEST_WAIT):
        said = await _run(body)
    return await asyncio.to_thread(_table, said, columns, needed)


def _check_directory(body: bytes) -> None:
    try:
        list_parts(io.BytesIO(body), xlsx_cells.INFLATED)
    except Refusal as refusal:
        raise NoTable(str(refusal)) from refusal


async def _run(body: bytes) -> bytes:
    """`-I`: the program is the file alone, without our environment and folder."""
    command = [sys.executable, "-I", str(READER), str(MOST_ROWS), str(MOST_COLUMNS), TITLE]
    pipe = asyncio.subprocess.PIPE
    reader = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL)
    try:
        async with asyncio.timeout(PATIENCE):
            said, _ = await reader.communicate(body)
    except TimeoutError as error:
        raise NoTable("the workbook takes too long to read") from error
    finally:
        if reader.returncode is None:
            reader.kill()
            await reader.wait()
    if reader.returncode != 0:
        raise NoTable("the workbook cannot be read within the memory and time that one may take")
    return said


def _table(said: bytes, columns: Sequence[str], needed: Sequence[str]) -> Table:
    answer = orjson.loads(said)
    if "problem" in answer:
        raise NoTable(answer["problem"])
    rows = ((number, [_read(cell) for cell in row]) for number, row in enumerate(answer["rows"], 1))
    return make_table(rows, columns, needed)


def _read(cell: str | float | bool) -> Cell:
    if isinstance(cell, bool | str):
        return cell
    return Decimal(f"{cell:.{DIGITS}g}")


@dataclass(frozen=True, slots=True)
class Choice:
    """The cell of a row and column takes one of these."""

    row: int
    column: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written: `rows` under `names`; `fixed` columns are there to be read; `explained` is a row for each column."""

    names: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    fixed: frozenset[str] = frozenset()
    widths: dict[str, int] = field(default_factory=dict)
    explained: Sequence[tuple[str, str]] = ()
    choices: Sequence[Choice] = ()


def write_xlsx(sheet: Sheet) -> bytes:
    """Texts are written as texts whatever they begin with, numbers as numbers."""
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        results = book.add_worksheet(TITLE)
        explanations, lists = book.add_worksheet("Explanations"), book.add_worksheet("Lists")
        head = book.add_format({"bold": True, "bg_color": "#1E2D4F", "font_color": "#FFFFFF"})
        grey = book.add_format({"bg_color": "#EEEEEE", "text_wrap": True, "valign": "top"})
        formats = {
            "free": book.add_format({"text_wrap": True, "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            "number": book.add_format({"num_format": "0.###", "valign": "top"}),
        }
        for at, name in enumerate(sheet.names):
            results.write_string(0, at, name, head)
            results.set_column(at, at, sheet.widths.get(name, 14), grey if name in sheet.fixed else formats["free"])
        for number, row in enumerate(sheet.rows, 1):
            for at, cell in enumerate(row):
                _write(results, number, at, cell, grey if sheet.names[at] in sheet.fixed else None, formats)
        results.freeze_panes(1, 1)
        results.autofilter(0, 0, max(len(sheet.rows), 1), len(sheet.names) - 1)
        explanations.set_column(0, 0, 18)
        explanations.set_column(1, 1, 110, formats["free"])
        for number, (name, text) in enumerate(sheet.explained):
            explanations.write_string(number, 0, name, head)
            explanations.write_string(number, 1, text, formats["free"])
        _add_choices(sheet, results, lists)
        lists.hide()
    return out.getvalue()


def _write(sheet: Worksheet, row: int, at: int, cell: Cell, style: object, formats: dict[str, object]) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_string(row, at, "yes" if cell else "no", style or formats["free"])
    elif isinstance(cell, str):
        sheet.write_string(row, at, cell, style or formats["free"])
    elif isinstance(cell, date):
        sheet.write_datetime(row, at, cell, formats["day"])
    else:
        sheet.write_number(row, at, float(cell), style or formats["number"])


def _add_choices(sheet: Sheet, results: Worksheet, lists: Worksheet) -> None:
    """Each set of options stands once on the sheet of lists: within the rule itself Excel takes 255 characters and no comma."""
    places: dict[tuple[str, ...], str] = {}
    for choice in sheet.choices:
        if choice.options not in places:
            at = len(places)
            lists.write_column(0, at, choice.options)
            letters = xlsxwriter.utility.xl_col_to_name(at)
            places[choice.options] = f"={lists.get_name()}!${letters}$1:${letters}${len(choice.options)}"
        column = sheet.names.index(choice.column)
        rule = {"validate": "list", "source": places[choice.options], "error_message": "Choose one of the list."}
        results.data_validation(choice.row, column, choice.row, column, rule)
