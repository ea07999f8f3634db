"""Pushing snapshots, and looking into what came of it."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
from sqlalchemy import text

from shared.testing import Client

SNAPSHOTS = "/hr-diversity/v1/snapshots"
MEASURES = "/hr-diversity/v1/measures"


async def push(
    client: Client,
    data: bytes | AsyncIterator[bytes],
    *,
    source: str = "hris",
    as_of: str = "2021-12-31",
    role: Any = "hr-feeder",
    **headers: str,
) -> httpx.Response:
    given = {"content-type": "text/csv", **{name.replace("_", "-"): value for name, value in headers.items()}}
    params = {"source": source, "as_of": as_of}
    return await client.post(SNAPSHOTS, params=params, content=data, headers=given, role=role)


async def accepted(client: Client, data: bytes, **how: Any) -> dict[str, Any]:
    answer = await push(client, data, **how)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def measure(client: Client, code: str, **params: str) -> dict[str, Any]:
    answer = await client.get(f"{MEASURES}/{code}", params=params, role="reader")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def select(client: Client, query: str, **values: Any) -> list[Any]:
    async with client.app.state.database.reading() as session:
        return list((await session.execute(text(query), values)).all())


async def count(client: Client, table: str) -> int:
    [[number]] = await select(client, f"SELECT count(*) FROM {table}")
    return number
