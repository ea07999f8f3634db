"""The first page as an answer: its headers, its files, and what it says to whom."""

import re
from collections.abc import AsyncIterator

import pytest

from reporting.main import service
from reporting.web.pages import FILES
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service


@pytest.fixture(scope="module")
async def reading(postgres: Postgres, issuer: LocalIssuer) -> AsyncIterator[Client]:
    async with (
        postgres.database() as log,
        running_service(service, postgres, issuer, log, anonymous_reading=True) as running,
    ):
        yield running


async def test_the_page_lets_the_browser_load_from_here_only(reading: Client) -> None:
    page = await reading.get("/")
    policy = page.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-cache"


async def test_the_page_has_no_inline_style_or_script_and_names_no_other_host(reading: Client) -> None:
    texts = [
        (await reading.get("/")).text,
        (await reading.get("/parity")).text,
        *[content.decode() for name, content in FILES.items() if name != "mark.svg"],
    ]
    for text in texts:
        assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=", text)
        assert set(re.findall(r"https?://[^\s\"']+", text)) <= {"http://www.w3.org/2000/svg"}
        assert "innerHTML" not in text


async def test_files_are_kept_for_good_under_their_version_and_no_longer_under_another(reading: Client) -> None:
    found = re.findall(
        r'(?:href|src)="(/reporting/static/[0-9a-f]{12}/[a-z]+\.(?:css|js|svg))"', (await reading.get("/")).text
    )
    assert len(found) >= 8
    for address in found:
        kept = await reading.get(address)
        assert kept.status_code == 200, address
        assert "immutable" in kept.headers["cache-control"]
    other = await reading.get("/reporting/static/000000000000/base.css")
    assert (other.status_code, other.headers["cache-control"]) == (200, "no-cache")
    absent = await reading.get("/reporting/static/000000000000/pages.py")
    assert (absent.status_code, absent.headers["content-type"]) == (404, "application/problem+json")


async def test_no_script_is_longer_than_a_newcomer_reads_at_once() -> None:
    assert [name for name, content in FILES.items() if name.endswith(".js") and content.count(b"\n") > 200] == []


async def test_whoever_may_not_read_the_figures_learns_none_from_the_page(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    async with running_service(service, postgres, issuer, bus_url) as client:
        refused = await client.get("/")
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "Please sign in" in refused.text
        assert "<script" not in refused.text
        assert "Please sign in" in (await client.get("/parity")).text
        assert "No plan has been loaded yet" in (await client.get("/", role="reader")).text
