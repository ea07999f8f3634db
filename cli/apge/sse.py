"""Server-sent events as they come over the wire, read by hand: bytes are split at line feeds only, since JSON may hold other
characters at which Python would split lines.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass
class Sent:
    """One event. `retry` is in milliseconds, None where the server says nothing; an event without data is a sign of life."""

    event: str = "message"
    data: str = ""
    id: str | None = None
    retry: int | None = None


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Whole lines, without their ends; what is cut off at the end of the stream is dropped, as the standard asks."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")


def events_of(chunks: Iterable[bytes]) -> Iterator[Sent]:
    """Every event of a stream, those without data included."""
    sent, data = Sent(), list[str]()
    for line in lines_of(chunks):
        if line == "":
            sent.data = "\n".join(data)
            yield sent
            sent, data = Sent(), []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "data":
            data.append(value)
        elif name == "event":
            sent.event = value
        elif name == "id":
            sent.id = value
        elif name == "retry" and value.isdecimal():
            sent.retry = int(value)
