"""ETags and If-Match: the row's version is its ETag, and every change of what exists names the version it changes."""

import re
from typing import Annotated

from fastapi import Depends, Header

from shared.database import AggregateRow
from shared.errors import BadRequest, FieldError, PreconditionFailed, PreconditionRequired

_ETAG = re.compile(r'^"(\d{1,18})"$')


def etag(sequence: int) -> str:
    return f'"{sequence}"'


async def read_if_match(
    if_match: Annotated[
        str | None, Header(description='the ETag you read, like "3"; needed to change what exists')
    ] = None,
) -> int | None:
    """Raises BadRequest where the header is no ETag of ours."""
    if if_match is None:
        return None
    found = _ETAG.match(if_match.strip())
    if found is None:
        detail = 'an ETag looks like "3", quotes included'
        raise BadRequest(f"If-Match: {detail}", errors=[FieldError(header="If-Match", value=if_match, detail=detail)])
    return int(found.group(1))


IfMatch = Annotated[int | None, Depends(read_if_match)]


def check_version(row: AggregateRow, if_match: int | None) -> None:
    """`row` is locked. Raises PreconditionRequired without If-Match, PreconditionFailed where it names another version."""
    if if_match is None:
        raise PreconditionRequired(
            f"{row.key} exists in version {row.sequence}; send If-Match with the version you read"
        )
    if if_match != row.sequence:
        detail = f"{row.key} is in version {row.sequence} by now"
        raise PreconditionFailed(detail, errors=[FieldError(header="If-Match", value=etag(if_match), detail=detail)])


def refuse_version_of_nothing(key: str, if_match: int | None) -> None:
    """There is no row of this key yet. Raises PreconditionFailed where the caller meant to change one."""
    if if_match is not None:
        detail = f"{key} does not exist yet"
        raise PreconditionFailed(detail, errors=[FieldError(header="If-Match", value=etag(if_match), detail=detail)])
