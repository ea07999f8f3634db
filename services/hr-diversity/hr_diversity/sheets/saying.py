"""What is asked of the process, what it says on stdout, and in which words it refuses.

What it says is a kind of one byte, a length of four, and so many bytes:

    N   the names of the columns, JSON
    F   a frame of texts, Arrow IPC: `line` and the wanted columns that the file has
    R   the lines that have more cells than there are columns, JSON
    P   why it is refused: slug and sentence, JSON
    E   the end; where it does not come, the process was ended by its limits
"""

import json
import struct
from typing import Any, BinaryIO, NamedTuple

LONGEST_VALUE = 64 << 10
MOST_OF_A_FRAME = 64 << 20
"""Bytes of text in one frame; of an honest one they are less than a tenth of it."""
HEAD = struct.Struct(">cI")


class Refusal(Exception):  # noqa: N818 (an answer, not an error)
    """In words for who sent the file, which hold none of its values. `slug` is one of those that `intake.tables` knows."""

    def __init__(self, detail: str, slug: str = "no-table") -> None:
        super().__init__(detail)
        self.slug = slug


class Asked(NamedTuple):
    """Which columns are wanted, of which sheet (None: the first), and how many bytes of text the file may hold."""

    form: str
    descriptor: int
    size: int
    wanted: list[str]
    sheet: str | None
    most: int


class Saying:
    """Writes what is said, and counts the bytes of it."""

    def __init__(self, out: BinaryIO, most: int) -> None:
        self._out, self._most, self._total = out, most, 0

    def say(self, kind: bytes, content: Any) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self._out.write(HEAD.pack(kind, len(data)))
        self._out.write(data)
        self._out.flush()

    def count(self, longest: int, size: int) -> None:
        """A frame comes whose longest value and all values have so many bytes. Raises Refusal."""
        self._total += size
        if longest > LONGEST_VALUE:
            raise Refusal(f"a value has more than {LONGEST_VALUE:,} bytes")
        if size > MOST_OF_A_FRAME:
            raise Refusal("the rows are longer than rows of staff are")
        if self._total > self._most:
            raise Refusal(f"unpacked, the file has more than {self._most:,} bytes", "too-large")
