"""Registering vacancies."""

from typing import Any

import httpx

from shared.testing import Client

VACANCIES = "/hr-diversity/v1/vacancies"


def vacancy(**more: Any) -> dict[str, Any]:
    """A vacancy that somebody was selected for; None leaves a field out."""
    said = {
        "unit": "HRD",
        "region": "africa",
        "duty_station": "Abidjan",
        "grade": "P4",
        "funding": "regular_budget",
        "track": "raps",
        "gender_text": True,
        "geographic_post": True,
        "posted": "2022-01-10",
        "closed": "2022-02-10",
        "shortlisted": "2022-04-01",
        "selected": "2022-06-30",
        "applicants": {
            "applied": {"women": 60, "men": 80, "other": 1},
            "shortlisted": {"women": 6, "men": 7},
            "recommended": {"women": 2, "men": 1},
            "selected": {"women": 1, "men": 0},
        },
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


async def put(
    client: Client, reference: str = "RAPS-1", *, if_match: str | None = None, role: Any = "hr-feeder", **more: Any
) -> httpx.Response:
    headers = {"If-Match": if_match} if if_match else {}
    return await client.put(f"{VACANCIES}/{reference}", json=vacancy(**more), headers=headers, role=role)


async def registered(client: Client, *rows: dict[str, Any]) -> dict[str, Any]:
    answer = await client.post(VACANCIES, json=list(rows), role="hr-feeder")
    assert answer.status_code == 200, answer.text
    return answer.json()


def row(number: int = 1, **more: Any) -> dict[str, Any]:
    return {"reference": f"RAPS-{number}", **vacancy(**more)}
