"""Lists by key, not by offset: what is inserted or deleted meanwhile makes no unchanged row come twice or get lost."""

import base64
import hashlib
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query

from shared.errors import BadRequest, FieldError

MOST = 500
CHECK = 6


class Page:
    """`limit` rows after `after`, the sort key of the last row seen (None at the beginning)."""

    def __init__(self, limit: int, after: list[Any] | None) -> None:
        self.limit, self.after = limit, after

    def cut(self, rows: list[Any], key: Any) -> tuple[list[Any], str | None]:
        """Of limit + 1 rows read: the page, and the cursor of the next (None at the end). `key(row)` is the row's sort key."""
        page = rows[: self.limit]
        return page, cursor(key(page[-1])) if len(rows) > self.limit else None


def cursor(key: list[Any]) -> str:
    body = orjson.dumps(key, default=str)
    return base64.urlsafe_b64encode(_check(body) + body).decode().rstrip("=")


def _check(body: bytes) -> bytes:
    """Finds a mangled cursor; it keeps no secret, since a cursor only says where to go on."""
    return hashlib.sha256(b"apge cursor" + body).digest()[:CHECK]


async def get_page(
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows at the most")] = 100,
    after: Annotated[str | None, Query(max_length=2000, description="the `next` of the page before")] = None,
) -> Page:
    if after is None:
        return Page(limit, None)
    try:
        raw = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        key = orjson.loads(raw[CHECK:])
        if raw[:CHECK] != _check(raw[CHECK:]) or not isinstance(key, list):
            raise ValueError(after)
    except ValueError as error:
        detail = "this is not a cursor that a list here gave"
        raise BadRequest(
            f"after: {detail}", errors=[FieldError(parameter="after", value=after[:100], detail=detail)]
        ) from error
    return Page(limit, key)


Paging = Annotated[Page, Depends(get_page)]
