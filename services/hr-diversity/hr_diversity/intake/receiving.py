"""The body of a push as it arrives: what it claims to be, and its unpacking. Its length as sent is limited for all requests alike."""

import zlib
from collections.abc import AsyncIterator, Iterator

from hr_diversity.intake.columns import FORMATS, Format
from shared.errors import TooLarge, Unprocessable, UnsupportedMedia

BLOCK = 4 << 20
"""Bytes that are handed on at once: enough rows that a set is worth checking, few enough that memory stays flat."""

GZIP = 31  # zlib's word for: a gzip header, the largest window


class BrokenGzip(Unprocessable):
    slug = "broken-gzip"


def choose_form(content_type: str, encoding: str) -> tuple[Format, bool]:
    """The format, and whether it is packed with gzip. Raises UnsupportedMedia that names what is read."""
    media, _, parameters = content_type.partition(";")
    form = FORMATS.get(media.strip().lower())
    if form is None:
        raise UnsupportedMedia(f"Content-Type {media.strip()[:100]!r}: read are {', '.join(FORMATS)}")
    charset = parameters.lower().replace('"', "").partition("charset=")[2].split(";")[0].strip()
    if charset not in {"", "utf-8", "utf8", "us-ascii"}:
        raise UnsupportedMedia(f"charset {charset[:100]!r}: read is utf-8")
    if encoding.strip().lower() not in {"", "identity", "gzip"}:
        raise UnsupportedMedia(f"Content-Encoding {encoding[:100]!r}: read is gzip, or none")
    return form, encoding.strip().lower() == "gzip"


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
