"""How what rests on published measures and the units' names alone is answered: with what is kept, or anew from one snapshot of the
database. Nothing else may be read for it, neither the clock nor the caller.
"""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import Header, Request, Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from hr_diversity import store
from hr_diversity.documents import Documents
from shared.database import Database
from shared.documents import respond

Matches = Annotated[str | None, Header(alias="If-None-Match", description="the ETag you have; 304 while it holds")]
HAVE_IT: dict[int | str, dict[str, Any]] = {304: {"description": "You have it"}}


async def ready(
    request: Request, if_none_match: str | None, make: Callable[[AsyncSession], Awaitable[BaseModel]]
) -> Response:
    database: Database = request.app.state.database
    documents: Documents = request.app.state.documents

    async def compose() -> tuple[int | None, bytes]:
        async with database.reading() as session:
            version = await store.measures.read_version(session)
            return version, (await make(session)).model_dump_json(by_alias=True).encode()

    address = (request.scope["path"], request.scope["query_string"])
    return respond(await documents.get(address, compose, request.scope.get("route")), if_none_match)
