"""A program: an XLSX file on stdin, the cells of one of its sheets on stdout as JSON. It knows nothing of the service around it.

Run by `xlsx_table` in a process of its own whose memory and time the kernel bounds, because the library that reads cells lays a sheet
out densely: two cells in opposite corners, a file of 2 KB, make it ask for 550 GB and abort its process. Before that, every part is
unpacked here with a count of what really comes out, and the library gets a new archive of just those bytes, so that nothing is read
that was not looked at.

The answer is `{"rows": [[cell, ...], ...]}` or `{"problem": "..."}`.
"""

import io
import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime
from typing import Any, NamedTuple

from python_calamine import CalamineError, CalamineWorkbook

from shared.workbooks import Refusal, check_text, inflate, list_parts, read_contents, walk

MEMORY, SECONDS = 768 << 20, 2
INFLATED = 48 << 20


class Limits(NamedTuple):
    """The most rows below the header and columns of a sheet, and the name of the sheet that is meant."""

    rows: int
    columns: int
    sheet: str


def main(rows: str, columns: str, sheet: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, Any] = {"rows": read(sys.stdin.buffer.read(), Limits(int(rows), int(columns), sheet))}
    except Refusal as refusal:
        answer = {"problem": str(refusal)}
    except MemoryError:
        answer = {"problem": "unpacked, the file is too large"}
    json.dump(answer, sys.stdout, default=_written, ensure_ascii=False)


def read(body: bytes, limits: Limits) -> list[list[Any]]:
    parts = unpack(body)
    path, name = find_sheet(parts, limits.sheet)
    check_sheet(parts[path], limits)
    clean = io.BytesIO()
    with zipfile.ZipFile(clean, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    parts.clear()
    clean.seek(0)
    try:
        with CalamineWorkbook.from_filelike(clean) as book:
            sheet = book.get_sheet_by_name(name)
            last = sheet.end or (0, 0)
            check_size(limits, last[0] + 1, last[1] + 1)
            return sheet.to_python(skip_empty_area=False)
    except (CalamineError, ValueError) as error:
        raise Refusal(f"the workbook cannot be read: {error}"[:300]) from error


def unpack(body: bytes) -> dict[str, bytes]:
    file = io.BytesIO(body)
    parts: dict[str, bytes] = {}
    for entry in list_parts(file, INFLATED):
        content = b"".join(inflate(file, entry))
        if entry.filename.endswith((".xml", ".rels")):
            check_text(entry.filename, content)
            parts[entry.filename] = content
    return parts


def find_sheet(parts: dict[str, bytes], wanted: str) -> tuple[str, str]:
    """Path and name of the sheet `wanted`, of the first one where none has that name."""
    sheets = read_contents(parts).sheets
    name = wanted if wanted in sheets else next(iter(sheets))
    if sheets[name] not in parts:
        raise Refusal(f"the sheet {name[:100]} is missing in the file")
    return sheets[name], name


def check_size(limits: Limits, rows: int, columns: int) -> None:
    if rows > limits.rows + 1:
        raise Refusal(f"the sheet reaches down to row {rows:,}; the most is {limits.rows + 1:,}. Empty rows count")
    if columns > limits.columns:
        raise Refusal(f"the sheet reaches to column {columns:,}; the most is {limits.columns}")


def check_sheet(content: bytes, limits: Limits) -> None:
    """Looks for what is beyond the limits without laying out any cell, and for cells whose value is not in the file."""
    rows = re.findall(rb"""<(?:[\w.-]+:)?row\s[^>]*?\br=["'](\d{1,9})["']""", content)
    check_size(limits, max([len(rows), *map(int, rows)]), 0)
    columns = set(re.findall(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br=["']([A-Z]{1,9})\d""", content))
    check_size(limits, 0, max(map(_column, columns), default=0))
    if re.search(rb"""<(?:[\w.-]+:)?f[\s/>]|t=["']e["']""", content):
        check_formulas(content)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def check_formulas(content: bytes) -> None:
    cell, inside, bad = {"r": "?", "formula": False, "value": "", "error": False}, [""], []

    def started(tag: str, attributes: dict[str, str]) -> None:
        inside[0] = tag.rpartition(":")[2]
        if inside[0] == "c":
            cell.update(r=attributes.get("r", "?"), formula=False, value="", error=attributes.get("t") == "e")
        elif inside[0] == "f":
            cell["formula"] = True

    def said(text: str) -> None:
        if inside[0] in {"v", "t"}:
            cell["value"] = f"{cell['value']}{text}"

    def ended(tag: str) -> None:
        if tag.rpartition(":")[2] == "c" and (cell["error"] or (cell["formula"] and not cell["value"])):
            bad.append(f"{cell['r']} ({cell['value'] or 'a formula without its value'})")
        inside[0] = ""

    walk("the sheet", content, started, ended, said)
    if bad:
        raise Refusal(f"these cells have no value: {', '.join(bad[:10])}. Write the value instead of the formula"[:500])


def _written(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


if __name__ == "__main__":
    main(*sys.argv[1:])
