"""Inputs, policies and staffs for representation: countries of any size, and the table of a snapshot."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import httpx
from tests.hr_diversity.pushing import accepted
from tests.hr_diversity.staff import file_of, row

from hr_diversity import store
from hr_diversity.measures.nationalities import count_nationalities
from hr_diversity.service import representation
from hr_diversity.service.representation import Day
from shared.testing import Client

ROOT = "/hr-diversity/v1/representation"
K = 5
MEMBERS = {"CHE": "20", "FRA": "30", "DEU": "25", "PER": "10", "KEN": "5", "FJI": "5", "NPL": "5"}


def inputs(**more: Any) -> dict[str, Any]:
    members = [{"country": country, "population": 1000, "scale": scale} for country, scale in MEMBERS.items()]
    said = {
        "title": "Members",
        "source": "a test",
        "verified": False,
        "effective_from": "2020-01-01",
        "members": members,
    }
    return {**said, **more}


def policy(**more: Any) -> dict[str, Any]:
    return {"rule": "un-range", "inputs": "members", "effective_from": "2020-01-01", **more}


async def put(
    client: Client, path: str, body: dict[str, Any], *, if_match: str | None = None, role: Any = "operator"
) -> httpx.Response:
    headers = {"If-Match": if_match} if if_match else {}
    return await client.put(f"{ROOT}/{path}", json=body, headers=headers, role=role)


async def defined(client: Client, *codes_and_policies: tuple[str, dict[str, Any]]) -> None:
    for path, body in (("inputs/members", inputs()), *((f"policies/{c}", p) for c, p in codes_and_policies)):
        answer = await put(client, path, body)
        assert answer.status_code in {200, 201}, answer.text


def a_staff(countries: Mapping[str, tuple[int, int]], *, start: int = 1, padding: int = 60) -> list[str]:
    """So many women and men of each country on posts that count, and `padding` women and men who do not, 20 of them for their posts."""
    rows = []
    for country, (women, men) in countries.items():
        for sex, count in (("F", women), ("M", men)):
            for _ in range(count):
                rows.append(row(start + len(rows), nationality=country, sex=sex))
    kinds = [{"grade": "P3"}] * 20 + [{"grade": "G5"}] * (padding - 20)
    others = [row(900_000 + at, sex="FM"[at % 2], geographic_post="false", **kind) for at, kind in enumerate(kinds)]
    return [*rows, *others]


async def published(
    client: Client, rows: Sequence[str], *, as_of: str = "2021-12-31", source: str = "hris"
) -> dict[str, Any]:
    """The receipt of a push whose table is drawn."""
    return await published_file(client, file_of(rows), as_of=as_of, source=source)


async def published_file(
    client: Client, content: bytes, *, as_of: str = "2021-12-31", source: str = "hris"
) -> dict[str, Any]:
    receipt = await accepted(client, content, source=source, as_of=as_of)
    async with client.app.state.database.transaction() as session:
        chunks = await store.flows.read_chunks(session, receipt["id"])
        day = Day(receipt["id"], source, date.fromisoformat(as_of), receipt["revision"])
        await representation.draw(session, day, count_nationalities(chunks), K, chunks)
    return receipt


async def table(client: Client, *, role: Any = "reader", **params: str) -> dict[str, Any]:
    answer = await client.get(ROOT, params=params, role=role)
    assert answer.status_code == 200, answer.text
    return answer.json()


def by_country(shown: dict[str, Any]) -> dict[str, Any]:
    return {one["country"]: one for one in shown["countries"]}
