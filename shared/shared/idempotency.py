"""A POST with an `Idempotency-Key` has its effect once: the answer is kept in the same transaction as the effect.

The same key with the same request gets the kept answer; with another request 422. Of many at once one acts and the others wait for
its commit on the key's row. A POST without the header acts each time it is called.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import Column, DateTime, Integer, LargeBinary, Table, Text, func, text
from sqlalchemy.ext.asyncio import AsyncSession

from shared.auth import identify
from shared.database import platform
from shared.errors import FieldError, Unprocessable

answers = Table(
    "kept_answers",
    platform,
    Column("caller", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request", Text, nullable=False),
    Column("status", Integer),
    Column("headers", Text),
    Column("body", LargeBinary),
    Column("kept_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
)

_CLAIM = text(
    "INSERT INTO kept_answers (caller, key, request) VALUES (:caller, :key, :request) ON CONFLICT DO NOTHING RETURNING 1"
)
_READ = text("SELECT request, status, headers, body FROM kept_answers WHERE caller = :caller AND key = :key")
_KEEP = text(
    "UPDATE kept_answers SET status = :status, headers = :headers, body = :body WHERE caller = :caller AND key = :key"
)
_FORGET = text("DELETE FROM kept_answers WHERE kept_at < now() - make_interval(days => :days)")


class KeyUsedOtherwise(Unprocessable):
    slug = "idempotency-key-used-otherwise"


@dataclass(frozen=True, slots=True)
class Once:
    caller: str
    key: str | None
    request: str

    async def answer(
        self, session: AsyncSession, status: int, effect: Callable[[], Awaitable[tuple[BaseModel, dict[str, str]]]]
    ) -> Response:
        """`effect()` gives the body and the headers; it runs at most once per key. Raises KeyUsedOtherwise."""
        if self.key is None:
            body, headers = await effect()
            return Response(body.model_dump_json(), status, headers, "application/json")
        named = {"caller": self.caller, "key": self.key}
        claimed = (await session.execute(_CLAIM, {**named, "request": self.request})).first()
        if claimed is None:
            return await self._kept(session, named)
        body, headers = await effect()
        content = body.model_dump_json().encode()
        lines = "\n".join(f"{name}: {value}" for name, value in headers.items())
        await session.execute(_KEEP, {**named, "status": status, "headers": lines, "body": content})
        return Response(content, status, headers, "application/json")

    async def _kept(self, session: AsyncSession, named: dict[str, str]) -> Response:
        row = (await session.execute(_READ, named)).one()
        if row.request != self.request:
            detail = "this key was used for another request"
            raise KeyUsedOtherwise(
                f"{self.key}: {detail}", errors=[FieldError(header="Idempotency-Key", value=self.key, detail=detail)]
            )
        headers = dict(line.split(": ", 1) for line in row.headers.splitlines())
        return Response(row.body, row.status, {**headers, "Idempotent-Replay": "true"}, "application/json")


async def get_once(
    request: Request,
    idempotency_key: Annotated[
        str | None, Header(max_length=255, min_length=1, description="makes a retry safe")
    ] = None,
) -> Once:
    caller = (await identify(request)).subject
    digest = hashlib.sha256(await request.body()).hexdigest()
    return Once(caller, idempotency_key, f"{request.method} {request.url.path}?{request.url.query} {digest}")


OnceOnly = Annotated[Once, Depends(get_once)]


async def forget_old(session: AsyncSession, days: int) -> None:
    await session.execute(_FORGET, {"days": days})
