"""Hostile and broken staff files end in a clear refusal, soon, in little memory, and leave nothing behind."""

import asyncio
import gzip
import io
import logging
import resource
import struct
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import polars as pl
import psutil
import pytest
from tests.hr_diversity.files import (
    CSV,
    HEAD,
    NDJSON,
    PARQUET,
    SHEET,
    STRINGS,
    XLSX,
    as_parquet,
    as_xlsx,
    rows_of,
    take,
    workbook,
    xml_row,
)
from tests.hr_diversity.pushing import SNAPSHOTS, count, push
from tests.hr_diversity.staff import COLUMNS, HEADER, SOMEBODY, file_of, people, row

from hr_diversity.intake import tables
from hr_diversity.sheets import program
from shared.testing import Client

SOON = 2.0
MUCH = 256 << 20
CANARY = "CANARY-7f3a9"
GOOD = HEAD + xml_row(2, list(SOMEBODY.values()))
SHEET_PATH = "xl/worksheets/sheet1.xml"


def forged(body: bytes, name: str, size: int) -> bytes:
    """The archive, saying in both of its headers that `name` has `size` bytes unpacked."""
    out = bytearray(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        at_local, at_central = archive.getinfo(name).header_offset, archive.start_dir
    struct.pack_into("<I", out, at_local + 22, size)
    while out[at_central : at_central + 4] == b"PK\x01\x02":
        lengths = struct.unpack_from("<HHH", out, at_central + 28)
        if out[at_central + 46 : at_central + 46 + lengths[0]].decode() == name:
            struct.pack_into("<I", out, at_central + 24, size)
        at_central += 46 + sum(lengths)
    return bytes(out)


def flagged(body: bytes) -> bytes:
    """As if its parts were encrypted."""
    out = bytearray(body)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        at_central = archive.start_dir
    while out[at_central : at_central + 4] == b"PK\x01\x02":
        out[at_central + 8] |= 1
        at_central += 46 + sum(struct.unpack_from("<HHH", out, at_central + 28))
    return bytes(out)


def zipped(content: bytes, depth: int) -> bytes:
    for _ in range(depth):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("x.zip", content)
        content = out.getvalue()
    return content


def gzip_bomb(size: int, of: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = of * ((1 << 20) // len(of))
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


LAUGHS = SHEET.replace(
    "<worksheet",
    '<!DOCTYPE lolz [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "]><worksheet",
)
LATE_LAUGHS = SHEET.replace("<worksheet", "<!--" + "x" * (2 << 20) + "-->" + '<!DOCTYPE a [<!ENTITY a "a">]><worksheet')
WIDE = '<row r="2">' + "<c><v>1</v></c>" * 16_384 + "</row>"
NAMES = '<row r="1">' + "".join(f'<c t="inlineStr"><is><t>n{n}</t></is></c>' for n in range(16_384)) + "</row>"
LONG_STRING = STRINGS.format("<si><t>" + "x" * 60_000 + "</t></si>")
SHARED_ROWS = "".join(
    f'<row r="{n}">{"<c t=" + chr(34) + "s" + chr(34) + "><v>0</v></c>"}</row>' for n in range(2, 30_000)
)


def parquet(frame: pl.DataFrame | None = None, **how: Any) -> bytes:
    if frame is None:
        return as_parquet(rows_of(people(60)), **how)
    out = io.BytesIO()
    frame.write_parquet(out, **how)
    return out.getvalue()


def with_footer(body: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """The file with another footer, whose length is stated as it is."""
    (size,) = struct.unpack("<I", body[-8:-4])
    footer = change(body[-8 - size : -8])
    return body[: -8 - size] + footer + struct.pack("<I", len(footer)) + b"PAR1"


def one_row_repeated(count: int) -> pl.DataFrame:
    return pl.select(pl.repeat(value, count).alias(name) for name, value in SOMEBODY.items())


def column(name: str, values: Any) -> pl.DataFrame:
    return pl.DataFrame({**{one: [value] * 3 for one, value in SOMEBODY.items()}, name: values})


FILES: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a zip bomb of 300 MB": (XLSX, lambda: workbook(GOOD + " " * (300 << 20), level=1), "bytes unpacked"),
    "a zip bomb of its texts": (
        XLSX,
        lambda: workbook(GOOD, level=1, **{"xl/sharedStrings.xml": " " * (300 << 20)}),
        "unpacked",
    ),
    "a part of 15 MB of nothing": (XLSX, lambda: workbook(GOOD + " " * (15 << 20) + "<"), "no XML"),
    "zips within zips": (XLSX, lambda: zipped(b"0" * (1 << 20), 20), "no XLSX"),
    "a size forged small": (XLSX, lambda: forged(workbook(GOOD), SHEET_PATH, 10), "10 bytes"),
    "a size forged large": (XLSX, lambda: forged(workbook(GOOD), SHEET_PATH, 1 << 31), "says that it has"),
    "a size forged a little large": (XLSX, lambda: forged(workbook(GOOD), SHEET_PATH, 1 << 20), "come out of it"),
    "16,384 columns": (XLSX, lambda: workbook(NAMES + WIDE), "16,384 columns"),
    "a row of 16,384 cells": (XLSX, lambda: workbook(HEAD + WIDE), "ragged_line"),
    "a cell beyond the last column": (
        XLSX,
        lambda: workbook(HEAD + '<row r="2"><c r="ZZZ2"><v>1</v></c></row>'),
        "order",
    ),
    "a cell in column AAAA": (XLSX, lambda: workbook(HEAD + '<row r="2"><c r="AAAA2"><v>1</v></c></row>'), "no place"),
    "a row beyond the last": (XLSX, lambda: workbook(GOOD + '<row r="2000000"/>'), "order"),
    "rows that go back": (XLSX, lambda: workbook(GOOD + GOOD), "order"),
    "a million empty rows": (
        XLSX,
        lambda: workbook(HEAD + "".join(f'<row r="{n}"/>' for n in range(3, 1_000_000, 5)), level=1),
        "no rows",
    ),
    "a billion laughs": (XLSX, lambda: workbook(GOOD, LAUGHS), "entities"),
    "entities after two megabytes": (XLSX, lambda: workbook(GOOD, LATE_LAUGHS, level=0), "entities"),
    "an entity of another file": (
        XLSX,
        lambda: workbook(
            GOOD, SHEET.replace("<worksheet", '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet')
        ),
        "entities",
    ),
    "texts that are pointed to a hundred million times": (
        XLSX,
        lambda: workbook(HEAD + SHARED_ROWS, **{"xl/sharedStrings.xml": LONG_STRING}, level=1),
        "longer than rows of staff",
    ),
    "a value of a megabyte": (XLSX, lambda: workbook(HEAD + xml_row(2, ["x" * (1 << 20)]), level=1), "65,536"),
    "nested a hundred thousand deep": (XLSX, lambda: workbook(HEAD + "<a>" * 100_000, level=1), "no XML"),
    "UTF-16 inside": (XLSX, lambda: workbook(GOOD, **{SHEET_PATH: SHEET.encode("utf-16")}), "not UTF-8"),
    "links to other workbooks": (
        XLSX,
        lambda: workbook(GOOD, **{"xl/externalLinks/externalLink1.xml": "<a/>"}),
        "links",
    ),
    "macros": (XLSX, lambda: workbook(GOOD, **{"xl/vbaProject.bin": b"x"}), "macros"),
    "ten thousand parts": (XLSX, lambda: workbook(GOOD, **{f"xl/{n}.xml": "<a/>" for n in range(10_000)}), "parts"),
    "an encrypted archive": (XLSX, lambda: flagged(workbook(GOOD)), "password"),
    "an old or encrypted workbook": (XLSX, lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000), "password"),
    "a formula without its value": (XLSX, lambda: workbook(GOOD + '<row r="3"><c r="A3"><f>1</f></c></row>'), "A3"),
    "a cell in error": (XLSX, lambda: workbook(GOOD + '<row r="3"><c r="A3" t="e"><v>#N/A</v></c></row>'), "A3"),
    "no zip": (XLSX, HEADER.encode, "no XLSX"),
    "half a zip": (XLSX, lambda: as_xlsx(rows_of(people(60)))[:-300], "no XLSX"),
    "a zip without a workbook": (XLSX, lambda: zipped(b"x", 1), "no xl/workbook.xml"),
    "an empty body as XLSX": (XLSX, lambda: b"", "no XLSX"),
    "a sheet without rows": (XLSX, lambda: workbook(""), "empty"),
    "a header alone as XLSX": (XLSX, lambda: workbook(HEAD), "no rows"),
    "an unknown column in XLSX": (XLSX, lambda: as_xlsx([{**SOMEBODY, "rank": "1"}]), "rank"),
    "a column twice in XLSX": (XLSX, lambda: workbook(xml_row(1, [*COLUMNS, "grade"])), "twice"),
    "a list of sheets that is empty": (XLSX, lambda: workbook(GOOD, **{"xl/workbook.xml": ""}), "no XML"),
    "no Parquet": (PARQUET, HEADER.encode, "PAR1"),
    "an empty body as Parquet": (PARQUET, lambda: b"", "PAR1"),
    "Parquet that is cut off": (PARQUET, lambda: parquet()[:-200], "PAR1"),
    "Parquet without its beginning": (PARQUET, lambda: parquet()[200:], "PAR1"),
    "Parquet without its middle": (PARQUET, lambda: parquet()[:200] + parquet()[-600:], "Parquet"),
    "a footer that would be longer than the file": (
        PARQUET,
        lambda: parquet()[:-8] + struct.pack("<I", 1 << 31) + b"PAR1",
        "footer",
    ),
    "a footer that would be empty": (PARQUET, lambda: parquet()[:-8] + struct.pack("<I", 0) + b"PAR1", "Parquet"),
    "a footer that begins elsewhere": (PARQUET, lambda: parquet()[:-8] + struct.pack("<I", 77) + b"PAR1", "Parquet"),
    "a footer of ten megabytes": (PARQUET, lambda: with_footer(parquet(), lambda f: f + bytes(10 << 20)), "footer"),
    "a footer of noise": (PARQUET, lambda: with_footer(parquet(), lambda f: bytes(range(256)) * 100), "Parquet"),
    "a footer of endless lists": (PARQUET, lambda: with_footer(parquet(), lambda f: b"\x19" * 1_000_000), "Parquet"),
    "encrypted Parquet": (PARQUET, lambda: b"PAR1" + bytes(100) + b"PARE", "encrypted"),
    "nested columns": (PARQUET, lambda: parquet(column("grade", [["P4"]] * 3)), "grade"),
    "columns of structures": (PARQUET, lambda: parquet(column("unit", [{"a": 1}] * 3)), "unit"),
    "columns of durations": (PARQUET, lambda: parquet(column("entered_on", [timedelta(1)] * 3)), "entered_on"),
    "bytes that are no text": (PARQUET, lambda: parquet(column("unit", [b"\xff\xfe"] * 3)), "Parquet"),
    "a million rows of the same": (PARQUET, lambda: parquet(one_row_repeated(1_000_000)), "such rows hold nothing"),
    "a value of a megabyte in Parquet": (PARQUET, lambda: parquet(column("unit", ["x" * (1 << 20)] * 3)), "65,536"),
    "a long value that is pointed to a hundred thousand times": (
        PARQUET,
        lambda: parquet(
            pl.DataFrame(rows_of(people(100_000))).with_columns(
                pl.lit("x" * 60_000).cast(pl.Categorical).alias("duty_station")
            )
        ),
        "longer than rows of staff",
    ),
    "an unknown column in Parquet": (PARQUET, lambda: parquet(column("rank", ["1"] * 3)), "rank"),
    "no rows in Parquet": (PARQUET, lambda: parquet(one_row_repeated(0)), "no rows"),
    "no columns in Parquet": (PARQUET, lambda: parquet(pl.DataFrame()), ""),
    "two thousand columns": (
        PARQUET,
        lambda: parquet(pl.DataFrame({f"n{n}": [1] for n in range(2000)})),
        "2,000 columns",
    ),
    "NULs as CSV": (CSV, lambda: bytes(10_000), "NUL"),
    "one line of 10 MB": (CSV, lambda: HEADER.encode() + b"\n" + b"x" * (10 << 20), "65536"),
    "a million columns": (CSV, lambda: b"," * 1_000_000 + b"\n", ""),
    "UTF-16 as CSV": (CSV, lambda: file_of([row()]).decode().encode("utf-16"), "UTF-16"),
    "nested JSON": (NDJSON, lambda: b"[" * 60_000 + b"\n", ""),
    "no JSON": (NDJSON, lambda: b"{\n", ""),
    "objects of other columns": (NDJSON, lambda: b'{"rank": 1}\n', "rank"),
}
PACKED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "a bomb of NULs": (CSV, lambda: gzip_bomb(200 << 20, b"\0"), "bytes"),
    "a bomb of one long line": (CSV, lambda: gzip_bomb(200 << 20, b"x"), "bytes"),
    "a bomb as XLSX": (XLSX, lambda: gzip_bomb(200 << 20, b"\0"), "more than"),
    "a bomb as Parquet": (PARQUET, lambda: gzip_bomb(200 << 20, b"\0"), "more than"),
    "no gzip": (PARQUET, parquet, "no gzip"),
    "half a gzip": (XLSX, lambda: gzip.compress(as_xlsx(rows_of(people(60))))[:-500], "cut off"),
}


class Peak:
    """The most memory that this process and its children hold while it runs."""

    def __enter__(self) -> Self:
        self._own, self._stop = psutil.Process(), threading.Event()
        self.before, self.own, self.children = self._own.memory_info().rss, 0, 0
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def _look(self) -> None:
        while not self._stop.wait(0.02):
            self.own = max(self.own, self._own.memory_info().rss - self.before)
            for child in self._own.children(recursive=True):
                try:
                    if program.__name__ in " ".join(child.cmdline()):
                        self.children = max(self.children, child.memory_info().rss)
                except psutil.Error:
                    continue

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()


def readers() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if program.__name__ in " ".join(one.cmdline())]


def open_files() -> list[str]:
    """Those of this process that have no name any more."""
    found = []
    for one in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            found.append(str(one.readlink()))
    return [name for name in found if name.startswith(tempfile.gettempdir()) and "deleted" in name]


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    assert readers() == []
    assert open_files() == []
    assert list(tmp_path.iterdir()) == []


def processor_time() -> float:
    """Of this process and of its readers that are waited for."""
    return sum(sum(resource.getrusage(whose)[:2]) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


async def refused(client: Client, body: bytes, said: str, **headers: str) -> None:
    busy = processor_time()
    with Peak() as peak:
        answer = await push(client, body, **headers)
    worked = processor_time() - busy
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert said.lower() in answer.text.lower()
    assert worked < SOON
    assert peak.own < MUCH
    assert peak.children < 2 * MUCH
    assert await count(client, "snapshots") == 0


@pytest.mark.parametrize("name", FILES)
async def test_a_hostile_file_ends_in_a_clear_refusal_soon_and_in_little_memory(reading: Client, name: str) -> None:
    media, make, said = FILES[name]
    await refused(reading, make(), said, content_type=media)


@pytest.mark.parametrize("name", PACKED)
async def test_so_does_one_that_is_packed(reading: Client, name: str) -> None:
    media, make, said = PACKED[name]
    reading.app.state.settings = reading.app.state.settings.model_copy(update={"largest_body_bytes": 64 << 20})
    await refused(reading, make(), said, content_type=media, content_encoding="gzip")


def instead(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    """The reader is another program."""

    def start(self: tables.Table) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-I", "-c", source, program.__name__], stdout=subprocess.PIPE)

    monkeypatch.setattr(tables.Table, "_start", start)


@pytest.mark.parametrize(
    "source",
    [
        "import os; os.abort()",
        "import sys; sys.exit(3)",
        "import sys; sys.stdout.buffer.write(b'F' + bytes([127] * 4)); sys.exit()",
        "print('E', end='')",
    ],
)
async def test_a_reader_that_dies_is_a_refusal_and_the_service_goes_on(
    reading: Client, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    with monkeypatch.context() as changed:
        instead(changed, source)
        answer = await push(reading, parquet(), content_type=PARQUET)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:no-table")
    assert (await take(parquet(), "parquet")).accepted == 60


async def test_a_reader_that_hangs_is_ended(reading: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(tables, "PATIENCE", 0.3)
    answer = await push(reading, parquet(), content_type=PARQUET)
    assert (answer.status_code, answer.json()["detail"]) == (422, "the file takes too long to read")


async def test_a_push_that_is_given_up_ends_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import time; time.sleep(600)")
    pushing = asyncio.create_task(take(parquet(), "parquet"))
    while not readers():
        await asyncio.sleep(0.02)
    pushing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pushing
    assert readers() == []


@pytest.mark.parametrize("media", [XLSX, PARQUET, CSV])
async def test_a_client_that_breaks_off_leaves_nothing(reading: Client, media: str) -> None:
    body = {XLSX: as_xlsx(rows_of(people(60))), PARQUET: parquet(), CSV: file_of(people(60))}[media]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": body[:500], "more_body": True},
        {"type": "http.request", "body": body[500:-100], "more_body": True},
        {"type": "http.disconnect"},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(0.1)  # a slow one too
        assert not sent, "answered before the body ended"
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    token = f"Bearer {reading.issuer.token('hr-feeder')}".encode()
    scope = {
        "type": "http",
        "method": "POST",
        "path": SNAPSHOTS,
        "raw_path": SNAPSHOTS.encode(),
        "query_string": b"source=hris&as_of=2021-12-31",
        "headers": [(b"authorization", token), (b"content-type", media.encode())],
    }
    await reading.app(scope, receive, send)
    assert sent[0]["status"] == 400
    assert await count(reading, "snapshots") == 0


async def test_while_a_body_comes_slowly_no_reader_runs(reading: Client) -> None:
    seen: list[psutil.Process] = []

    async def slowly() -> AsyncIterator[bytes]:
        body = parquet()
        for at in range(0, len(body), 400):
            seen.extend(readers())
            await asyncio.sleep(0.01)
            yield body[at : at + 400] if at else b"x" + body[1:400]

    answer = await push(reading, slowly(), content_type=PARQUET)
    assert (answer.status_code, seen) == (422, [])


async def test_who_would_wait_long_for_a_reader_is_told_to_come_again(
    reading: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "LONGEST_WAIT", 0.2)
    monkeypatch.setattr(tables, "PATIENCE", 1.5)
    instead(monkeypatch, "import time; time.sleep(600)")
    answers = await asyncio.gather(*(push(reading, parquet(), content_type=PARQUET) for _ in range(4)))
    busy = [one for one in answers if one.status_code == 503]
    assert len(busy) == 2
    assert {one.json()["type"] for one in busy} == {"urn:apge:problem:readers-busy"}
    assert all("retry-after" in one.headers for one in busy)


@pytest.mark.parametrize("form", ["xlsx", "parquet"])
async def test_what_is_said_of_a_broken_file_holds_nothing_of_it(
    reading: Client, form: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    rows = rows_of(people(30, staff_id=CANARY))
    whole = {"xlsx": as_xlsx(rows), "parquet": as_parquet(rows, compression="uncompressed")}[form]
    broken = [
        whole[:-9],
        whole.replace(CANARY.encode(), b"\xff" + CANARY[1:].encode()),
    ]
    if form == "xlsx":
        broken = [whole[:-9], workbook(HEAD + xml_row(2, [CANARY]) + f"<row><c><v>{CANARY}</v></row>")]
        broken.append(workbook(HEAD + f'<row r="2"><c r="A2" t="e"><f>{CANARY}</f><v>{CANARY}</v></c></row>'))
    for body in broken:
        answer = await push(reading, body, content_type={"xlsx": XLSX, "parquet": PARQUET}[form])
        output = capfd.readouterr()
        assert 400 <= answer.status_code < 500
        for place in (answer.text, caplog.text, output.out, output.err):
            assert CANARY not in place
            assert CANARY[1:] not in place


def test_the_readers_memory_and_time_are_bounded_by_the_kernel() -> None:
    assert program.MEMORY <= 2 << 30
    assert program.SECONDS <= SOON
