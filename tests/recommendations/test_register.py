"""Evaluations and recommendations: registered, changed, listed, found again."""

import asyncio

import pytest
from tests.recommendations.register import (
    EVALUATION,
    FILE,
    OFFICE,
    OPERATOR,
    READER,
    SOURCE,
    V1,
    WORDING,
    at,
    events_of,
    get,
    make,
    register,
    respond,
    version,
    wording_of,
)

from recommendations.main import service


async def load_file(client, caller=OPERATOR):
    evaluation = {name: value for name, value in FILE["evaluation"].items() if name != "code"}
    requests = [(f"{V1}/evaluations/{SOURCE}", evaluation)]
    requests += [(at(entry["number"]), wording_of(entry)) for entry in FILE["recommendations"]]
    return [(await client.put(path, json=body, **caller)).status_code for path, body in requests]


async def test_the_data_file_comes_back_whole(client):
    assert await load_file(client) == [201] * 7
    listed = (await client.get(f"{V1}/recommendations?source={SOURCE}", **READER)).json()
    assert listed["next"] is None
    assert [item["number"] for item in listed["items"]] == [1, 2, 3, 4, 5, 6]
    for item, entry in zip(listed["items"], FILE["recommendations"], strict=True):
        parts = [{"parent": None, **part} for part in entry["sub_actions"]]
        for part in (*parts, entry):
            part["provenance"] = {"column": None, **part["provenance"]}
        kept = {**entry, "source": SOURCE, "sub_actions": parts}
        kept |= {"response": None, "follow_up": [], "state": "awaiting_response", "overdue": False, "version": 1}
        assert item == kept
    evaluation = (await client.get(f"{V1}/evaluations/{SOURCE}", **READER)).json()
    provenance = {"column": None, **FILE["evaluation"]["provenance"]}
    assert evaluation == {**FILE["evaluation"], "provenance": provenance, "version": 1}


async def test_loading_the_data_file_twice_states_nothing_the_second_time(client):
    await load_file(client)
    assert await load_file(client) == [200] * 7
    assert [row.sequence for row in await events_of(client, SOURCE)] == [1]
    assert [row.sequence for row in await events_of(client, f"{SOURCE}/5")] == [1]


async def test_the_same_body_again_is_no_change_whatever_version_it_names(client):
    await register(client)
    await make(client, 1)
    for headers in ({}, version(1), version(7)):
        again = await client.put(at(1), json=WORDING, headers=headers, **OFFICE)
        assert (again.status_code, again.headers["etag"]) == (200, '"1"')


async def test_changing_what_exists_takes_its_version(client):
    await register(client)
    await make(client, 1)
    for path, body in (
        (f"{V1}/evaluations/{SOURCE}", {**EVALUATION, "title": "Another"}),
        (at(1), {**WORDING, "priority": "medium"}),
    ):
        bare = await client.put(path, json=body, **OFFICE)
        stale = await client.put(path, json=body, headers=version(9), **OFFICE)
        assert (bare.status_code, stale.status_code) == (428, 412)
        assert stale.json()["errors"][0]["header"] == "If-Match"
        changed = await client.put(path, json=body, headers=version(1), **OFFICE)
        assert (changed.status_code, changed.headers["etag"], changed.json()["version"]) == (200, '"2"', 2)
        found = await client.get(path, **READER)
        assert (found.json(), found.headers["etag"]) == (changed.json(), '"2"')


async def test_a_refused_change_leaves_all_as_it_was(client):
    await register(client)
    before = await make(client, 1)
    await client.put(at(1), json={**WORDING, "title": "Lost"}, **OFFICE)
    assert await get(client, 1) == before
    assert len(await events_of(client, f"{SOURCE}/1")) == 1


async def test_a_version_of_what_does_not_exist_is_stale(client):
    for path, body in ((f"{V1}/evaluations/{SOURCE}", EVALUATION), (at(1), WORDING)):
        early = await client.put(path, json=body, headers=version(1), **OFFICE)
        assert early.status_code == 412
        assert (await client.put(path, json=body, **OFFICE)).status_code == 201


async def test_new_wording_keeps_the_response_and_its_follow_up(client):
    await register(client)
    await make(client, 1)
    answered = await respond(client, 1)
    changed = await client.put(at(1), json={**WORDING, "title": "Better"}, headers=version(2), **OFFICE)
    assert changed.json() == {**answered, "title": "Better", "version": 3}


@pytest.mark.parametrize("path", [f"{V1}/evaluations/{SOURCE}", at(1)])
async def test_of_many_who_make_the_same_thing_at_once_one_makes_it(client, path):
    if "recommendations/1" in path:
        await register(client)
    bodies = [{**(WORDING if "recommendations/1" in path else EVALUATION), "title": f"By {n}"} for n in range(8)]
    answers = await asyncio.gather(*(client.put(path, json=body, **OFFICE) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201] + [428] * 7


async def test_an_unknown_source_is_named(client):
    refused = await client.put(at(1, source="gem-1999"), json=WORDING, **OFFICE)
    assert refused.status_code == 422
    problem = refused.json()
    assert problem["type"] == "urn:apge:problem:unknown-source"
    assert problem["errors"][0]["parameter"] == "source"
    assert problem["errors"][0]["value"] == "gem-1999"


async def test_a_dependency_on_a_recommendation_of_another_evaluation_is_refused(client):
    await register(client)
    await register(client, "audit-2019")
    await make(client, 1, source="audit-2019")
    refused = await client.put(at(2), json={**WORDING, "depends_on": [1]}, **OFFICE)
    assert refused.json()["errors"][0] | {"detail": ""} == {"pointer": "#/depends_on/0", "value": 1, "detail": ""}
    await make(client, 1)
    assert (await make(client, 2, depends_on=[1]))["depends_on"] == [1]


async def test_the_list_finds_by_source_unit_state_and_priority(client):
    await register(client)
    await register(client, "audit-2019")
    await make(client, 1)
    await make(client, 2, priority="low", units=["PROGRAM", "HRD"])
    await make(client, 3, units=["PROGRAM"])
    await make(client, 1, source="audit-2019", units=["IAO"])
    await respond(client, 2)

    async def found(**wanted):
        listed = (await client.get(f"{V1}/recommendations", params=wanted, **READER)).json()["items"]
        return [(item["source"], item["number"]) for item in listed]

    assert await found() == [("audit-2019", 1), (SOURCE, 1), (SOURCE, 2), (SOURCE, 3)]
    assert await found(source=SOURCE) == [(SOURCE, 1), (SOURCE, 2), (SOURCE, 3)]
    assert await found(unit="HRD") == [(SOURCE, 1), (SOURCE, 2)]
    assert await found(state="not_started") == [(SOURCE, 2)]
    assert await found(priority="low") == [(SOURCE, 2)]
    assert await found(source=SOURCE, unit="PROGRAM", priority="high", state="awaiting_response") == [(SOURCE, 3)]
    assert await found(source="nobody-wrote-it") == []


async def test_paging_gives_each_row_once_whatever_is_inserted_meanwhile(client):
    await register(client)
    for number in range(2, 30, 2):
        await make(client, number)
    seen, after, turn = [], None, 0
    while True:
        params = {"source": SOURCE, "limit": 3} | ({"after": after} if after else {})
        page = (await client.get(f"{V1}/recommendations", params=params, **READER)).json()
        seen += [item["number"] for item in page["items"]]
        await make(client, 1 + 2 * turn)
        turn, after = turn + 1, page["next"]
        if after is None:
            break
    assert seen == sorted(set(seen))
    assert set(range(2, 30, 2)) <= set(seen)


async def test_evaluations_are_listed_page_by_page(client):
    for source in ("b-2020", "a-2020", "c-2020"):
        await register(client, source)
    first = (await client.get(f"{V1}/evaluations?limit=2", **READER)).json()
    assert [item["code"] for item in first["items"]] == ["a-2020", "b-2020"]
    rest = (await client.get(f"{V1}/evaluations?limit=2&after={first['next']}", **READER)).json()
    assert ([item["code"] for item in rest["items"]], rest["next"]) == (["c-2020"], None)
    for path in (f"{V1}/recommendations?after={first['next']}", f"{V1}/evaluations?after={first['next'][:-2]}xx"):
        refused = await client.get(path, **READER)
        assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (400, "after")


def test_the_service_is_wired_under_its_own_name():
    assert (service.name, [projection.services for projection in service.projections]) == (
        "recommendations",
        [["indicators"]],
    )
