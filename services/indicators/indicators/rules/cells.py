"""How one field of a result is written in one cell of a spreadsheet, and read from it. What is written and read again is the same.

Lists are written as `name = value; name = value`. An entry that holds a semicolon or a quote is put in quotes, as in CSV.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from shared.events.indicators import Provenance
from shared.events.results import BreakdownCell, Evidence, ResultPart

Cell = str | int | Decimal | bool | date | None

LONGEST = 32_767
"""characters of one cell, in Excel and LibreOffice alike"""
TOO_LONG = "too long for a cell; take it from the API"
YES, NO = ("yes", "true", "reached"), ("no", "false", "not reached")
SOURCE = ("document", "table", "row", "column")
DOCUMENT = "document:"
_NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?", re.ASCII)
_LIKE_ADDRESS = re.compile(f"=|http|{DOCUMENT}")
_TO_QUOTE = re.compile(r'[;"\r\n]')


class Unreadable(ValueError):  # noqa: N818 (said of a cell)
    """What the cell should be like."""


def read_number(cell: Cell) -> Decimal:
    if isinstance(cell, Decimal):
        return cell
    text = str(cell).strip()
    if isinstance(cell, bool) or not _NUMBER.fullmatch(text):
        raise Unreadable("write a number like 45.5: a point, no unit, no separator of thousands")
    return Decimal(text)


def read_whole(cell: Cell) -> int:
    number = read_number(cell)
    if number != number.to_integral_value():
        raise Unreadable("write a whole number")
    return int(number)


def read_flag(cell: Cell) -> bool:
    said = cell if isinstance(cell, bool) else str(cell).strip().lower()
    if said is True or said in YES:
        return True
    if said is False or said in NO:
        return False
    raise Unreadable("write yes or no")


def read_day(cell: Cell) -> str:
    if isinstance(cell, str):
        return cell.strip()
    raise Unreadable("write a day like 2020-12-31, or format the cell as a date")


def read_text(cell: Cell) -> str:
    """A number that stands where words belong was words to who typed it: a year, a code."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return ("yes" if cell else "no") if isinstance(cell, bool) else str(cell)


def read_parts(cell: Cell) -> list[dict[str, Any]]:
    return [_part(entry) for entry in _entries(cell)]


def _part(entry: str) -> dict[str, Any]:
    name, equals, said = (word.strip() for word in entry.rpartition("="))
    if not equals:
        raise Unreadable("write each part as name = number, or name = yes, and a semicolon between them")
    if said.lower() in {*YES, *NO}:
        return {"name": name, "reached": read_flag(said)}
    return {"name": name, "value": read_number(said)}


def read_evidence(cell: Cell) -> list[dict[str, Any]]:
    """`title = address`, where the address is a URL, `document:CODE` or both; or a title alone."""
    return [_evidence(entry) for entry in _entries(cell)]


def _evidence(entry: str) -> dict[str, Any]:
    """Read from its end, because a title and a URL may hold equals signs, and a URL no white space."""
    title, found = _cut_off(entry.rstrip(), DOCUMENT, {}, "document")
    title, found = _cut_off(title, "http", found, "url")
    if title.endswith("=") or not found:
        return {"title": title.removesuffix("=").strip(), **found}
    raise Unreadable("write each piece of evidence as title = address, and a semicolon between them")


def _cut_off(entry: str, begins: str, found: dict[str, Any], name: str) -> tuple[str, dict[str, Any]]:
    """The entry without its last word, where that begins so; an equals sign right before it stays."""
    word = next(iter(entry.rsplit(maxsplit=1)[-1:]), "")
    at = 0 if word.startswith(begins) else word.find(f"={begins}") + 1
    if not word.startswith(begins) and at == 0:
        return entry, found
    address = word[at:].removeprefix(DOCUMENT) if begins == DOCUMENT else word[at:]
    return entry[: len(entry) - len(word) + at].rstrip(), {**found, name: address}


def read_breakdown(cell: Cell) -> list[dict[str, Any]]:
    """`dimension/category = value`, or `= numerator/denominator`, or both with a space between."""
    return [_breakdown(entry) for entry in _entries(cell)]


def _breakdown(entry: str) -> dict[str, Any]:
    where, equals, said = entry.rpartition("=")
    dimension, slash, category = where.partition("/")
    if not equals or not slash:
        raise Unreadable("write each figure as dimension/category = number, and a semicolon between them")
    read: dict[str, Any] = {"dimension": dimension.strip(), "category": category.strip()}
    for word in said.split():
        numerator, share, denominator = word.partition("/")
        if not share:
            read["value"] = read_number(word)
            continue
        for name, figure in (("numerator", numerator), ("denominator", denominator)):
            if figure:
                read[name] = read_whole(figure)
    return read


def read_source(cell: Cell) -> dict[str, Any]:
    read = {}
    for entry in _entries(cell):
        name, _, said = (word.strip() for word in entry.partition("="))
        if name not in SOURCE or name in read:
            raise Unreadable("write it as document = ...; table = ...; row = ...; column = ...")
        read[name] = said
    return read


def _entries(cell: Cell) -> list[str]:
    try:
        rows = list(
            csv.reader(io.StringIO(read_text(cell), newline=""), delimiter=";", skipinitialspace=True, strict=True)
        )
    except csv.Error as error:
        raise Unreadable(f"the quotes do not fit: {error}") from error
    if len(rows) > 1:
        raise Unreadable("put a semicolon between the entries, not a new line")
    return [entry for entry in (rows[0] if rows else []) if entry.strip()]


def write_parts(parts: Sequence[ResultPart]) -> Cell:
    return _joined(f"{part.name} = {_plain(part.reached if part.value is None else part.value)}" for part in parts)


def write_evidence(evidence: Sequence[Evidence]) -> Cell:
    return _joined(
        f"{one.title} = {' '.join([one.url or '', DOCUMENT + one.document if one.document else '']).strip()}"
        if one.url or one.document or _LIKE_ADDRESS.search(one.title)
        else one.title
        for one in evidence
    )


def write_breakdown(cells: Sequence[BreakdownCell]) -> Cell:
    return _joined(f"{one.dimension}/{one.category} = {_figures(one)}" for one in cells)


def _figures(cell: BreakdownCell) -> str:
    counted = cell.numerator is not None or cell.denominator is not None
    share = f"{_plain(cell.numerator)}/{_plain(cell.denominator)}" if counted else ""
    return f"{_plain(cell.value)} {share}".strip()


def write_source(provenance: Provenance | None) -> Cell:
    if provenance is None:
        return None
    said = {name: getattr(provenance, name) for name in SOURCE}
    return _joined(f"{name} = {value}" for name, value in said.items() if value is not None)


def _joined(entries: Any) -> Cell:
    text = "; ".join('"' + one.replace('"', '""') + '"' if _TO_QUOTE.search(one) else one for one in entries)
    return (text if len(text) <= LONGEST else TOO_LONG) or None


def _plain(value: Decimal | int | bool | None) -> str:
    if value is None or isinstance(value, bool):
        return {None: "", True: "yes", False: "no"}[value]
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


READERS: dict[str, Callable[[Cell], Any]] = {
    "indicator": read_text,
    "phase": read_text,
    "place": read_text,
    "as_of": read_day,
    "value": read_number,
    "numerator": read_whole,
    "denominator": read_whole,
    "reached": read_flag,
    "category": read_text,
    "parts": read_parts,
    "no_data": read_text,
    "comment": read_text,
    "text": read_text,
    "evidence": read_evidence,
    "breakdown": read_breakdown,
    "provenance": read_source,
    "version": read_whole,
}
