"""XLSX and Parquet: files that cannot be read before they are whole. They wait in a file without a name, and a process of its own
reads it (`sheets.program`), whose frames go the way of all rows.

What must not break: nothing stays behind, however the push ends: the file has no name, so it ends with its descriptor, and the
process is ended and waited for; only a frame of the file is in memory.
"""

import io
import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import IO, Any, ClassVar

import orjson
import polars as pl

from hr_diversity.intake.columns import MOST_COLUMNS, EmptyFile, Format, WrongColumns
from hr_diversity.intake.findings import SCHEMA, refused
from hr_diversity.intake.mapping import Layout
from hr_diversity.settings import HrSettings
from shared.errors import Problem, TooLarge, Unprocessable
from shared.places import Places

TABLES: frozenset[Format] = frozenset({"xlsx", "parquet"})
PROGRAM = "hr_diversity.sheets.program"
PATIENCE = 60.0
"""Seconds that the reader may be silent; its processor time is bounded by itself, so this is met where the machine hardly runs."""
READERS, MOST_WAITING, LONGEST_WAIT = 2, 6, 20.0
RAGGED = "ragged_line"
HEAD_BYTES = 5


class NoTable(Unprocessable):
    slug = "no-table"


_places = Places(READERS, MOST_WAITING)


@asynccontextmanager
async def a_reader(form: Format) -> AsyncIterator[None]:
    """A place among the readers, for the formats that need one. Raises ReadersBusy."""
    if form not in TABLES:
        yield
        return
    async with _places.one(LONGEST_WAIT):
        yield


class Table:
    """One file: written block by block, then read frame by frame, then closed. `close` may come at any time, from any thread."""

    problems: ClassVar[dict[str, type[Problem]]] = {
        kind.slug: kind for kind in (NoTable, TooLarge, WrongColumns, EmptyFile)
    }

    def __init__(self, form: Format, layout: Layout, settings: HrSettings) -> None:
        self._form, self._layout = form, layout
        self._most, self._most_text = settings.largest_body_bytes, settings.inflated_bytes
        self._file = tempfile.TemporaryFile("w+b", buffering=0)  # noqa: SIM115 (closed by `close`)
        self._size = 0
        self._reader: subprocess.Popen[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Raises TooLarge."""
        self._size += len(data)
        if self._size > self._most:
            raise TooLarge(f"unpacked, the body has more than {self._most} bytes")
        self._file.write(data)

    def close(self) -> None:
        if self._reader is not None:  # who reads what it says will see that it ends
            self._reader.kill()
            self._reader.wait()
        self._file.close()

    def frames(self) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """(rows, findings) like those of a line format. Raises NoTable, TooLarge, WrongColumns or EmptyFile."""
        nothing, empty = pl.DataFrame(schema=SCHEMA), pl.DataFrame(schema={"line": pl.UInt32})
        for kind, data in self._said():
            if kind == b"N":
                names = orjson.loads(data)
                self._check_names(names)
                texts = {name: pl.String for name in names if name in self._layout.read_names}
                empty = pl.DataFrame(schema={"line": pl.UInt32, **texts})
            elif kind == b"F":
                yield pl.read_ipc_stream(io.BytesIO(data)), nothing
            elif kind == b"R":
                lines = pl.DataFrame({"line": orjson.loads(data)}, schema={"line": pl.UInt32})
                yield empty, refused(lines, "", RAGGED)
            else:
                slug, detail = orjson.loads(data)
                raise self.problems.get(slug, NoTable)(detail)

    def _check_names(self, names: list[str]) -> None:
        if len(names) > MOST_COLUMNS:
            raise WrongColumns(f"the file names {len(names):,} columns; the most is {MOST_COLUMNS}")
        self._layout.check_names(names)

    def _said(self) -> Iterator[tuple[bytes, bytes]]:
        """What the program says, until it says that it is at the end."""
        self._reader = reader = self._start()
        assert reader.stdout is not None  # noqa: S101 (it is a pipe)
        with reader.stdout as pipe:
            while True:
                head = _receive(pipe, HEAD_BYTES)
                kind, size = head[:1], int.from_bytes(head[1:], "big")
                data = _receive(pipe, size)
                if len(head) < HEAD_BYTES or len(data) < size:
                    raise NoTable("the file cannot be read within the memory and time that one may take")
                if kind == b"E":
                    return
                yield kind, data

    def _start(self) -> subprocess.Popen[bytes]:
        """`-I`: without our environment and folder."""
        descriptor = self._file.fileno()
        wanted = list(dict.fromkeys(self._layout.names.values()))
        asked: list[Any] = [self._form, descriptor, self._size, wanted, self._layout.sheet, self._most_text]
        self._file.seek(0)
        return subprocess.Popen(  # noqa: S603 (our own program, and what it is told is no command)
            [sys.executable, "-I", "-m", PROGRAM, json.dumps(asked)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[descriptor],
            env={},
        )


def _receive(pipe: IO[bytes], size: int) -> bytes:
    """So many bytes, fewer where the pipe ends. Raises NoTable where nothing comes for long."""
    received = bytearray()
    poll = select.poll()
    poll.register(pipe, select.POLLIN)
    end = time.monotonic() + PATIENCE
    while len(received) < size:
        if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
            raise NoTable("the file takes too long to read")
        part = os.read(pipe.fileno(), min(size - len(received), 1 << 20))
        if not part:
            break
        received += part
    return bytes(received)
