"""The body of a push as it arrives: what it claims to be, and its unpacking. Its length as sent is limited for all requests alike."""

import codecs
import zlib
from collections.abc import AsyncIterator, Iterator

from hr_diversity.intake.columns import FORMATS, Format
from hr_diversity.intake.lines import NotText
from shared.errors import TooLarge, Unprocessable, UnsupportedMedia

BLOCK = 8 << 20
"""Bytes that are handed on at once: enough rows that a set is worth checking, few enough that memory stays flat."""

GZIP = 31  # zlib's word for: a gzip header, the largest window


class BrokenGzip(Unprocessable):
    slug = "broken-gzip"


def choose_form(content_type: str, encoding: str, declared: str = "utf-8") -> tuple[Format, bool]:
    """The format, and whether it is packed with gzip; `declared` is the encoding of the source's CSV. Raises UnsupportedMedia that
    names what is read.
    """
    media, _, parameters = content_type.partition(";")
    form = FORMATS.get(media.strip().lower())
    if form is None:
        raise UnsupportedMedia(f"Content-Type {media.strip()[:100]!r}: read are {', '.join(FORMATS)}")
    charset = parameters.lower().replace('"', "").partition("charset=")[2].split(";")[0].strip()
    read = declared if form == "csv" else "utf-8"
    if not _is_charset(charset, read):
        raise UnsupportedMedia(f"charset {charset[:100]!r}: read is {read}")
    if encoding.strip().lower() not in {"", "identity", "gzip"}:
        raise UnsupportedMedia(f"Content-Encoding {encoding[:100]!r}: read is gzip, or none")
    return form, encoding.strip().lower() == "gzip"


def _is_charset(named: str, read: str) -> bool:
    """Whether text of the charset `named` can be read as `read`; of none named it is taken to be."""
    if not named or (named in {"us-ascii", "ascii"} and read != "utf-16"):
        return True
    try:
        return codecs.lookup(named).name == codecs.lookup(read).name
    except (LookupError, ValueError):
        return False


async def in_blocks(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The body in blocks of about BLOCK bytes."""
    waiting: list[bytes] = []
    size = 0
    async for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield b"".join(waiting)
            waiting, size = [], 0
    yield b"".join(waiting)


class Plain:
    """Bytes as they are."""

    def unpack(self, block: bytes) -> Iterator[bytes]:
        yield block

    def end(self) -> None:
        """Nothing can be missing."""


class Gzip:
    """Unpacks gzip, also of several members, at most BLOCK bytes at a time."""

    def __init__(self, most: int) -> None:
        self.most, self.total = most, 0
        self._member = zlib.decompressobj(GZIP)

    def unpack(self, block: bytes) -> Iterator[bytes]:
        """Raises BrokenGzip, or TooLarge by what really came out: the size that gzip's trailer states can be forged."""
        while block:
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP)
            try:
                out = self._member.decompress(block, BLOCK)
            except zlib.error as error:
                raise BrokenGzip(f"the body is no gzip: {error}") from error
            block = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            self.total += len(out)
            if self.total > self.most:
                raise TooLarge(f"unpacked, the body has more than {self.most} bytes")
            yield out

    def end(self) -> None:
        """Raises BrokenGzip where the body stops in the middle."""
        if not self._member.eof:
            raise BrokenGzip("the body is cut off: its gzip does not end")


class Recoding:
    """Text of any encoding that a source may declare, as UTF-8. Bytes of UTF-8 are handed on as they are."""

    def __init__(self, encoding: str) -> None:
        self._encoding, self._line = encoding, 1
        self._decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()

    def feed(self, data: bytes, *, final: bool = False) -> bytes:
        """Raises NotText."""
        if self._decoder is None:
            return data
        try:
            text = self._decoder.decode(data, final).encode()
        except UnicodeError as error:
            where = f"after line {self._line}" if self._line > 1 else "in the first lines"
            raise NotText(
                f"{where} there are bytes that are not {self._encoding}, as which this source's files are read"
            ) from error
        self._line += text.count(b"\n")
        return text

    def end(self) -> bytes:
        """Raises NotText where the last character is cut off."""
        return self.feed(b"", final=True)
