"""Evidence: attached once, cited from many places, withdrawn with a reason that everybody sees who rests on it."""

import hashlib

import pytest
from sqlalchemy import text
from tests.indicators.plan import (
    HRD,
    NOW,
    OPERATOR,
    PARDEV,
    READER,
    V1,
    assert_heads_are_last_events,
    begin,
    get,
    record,
    results_of,
    rows_of,
    types_of,
    version,
)

from indicators import rules

DOCUMENT = f"{V1}/documents/report"
BODY = {"title": "Annual report 2020", "url": "https://example.org/report"}
PDF = b"%PDF-1.7 as printed"
CITED = [{"title": "Annual report", "document": "report"}]


async def attach(client, caller=HRD, **rest):
    done = await client.put(DOCUMENT, json=BODY, **caller, **rest)
    assert done.status_code == 201, done.text


async def upload(client, content=PDF, media_type="application/pdf", sequence=1, caller=HRD):
    headers = {"Content-Type": media_type, **version(sequence)}
    return await client.put(f"{DOCUMENT}/content", content=content, headers=headers, **caller)


async def withdraw(client, sequence=1, caller=HRD, status=200):
    body = {"reason": "the figures were wrong"}
    done = await client.post(f"{DOCUMENT}/withdraw", json=body, headers=version(sequence), **caller)
    assert done.status_code == status, done.text
    return done.json()


async def test_a_document_comes_back_byte_by_byte_as_a_download_that_no_browser_shows(client):
    await begin(client, "count")
    await attach(client)
    done = await upload(client)
    assert (done.status_code, done.json()["bytes"]) == (200, len(PDF))
    assert done.json()["digest"] == hashlib.sha256(PDF).hexdigest()
    found = await client.get(f"{DOCUMENT}/content", **READER)
    assert (found.content, found.headers["content-type"]) == (PDF, "application/pdf")
    assert found.headers["content-disposition"] == 'attachment; filename="report"'
    assert found.headers["x-content-type-options"] == "nosniff"
    assert await types_of(client, "report") == ["document-attached"] * 2
    await assert_heads_are_last_events(client)


async def test_the_same_bytes_are_stored_once_however_often_they_are_attached(client):
    await attach(client)
    await client.put(f"{V1}/documents/other", json={**BODY, "title": "Other"}, **PARDEV)
    for path, caller in ((DOCUMENT, HRD), (f"{V1}/documents/other", PARDEV)):
        headers = {"Content-Type": "application/pdf", **version(1)}
        assert (await client.put(f"{path}/content", content=PDF, headers=headers, **caller)).status_code == 200
    assert len((await rows_of(client))["document_contents"]) == 1
    assert (await upload(client, sequence=2)).status_code == 200
    assert await types_of(client, "report") == ["document-attached"] * 2


@pytest.mark.parametrize(
    ("media_type", "content", "status"),
    [
        ("text/html", b"<script>alert(1)</script>", 415),
        ("image/svg+xml", b"<svg/>", 415),
        ("", PDF, 415),
        ("application/pdf", b"<script>alert(1)</script>", 422),
        ("image/png", PDF, 422),
        ("text/plain", b"\xff\xfe", 422),
        ("text/csv", b"a,b\x00", 422),
        ("application/pdf", PDF + b"0" * rules.documents.LARGEST, 413),
        ("application/pdf; charset=binary", PDF, 200),
    ],
)
async def test_only_listed_files_are_taken_and_only_as_what_they_are(client, media_type, content, status):
    await attach(client)
    before = await rows_of(client)
    done = await upload(client, content, media_type)
    assert done.status_code == status
    if status != 200:
        assert done.headers["content-type"] == "application/problem+json"
        assert await rows_of(client) == before


async def test_a_document_without_content_has_none_to_download(client):
    await attach(client)
    assert (await client.get(f"{DOCUMENT}/content", **READER)).status_code == 404


async def test_a_result_cites_what_is_attached_and_nothing_else(client):
    await begin(client, "count", "share")
    refused = await record(client, 45, evidence=CITED, status=422)
    assert refused["errors"][0]["pointer"] == "#/evidence/0/document"
    await attach(client)
    await record(client, 45, evidence=CITED)
    await record(client, 2, "count", evidence=CITED)
    found = await get(client, f"{DOCUMENT}/citations")
    assert [(one["indicator"], one["place"], one["number"]) for one in found["items"]] == [
        ("count", "global", 1),
        ("share", "global", 1),
    ]
    assert found["withdrawn"] is False


async def test_a_withdrawn_document_flags_what_cites_it_and_is_cited_no_more(client):
    await begin(client, "share")
    await attach(client)
    await record(client, 45, evidence=CITED)
    done = await withdraw(client)
    assert (done["withdrawn"], done["reason"]) == (True, "the figures were wrong")
    assert await types_of(client, "report") == ["document-attached", "document-withdrawn"]
    assert (await get(client, f"{DOCUMENT}/citations"))["withdrawn"] is True
    (line,) = (await get(client, results_of("share")))["items"]
    assert line["withdrawn_documents"] == ["report"]
    assert line["status"] == "on_track"
    refused = await record(client, 46, evidence=CITED, status=422)
    assert "the figures were wrong" in refused["errors"][0]["detail"]
    await withdraw(client, 2, status=409)
    assert (await upload(client, sequence=2)).status_code == 409
    trail = (await get(client, f"{DOCUMENT}/changes"))["items"]
    assert trail[-1]["reason"] == "the figures were wrong"


async def test_only_who_attached_a_document_and_operators_change_it(client):
    await attach(client)
    other = await client.put(DOCUMENT, json={**BODY, "title": "Mine"}, headers=version(1), **PARDEV)
    assert (other.status_code, other.json()["type"]) == (409, "urn:apge:problem:document-exists")
    assert (await upload(client, caller=PARDEV)).status_code == 404
    await withdraw(client, caller=PARDEV, status=404)
    own = await client.put(DOCUMENT, json={**BODY, "title": "Ours"}, headers=version(1), **HRD)
    assert own.status_code == 200
    by_operator = await client.put(DOCUMENT, json={**BODY, "title": "Corrected"}, headers=version(2), **OPERATOR)
    assert by_operator.json()["title"] == "Corrected"


async def test_citations_show_a_custodian_its_own_results_only(client):
    await begin(client, "share", "foreign")
    await attach(client)
    await record(client, 45, evidence=CITED)
    body = {"phase": NOW, "value": 45, "evidence": CITED}
    assert (await client.post(results_of("foreign"), json=body, **PARDEV)).status_code == 201
    for caller, seen in ((HRD, ["share"]), (PARDEV, ["foreign"]), (READER, ["foreign", "share"])):
        found = await get(client, f"{DOCUMENT}/citations", **caller)
        assert [one["indicator"] for one in found["items"]] == seen
    first = await get(client, f"{DOCUMENT}/citations?limit=1")
    second = await get(client, f"{DOCUMENT}/citations?limit=1&after={first['next']}")
    assert [one["indicator"] for one in first["items"] + second["items"]] == ["foreign", "share"]


async def test_content_that_is_replaced_stays_under_its_digest(client):
    await attach(client)
    await upload(client)
    assert (await upload(client, PDF + b"!", sequence=2)).status_code == 200
    async with client.app.state.database.reading() as session:
        kept = set((await session.execute(text("SELECT digest FROM document_contents"))).scalars())
    assert kept == {hashlib.sha256(PDF).hexdigest(), hashlib.sha256(PDF + b"!").hexdigest()}


@pytest.mark.parametrize(("headers", "status"), [({}, 428), (version(7), 412)])
async def test_a_change_names_the_version_that_was_read(client, headers, status):
    await attach(client)
    typed = {"Content-Type": "application/pdf", **headers}
    assert (await client.put(f"{DOCUMENT}/content", content=PDF, headers=typed, **HRD)).status_code == status
    other = {**BODY, "title": "Other"}
    assert (await client.put(DOCUMENT, json=other, headers=headers, **HRD)).status_code == status
    done = await client.post(f"{DOCUMENT}/withdraw", json={"reason": "-"}, headers=headers, **HRD)
    assert done.status_code == status
