"""CloudEvents 1.0: binary mode on Kafka (attributes as `ce_` headers), structured in the PostgreSQL log (one JSON document)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import orjson

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
DATA = b',"data":'  # cannot stand inside a JSON string, where a quote is escaped
NEEDED = frozenset({"id", "type", "source", "subject", "time", "sequence"})
LARGEST_SEQUENCE = 2**63 - 1  # a bigint of PostgreSQL


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event as it travels. `data` is the JSON of the payload, not read until somebody needs it."""

    id: str
    type: str
    source: str
    subject: str
    time: str
    sequence: int
    data: bytes
    correlationid: str = ""
    causationid: str = ""
    actor: str = ""
    traceparent: str = ""


ATTRIBUTES = [field.name for field in fields(Envelope) if field.name != "data"]


def to_structured(envelope: Envelope) -> bytes:
    attributes: dict[str, Any] = {"specversion": SPEC_VERSION, "datacontenttype": CONTENT_TYPE}
    for name in ATTRIBUTES:
        value = getattr(envelope, name)
        if value != "":
            attributes[name] = value
    return orjson.dumps(attributes)[:-1] + DATA + envelope.data + b"}"


def from_structured(document: bytes | str) -> Envelope:
    """Raises ValueError where the document is not a CloudEvent that the platform states."""
    raw = document.encode() if isinstance(document, str) else document
    head, found, data = raw.partition(DATA)
    if found and data.endswith(b"}"):
        read = _object(head + b"}")
        if read.keys() >= NEEDED:  # as `to_structured` writes it: the payload stands last, and need not be read here
            return _envelope(read, data[:-1])
    read = _object(raw)
    return _envelope(read, orjson.dumps(read.get("data")))


def _object(raw: bytes) -> dict[str, Any]:
    read = orjson.loads(raw)
    if not isinstance(read, dict) or read.get("specversion") != SPEC_VERSION:
        raise ValueError("not a CloudEvents 1.0 document")
    return read


def to_headers(envelope: Envelope) -> list[tuple[str, bytes]]:
    headers = [("ce_specversion", SPEC_VERSION.encode()), ("content-type", CONTENT_TYPE.encode())]
    for name in ATTRIBUTES:
        value = getattr(envelope, name)
        if value != "":
            headers.append((f"ce_{name}", str(value).encode()))
    return headers


def from_headers(headers: Iterable[tuple[str, bytes | None]], data: bytes) -> Envelope:
    """Raises ValueError where the headers are not those of a CloudEvent that the platform states."""
    read = {key[3:]: value.decode() for key, value in headers if key.startswith("ce_") and value is not None}
    if read.get("specversion") != SPEC_VERSION:
        raise ValueError("no CloudEvents 1.0 headers")
    return _envelope(read, data)


def _envelope(read: dict[str, Any], data: bytes) -> Envelope:
    if not read.keys() >= NEEDED:
        raise ValueError(f"the event lacks {', '.join(sorted(NEEDED - read.keys()))}")
    words = {name: read.get(name, "") for name in ATTRIBUTES if name != "sequence"}
    for name, value in words.items():
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError(f"{name} is no text that can be stored")
    if datetime.fromisoformat(words["time"]).tzinfo is None:
        raise ValueError(f"time {words['time']} has no zone")
    return Envelope(**words, sequence=_sequence(read["sequence"]), data=data)


def _sequence(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int | str) or not 1 <= int(given) <= LARGEST_SEQUENCE:
        raise ValueError(f"sequence {given} is no number of an event")
    return int(given)
