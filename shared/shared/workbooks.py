"""What can be told of an XLSX file before any of its cells is read: its parts, whether they hold what the archive says of them, and
which of them is which sheet.

What must not break: nothing is unpacked that the archive's directory does not own to, and never more than a block at a time; no part
that names entities, other files or programs gets to a parser. It stands on the standard library alone, because it is also run in
processes that know no service.
"""

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple
from xml.parsers import expat

ENTRIES, BLOCK = 200, 1 << 20
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
CENTRAL = b"PK\x01\x02"
ENCRYPTED = 0x1
OLD_OR_ENCRYPTED = b"\xd0\xcf\x11\xe0"
WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


class Refusal(Exception):  # noqa: N818 (an answer, not an error)
    """In words for who sent the file."""


class Contents(NamedTuple):
    """The paths of the sheets by name, in their order, and of the tables that cells refer to; whether days count from 1904."""

    sheets: dict[str, str]
    strings: str | None
    styles: str | None
    from_1904: bool


def list_parts(file: BinaryIO, most: int) -> list[zipfile.ZipInfo]:
    """What the archive's directory says of its parts, of which nothing is unpacked; cheap whatever the file is.

    Raises Refusal where they are more than `most` bytes when unpacked, or no parts of a workbook.
    """
    file.seek(0)
    if file.read(4) == OLD_OR_ENCRYPTED:
        raise Refusal("this is an old .xls file or one with a password; save it as .xlsx without a password")
    listed = _count_listed(file)
    if listed > ENTRIES:
        raise Refusal(f"an archive of {listed:,} parts is no workbook; the most is {ENTRIES}")
    try:
        entries = zipfile.ZipFile(file).infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error) as error:
        raise Refusal(f"this is no XLSX file: {error}") from error
    said = sum(entry.file_size for entry in entries)
    if said > most:
        raise Refusal(f"the file says that it has {said:,} bytes unpacked, and more than {most:,} are not read")
    seen: set[str] = set()
    for entry in entries:
        _check_part(entry, seen)
        seen.add(entry.filename)
    return entries


def _count_listed(file: BinaryIO) -> int:
    file.seek(0)
    listed, tail = 0, b""
    while block := file.read(BLOCK):
        listed += (tail + block).count(CENTRAL)
        tail = block[-len(CENTRAL) + 1 :]
    return listed


def _check_part(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    if entry.flag_bits & ENCRYPTED:
        raise Refusal("the file has a password; save it without one")
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise Refusal(f"{entry.filename[:100]} is packed in a way that no spreadsheet uses")
    if entry.filename in seen:
        raise Refusal(f"{entry.filename[:100]} is there twice")
    if entry.filename.startswith("xl/externalLinks/"):
        raise Refusal("the workbook links to other files; paste the values instead")
    if entry.filename.lower().endswith("vbaproject.bin"):
        raise Refusal("the workbook holds macros; save it as .xlsx")


def inflate(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """What really comes out of it, block by block, whatever its header says. Raises Refusal where that is not as much as was said."""
    file.seek(entry.header_offset)
    header = file.read(LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise Refusal("the archive is damaged: a part is not where it should be")
    *_, name, extra = LOCAL_HEADER.unpack(header)
    file.seek(entry.header_offset + LOCAL_HEADER.size + name + extra)
    came = 0
    for block in _unpacked(file, entry):
        came += len(block)
        if came > entry.file_size:
            break
        yield block
    if came != entry.file_size:
        more = "more" if came > entry.file_size else f"{came:,}"
        raise Refusal(f"{entry.filename[:100]} says that it has {entry.file_size:,} bytes, and {more} come out of it")


def _unpacked(file: BinaryIO, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    left = entry.compress_size
    unpacking = None if entry.compress_type == zipfile.ZIP_STORED else zlib.decompressobj(-15)
    while left > 0 and (packed := file.read(min(BLOCK, left))):
        left -= len(packed)
        if unpacking is None:
            yield packed
            continue
        while packed:
            try:
                yield unpacking.decompress(packed, BLOCK)
            except zlib.error as error:
                raise Refusal(f"the archive is damaged: {error}") from error
            if unpacking.eof:
                return
            packed = unpacking.unconsumed_tail
    if unpacking is not None and not unpacking.eof:
        raise Refusal("the archive is damaged: a part of it is cut off")


def check_text(name: str, content: bytes) -> None:
    """`content` is a part, or its beginning. Raises Refusal where it is not UTF-8 or declares entities."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in content:
        raise Refusal(f"{name[:100]} is not UTF-8")
    encoding = re.match(rb"""\s*(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""", content[:200])
    if encoding and encoding.group(1).lower() not in {b"utf-8", b"us-ascii"}:
        raise Refusal(f"{name[:100]} is not UTF-8")
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise Refusal(f"{name[:100]} declares entities, which no spreadsheet writes")


def read_contents(parts: Mapping[str, bytes]) -> Contents:
    """`parts` are those of the archive by path, WORKBOOK and RELATIONS at least. Raises Refusal."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    kinds: dict[str, str] = {}
    from_1904: list[bool] = []

    def started(tag: str, attributes: dict[str, str]) -> None:
        local = tag.rpartition(":")[2]
        if local == "sheet":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            sheets.append((attributes.get("name", ""), relation))
        elif local == "workbookPr":
            from_1904.append(attributes.get("date1904", "") in {"1", "true"})
        elif local == "Relationship":
            path = _path(attributes.get("Target", ""))
            targets[attributes.get("Id", "")] = path
            kinds[attributes.get("Type", "").rpartition("/")[2]] = path

    for part in (WORKBOOK, RELATIONS):
        if part not in parts:
            raise Refusal(f"this is no XLSX file: it has no {part}")
        walk(part, parts[part], started)
    if not sheets:
        raise Refusal("the workbook has no sheet")
    paths = {name: targets.get(relation, "") for name, relation in sheets}
    return Contents(paths, kinds.get("sharedStrings"), kinds.get("styles"), any(from_1904))


def _path(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def walk(name: str, content: bytes, started: Any, ended: Any = None, said: Any = None) -> None:
    """Calls back for every element and text of a part. Raises Refusal where it is no XML."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = started, ended, said
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refusal(f"{name[:100]} is no XML: {error}") from error
