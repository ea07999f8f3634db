"""Tables of cells in and out: CSV and XLSX. Nothing here knows what a result is, nor the database.

    table        what a table is, its limits, and what is wrong with a file that is none
    csv_table    CSV
    xlsx_table   XLSX: writing, and reading by way of
    xlsx_cells   a program of its own, run in a process whose memory and time the kernel bounds

What must not break: whatever the bytes are, reading ends in a table or a Problem, in bounded time and memory; what is written starts
no formula in any spreadsheet; what is written and read again is the same.
"""

from indicators.rules.cells import Cell
from indicators.sheets.csv_table import read_csv, write_csv
from indicators.sheets.table import CSV, MOST_ROWS, XLSX, NoTable, Table, TooManyRows
from indicators.sheets.xlsx_table import Choice, Sheet, read_xlsx, write_xlsx

__all__ = [
    "CSV",
    "MOST_ROWS",
    "XLSX",
    "Cell",
    "Choice",
    "NoTable",
    "Sheet",
    "Table",
    "TooManyRows",
    "read_csv",
    "read_xlsx",
    "write_csv",
    "write_xlsx",
]
