"""Whether what one release writes can be read by another: JSON Schemas of events, compared by hand-written rules.

Old and new releases run side by side, in any order of deployment, and the log keeps events for ever. So every released writer must be
read by every later reader, and every later writer by every released reader. Adding an optional field passes; a dropped or renamed
field that a reader needs, a new required field, another type, a new code in a closed list do not.
"""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def faults(writer: Schema, reader: Schema) -> list[str]:
    """Why some document of `writer` would not be read by `reader`; empty when all are."""
    return list(_faults(writer, reader, writer, reader, "#"))


def _faults(written: Schema, read: Schema, writer: Schema, reader: Schema, here: str) -> Iterator[str]:
    written, read = _resolve(written, writer), _resolve(read, reader)
    if "anyOf" in written:
        for option in written["anyOf"]:
            yield from _faults(option, read, writer, reader, here)
        return
    if "anyOf" in read:
        tries = [list(_faults(written, option, writer, reader, here)) for option in read["anyOf"]]
        if all(tries):
            yield min(tries, key=len)[0]
        return
    if not _kinds(written) <= _kinds(read) and _kinds(read):
        yield f"{here}: {'/'.join(sorted(_kinds(written))) or 'anything'} is written, {'/'.join(sorted(_kinds(read)))} is read"
        return
    yield from _codes(written, read, here)
    yield from _fields(written, read, writer, reader, here)
    if "items" in written and "items" in read:
        yield from _faults(written["items"], read["items"], writer, reader, f"{here}/*")


def _resolve(schema: Schema, root: Schema) -> Schema:
    while "$ref" in schema:
        schema = root["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _kinds(schema: Schema) -> set[str]:
    kind = schema.get("type")
    kinds = set(kind) if isinstance(kind, list) else {kind} if kind else set()
    return kinds | {"integer"} if "number" in kinds else kinds


def _codes(written: Schema, read: Schema, here: str) -> Iterator[str]:
    codes = written.get("enum") or ([written["const"]] if "const" in written else None)
    known = read.get("enum") or ([read["const"]] if "const" in read else None)
    if known is not None:
        if codes is None:
            yield f"{here}: any value is written, only {', '.join(map(str, known))} is read"
        else:
            yield from (f"{here}: the code {code} is written and not known" for code in codes if code not in known)


def _fields(written: Schema, read: Schema, writer: Schema, reader: Schema, here: str) -> Iterator[str]:
    given, sure = written.get("properties", {}), set(written.get("required", []))
    for field in read.get("required", []):
        if field not in sure:
            yield f"{here}/{field}: is needed, and not always written"
    for field, about in read.get("properties", {}).items():
        if field in given:
            yield from _faults(given[field], about, writer, reader, f"{here}/{field}")
