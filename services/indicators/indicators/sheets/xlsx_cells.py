"""A program: an XLSX file on stdin, the cells of one of its sheets on stdout as JSON. It knows nothing of the service around it.

Run by `xlsx_table` in a process of its own whose memory and time the kernel bounds, because the library that reads cells lays a sheet
out densely: two cells in opposite corners, a file of 2 KB, make it ask for 550 GB and abort its process. Before that, every part is
unpacked here with a count of what really comes out, and the library gets a new archive of just those bytes, so that nothing is read
that was not looked at.

The answer is `{"rows": [[cell, ...], ...]}` or `{"problem": "..."}`.
"""

import io
import json
import posixpath
import re
import resource
import struct
import sys
import zipfile
import zlib
from datetime import date, datetime
from typing import Any, NamedTuple
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook

MEMORY, SECONDS = 768 << 20, 2
INFLATED, ENTRIES, BLOCK = 48 << 20, 200, 1 << 20
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
ENCRYPTED = 0x1
OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"


class Limits(NamedTuple):
    """The most rows below the header and columns of a sheet, and the name of the sheet that is meant."""

    rows: int
    columns: int
    sheet: str


class Refusal(Exception):  # noqa: N818 (an answer, not an error)
    """In words for who sent the file."""


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


def entries_of(body: bytes) -> list[zipfile.ZipInfo]:
    """What the archive's directory says of its parts, of which nothing is unpacked; cheap whatever the body is."""
    if body.startswith(OLD_OR_ENCRYPTED):
        raise Refusal("this is an old .xls file or one with a password; save it as .xlsx without a password")
    listed = body.count(b"PK\x01\x02")
    if listed > ENTRIES:
        raise Refusal(f"an archive of {listed:,} parts is no workbook; the most is {ENTRIES}")
    try:
        archive = zipfile.ZipFile(io.BytesIO(body))
        entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error) as error:
        raise Refusal(f"this is no XLSX file: {error}") from error
    said = sum(entry.file_size for entry in entries)
    if said > INFLATED:
        raise Refusal(f"the file says that it has {said:,} bytes unpacked, and more than {INFLATED:,} are not read")
    return entries


def unpack(body: bytes) -> dict[str, bytes]:
    parts: dict[str, bytes] = {}
    left = INFLATED
    for entry in entries_of(body):
        check_entry(entry, parts)
        content = inflate(body, entry, left)
        left -= len(content)
        if entry.filename.endswith((".xml", ".rels")):
            check_text(entry.filename, content)
            parts[entry.filename] = content
    return parts


def check_entry(entry: zipfile.ZipInfo, parts: dict[str, bytes]) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise Refusal("the file has a password; save it without one")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Refusal(f"{entry.filename[:100]} is packed in a way that no spreadsheet uses")
    if entry.filename in parts:
        raise Refusal(f"{entry.filename[:100]} is there twice")
    if entry.filename.startswith("xl/externalLinks/"):
        raise Refusal("the workbook links to other files; paste the values instead")
    if entry.filename.lower().endswith("vbaproject.bin"):
        raise Refusal("the workbook holds macros; save it as .xlsx")


def inflate(body: bytes, entry: zipfile.ZipInfo, most: int) -> bytes:
    """What really comes out of it, whatever its header says of its size."""
    at = entry.header_offset
    header = body[at : at + LOCAL_HEADER.size]
    if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise Refusal("the archive is damaged: a part is not where it should be")
    *_, name, extra = LOCAL_HEADER.unpack(header)
    start = at + LOCAL_HEADER.size + name + extra
    packed = memoryview(body)[start : start + entry.compress_size]
    if entry.compress_type == zipfile.ZIP_STORED:
        content = bytes(packed)
    else:
        unpacking = zlib.decompressobj(-15)
        try:
            content = unpacking.decompress(packed, min(most, entry.file_size) + 1)
        except zlib.error as error:
            raise Refusal(f"the archive is damaged: {error}") from error
        if not unpacking.eof and len(content) <= min(most, entry.file_size):
            raise Refusal("the archive is damaged: a part of it is cut off")
    if len(content) > most:
        raise Refusal(f"unpacked, the file has more than {INFLATED:,} bytes")
    if len(content) != entry.file_size:
        raise Refusal(
            f"{entry.filename[:100]} says that it has {entry.file_size:,} bytes, and {len(content):,} come out of it"
        )
    return content


def check_text(name: str, content: bytes) -> None:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise Refusal(f"{name[:100]} is not UTF-8")
    encoding = re.match(rb"""\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""", content[:200])
    if encoding and encoding.group(1).lower() not in {b"utf-8", b"us-ascii"}:
        raise Refusal(f"{name[:100]} is not UTF-8")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refusal(f"{name[:100]} declares entities, which no spreadsheet writes")


def find_sheet(parts: dict[str, bytes], wanted: str) -> tuple[str, str]:
    """Path and name of the sheet `wanted`, of the first one where none has that name."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}

    def started(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append((attributes.get("name", ""), relation))
        elif local == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    for part in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        if part not in parts:
            raise Refusal(f"this is no XLSX file: it has no {part}")
        walk(part, parts[part], started)
    if not sheets:
        raise Refusal("the workbook has no sheet")
    name, relation = next((one for one in sheets if one[0] == wanted), sheets[0])
    target = targets.get(relation, "")
    path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
    if path not in parts:
        raise Refusal(f"the sheet {name[:100]} is missing in the file")
    return path, name


def walk(name: str, content: bytes, started: Any, ended: Any = None, said: Any = None) -> None:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = started, ended, said
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refusal(f"{name[:100]} is no XML: {error}") from error


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
