"""One push from its first byte to what is kept of it. The event loop only receives; the work is done in threads, where Polars does
not hold the interpreter's lock: one thread unpacks, digests and cuts, and two make of each chunk of lines what is kept of it.

What must not break: what is found and kept stands in the order of the file, whichever chunk is done first, and of several problems
the first in the file is the answer.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Protocol, Self

import polars as pl

from hr_diversity.intake.checks import check
from hr_diversity.intake.columns import COLUMNS, EmptyFile, Format
from hr_diversity.intake.csv_rows import CsvRows
from hr_diversity.intake.findings import Findings
from hr_diversity.intake.keeping import Chunk, Kept, Pseudonyms, drop_duplicates, keep
from hr_diversity.intake.leavers import NOBODY, Leavers
from hr_diversity.intake.lines import Cutter, Lines
from hr_diversity.intake.mapping import OWN, Layout
from hr_diversity.intake.ndjson_rows import NdjsonRows
from hr_diversity.intake.receiving import Gzip, Plain, Recoding, in_blocks
from hr_diversity.intake.tables import TABLES, Table, a_reader
from hr_diversity.measures.cubes import Cubes, add_cubes
from hr_diversity.settings import HrSettings
from shared.errors import Problem, Unprocessable


class Rows(Protocol):
    """A format: what makes rows of a chunk of lines."""

    def read(self, lines: Lines) -> tuple[pl.DataFrame, pl.DataFrame]: ...


AT_ONCE = 2
"""Chunks that are worked on at the same time; one more waits."""

READERS: dict[Format, Callable[[Layout], Rows]] = {"csv": CsvRows, "ndjson": NdjsonRows}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as taken in. rows = accepted + those who are `gone` (pseudonym, line; of a delta only) + findings.rows; `digest` is the
    SHA-256 of the unpacked bytes and of the source's declaration where there is one, in hex; `cubes` is None where no row was accepted;
    `missing` counts the accepted rows without a value, by column.
    """

    digest: str
    rows: int
    accepted: int
    findings: Findings
    cubes: Cubes | None
    chunks: list[Chunk]
    gone: pl.DataFrame = field(default_factory=NOBODY.clone)
    missing: dict[str, int] = field(default_factory=dict)
    layout: Layout = OWN


@dataclass(frozen=True, slots=True)
class Worked:
    """What became of a chunk of lines; nothing is kept where none of them is a good row."""

    lines: int
    findings: Findings
    kept: Kept | None


class Intake:
    """Takes blocks in order and never two at once. Use as a context manager. `counted` is told how many lines were taken."""

    def __init__(
        self,
        form: Format,
        *,
        packed: bool,
        as_of: date,
        settings: HrSettings,
        delta: bool = False,
        layout: Layout = OWN,
        counted: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._layout = layout.for_delta() if delta else layout
        self._table = Table(form, self._layout, settings) if form in TABLES else None
        self._recoding = Recoding(layout.encoding if form == "csv" else "utf-8")
        self._unpacking: Gzip | Plain = Gzip(settings.inflated_bytes) if packed else Plain()
        self._rows, self._as_of = READERS.get(form, CsvRows)(self._layout), as_of
        self._pseudonyms = Pseudonyms(settings.pseudonym_key.get_secret_value())
        self._leavers, self._counted = Leavers(self._pseudonyms) if delta else None, counted
        self._cutter, self._digest, self._findings = Cutter(), hashlib.sha256(), Findings()
        self._kept: list[Kept] = []
        self._workers = ThreadPoolExecutor(1 if delta else AT_ONCE, "snapshot-intake")  # leavers are told in order
        self._working: deque[Future[Worked]] = deque()
        self._begun = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._workers.shutdown(wait=False, cancel_futures=True)  # the event loop leaves here, and may not wait
        if self._table is not None:
            self._table.close()

    def take(self, block: bytes) -> None:
        """Raises a Problem where the file is none that can be read."""
        for data in self._unpacking.unpack(block):
            self._digest.update(data)
            if self._table is not None:
                self._table.write(data)
                continue
            try:
                for lines in self._cutter.cut(self._recoding.feed(data)):
                    self._take_lines(lines)
            except Problem:
                self._gather()
                raise

    def _take_lines(self, lines: Lines) -> None:
        self._take_rows(partial(self._rows.read, lines), lines.count)

    def _take_rows(self, read: Callable[[], tuple[pl.DataFrame, pl.DataFrame]], lines: int) -> None:
        self._gather(AT_ONCE)  # so memory stays flat
        self._working.append(self._workers.submit(self._work, read, lines))
        if not self._begun:  # the first chunk tells the names of the columns, which all others need
            self._begun = True
            self._gather()

    def _work(self, read: Callable[[], tuple[pl.DataFrame, pl.DataFrame]], lines: int) -> Worked:
        given, malformed = read()
        findings = Findings()
        findings.add(malformed)
        rows = self._layout.read(given)
        if self._leavers is not None:
            rows, odd = self._leavers.take(rows)
            findings.add(self._layout.tell(odd, given))
        good, found = check(rows, self._as_of)
        findings.add(self._layout.tell(found, given))
        kept = None if good.is_empty() else keep(good, self._pseudonyms, self._as_of.year)
        return Worked(lines, findings, kept)

    def _gather(self, most: int = 0) -> None:
        """Afterwards at most so many chunks are being worked on."""
        while len(self._working) > most:
            done = self._working.popleft().result()
            self._counted(done.lines)
            self._findings.join(done.findings)
            if done.kept is not None:
                self._kept.append(done.kept)

    def finish(self) -> Taken:
        """Raises a Problem as `take` does, or EmptyFile."""
        self._unpacking.end()
        self._digest.update(self._layout.mark)
        for given, malformed in self._table.frames() if self._table is not None else ():
            self._take_rows(partial(_as_is, given, malformed), given.height)
        for lines in (*self._cutter.cut(self._recoding.end()), *self._cutter.end()):
            self._take_lines(lines)
        self._gather()
        kept, duplicates = drop_duplicates(self._kept)
        self._findings.add(self._layout.tell_ids(duplicates))
        accepted = sum(one.chunk.rows for one in kept)
        gone = NOBODY
        if self._leavers is not None:
            gone, again = self._leavers.finish([one.who() for one in kept])
            self._findings.add(self._layout.tell_ids(again))
        rows = accepted + gone.height + self._findings.rows
        if rows == 0:
            raise EmptyFile("the file has no rows")
        cubes = add_cubes([one.cubes for one in kept]) if kept else None
        chunks = [one.chunk for one in kept]
        missing = {name: sum(one.missing[name] for one in kept) for name in COLUMNS}
        return Taken(
            self._digest.hexdigest(), rows, accepted, self._findings, cubes, chunks, gone, missing, self._layout
        )


def _as_is(given: pl.DataFrame, malformed: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    return given, malformed


async def take_in(
    pieces: AsyncIterator[bytes],
    form: Format,
    *,
    packed: bool,
    as_of: date,
    settings: HrSettings,
    delta: bool = False,
    layout: Layout = OWN,
    counted: Callable[[int], None] = lambda _: None,
) -> Taken:
    """The file that `pieces` bring. Raises a Problem: no text, wrong columns, empty, broken gzip, too large when unpacked.

    A refused body is read to its end, within its limit: a client that is still sending would not see the answer.
    """
    blocks = in_blocks(pieces)
    working: asyncio.Future[None] | None = None
    with Intake(
        form, packed=packed, as_of=as_of, settings=settings, delta=delta, layout=layout, counted=counted
    ) as intake:
        try:
            async for block in blocks:
                if working is not None:
                    await working
                working = asyncio.ensure_future(asyncio.to_thread(intake.take, block))
            if working is not None:
                await working
            async with a_reader(form):
                return await asyncio.to_thread(intake.finish)
        except Unprocessable:
            with suppress(Problem):
                async for _ in blocks:
                    pass
            raise
        finally:
            if working is not None and not working.done():
                await asyncio.gather(working, return_exceptions=True)
