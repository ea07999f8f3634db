"""What a change of an aggregate changed: leaf by leaf, old beside new."""

from collections.abc import Iterator, Mapping
from typing import Any

Difference = tuple[str, Any, Any]
"""(JSON pointer, old, new); None where there was nothing or is nothing any more"""


def differences(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> list[Difference]:
    """Where `after` differs from `before`. Objects are compared field by field, lists as a whole; an absent field is null."""
    return list(_differences("#", before or {}, after))


def _differences(here: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        pointer = f"{here}/{name.replace('~', '~0').replace('/', '~1')}"
        if isinstance(new, Mapping) and isinstance(old, Mapping | None):
            yield from _differences(pointer, old or {}, new)
        else:
            yield pointer, old, new
