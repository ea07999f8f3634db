"""Hostile files end in a clear 4xx, soon, in little memory, and leave the service as it was."""

import asyncio
import io
import json
import struct
import time
import zipfile
import zlib

import psutil
import pytest
from tests.indicators.plan import HRD, NOW, at, rows_of

from indicators import sheets

SOON = 2.0
MUCH = 200e6
"""Bytes that the service may hold more while it reads; its reader has a process of its own."""
HEADER = ("indicator", "phase", "value", "comment")
JSON = "application/json"
PARTS = {
    "[Content_Types].xml": '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Results" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}
SHEET = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'


def text_cell(place, text):
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


HEAD = '<row r="1">' + "".join(text_cell(f"{'ABCD'[at]}1", name) for at, name in enumerate(HEADER)) + "</row>"
GOOD = HEAD + f'<row r="2">{text_cell("A2", "count")}{text_cell("B2", NOW)}<c r="C2"><v>3</v></c></row>'


def xlsx(rows=GOOD, sheet=SHEET, level=9, **more):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in {**PARTS, "xl/worksheets/sheet1.xml": sheet.format(rows), **more}.items():
            archive.writestr(name, content)
    return out.getvalue()


def forged(body, name, size):
    """The archive, saying in both of its headers that `name` has `size` bytes unpacked."""
    body = bytearray(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        at_local = archive.getinfo(name).header_offset
        at_central = archive.start_dir
    struct.pack_into("<I", body, at_local + 22, size)
    while body[at_central : at_central + 4] == b"PK\x01\x02":
        lengths = struct.unpack_from("<HHH", body, at_central + 28)
        if body[at_central + 46 : at_central + 46 + lengths[0]].decode() == name:
            struct.pack_into("<I", body, at_central + 24, size)
        at_central += 46 + sum(lengths)
    return bytes(body)


def flagged(body):
    """As if its parts were encrypted."""
    body = bytearray(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        at_central = archive.start_dir
    while body[at_central : at_central + 4] == b"PK\x01\x02":
        body[at_central + 8] |= 1
        at_central += 46 + sum(struct.unpack_from("<HHH", body, at_central + 28))
    return bytes(body)


def bomb():
    return xlsx(GOOD + " " * (600 << 20))


def overlapping():
    """A thousand entries that share one packed megabyte, as in the bombs that need no recursion."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packer.compress(b" " * (1 << 20)) + packer.flush()
    local = struct.pack(
        "<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, 0, zlib.crc32(b" " * (1 << 20)), len(packed), 1 << 20, 1, 0
    )
    central = b"".join(
        struct.pack(
            "<4s6H3I5H2I",
            b"PK\x01\x02",
            20,
            20,
            0,
            8,
            0,
            0,
            zlib.crc32(b" " * (1 << 20)),
            len(packed),
            1 << 20,
            7,
            0,
            0,
            0,
            0,
            0,
            0,
        )
        + b"%03d.xml" % number
        for number in range(150)
    )
    start = local + b"a" + packed
    return start + central + struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, 150, 150, len(central), len(start), 0)


LAUGHS = (
    '<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY lol{n} "{f"&lol{n - 1 if n > 1 else str()};" * 10}">' for n in range(1, 10))
    + ']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)
OUTSIDE = (
    LAUGHS.partition("<!ENTITY")[0]
    + '<!ENTITY x SYSTEM "file:///etc/passwd">'
    + "]><worksheet><sheetData>{}</sheetData></worksheet>"
)
FORMULA = HEAD + f'<row r="2">{text_cell("A2", "count")}{text_cell("B2", NOW)}<c r="C2"><f>1+2</f></c></row>'
ERROR = HEAD + f'<row r="2">{text_cell("A2", "count")}{text_cell("B2", NOW)}<c r="C2" t="e"><v>#DIV/0!</v></c></row>'
QUOTED = GOOD + "<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>"
UNNAMED = GOOD + "<row><c><v>1</v></c></row>" * 30_000
LINE = f"count,{NOW},3,-\n".encode()
TOP = b"indicator,phase,value,comment\n"

FILES = {
    "a zip bomb of 600 MB": (sheets.XLSX, bomb, "more than"),
    "entries that overlap": (sheets.XLSX, overlapping, "more than"),
    "a size forged small": (sheets.XLSX, lambda: forged(xlsx(), "xl/worksheets/sheet1.xml", 10), "10 bytes"),
    "a size forged large": (
        sheets.XLSX,
        lambda: forged(xlsx(), "xl/worksheets/sheet1.xml", 1 << 31),
        "says that it has",
    ),
    "16,384 columns": (
        sheets.XLSX,
        lambda: xlsx(
            HEAD
            + '<row r="2">'
            + "".join(
                f'<c r="{a}{b}{c}2"><v>1</v></c>'
                for a in "ABCDEFGHIJKLMNOPQRSTUVW"
                for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
            )
            + "</row>"
        ),
        "column",
    ),
    "the last cell of all": (
        sheets.XLSX,
        lambda: xlsx(GOOD + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'),
        "1,048,576",
    ),
    "the last cell in other quotes": (sheets.XLSX, lambda: xlsx(QUOTED), "1,048,576"),
    "a million empty rows": (
        sheets.XLSX,
        lambda: xlsx(GOOD + "".join(f'<row r="{n}"/>' for n in range(3, 1_000_000)), level=1),
        "Empty rows count",
    ),
    "rows without a number": (sheets.XLSX, lambda: xlsx(UNNAMED), "rows"),
    "a formula without its value": (sheets.XLSX, lambda: xlsx(FORMULA), "C2"),
    "a cell in error": (sheets.XLSX, lambda: xlsx(ERROR), "#DIV/0!"),
    "a billion laughs": (sheets.XLSX, lambda: xlsx(sheet=LAUGHS), "entities"),
    "an entity of another file": (sheets.XLSX, lambda: xlsx(sheet=OUTSIDE), "entities"),
    "UTF-16 inside": (
        sheets.XLSX,
        lambda: xlsx(**{"xl/styles.xml": '<?xml version="1.0"?><a/>'.encode("utf-16")}),
        "UTF-8",
    ),
    "links to other workbooks": (sheets.XLSX, lambda: xlsx(**{"xl/externalLinks/externalLink1.xml": "<a/>"}), "links"),
    "macros": (sheets.XLSX, lambda: xlsx(**{"xl/vbaProject.bin": b"x"}), "macros"),
    "ten thousand parts": (sheets.XLSX, lambda: xlsx(**{f"xl/{n}.xml": "<a/>" for n in range(10_000)}), "parts"),
    "an encrypted archive": (sheets.XLSX, lambda: flagged(xlsx()), "password"),
    "an old or encrypted workbook": (
        sheets.XLSX,
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000),
        "password",
    ),
    "no zip": (sheets.XLSX, lambda: b"indicator,phase\n", "no XLSX"),
    "half a zip": (sheets.XLSX, lambda: xlsx()[:-300], "no XLSX"),
    "an archive of something else": (sheets.XLSX, lambda: zipped("a.txt", "x"), "no XLSX"),
    "an empty body as XLSX": (sheets.XLSX, lambda: b"", "no XLSX"),
    "broken XML": (sheets.XLSX, lambda: xlsx(sheet="<worksheet><sheetData>{}"), ""),
    "a sheet without rows": (sheets.XLSX, lambda: xlsx(""), ""),
    "an empty file": (sheets.CSV, lambda: b"", "empty"),
    "a header alone": (sheets.CSV, lambda: TOP, "no row"),
    "a header above empty rows": (sheets.CSV, lambda: TOP + b",,,\n\n", "no row"),
    "a header alone as XLSX": (sheets.XLSX, lambda: xlsx(HEAD), "no row"),
    "a list of nothing": (JSON, lambda: b"[]", "no row"),
    "Windows-1252": (sheets.CSV, lambda: TOP + LINE.replace(b"-", "für".encode("cp1252")), "line 2 is not UTF-8"),
    "UTF-16": (sheets.CSV, lambda: (TOP + LINE).decode().encode("utf-16"), "not UTF-8"),
    "a NUL": (sheets.CSV, lambda: TOP + LINE.replace(b"-", b"a\x00b"), "NUL"),
    "an unclosed quote": (sheets.CSV, lambda: TOP + b'count,x,3,"open\n' + LINE * 1000, "cannot be read"),
    "an unclosed quote before 10 MB": (sheets.CSV, lambda: TOP + b'count,x,3,"' + LINE * 500_000, "cannot be read"),
    "a cell of 10 MB": (sheets.CSV, lambda: TOP + b"count,x,3," + b"x" * (10 << 20), "field larger"),
    "a million rows": (sheets.CSV, lambda: TOP + b"count,x,3,\n" * 1_000_000, "20,000 rows"),
    "a million empty lines": (sheets.CSV, lambda: TOP + b"\n" * 1_000_000, "20,000 rows"),
    "a million columns": (sheets.CSV, lambda: b"," * 1_000_000 + b"\n" + LINE, "column"),
    "a row longer than its header": (sheets.CSV, lambda: TOP + LINE.replace(b"\n", b",5\n"), "more cells"),
    "an unknown column": (sheets.CSV, lambda: TOP.replace(b"value", b"worth"), "worth"),
    "a column twice": (sheets.CSV, lambda: TOP.replace(b"comment", b"value"), "twice"),
    "a formula": (sheets.CSV, lambda: TOP + LINE.replace(b"-", b'"=HYPERLINK(""http://x"")"'), "formula"),
    "a call by @": (sheets.CSV, lambda: TOP + LINE.replace(b"-", b"@SUM(1)"), "formula"),
    "a call by +": (sheets.CSV, lambda: TOP + LINE.replace(b"-", b"+cmd|' /C calc'!A0"), "formula"),
    "a call by -": (sheets.CSV, lambda: TOP + LINE.replace(b"-", b"-1+cmd|' /C calc'!A0"), "formula"),
    "nested a million deep": (JSON, lambda: b"[" * 1_000_000, "lists and objects"),
    "nested to the parser's end": (JSON, lambda: b"[" * 100_000, "no JSON"),
    "five million empty lists": (JSON, lambda: b"[" + b"[]," * 5_000_000 + b"[]]", "lists and objects"),
    "a million rows of JSON": (JSON, lambda: b"[" + b"1," * 1_000_000 + b"1]", "20,000"),
    "no list": (JSON, lambda: b'{"results": 5}', "list"),
    "more than a list": (JSON, lambda: b'{"results": [], "more": 1}', "list"),
    "no JSON": (JSON, lambda: b"{", "no JSON"),
    "half a character": (JSON, lambda: b'["\xff"]', "no JSON"),
    "an infinite figure": (JSON, lambda: b'[{"indicator": "count", "phase": "x", "value": 1e999}]', ""),
    "too large for all": (JSON, lambda: b" " * (100 << 20), "16777216"),
    "another type": ("application/pdf", lambda: b"%PDF", "Content-Type"),
}


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


async def send(client, media, body):
    return await client.post(at("results"), content=body, headers={"Content-Type": media}, **HRD)


@pytest.mark.parametrize("name", FILES)
async def test_a_hostile_file_ends_in_a_clear_refusal_soon_and_in_little_memory(ready, name):
    media, make, said = FILES[name]
    body, before, own = make(), await rows_of(ready), psutil.Process()
    held, started = own.memory_info().rss, time.perf_counter()
    busy = time.process_time()
    answer = await send(ready, media, body)
    seconds, grown = time.perf_counter() - started, own.memory_info().rss - held
    assert 400 <= answer.status_code < 500, answer.text
    problem = answer.json()
    assert problem["type"].startswith("urn:apge:problem:")
    assert said.lower() in answer.text.lower()
    assert len(answer.content) < 5000
    assert time.process_time() - busy < SOON
    assert seconds < 5 * SOON  # of the wall's time, where the tests share the machine
    assert grown < MUCH
    assert await rows_of(ready) == before


async def test_the_file_that_the_hostile_ones_are_made_of_is_taken(ready):
    answer = await ready.post(
        at("results") + "&dry_run=true", content=xlsx(), headers={"Content-Type": sheets.XLSX}, **HRD
    )
    assert (answer.status_code, answer.json()["counts"]) == (200, {"would_create": 1}), answer.text


async def test_a_formula_that_brings_its_value_is_read_as_the_value(ready):
    rows = GOOD.replace('<c r="C2"><v>3</v></c>', '<c r="C2"><f>1+2</f><v>3</v></c>')
    answer = await ready.post(
        at("results") + "&dry_run=true", content=xlsx(rows), headers={"Content-Type": sheets.XLSX}, **HRD
    )
    assert answer.json()["items"][0]["after"]["value"] == 3


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_line_ends_and_separators_of_every_spreadsheet_are_read(ready, ends, separator):
    lines = [("indicator", "phase", "value"), ("count", NOW, "3"), ("milestone", NOW, ""), ("state", NOW, "")]
    body = ends.join(separator.join(line) for line in lines)
    answer = await ready.post(
        at("results") + "&dry_run=true", content=body.encode(), headers={"Content-Type": sheets.CSV}, **HRD
    )
    assert answer.json()["counts"] == {"would_create": 1, "unchanged": 2}


async def test_a_reader_that_dies_is_a_refusal_and_the_service_goes_on(ready, monkeypatch, tmp_path):
    from indicators.sheets import xlsx_table

    for program in ("import os; os.abort()", "x = bytearray(1 << 40)", "import sys; sys.exit(3)"):
        (tmp_path / "reader.py").write_text(program)
        monkeypatch.setattr(xlsx_table, "READER", tmp_path / "reader.py")
        answer = await send(ready, sheets.XLSX, xlsx())
        assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:no-table")


async def test_a_reader_that_hangs_is_killed(ready, monkeypatch, tmp_path):
    from indicators.sheets import xlsx_table

    (tmp_path / "reader.py").write_text("import time; time.sleep(600)")
    monkeypatch.setattr(xlsx_table, "READER", tmp_path / "reader.py")
    monkeypatch.setattr(xlsx_table, "PATIENCE", 0.3)
    answer = await send(ready, sheets.XLSX, xlsx())
    assert "too long" in answer.json()["detail"]
    assert not [child for child in psutil.Process().children() if "reader.py" in " ".join(child.cmdline())]


def test_the_readers_memory_and_time_are_bounded_by_the_kernel():
    from indicators.sheets import xlsx_cells

    assert xlsx_cells.MEMORY <= 1 << 30
    assert xlsx_cells.SECONDS <= SOON


def test_a_refused_value_is_shown_in_part_only():
    from indicators.schemas.bulk import rows_of_json

    row = rows_of_json(json.dumps([{"indicator": "x" * 100_000, "phase": NOW}]).encode())[0]
    assert len(str(row.refused)) < 1000


async def test_six_bombs_at_once_are_refused_within_two_seconds_by_what_their_directory_says(ready, monkeypatch):
    from indicators.sheets import xlsx_table

    async def read(_):
        raise AssertionError("a reader was started for a bomb")

    monkeypatch.setattr(xlsx_table, "_run", read)
    body = xlsx(GOOD + " " * (200 << 20))
    started = time.perf_counter()
    answers = await asyncio.gather(*(send(ready, sheets.XLSX, body) for _ in range(6)))
    assert time.perf_counter() - started < SOON
    assert {one.status_code for one in answers} == {422}
    assert all("bytes unpacked" in one.json()["detail"] for one in answers)


async def test_a_workbook_that_would_wait_long_for_a_reader_is_told_to_come_again(ready, monkeypatch):
    from indicators.sheets import xlsx_table

    done, run = asyncio.Event(), xlsx_table._run

    async def read(body):
        await done.wait()
        return await run(body)

    monkeypatch.setattr(xlsx_table, "_run", read)
    monkeypatch.setattr(xlsx_table, "LONGEST_WAIT", 0.3)
    sent = [asyncio.create_task(send(ready, sheets.XLSX, xlsx())) for _ in range(8)]
    busy = []
    for one in asyncio.as_completed(sent):
        busy.append(await one)
        if len(busy) == 6:
            done.set()
    assert [one.status_code for one in busy[:6]] == [503] * 6
    assert {(one.json()["type"], one.headers["retry-after"]) for one in busy[:6]} == {
        ("urn:apge:problem:readers-busy", "2")
    }
    assert [one.status_code for one in busy[6:]] == [200, 200]
    assert (await send(ready, sheets.XLSX, xlsx())).status_code == 200
