"""CloudEvents 1.0: binary mode on Kafka (attributes as `ce_` headers), structured in the PostgreSQL log (one JSON document)."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import orjson

SPEC_VERSION = "1.0"
CONTENT_TYPE = "application/json"
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
    return orjson.dumps(attributes)[:-1] + b',"data":' + envelope.data + b"}"


def from_structured(document: bytes | str) -> Envelope:
    """Raises ValueError where the document is not a CloudEvent that the platform states."""
    read = orjson.loads(document)
    if not isinstance(read, dict) or read.get("specversion") != SPEC_VERSION:
        raise ValueError("not a CloudEvents 1.0 document")
    return _envelope(read, orjson.dumps(read.get("data")))


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
    missing = [name for name in ("id", "type", "source", "subject", "time", "sequence") if name not in read]
    if missing:
        raise ValueError(f"the event lacks {', '.join(missing)}")
    words = {name: read.get(name, "") for name in ATTRIBUTES if name != "sequence"}
    for name, value in words.items():
        if not isinstance(value, str) or "\x00" in value:
            raise ValueError(f"{name} is no text that can be stored")
    if datetime.fromisoformat(words["time"]).tzinfo is None:
        raise ValueError(f"time {words['time']} has no zone")
    return Envelope(**words, sequence=_sequence(read["sequence"]), data=data)


def _sequence(given: Any) -> int:
    sequence = given if isinstance(given, int) else int(given)
    if isinstance(given, bool) or not 1 <= sequence <= LARGEST_SEQUENCE:
        raise ValueError(f"sequence {given} is no number of an event")
    return sequence
