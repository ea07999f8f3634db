"""Files that are sent in parts: what was acknowledged stays, and what comes of them is what a push of their bytes gives."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from tests.hr_diversity.conftest import KEY
from tests.hr_diversity.pushing import accepted, count, push, select
from tests.hr_diversity.staff import HEADER, a_staff, file_of, people
from tests.hr_diversity.test_delta import BASE, DAY, DELTA
from tests.hr_diversity.test_privacy import CANARY, everything_kept, with_canary

from hr_diversity import store
from hr_diversity.intake import receiving
from hr_diversity.main import service
from hr_diversity.service import completions, progress, uploads
from shared.issuer import LocalIssuer
from shared.telemetry import new_id
from shared.testing import Client, Postgres, running_service, wait_until

UPLOADS = "/hr-diversity/v1/uploads"
CSV = {"content-type": "text/csv"}


async def declare(client: Client, role: Any = "hr-feeder", headers: dict[str, str] | None = None, **params: Any) -> Any:
    given = {"source": "hris", "as_of": DAY, **params}
    return await client.post(UPLOADS, params=given, headers={**CSV, **(headers or {})}, role=role)


async def declared(client: Client, **how: Any) -> str:
    answer = await declare(client, **how)
    assert answer.status_code == 201, answer.text
    assert (answer.json()["offset"], answer.json()["state"]) == (0, "receiving")
    assert answer.headers["location"] == f"{UPLOADS}/{answer.json()['id']}"
    return str(answer.json()["id"])


async def add(client: Client, upload: str, offset: int, data: Any, role: Any = "hr-feeder") -> httpx.Response:
    headers = {"Upload-Offset": str(offset), "content-type": "application/octet-stream"}
    return await client.patch(f"{UPLOADS}/{upload}", content=data, headers=headers, role=role)


async def complete(client: Client, upload: str, role: Any = "hr-feeder", **params: str) -> httpx.Response:
    return await client.post(f"{UPLOADS}/{upload}/completion", params=params, role=role)


async def look(client: Client, upload: str, role: Any = "hr-feeder") -> dict[str, Any]:
    answer = await client.get(f"{UPLOADS}/{upload}", role=role)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def sent(client: Client, data: bytes, pieces: int = 3, **how: Any) -> str:
    upload, at = await declared(client, **how), 0
    size = len(data) // pieces + 1
    for start in range(0, len(data), size):
        answer = await add(client, upload, at, data[start : start + size])
        assert answer.status_code == 204, answer.text
        at = int(answer.headers["upload-offset"])
    assert at == len(data)
    return upload


async def test_parts_become_the_snapshot_that_a_push_of_their_bytes_gives(client: Client) -> None:
    pushed = await accepted(client, a_staff(), source="other")
    upload = await sent(client, a_staff(), pieces=7)
    assert (await look(client, upload))["offset"] == len(a_staff())
    answer = await complete(client, upload)
    assert answer.status_code == 201, answer.text
    assert {**answer.json(), "id": pushed["id"], "source": "other"} == pushed
    assert answer.headers["location"].endswith(answer.json()["id"])
    told = await look(client, upload)
    assert (told["state"], told["counted"], told["receipt"]) == ("done", 100, answer.json())
    assert await count(client, "upload_parts") == 0
    again = await complete(client, upload)
    assert (again.status_code, again.json()) == (200, answer.json())
    repeated = await push(client, a_staff())
    assert (repeated.status_code, repeated.json()) == (200, answer.json())


async def test_a_part_that_begins_elsewhere_is_told_where_to_begin(client: Client) -> None:
    upload = await declared(client)
    await add(client, upload, 0, b"12345")
    for offset in (0, 4, 6):
        answer = await add(client, upload, offset, b"67890")
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:apge:problem:other-offset")
        assert (answer.json()["offset"], answer.headers["upload-offset"]) == (5, "5")
    assert (await look(client, upload))["offset"] == 5


async def test_of_two_equal_parts_at_once_one_is_added(client: Client) -> None:
    upload = await declared(client)
    answers = await asyncio.gather(*(add(client, upload, 0, b"12345") for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [204] + [409] * 7
    assert (await look(client, upload))["offset"] == 5


async def test_what_came_before_the_connection_broke_is_kept(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PART", 1000)
    upload, data = await declared(client), a_staff()
    messages = [
        {"type": "http.request", "body": data[:2500], "more_body": True},
        {"type": "http.request", "body": data[2500:2700], "more_body": True},
        {"type": "http.disconnect"},
    ]
    headers = [
        (b"authorization", f"Bearer {client.issuer.token('hr-feeder')}".encode()),
        (b"upload-offset", b"0"),
    ]
    path = f"{UPLOADS}/{upload}"
    scope = {
        "type": "http",
        "method": "PATCH",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": headers,
    }
    answered: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        answered.append(message)

    await client.app(scope, receive, send)
    assert answered[0]["status"] == 400
    assert (await look(client, upload))["offset"] == 2700
    assert (await add(client, upload, 2700, data[2700:])).status_code == 204
    assert (await complete(client, upload)).status_code == 201


async def test_a_delta_in_parts_is_laid_on_its_base(client: Client) -> None:
    await accepted(client, a_staff(60, 40), as_of=BASE)
    packed = gzip.compress(DELTA)
    headers = {"content-encoding": "gzip"}
    upload = await sent(
        client, packed, mode="delta", base=BASE, headers=headers, digest=hashlib.sha256(packed).hexdigest()
    )
    dry = await complete(client, upload, dry_run="true")
    assert (dry.status_code, dry.json()["headcount"], dry.json()["id"]) == (200, 101, None)
    assert await count(client, "snapshots") == 1
    assert (await look(client, upload))["state"] == "receiving"
    answer = await complete(client, upload, digest=hashlib.sha256(packed).hexdigest())
    assert (answer.status_code, answer.json()["headcount"]) == (201, 101)


async def test_a_delta_whose_base_comes_later_can_be_completed_later(client: Client) -> None:
    upload = await sent(client, DELTA, mode="delta")
    assert (await complete(client, upload)).status_code == 409
    await accepted(client, a_staff(60, 40), as_of=BASE)
    assert (await complete(client, upload)).status_code == 201


async def test_a_file_that_is_refused_says_so_ever_after_and_its_parts_are_gone(client: Client) -> None:
    upload = await sent(client, file_of(people(3, grade="P9")))
    first = await complete(client, upload)
    assert (first.status_code, first.json()["type"]) == (422, "urn:apge:problem:too-many-refused")
    told = await look(client, upload)
    assert told["state"] == "refused"
    assert told["problem"]["detail"] == first.json()["detail"]
    again = await complete(client, upload)
    assert {**again.json(), "instance": ""} == {**first.json(), "instance": ""}
    assert await count(client, "upload_parts") == await count(client, "snapshots") == 0
    ended = await add(client, upload, told["offset"], b"more")
    assert (ended.status_code, ended.json()["type"]) == (409, "urn:apge:problem:upload-ended")


async def test_a_dry_run_that_finds_the_file_bad_leaves_the_upload_as_it_is(client: Client) -> None:
    upload = await sent(client, file_of(people(3, grade="P9")))
    parts = await count(client, "upload_parts")
    dry = await complete(client, upload, dry_run="true")
    assert (dry.status_code, dry.json()["type"]) == (422, "urn:apge:problem:too-many-refused")
    assert ((await look(client, upload))["state"], await count(client, "upload_parts")) == ("receiving", parts)
    assert (await complete(client, upload, digest="0" * 64, dry_run="true")).status_code == 422
    assert await count(client, "upload_parts") == parts


@pytest.mark.parametrize("at", ["declaration", "completion"])
async def test_other_bytes_than_the_digest_names_are_refused(client: Client, at: str) -> None:
    digest = hashlib.sha256(b"another file").hexdigest()
    upload = await sent(client, a_staff(), **({"digest": digest} if at == "declaration" else {}))
    answer = await complete(client, upload, **({"digest": digest} if at == "completion" else {}))
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:other-digest")
    assert await count(client, "snapshots") == 0


async def test_the_limit_of_a_body_holds_for_the_sum_of_the_parts(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    more = {"pseudonym_key": KEY, "largest_body_bytes": 2000}
    async with running_service(service, postgres, issuer, bus_url, **more) as client:
        upload = await declared(client)
        assert (await add(client, upload, 0, b"x" * 1500)).status_code == 204
        answer = await add(client, upload, 1500, b"x" * 501)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:apge:problem:too-large")
        assert (await add(client, upload, 1500, b"x" * 500)).status_code == 204


async def test_a_declaration_said_twice_with_one_key_is_one_upload(client: Client) -> None:
    key = {"Idempotency-Key": new_id()}
    first, second = [await declare(client, headers=key) for _ in range(2)]
    assert first.json() == second.json()
    assert await count(client, "uploads") == 1


@pytest.mark.parametrize(
    ("params", "headers", "status"),
    [
        ({"mode": "half"}, {}, 422),
        ({"as_of": "2999-01-01"}, {}, 422),
        ({"base": BASE}, {}, 422),
        ({"digest": "abc"}, {}, 422),
        ({"parts": "3"}, {}, 400),
        ({}, {"content-type": "text/html"}, 415),
    ],
)
async def test_a_declaration_has_to_make_sense(
    reading: Client, params: dict[str, str], headers: dict[str, str], status: int
) -> None:
    answer = await declare(reading, headers=headers, **params)
    assert answer.status_code == status, answer.text


async def test_nobody_but_who_declared_it_and_the_operator_can_touch_it(client: Client) -> None:
    upload = await sent(client, a_staff())
    token = client.issuer.token("hr-feeder", subject="another-system")
    headers = {"Authorization": f"Bearer {token}", "Upload-Offset": "0"}
    for method, path in (("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/completion")):
        for one in (upload, "absent"):
            answer = await client.request(method, f"{UPLOADS}/{one}{path}", headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:apge:problem:unknown-upload"), method
    assert (await client.get(UPLOADS, headers=headers)).json()["items"] == []
    assert (await client.get(f"{UPLOADS}/{upload}", role="reader")).status_code == 403
    assert (await look(client, upload, role="operator"))["offset"] == len(a_staff())
    assert (await complete(client, upload, role="operator")).status_code == 201


async def test_an_upload_is_found_by_the_digest_of_its_file(client: Client) -> None:
    digest = hashlib.sha256(a_staff()).hexdigest()
    await declared(client)
    upload = await declared(client, digest=digest)
    found = (await client.get(UPLOADS, params={"digest": digest}, role="hr-feeder")).json()
    assert [one["id"] for one in found["items"]] == [upload]


async def test_who_gives_up_leaves_nothing(client: Client) -> None:
    upload = await sent(client, a_staff())
    answer = await client.request("DELETE", f"{UPLOADS}/{upload}", role="hr-feeder")
    assert answer.status_code == 204
    assert await count(client, "uploads") == await count(client, "upload_parts") == 0
    assert (await client.get(f"{UPLOADS}/{upload}", role="hr-feeder")).status_code == 404


async def test_abandoned_uploads_are_deleted(client: Client) -> None:
    await sent(client, a_staff())
    database = client.app.state.database
    assert await uploads.forget_abandoned(database, hours=1) == 0
    assert await uploads.forget_abandoned(database, hours=0) == 1
    assert await count(client, "upload_parts") == 0


async def test_no_staff_id_is_in_the_database_while_parts_wait(client: Client) -> None:
    upload = await sent(client, with_canary())
    for place in (await everything_kept(client), str(await select(client, "SELECT sealed FROM upload_parts"))):
        assert CANARY not in place
        assert CANARY.encode().hex() not in place
    assert (await complete(client, upload)).status_code == 201


async def test_parts_that_were_exchanged_or_sealed_with_another_key_are_not_read(client: Client) -> None:
    upload = await sent(client, a_staff(), pieces=2)
    async with client.app.state.database.transaction() as session:
        await session.execute(text("UPDATE upload_parts SET sealed = overlay(sealed placing '\\x00' from 20)"))
    answer = await complete(client, upload)
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:apge:problem:seal-broken")


async def test_progress_is_seen_by_others_while_it_is_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "EVERY", 0.02)
    going_on, counting = asyncio.Event(), asyncio.Event()
    original = completions._read

    async def slowly(*given: Any) -> AsyncIterator[bytes]:
        async for piece in original(*given):
            yield piece
        counting.set()
        await going_on.wait()

    monkeypatch.setattr(completions, "_read", slowly)
    for module in (receiving, completions):  # several blocks, so that the first is counted while the last is waited for
        monkeypatch.setattr(module, "BLOCK", 1 << 18)
    upload = await sent(client, file_of([*people(5000), *people(4999, 5001, sex="M")]), pieces=2)
    working = asyncio.create_task(complete(client, upload))
    await counting.wait()

    async def seen() -> bool:
        told = await look(client, upload)
        return bool(told["state"] == "counting" and told["counted"])

    await wait_until(seen)
    for answer in (await complete(client, upload), await add(client, upload, 0, b"x")):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:apge:problem:upload-busy")
    going_on.set()
    assert (await working).status_code == 201
    assert (await look(client, upload))["counted"] == 9999


async def test_a_counting_that_was_interrupted_waits_for_its_completion(client: Client) -> None:
    upload = await sent(client, a_staff())
    async with client.app.state.database.transaction() as session:
        await store.uploads.change(session, upload, state="counting")
    assert (await look(client, upload))["state"] == "receiving"
    assert (await complete(client, upload)).status_code == 201


async def test_twenty_completions_at_once_have_one_effect(client: Client) -> None:
    upload = await sent(client, a_staff())
    answers = await asyncio.gather(*(complete(client, upload) for _ in range(20)))
    assert sorted({answer.status_code for answer in answers}) in ([201, 409], [200, 201, 409], [200, 201])
    assert [answer.status_code for answer in answers].count(201) == 1
    assert await count(client, "snapshots") == 1


async def test_a_header_alone_is_refused_like_in_a_push(client: Client) -> None:
    upload = await sent(client, HEADER.encode())
    assert (await complete(client, upload)).json()["type"] == "urn:apge:problem:empty-file"
