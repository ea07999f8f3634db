"""A change names the version it changes; nobody overwrites what he has not seen."""

import asyncio

import pytest
from tests.shared.sample import scalar

from shared.testing import Client, wait_until


async def new_note(client: Client) -> str:
    answer = await client.post("/sample/v1/notes", role="custodian", json={"text": "first"})
    assert answer.status_code == 201
    assert answer.headers["etag"] == '"1"'
    return f"/sample/v1/notes/{answer.json()['key']}"


async def put(client: Client, path: str, if_match: str | None, **body: object) -> tuple[int, dict[str, object]]:
    headers = {} if if_match is None else {"If-Match": if_match}
    answer = await client.put(path, role="custodian", json={"text": "changed", **body}, headers=headers)
    return answer.status_code, answer.json()


async def test_a_change_without_if_match_is_answered_428(client: Client) -> None:
    status, problem = await put(client, await new_note(client), None)
    assert (status, problem["type"]) == (428, "urn:apge:problem:precondition-required")


async def test_a_change_of_an_old_version_is_answered_412_and_changes_nothing(client: Client) -> None:
    path = await new_note(client)
    assert (await put(client, path, '"1"'))[0] == 200
    status, problem = await put(client, path, '"1"', text="lost")
    assert (status, problem["type"]) == (412, "urn:apge:problem:stale-version")
    assert (await client.get(path, role="reader")).json()["text"] == "changed"


@pytest.mark.parametrize("header", ["1", 'W/"1"', "*", '"one"', '"-1"', '""', '"1", "2"', '"' + "9" * 19 + '"', "\xb2"])
async def test_an_if_match_that_is_no_etag_of_ours_is_answered_400(common: Client, header: str) -> None:
    status, problem = await put(common, await new_note(common), header.encode("latin-1"))  # type: ignore[arg-type]
    assert status == 400
    assert problem["errors"][0]["header"] == "If-Match"  # type: ignore[index]


async def test_a_version_from_the_future_is_answered_412(client: Client) -> None:
    assert (await put(client, await new_note(client), '"2"'))[0] == 412


async def test_the_etag_of_a_change_is_the_one_for_the_next(client: Client) -> None:
    path = await new_note(client)
    tag = '"1"'
    for expected in ('"2"', '"3"', '"4"'):
        answer = await client.put(path, role="custodian", json={"text": "x"}, headers={"If-Match": tag})
        tag = answer.headers["etag"]
        assert tag == expected


async def test_sixteen_writers_of_one_row_lose_no_update(client: Client) -> None:
    path = await new_note(client)

    async def add_one() -> None:
        """Reads, adds one, writes; begins anew whenever somebody else was quicker."""
        for _ in range(200):
            read = (await client.get(path, role="reader")).json()
            counted = 0 if read["text"] == "first" else int(read["text"])
            status, _problem = await put(client, path, f'"{read["sequence"]}"', text=str(counted + 1))
            if status == 200:
                return
            assert status == 412
        raise AssertionError("200 attempts were not enough")

    await asyncio.gather(*(add_one() for _ in range(16)))
    assert (await client.get(path, role="reader")).json()["text"] == "16"
    assert await scalar(client.app.state.database, "SELECT count(*) FROM outbox") == 17


async def test_the_version_the_etag_and_the_sequence_of_the_event_are_one_number(client: Client) -> None:
    path = await new_note(client)
    await put(client, path, '"1"')
    database = client.app.state.database
    assert await scalar(database, "SELECT array_agg(sequence ORDER BY position) FROM outbox") == [1, 2]
    assert await scalar(database, "SELECT sequence FROM notes") == 2

    async def view_has_it() -> bool:
        return await scalar(database, "SELECT max(sequence) FROM note_views") == 2

    await wait_until(view_has_it)
