"""Accelerating actions: added, defined, changed, seen."""

import pytest
from tests.indicators.plan import (
    ACTION,
    HRD,
    OPERATOR,
    PARDEV,
    PLAN,
    READER,
    at,
    begin,
    events_of,
    get,
    types_of,
    version,
)


async def add(client, status=201, code="advertise", caller=None, headers=None, **fields):
    body = {**ACTION, "code": code, **fields}
    done = await client.post(at("actions"), json=body, headers=headers or {}, **(caller or HRD))
    assert done.status_code == status, done.text
    return done.json()


async def change(client, status=200, caller=None, headers=None, **fields):
    headers = version(1) if headers is None else headers
    done = await client.patch(at("actions/advertise"), json=fields, headers=headers, **(caller or HRD))
    assert done.status_code == status, done.text
    return done.json()


async def test_an_action_is_read_as_it_was_added(client):
    await begin(client, "share")
    given = {"places": ["global"], "needs_funding": True, "due": "2021-06-30", "note": "as agreed", "state": "ongoing"}
    added = await add(client, **given)
    found = await client.get(at("actions/advertise"), **READER)
    assert found.json() == added
    assert found.headers["ETag"] == '"1"'
    for name, value in {**ACTION, **given, "plan": PLAN, "code": "advertise", "version": 1}.items():
        assert added[name] == value
    assert await types_of(client, f"{PLAN}/advertise") == ["action-added"]


async def test_a_code_that_is_taken_is_a_conflict(client):
    await begin(client, "share")
    await add(client)
    assert (await add(client, 409))["type"] == "urn:apge:problem:action-exists"
    assert len(await events_of(client, f"{PLAN}/advertise")) == 1


async def test_an_action_is_defined_once_and_again_without_a_second_event(client):
    await begin(client, "share")
    for status in (201, 200, 200):
        done = await client.put(at("actions/advertise"), json=ACTION, **HRD)
        assert (done.status_code, done.headers["ETag"]) == (status, '"1"')
    other = {**ACTION, "text": "Something else", "due": "2021-12-31"}
    for headers, status in (({}, 428), (version(2), 412), ({"If-Match": "1"}, 400), (version(1), 200)):
        done = await client.put(at("actions/advertise"), json=other, headers=headers, **HRD)
        assert done.status_code == status
    assert await types_of(client, f"{PLAN}/advertise") == ["action-added", "action-updated"]
    assert (await get(client, at("actions/advertise")))["text"] == "Something else"


async def test_a_version_of_an_action_that_does_not_exist_is_refused(client):
    await begin(client, "share")
    refused = await client.put(at("actions/advertise"), json=ACTION, headers=version(1), **HRD)
    assert refused.status_code == 412


async def test_only_what_is_given_is_changed(client):
    await begin(client, "share")
    before = await add(client, due="2021-06-30", note="as agreed", needs_funding=True)
    after = await change(client, state="completed", note=None)
    assert after == {**before, "state": "completed", "note": None, "version": 2}
    assert await types_of(client, f"{PLAN}/advertise") == ["action-added", "action-updated"]


@pytest.mark.parametrize("fields", [{}, {"state": "planned"}, {"text": ACTION["text"], "needs_funding": False}])
async def test_a_change_to_what_is_already_so_states_nothing(client, fields):
    await begin(client, "share")
    await add(client)
    assert (await change(client, **fields))["version"] == 1
    assert await types_of(client, f"{PLAN}/advertise") == ["action-added"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 428), ({"If-Match": '"9"'}, 412), ({"If-Match": '"one"'}, 400), ({"If-Match": "*"}, 400)],
)
async def test_a_change_names_the_version_that_was_read(client, headers, status):
    await begin(client, "share")
    await add(client)
    await change(client, status, headers=headers, state="completed")
    assert (await get(client, at("actions/advertise")))["state"] == "planned"


@pytest.mark.parametrize("name", ["text", "state", "needs_funding"])
async def test_what_an_action_must_have_cannot_be_taken_away(client, name):
    await begin(client, "share")
    await add(client)
    assert (await change(client, 422, **{name: None}))["errors"][0]["pointer"] == f"#/{name}"


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"indicators": ["share", "none"]}, "#/indicators/1"),
        ({"indicators": ["share", "foreign"]}, "#/indicators/1"),
        ({"indicators": []}, "#/indicators"),
        ({"places": ["region:africa"]}, "#/places/0"),
        ({"places": ["global", "everywhere"]}, "#/places/1"),
        ({"custodians": ["PARDEV"]}, "#/custodians"),
        ({"custodians": ["HRD", "NONE"]}, "#/custodians/1"),
        ({"custodians": ["HRD", "HRD"]}, "#/custodians/1"),
        ({"custodians": []}, "#/custodians"),
        ({"state": "done"}, "#/state"),
        ({"due": "2021-02-30"}, "#/due"),
        ({"due": 0}, "#/due"),
        ({"needs_funding": "yes"}, "#/needs_funding"),
        ({"text": ""}, "#/text"),
        ({"version": 5}, "#/version"),
    ],
)
async def test_an_action_that_does_not_fit_is_refused_by_the_field(client, fields, pointer):
    await begin(client, "share", "foreign")
    assert (await add(client, 422, **fields))["errors"][0]["pointer"] == pointer
    assert (await client.get(at("actions/advertise"), **READER)).status_code == 404
    assert await events_of(client, f"{PLAN}/advertise") == []


async def test_a_custodian_sees_and_changes_the_actions_of_its_own_units_only(client):
    await begin(client, "share", "foreign")
    await add(client)
    theirs = {**ACTION, "indicators": ["foreign"], "custodians": ["PARDEV"]}
    await add(client, code="theirs", caller=PARDEV, **theirs)

    async def codes(**caller):
        return [one["code"] for one in (await get(client, at("actions"), **caller))["items"]]

    assert await codes(**HRD) == ["advertise"]
    assert await codes(**PARDEV) == ["theirs"]
    assert await codes(**READER) == ["advertise", "theirs"]
    await change(client, 404, caller=PARDEV, state="dropped")
    await change(client, 200, caller=OPERATOR, state="dropped")


async def test_anothers_action_is_not_taken_over_by_defining_it(client):
    await begin(client, "share", "foreign")
    await add(client, code="theirs", caller=PARDEV, indicators=["foreign"], custodians=["PARDEV"])
    for headers in ({}, version(1)):
        refused = await client.put(at("actions/theirs"), json=ACTION, headers=headers, **HRD)
        assert (refused.status_code, refused.json()["type"]) == (409, "urn:apge:problem:action-exists")
    assert (await get(client, at("actions/theirs")))["custodians"] == ["PARDEV"]


async def test_an_operator_adds_an_action_to_indicators_of_several_units(client):
    await begin(client, "share", "foreign")
    added = await add(client, caller=OPERATOR, indicators=["share", "foreign"], custodians=["PROGRAM"])
    assert added["indicators"] == ["share", "foreign"]
    by_indicator = await get(client, at("actions") + "&indicator=foreign")
    assert [one["code"] for one in by_indicator["items"]] == ["advertise"]
    assert (await get(client, at("actions") + "&indicator=none"))["items"] == []


async def test_actions_are_paged_in_order_of_their_codes(client):
    await begin(client, "share")
    for code in ("c", "a", "e", "b", "d"):
        await add(client, code=code)
    seen, after = [], ""
    while after is not None:
        page = await get(client, at("actions") + "&limit=2" + (f"&after={after}" if after else ""))
        seen += [one["code"] for one in page["items"]]
        after = page["next"]
    assert seen == ["a", "b", "c", "d", "e"]


async def test_an_action_added_again_under_its_key_is_the_first_one(client):
    await begin(client, "share")
    key = {"Idempotency-Key": "one"}
    assert await add(client, headers=key) == await add(client, headers=key)
    refused = await add(client, 422, headers=key, code="another")
    assert refused["type"] == "urn:apge:problem:idempotency-key-used-otherwise"
    assert [one["code"] for one in (await get(client, at("actions")))["items"]] == ["advertise"]
