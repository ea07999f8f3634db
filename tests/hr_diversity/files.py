"""The same staff as a file of each format, and workbooks made by hand for what no library would write."""

import io
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter
from tests.hr_diversity.staff import COLUMNS

from hr_diversity.intake import Format, Taken, take_in
from hr_diversity.settings import HrSettings

CSV, NDJSON = "text/csv", "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PARQUET = "application/vnd.apache.parquet"
MEDIA = {"csv": CSV, "ndjson": NDJSON, "xlsx": XLSX, "parquet": PARQUET}
Row = dict[str, str]
AS_OF = date(2021, 12, 31)


async def take(data: bytes, form: Format, **how: Any) -> Taken:
    """What the intake makes of a file, without the service around it."""

    async def pieces() -> AsyncIterator[bytes]:
        yield data

    settings = HrSettings(database_url="x", bus="postgres", bus_url="x", pseudonym_key="k" * 32)
    return await take_in(pieces(), form, **{"packed": False, "as_of": AS_OF, "settings": settings, **how})


def stored(taken: Taken) -> pl.DataFrame:
    return pl.concat([pl.read_parquet(io.BytesIO(chunk.data)) for chunk in taken.chunks])


def rows_of(lines: Sequence[str], names: Sequence[str] = COLUMNS) -> list[Row]:
    """Lines of CSV without quotes as rows."""
    return [dict(zip(names, line.split(","), strict=True)) for line in lines]


def typed(name: str, text: str) -> Any:
    """As a program writes it that knows types; what is no value of the type stays a text."""
    if text == "":
        return None
    if name == "birth_year" and text.isdecimal():
        return int(text)
    if name == "geographic_post" and text in {"true", "false"}:
        return text == "true"
    if name == "entered_on":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return text
    return text


def as_csv(rows: Sequence[Row], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    lines = [delimiter.join(rows[0]), *(delimiter.join(row.values()) for row in rows)]
    return "".join(f"{line}\n" for line in lines).encode(encoding)


def as_ndjson(rows: Sequence[Row]) -> bytes:
    return b"".join(json.dumps({n: typed(n, t) for n, t in row.items()}, default=str).encode() + b"\n" for row in rows)


def as_parquet(rows: Sequence[Row], **how: Any) -> bytes:
    out = io.BytesIO()
    columns = {name: [typed(name, row[name]) for row in rows] for name in rows[0]}
    pl.DataFrame(
        {
            name: values if len({type(one) for one in values} - {type(None)}) < 2 else [row[name] for row in rows]
            for name, values in columns.items()
        }
    ).write_parquet(out, **how)
    return out.getvalue()


def as_xlsx(rows: Sequence[Row], *, sheets: Sequence[str] = ("Staff",), on: str | None = None) -> bytes:
    """`on` is the sheet of `sheets` that has the rows, without it the first."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_numbers": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        made = {name: book.add_worksheet(name) for name in sheets}
        sheet = made[on or sheets[0]]
        sheet.write_row(0, 0, list(rows[0]))
        for number, row in enumerate(rows, 1):
            for at, (name, text) in enumerate(row.items()):
                value = typed(name, text)
                if isinstance(value, date):
                    sheet.write_datetime(number, at, value, day)
                elif isinstance(value, bool):
                    sheet.write_boolean(number, at, value)
                elif isinstance(value, int):
                    sheet.write_number(number, at, value)
                elif value is not None:
                    sheet.write_string(number, at, value)
    return out.getvalue()


WRITERS = {"csv": as_csv, "ndjson": as_ndjson, "xlsx": as_xlsx, "parquet": as_parquet}

_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Staff" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
}
SHEET = f'<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="{_MAIN}"><sheetData>{{}}</sheetData></worksheet>'
STRINGS = f'<sst xmlns="{_MAIN}">{{}}</sst>'


def cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


def xml_row(number: int, texts: Sequence[str]) -> str:
    return f'<row r="{number}">' + "".join(cell(f"{chr(65 + at)}{number}", t) for at, t in enumerate(texts)) + "</row>"


HEAD = xml_row(1, COLUMNS)


def workbook(rows: str, sheet: str = SHEET, level: int = 9, **more: str | bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet.replace("{}", rows), **more}.items():
            archive.writestr(name, content)
    return out.getvalue()
