"""What a service says of itself: metric names that dashboards rely on, ids that join logs, answers and events."""

import io
import json
import re
from contextlib import redirect_stderr

import pytest
from tests.shared.sample import scalar, service

from shared.issuer import LocalIssuer
from shared.telemetry import Metrics, child_traceparent, configure_logs, new_id, new_traceparent
from shared.testing import Client, Postgres, running_service, wait_until

NOTES = "/sample/v1/notes"
TRACE = "0af7651916cd43dd8448eb211c80319c"
SPAN = "b7ad6b7169203331"
GOLDEN = [
    "apge_http_request_seconds",
    "apge_live_clients",
    "apge_live_dropped",
    "apge_live_resets",
    "apge_outbox_oldest_pending_seconds",
    "apge_outbox_pending_events",
    "apge_projection_applied_events",
    "apge_projection_gaps",
    "apge_projection_lag_events",
    "apge_projection_lag_seconds",
    "apge_projection_parked_aggregates",
    "apge_projection_repeated_events",
    "apge_projection_unknown_events",
    "apge_relay_batch_seconds",
    "apge_relay_published_events",
    "apge_worker_heartbeat_timestamp_seconds",
]


def test_the_names_of_the_metrics_are_the_golden_list() -> None:
    assert sorted(family.name for family in Metrics().registry.collect()) == GOLDEN


async def test_requests_are_counted_by_route_and_never_by_address(client: Client) -> None:
    note = (await client.post(NOTES, role="custodian", json={"text": "x"})).json()["key"]
    for path in (f"{NOTES}/{note}", f"{NOTES}/other", "/nowhere/at/all", "/sample/v1/broken"):
        await client.get(path, role="reader")
    await client.request("BREW", "/nowhere")
    text = (await client.get("/sample/metrics")).text
    counted = set(re.findall(r'apge_http_request_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\}', text))
    assert {
        ("POST", "/v1/notes", "201"),
        ("GET", "/v1/notes/{key}", "200"),
        ("GET", "/v1/notes/{key}", "404"),
        ("GET", "unmatched", "404"),
        ("GET", "/v1/broken", "500"),
        ("other", "unmatched", "404"),
    } <= counted
    assert note not in text


async def test_metrics_tell_what_the_relay_and_the_projection_did(client: Client) -> None:
    await client.post(NOTES, role="custodian", json={"text": "x"})

    async def counted() -> bool:
        text = (await client.get("/sample/metrics")).text
        return (
            "apge_relay_published_events_total 1.0" in text
            and 'apge_projection_applied_events_total{projection="note-views"} 1.0' in text
        )

    await wait_until(counted)


async def test_a_request_id_is_taken_over_and_else_made(common: Client) -> None:
    given = await common.get("/sample/health/live", headers={"X-Request-ID": "abc-123"})
    made = await common.get("/sample/health/live")
    assert given.headers["x-request-id"] == "abc-123"
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made.headers["x-request-id"]
    )


async def test_an_event_carries_the_request_its_trace_and_the_role_but_no_person(client: Client) -> None:
    headers = {"X-Request-ID": "abc-123", "traceparent": f"00-{TRACE}-{SPAN}-01"}
    await client.post(NOTES, role="custodian", units=["HRD"], json={"text": "x"}, headers=headers)
    row = await scalar(client.app.state.database, "SELECT row_to_json(outbox) FROM outbox")
    assert row["correlationid"] == row["causationid"] == "abc-123"
    assert row["actor"] == "custodian:HRD"
    assert row["traceparent"].startswith(f"00-{TRACE}-")
    assert SPAN not in row["traceparent"]
    assert "custodian-hrd" not in json.dumps(row)  # the token's subject


def test_a_child_keeps_the_trace_and_the_flags_and_has_a_span_of_its_own() -> None:
    for flags in ("00", "01"):
        child = child_traceparent(f"00-{TRACE}-{SPAN}-{flags}")
        assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-{flags}", child)
        assert SPAN not in child
    assert child_traceparent(f"cc-{TRACE}-{SPAN}-01-future").startswith(f"00-{TRACE}-")


@pytest.mark.parametrize(
    "parent",
    [
        None,
        "",
        "garbage",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-",
        f"00-{TRACE}-{SPAN}-zz",
        f"00-{TRACE}-{SPAN}-01\r\nX-Evil: 1",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{TRACE[:-1]}g-{SPAN}-01",
        f"00-{TRACE}-{SPAN[:-1]}g-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
    ],
)
def test_a_malformed_parent_starts_a_new_trace(parent: str | None) -> None:
    child = child_traceparent(parent)
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", child)
    assert TRACE not in child


def test_ids_sort_by_the_time_of_their_making() -> None:
    made = [new_id() for _ in range(1000)]
    assert made == sorted(made)
    assert len(set(made)) == 1000
    assert new_traceparent() != new_traceparent()


async def test_a_log_line_of_a_request_is_one_line_of_json_without_body_token_or_person(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    written = io.StringIO()
    token = issuer.token("custodian", subject="a-person")
    headers = {"Authorization": f"Bearer {token}", "X-Request-ID": "line-1"}

    async def three_are_written() -> bool:
        return written.getvalue().count('"event":"request"') == 3

    try:
        with redirect_stderr(written):
            async with running_service(service, postgres, issuer, bus_url, log_level="INFO") as client:
                await client.post(NOTES + "?x=a%0d%0ab", headers=headers, json={"text": "a body"})
                await client.get("/sample/v1/broken%0d%0a{}", headers=headers)
                await client.get(
                    "/sample/v1/broken", headers={"Authorization": f"Bearer {token}", "X-Request-ID": "line-2"}
                )
                await wait_until(three_are_written)
    finally:
        configure_logs("WARNING")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    requests = [line for line in lines if line.get("request_id") == "line-1"]
    assert [(line["event"], line["status"], line["path"], line["service"]) for line in requests] == [
        ("request", 201, NOTES, "sample"),
        ("request", 404, "/sample/v1/broken\r\n{}", "sample"),
    ]
    failed = next(line for line in lines if line["event"] == "request_failed")
    assert failed["request_id"] == "line-2"
    assert "RuntimeError: a secret of the inside" in failed["exception"]
    assert "a body" not in written.getvalue()
    assert "a-person" not in written.getvalue()
    assert token not in written.getvalue()
