"""Lists by key: what is inserted and deleted between two pages makes no unchanged row come twice or get lost."""

import asyncio
import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from tests.shared.sample import execute

from shared.errors import BadRequest
from shared.paging import Page, cursor, get_page
from shared.testing import Client

LIST = "/sample/v1/notes"


def request(path: str = LIST) -> Request:
    return Request(
        {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b"", "server": ("t", 80)}
    )


async def write(client: Client, *keys: str) -> None:
    for key in keys:
        await execute(
            client.app.state.database, "INSERT INTO notes (key, sequence, text) VALUES (:key, 1, :key)", key=key
        )


async def page(client: Client, limit: int, after: str | None = None, path: str = LIST) -> tuple[list[str], str | None]:
    params = {"limit": str(limit), **({"after": after} if after else {})}
    answer = await client.get(path, role="reader", params=params)
    assert answer.status_code == 200
    return [item["key"] for item in answer.json()["items"]], answer.json()["next"]


@pytest.mark.parametrize(
    ("rows", "expected"), [(0, [[]]), (2, [["a", "b"]]), (3, [["a", "b"], ["c"]]), (4, [["a", "b"], ["c", "d"]])]
)
async def test_a_list_ends_without_an_empty_last_page(client: Client, rows: int, expected: list[list[str]]) -> None:
    await write(client, *"abcd"[:rows])
    found, after = [], None
    for _ in expected:
        keys, after = await page(client, 2, after)
        found.append(keys)
    assert found == expected
    assert after is None


CHANGES = st.lists(st.tuples(st.sampled_from(["insert", "delete"]), st.integers(0, 60)), max_size=4)


@settings(max_examples=60, deadline=None)
@given(
    first=st.sets(st.integers(0, 60), max_size=25),
    limit=st.integers(1, 7),
    between=st.lists(CHANGES, min_size=30, max_size=30),
)
def test_rows_that_nobody_touches_come_exactly_once(
    first: set[int], limit: int, between: list[list[tuple[str, int]]]
) -> None:
    """The cut and the cursor, over a table that is changed between any two pages."""
    table, touched, seen = set(first), set(), []
    after: list[int] | None = None
    for changes in between:
        rows = sorted(key for key in table if after is None or key > after[0])
        keys, following = Page(limit, None, LIST).cut(rows[: limit + 1], lambda key: [key])
        seen += keys
        if following is None:
            break
        after = decode(following)
        for action, key in changes:
            touched.add(key)
            (table.add if action == "insert" else table.discard)(key)
    assert len(seen) == len(set(seen))
    assert first - touched <= set(seen)
    assert seen == sorted(seen)


def decode(following: str) -> list[int]:
    loop = asyncio.new_event_loop()
    try:
        found = loop.run_until_complete(get_page(request(), 1, following))
    finally:
        loop.close()
    assert found.after is not None
    return found.after


async def test_rows_inserted_and_deleted_meanwhile_disturb_no_other(client: Client) -> None:
    await write(client, *"bdfhj")
    first, after = await page(client, 2)
    assert first == ["b", "d"]
    await write(client, "a", "e")
    await client.request("DELETE", f"{LIST}/d", role="custodian")
    await client.request("DELETE", f"{LIST}/f", role="custodian")
    second, after = await page(client, 2, after)
    assert second == ["e", "h"]
    third, after = await page(client, 2, after)
    assert (third, after) == (["j"], None)


@given(
    place=st.integers(0, 200),
    letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=!é "),
)
@settings(max_examples=300, deadline=None)
def test_a_cursor_with_one_other_letter_is_refused(place: int, letter: str) -> None:
    true = cursor(["some-key", 17], LIST)
    place %= len(true)
    false = true[:place] + letter + true[place + 1 :]
    if false != true:
        with pytest.raises(BadRequest):
            decode(false)


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_a_text_that_no_list_gave_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        decode(text)


async def test_a_tampered_cursor_is_answered_400_with_its_parameter(client: Client) -> None:
    await write(client, *"abc")
    _, after = await page(client, 1)
    assert after is not None
    answer = await client.get(LIST, role="reader", params={"after": after[:-2] + "xx"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "after"


async def test_a_cursor_of_another_list_is_refused(client: Client) -> None:
    await write(client, *"abc")
    _, after = await page(client, 1)
    answer = await client.get("/sample/v1/views", role="reader", params={"after": str(after)})
    assert answer.status_code == 400


async def test_a_cursor_may_be_longer_than_the_sort_key_and_keeps_its_letters() -> None:
    key = ["é" * 100, 2**62, None, "\u4e2d"]
    assert (await get_page(request(), 5, cursor(key, LIST))).after == key


async def test_a_cursor_says_nothing_but_the_sort_key() -> None:
    raw = base64.urlsafe_b64decode(cursor(["k"], LIST) + "==")
    assert raw.endswith(b'["k"]')
    assert len(raw) == 6 + len(b'["k"]')


@pytest.mark.parametrize("limit", ["0", "501", "-1", "many", "1e9"])
async def test_a_limit_outside_of_1_to_500_is_refused(common: Client, limit: str) -> None:
    answer = await common.get(LIST, role="reader", params={"limit": limit})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == "limit"
