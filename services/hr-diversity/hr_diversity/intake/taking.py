"""One push from its first byte to what is kept of it. The event loop only receives; the work is done in threads, where Polars does
not hold the interpreter's lock, and pseudonyms of one block are made while the next block is parsed.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, Self

import polars as pl

from hr_diversity.intake.checks import check
from hr_diversity.intake.columns import EmptyFile, Format
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


READERS: dict[Format, Callable[[Layout], Rows]] = {"csv": CsvRows, "ndjson": NdjsonRows}


@dataclass(frozen=True, slots=True)
class Taken:
    """A file as taken in. rows = accepted + those who are `gone` (pseudonym, line; of a delta only) + findings.rows; `digest` is the SHA-256 of the unpacked bytes and of the source's declaration where there is one, in hex; `cubes` is None
    where no row was accepted.
    """

    digest: str
    rows: int
    accepted: int
    findings: Findings
    cubes: Cubes | None
    chunks: list[Chunk]
    gone: pl.DataFrame = field(default_factory=NOBODY.clone)


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
        self._keeper = ThreadPoolExecutor(1, "snapshot-keeper")
        self._keeping: Future[Kept] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._keeper.shutdown()
        if self._table is not None:
            self._table.close()

    def take(self, block: bytes) -> None:
        """Raises a Problem where the file is none that can be read."""
        for data in self._unpacking.unpack(block):
            self._digest.update(data)
            if self._table is not None:
                self._table.write(data)
                continue
            for lines in self._cutter.cut(self._recoding.feed(data)):
                self._take_lines(lines)

    def _take_lines(self, lines: Lines) -> None:
        self._take_rows(*self._rows.read(lines))
        self._counted(lines.count)

    def _take_rows(self, given: pl.DataFrame, malformed: pl.DataFrame) -> None:
        self._findings.add(malformed)
        rows = self._layout.read(given)
        if self._leavers is not None:
            rows = self._leavers.take(rows, self._findings)
        good, found = check(rows, self._as_of)
        self._findings.add(self._layout.tell(found, given))
        self._gather()  # at most one block waits, so memory stays flat
        if not good.is_empty():
            self._keeping = self._keeper.submit(keep, good, self._pseudonyms, self._as_of.year)

    def _gather(self) -> None:
        if self._keeping is not None:
            keeping, self._keeping = self._keeping, None
            self._kept.append(keeping.result())

    def finish(self) -> Taken:
        """Raises a Problem as `take` does, or EmptyFile."""
        self._unpacking.end()
        self._digest.update(self._layout.mark)
        for given, malformed in self._table.frames() if self._table is not None else ():
            self._take_rows(given, malformed)
            self._counted(given.height)
        for lines in (*self._cutter.cut(self._recoding.end()), *self._cutter.end()):
            self._take_lines(lines)
        self._gather()
        kept, duplicates = drop_duplicates(self._kept)
        self._findings.add(duplicates)
        accepted = sum(one.chunk.rows for one in kept)
        gone = NOBODY if self._leavers is None else self._leavers.finish([one.who for one in kept], self._findings)
        rows = accepted + gone.height + self._findings.rows
        if rows == 0:
            raise EmptyFile("the file has no rows")
        cubes = add_cubes([one.cubes for one in kept]) if kept else None
        chunks = [one.chunk for one in kept]
        return Taken(self._digest.hexdigest(), rows, accepted, self._findings, cubes, chunks, gone)


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
