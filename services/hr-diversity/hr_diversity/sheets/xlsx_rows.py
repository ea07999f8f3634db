"""XLSX: one sheet, slice by slice. Rows are parsed as they are unpacked and thrown away when they are said; only the workbook's table
of texts is held.
"""

import io
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO
from xml.etree import ElementTree as ET
from zipfile import ZipInfo

import polars as pl

from hr_diversity.sheets.saying import LONGEST_VALUE, MOST_OF_A_FRAME, Refusal
from hr_diversity.sheets.xlsx_dates import day_styles, whole_number, written_day
from shared import workbooks
from shared.workbooks import RELATIONS, WORKBOOK, Contents, check_text, inflate, list_parts, read_contents

if TYPE_CHECKING:
    from hr_diversity.sheets.saying import Asked, Saying

Parser = Any  # the library's types know no parser whose events are elements only
ROWS = 20_000
MOST_COLUMNS, LAST_ROW, LAST_COLUMN = 100, 1_048_576, 16_384
LEAST_INFLATED, INFLATION = 16 << 20, 60
"""Times that a workbook grows when unpacked. One of people grows 6 to 15 times; a bomb a thousand."""
MOST_OF_A_PART = 8 << 20
"""Bytes of one of the parts that are held as a whole; none of them grows with the rows."""
DIGITS = 15
"""What a spreadsheet keeps and shows of a number: 45.300000000000004 is its 45.3."""


def read_xlsx(asked: "Asked", saying: "Saying") -> None:
    """Raises Refusal."""
    try:
        with os.fdopen(asked.descriptor, "rb") as file:
            Sheet(Archive(file, asked), asked, saying).read()
    except workbooks.Refusal as refusal:
        raise Refusal(str(refusal)) from refusal


class Archive:
    """The parts of the workbook. Raises Refusal for what its directory gives away."""

    def __init__(self, file: BinaryIO, asked: "Asked") -> None:
        most = min(asked.most, LEAST_INFLATED + INFLATION * asked.size)
        self._file = file
        self._parts: dict[str, ZipInfo] = {entry.filename: entry for entry in list_parts(file, most)}

    def has(self, path: str | None) -> bool:
        return path in self._parts

    def read(self, path: str) -> bytes:
        """A part as a whole. Raises Refusal."""
        if self._parts[path].file_size > MOST_OF_A_PART:
            raise Refusal(f"{path[:100]} has more than {MOST_OF_A_PART:,} bytes")
        content = b"".join(inflate(self._file, self._parts[path]))
        check_text(path, content)
        return content

    def elements(self, path: str) -> Iterator[ET.Element]:
        """Every element of a part when it ends. Raises Refusal."""
        parser: Parser = ET.XMLPullParser(("end",))
        tail = b""
        for block in inflate(self._file, self._parts[path]):
            check_text(path, tail + block)
            tail = block[-16:] if tail else b" "  # what is split between two blocks; the very first shows its encoding
            yield from _feed(parser, path, block)
        yield from _feed(parser, path, None)


def _feed(parser: Parser, path: str, block: bytes | None) -> Iterator[ET.Element]:
    try:
        if block is None:
            parser.close()
        else:
            parser.feed(block)
        for event in parser.read_events():
            yield event[1]
    except ET.ParseError as error:
        raise Refusal(f"{path[:100]} is no XML: line {error.position[0]:,}, column {error.position[1]:,}") from error


def _local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


class Sheet:
    """The sheet that is asked for, or the first one; its first row with anything in it names the columns."""

    def __init__(self, archive: Archive, asked: "Asked", saying: "Saying") -> None:
        self._archive, self._asked, self._saying = archive, asked, saying
        parts = {path: archive.read(path) for path in (WORKBOOK, RELATIONS) if archive.has(path)}
        contents = read_contents(parts)
        self._path = self._find(contents)
        self._cells = Cells(archive, contents)
        self._names: list[str] | None = None
        self._lines: list[int] = []
        self._rows: list[list[str]] = []
        self._ragged: list[int] = []
        self._size, self._last = 0, 0

    def _find(self, contents: Contents) -> str:
        name = self._asked.sheet if self._asked.sheet is not None else next(iter(contents.sheets))
        if name not in contents.sheets:
            there = ", ".join(repr(one[:40]) for one in list(contents.sheets)[:10])
            raise Refusal(f"the workbook has no sheet {name[:100]!r}; it has {there}")
        if not self._archive.has(contents.sheets[name]):
            raise Refusal(f"the sheet {name[:100]} is missing in the file")
        return contents.sheets[name]

    def read(self) -> None:
        for element in self._archive.elements(self._path):
            if element.tag.endswith("row") and _local(element) == "row":
                self._take(element)
                element.clear()
                if len(self._rows) >= ROWS:
                    self._say()
        if self._names is None:
            raise Refusal("the sheet is empty; its first row names the columns", "empty-file")
        self._say()

    def _take(self, row: ET.Element) -> None:
        number = whole_number(row.get("r", str(self._last + 1)))
        if not self._last < number <= LAST_ROW:
            raise Refusal(f"the rows are not in their order: {number:,} follows {self._last:,}")
        self._last = number
        texts = self._cells.texts(row, number)
        if not any(texts):
            return
        if self._names is None:
            self._names = texts
            self._saying.say(b"N", texts)
        elif len(texts) > len(self._names):
            self._ragged.append(number)
        else:
            self._size += sum(map(len, texts))
            if self._size > MOST_OF_A_FRAME:
                raise Refusal("the rows are longer than rows of staff are")
            self._lines.append(number)
            self._rows.append(texts + [""] * (len(self._names) - len(texts)))

    def _say(self) -> None:
        if self._ragged:
            self._saying.say(b"R", self._ragged)
        columns = dict(zip(self._names or (), zip(*self._rows, strict=True), strict=False))
        texts = pl.DataFrame({name: columns[name] for name in self._asked.wanted if name in columns})
        if texts.width:
            longest = texts.select(pl.all().str.len_bytes().max()).max_horizontal().item()
            self._saying.count(longest, self._size + texts.width * texts.height)
            out = io.BytesIO()
            texts.insert_column(0, pl.Series("line", self._lines, pl.UInt32)).write_ipc_stream(out)
            self._saying.say(b"F", out.getvalue())
        self._lines, self._rows, self._ragged, self._size = [], [], [], 0


class Cells:
    """What stands in the cells of a row, as a text file would have it: 2015-03-01, 1980, true."""

    def __init__(self, archive: Archive, contents: Contents) -> None:
        self._strings = _strings(archive, contents.strings)
        styles = archive.read(contents.styles) if contents.styles and archive.has(contents.styles) else None
        try:
            self._days = day_styles(styles) if styles else frozenset[int]()
        except ET.ParseError as error:
            raise Refusal(f"{contents.styles} is no XML") from error
        self._from_1904 = contents.from_1904
        self._columns: dict[str, int] = {}

    def texts(self, row: ET.Element, number: int) -> list[str]:
        """One for each column up to the last that has one. Raises Refusal where a cell has no value but a formula or an error."""
        texts: list[str] = []
        at = -1
        digits = str(number)
        for cell in row:
            if not cell.tag.endswith("c"):
                continue
            place = cell.get("r", "").removesuffix(digits)
            at = self._column(place, at)
            text = self._text(cell)
            if text:
                if at >= len(texts):
                    texts += [""] * (at - len(texts) + 1)
                texts[at] = text
        return texts

    def _column(self, letters: str, before: int) -> int:
        if not letters:
            return before + 1
        at = self._columns.get(letters)
        if at is None:
            at = 0
            if not re.fullmatch("[A-Z]{1,3}", letters):
                raise Refusal(f"a cell is at {letters[:20]!r}, which is no place in its row")
            for letter in letters:
                at = at * 26 + ord(letter) - 64
            self._columns[letters] = at = at - 1
        if not before < at < LAST_COLUMN:
            raise Refusal(f"the cells of a row are not in their order: {letters} follows column {before + 1}")
        return at

    def _text(self, cell: ET.Element) -> str:
        kind, value, formula = cell.get("t", "n"), None, False
        for child in cell:
            tag = child.tag
            if tag.endswith("}v"):
                value = child.text
            elif tag.endswith("}is"):
                value = _joined(child)
            elif tag.endswith("}f"):
                formula = True
        if kind == "e" or (value is None and formula and kind != "str"):
            what = "an error of the spreadsheet" if kind == "e" else "a formula without its value"
            raise Refusal(f"the cell {cell.get('r', '?')[:12]} holds {what}; write the value")
        if value is None:
            return ""
        if kind == "s":
            at = whole_number(value)
            return self._strings[at] if 0 <= at < len(self._strings) else ""
        return self._number(value, cell.get("s", "0")) if kind == "n" else _written(kind, value)

    def _number(self, value: str, style: str) -> str:
        is_day = whole_number(style) in self._days
        if value.isdecimal() and not is_day and len(value) <= DIGITS:
            return value
        try:
            number = float(value)
        except ValueError:
            return value
        day = written_day(number, from_1904=self._from_1904) if is_day else None
        if day is not None:
            return day
        return f"{number:.0f}" if number == round(number, 0) and abs(number) < 10**DIGITS else f"{number:.{DIGITS}g}"


def _written(kind: str, value: str) -> str:
    if kind == "b":
        return "true" if value == "1" else "false"
    return value.partition("T00:00:00")[0] if kind == "d" else value


def _strings(archive: Archive, path: str | None) -> list[str]:
    if path is None or not archive.has(path):
        return []
    found = []
    for element in archive.elements(path):
        if element.tag.endswith("}si"):
            found.append(_joined(element))
            element.clear()
    return found


def _joined(element: ET.Element) -> str:
    """The runs of a text, without what tells how it is spoken."""
    texts = []
    for child in element:
        if child.tag.endswith("}t"):
            texts.append(child.text or "")
        elif child.tag.endswith("}r"):
            texts += [run.text or "" for run in child if run.tag.endswith("}t")]
    text = "".join(texts)
    if len(text) > LONGEST_VALUE:
        raise Refusal(f"a value has more than {LONGEST_VALUE:,} bytes")
    return text
