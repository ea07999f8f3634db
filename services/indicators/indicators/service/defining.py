"""How an aggregate that nothing else hangs on is defined: it is as given, under its version, and stated when it changed."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from indicators import store
from indicators.service import stating
from shared.errors import FieldError, Unprocessable
from shared.events.base import Event
from shared.versions import check_version, refuse_version_of_nothing

WHOLE = "-"
"""Stands in a key for the whole plan, where an area could stand; no code begins with it."""


async def define_row(
    session: AsyncSession,
    kind: type[store.definitions.Row],
    identity: dict[str, Any],
    columns: dict[str, Any],
    if_match: int | None,
    event: type[Event],
) -> tuple[store.definitions.Row, bool]:
    """The row whose key is made of `identity` has `columns`; whether it is new. Defined as it is already, nothing happens.

    Raises PreconditionRequired, PreconditionFailed.
    """
    key = "/".join(identity[name] or WHOLE for name in identity)
    row = await store.definitions.claim(session, kind, key)
    new = row is None
    if row is None:
        refuse_version_of_nothing(key, if_match)
        row = kind(key=key, sequence=0, **identity)
        session.add(row)
    elif all(getattr(row, name) == value for name, value in columns.items()):
        return row, False
    else:
        check_version(row, if_match)
    for name, value in columns.items():
        setattr(row, name, value)
    await stating.state(session, event.model_validate(row.state().model_dump()), row)
    return row, new


def unknown(parameter: str, value: str, detail: str) -> Unprocessable:
    """A 422 that names a part of the address."""
    error = FieldError(parameter=parameter, value=value, detail=detail)
    return Unprocessable(f"{parameter}: {detail} (got {value!r})", errors=[error])
