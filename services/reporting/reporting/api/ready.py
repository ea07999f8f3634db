"""How a hot read is answered: with the kept document of its address, or with a new one from a snapshot of the database."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession

from shared.documents import respond

Matches = Annotated[str | None, Header(alias="If-None-Match", description="the ETag you have; 304 while it holds")]
Make = Callable[[AsyncSession], Awaitable[dict[str, Any]]]


async def ready(request: Request, view: str, if_none_match: str | None, make: Make) -> Response:
    """The document stays until `view` changes, so `make` reads no other view."""

    async def read() -> dict[str, Any]:
        async with request.app.state.database.reading() as session:
            return await make(session)

    address = (request.scope["path"], request.scope["query_string"])
    made = await request.app.state.documents.get(address, view, read, request.scope.get("route"))
    return respond(made, if_none_match)
