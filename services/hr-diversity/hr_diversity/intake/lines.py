"""Blocks of bytes become chunks of whole lines of UTF-8 text."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.errors import FieldError, Unprocessable

LONGEST_LINE = 64 << 10
BOM = b"\xef\xbb\xbf"


class NotText(Unprocessable):
    slug = "not-utf-8-text"


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines, ended by LF (the very last one of a file perhaps not). `first` is the number of the first, from 1."""

    data: bytes
    first: int
    count: int


class Cutter:
    """Keeps what follows the last line end until the next block brings the rest of that line."""

    def __init__(self) -> None:
        self._rest = b""
        self._next = 1

    def cut(self, block: bytes) -> Iterator[Lines]:
        """Raises NotText."""
        end = block.rfind(b"\n") + 1
        if end:
            data, self._rest = b"".join((self._rest, memoryview(block)[:end])), block[end:]
            yield self._lines(data)
        else:
            self._rest += block
        if len(self._rest) > LONGEST_LINE:
            raise _not_text(self._next, f"the line has more than {LONGEST_LINE} bytes")

    def end(self) -> Iterator[Lines]:
        if self._rest:
            data, self._rest = self._rest, b""
            yield self._lines(data)

    def _lines(self, data: bytes) -> Lines:
        first = self._next
        if first == 1:
            data = data.removeprefix(BOM)
        if (nul := data.find(b"\0")) >= 0:
            raise _not_text(
                first + data.count(b"\n", 0, nul), "there is a NUL byte; is this UTF-16, or no text at all?"
            )
        if not data.isascii():
            try:
                data.decode()
            except UnicodeDecodeError as error:
                line = first + data.count(b"\n", 0, error.start)
                raise _not_text(
                    line, f"byte {error.object[error.start]:#04x} is not UTF-8; save the file as UTF-8"
                ) from error
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n")
        lines = Lines(data, first, data.count(b"\n") + (not data.endswith(b"\n")))
        self._next += lines.count
        return lines


def _not_text(line: int, detail: str) -> NotText:
    return NotText(f"line {line}: {detail}", errors=[FieldError(pointer=f"#/{line}", detail=detail)])
