"""Lists by key, not by offset: what is inserted or deleted meanwhile makes no unchanged row come twice or get lost."""

import base64
import hashlib
from typing import Annotated, Any

import orjson
from fastapi import Depends, Query, Request

from shared.errors import BadRequest, FieldError

MOST = 500
CHECK = 6


class Page:
    """`limit` rows after `after`, the sort key of the last row seen (None at the beginning). A cursor is good for `place` only."""

    def __init__(self, limit: int, after: list[Any] | None, place: str = "") -> None:
        self.limit, self.after, self.place = limit, after, place

    def cut(self, rows: list[Any], key: Any) -> tuple[list[Any], str | None]:
        """Of limit + 1 rows read: the page, and the cursor of the next (None at the end). `key(row)` is the row's sort key."""
        page = rows[: self.limit]
        return page, cursor(key(page[-1]), self.place) if len(rows) > self.limit else None


def cursor(key: list[Any], place: str = "") -> str:
    body = orjson.dumps(key, default=str)
    return _written(_check(body, place) + body)


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _check(body: bytes, place: str) -> bytes:
    """Finds a mangled cursor, and one of another list; it keeps no secret, since a cursor only says where to go on."""
    return hashlib.sha256(b"apge cursor" + place.encode() + b"\0" + body).digest()[:CHECK]


async def get_page(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=MOST, description="rows at the most")] = 100,
    after: Annotated[str | None, Query(max_length=2000, description="the `next` of the page before")] = None,
) -> Page:
    place = request.url.path
    if after is None:
        return Page(limit, None, place)
    try:
        raw = base64.urlsafe_b64decode(after + "=" * (-len(after) % 4))
        key = orjson.loads(raw[CHECK:])
        if raw[:CHECK] != _check(raw[CHECK:], place) or _written(raw) != after or not isinstance(key, list):
            raise ValueError(after)
    except ValueError as error:
        detail = "this is not a cursor that a list here gave"
        raise BadRequest(
            f"after: {detail}", errors=[FieldError(parameter="after", value=after[:100], detail=detail)]
        ) from error
    return Page(limit, key, place)


Paging = Annotated[Page, Depends(get_page)]
