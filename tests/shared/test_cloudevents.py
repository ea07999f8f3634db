"""An envelope in both its forms: nothing is lost, nothing malformed is let in, and the CloudEvents SDK reads what we write."""

import dataclasses
import json
from typing import Any

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from shared.cloudevents import Envelope, from_headers, from_structured, to_headers, to_structured

FULL = Envelope(
    id="01a2-id",
    type="sample.note-written.v1",
    source="/sample",
    subject="unit/\u00e9\u4e2d\U0001f600 %2F/x",
    time="2026-11-22T10:00:00.123456+00:00",
    sequence=2**53 + 1,
    data='{"text":"\u00e9\u4e2d\U0001f600","nested":{"list":[1,2.5,null,true]}}'.encode(),
    correlationid="c-1",
    causationid="c-0",
    actor="custodian:HRD+GENDER",
    traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
)
SPARE = Envelope("i", "t", "/s", "unit/a", "2026-11-22T10:00:00Z", 1, b"{}")


def test_the_headers_are_those_of_the_kafka_binding() -> None:
    assert dict(to_headers(SPARE)) == {
        "ce_specversion": b"1.0",
        "content-type": b"application/json",
        "ce_id": b"i",
        "ce_type": b"t",
        "ce_source": b"/s",
        "ce_subject": b"unit/a",
        "ce_time": b"2026-11-22T10:00:00Z",
        "ce_sequence": b"1",
    }


def test_the_structured_form_is_the_json_format() -> None:
    assert json.loads(to_structured(SPARE)) == {
        "specversion": "1.0",
        "datacontenttype": "application/json",
        "id": "i",
        "type": "t",
        "source": "/s",
        "subject": "unit/a",
        "time": "2026-11-22T10:00:00Z",
        "sequence": 1,
        "data": {},
    }


@pytest.mark.parametrize("envelope", [FULL, SPARE])
def test_both_forms_give_back_what_went_in(envelope: Envelope) -> None:
    assert from_headers(to_headers(envelope), envelope.data) == envelope
    back = from_structured(to_structured(envelope))
    assert dataclasses.replace(back, data=b"") == dataclasses.replace(envelope, data=b"")
    assert json.loads(back.data) == json.loads(envelope.data)


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
JSONS = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(subject=TEXTS.filter(len), actor=TEXTS, sequence=st.integers(1, 2**63 - 1), data=JSONS)
def test_any_text_and_any_json_survive_both_forms(subject: str, actor: str, sequence: int, data: Any) -> None:
    written = json.dumps(data, ensure_ascii=False).encode()
    envelope = dataclasses.replace(SPARE, subject=subject, actor=actor, sequence=sequence, data=written)
    assert from_headers(to_headers(envelope), envelope.data) == envelope
    back = from_structured(to_structured(envelope))
    assert (back.subject, back.actor, back.sequence) == (subject, actor, sequence)
    assert json.loads(back.data) == data


def judged(event: Any) -> dict[str, Any]:
    return {name: str(value) for name, value in event.get_attributes().items()}


EXPECTED = {
    "specversion": "1.0",
    "datacontenttype": "application/json",
    "id": "01a2-id",
    "type": "sample.note-written.v1",
    "source": "/sample",
    "subject": "unit/\u00e9\u4e2d\U0001f600 %2F/x",
    "time": "2026-11-22 10:00:00.123456+00:00",
    "sequence": "9007199254740993",
    "correlationid": "c-1",
    "causationid": "c-0",
    "actor": "custodian:HRD+GENDER",
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
}


def test_the_sdk_reads_the_binary_form() -> None:
    message = KafkaMessage(headers=dict(to_headers(FULL)), key=FULL.subject.encode(), value=FULL.data)
    event = from_kafka_event(message)
    assert judged(event) == {**EXPECTED, "partitionkey": FULL.subject}
    assert event.get_data() == json.loads(FULL.data)


def test_the_sdk_reads_the_structured_form() -> None:
    event = JSONFormat().read(CloudEvent, to_structured(FULL))
    assert judged(event) == EXPECTED
    assert event.get_data() == json.loads(FULL.data)


@pytest.mark.parametrize("missing", ["id", "type", "source", "subject", "time", "sequence", "specversion"])
def test_an_event_that_lacks_a_required_attribute_is_refused(missing: str) -> None:
    headers = [(name, value) for name, value in to_headers(FULL) if name != f"ce_{missing}"]
    with pytest.raises(ValueError, match=missing if missing != "specversion" else "1.0"):
        from_headers(headers, b"{}")
    document = json.loads(to_structured(FULL))
    del document[missing]
    with pytest.raises(ValueError, match=missing if missing != "specversion" else "1.0"):
        from_structured(json.dumps(document))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sequence", 0),
        ("sequence", -1),
        ("sequence", "one"),
        ("sequence", ""),
        ("sequence", 2**63),
        ("sequence", None),
        ("sequence", True),
        ("sequence", 1.5),
        ("subject", None),
        ("subject", {"a": 1}),
        ("subject", "unit/a\0b"),
        ("actor", "a\0b"),
        ("time", "yesterday"),
        ("time", "2026-11-22T10:00:00"),
        ("time", None),
        ("specversion", "0.3"),
    ],
)
def test_an_attribute_that_cannot_be_stored_or_compared_is_refused(name: str, value: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        from_structured(json.dumps({**json.loads(to_structured(FULL)), name: value}))
    if value is None or isinstance(value, str):
        headers = [
            (key, (None if value is None else value.encode()) if key == f"ce_{name}" else kept)
            for key, kept in to_headers(FULL)
        ]
        with pytest.raises((ValueError, TypeError)):
            from_headers(headers, b"{}")


@pytest.mark.parametrize(
    "document", ["", "null", "[]", "17", '"text"', "{", "{}", "\ufeff{}", b"\xff\xfe", '{"specversion": "1.0"}']
)
def test_a_document_that_is_no_event_is_refused(document: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of several kinds: JSON's own among them)
        from_structured(document)


def test_headers_that_are_no_utf8_are_refused() -> None:
    headers = [(key, b"\xff" if key == "ce_subject" else value) for key, value in to_headers(FULL)]
    with pytest.raises(ValueError):  # noqa: PT011 (UnicodeDecodeError)
        from_headers(headers, b"{}")


def test_headers_of_others_are_left_alone() -> None:
    assert from_headers([*to_headers(SPARE), ("other", b"\xff"), ("ce_foreign", b"x"), ("empty", None)], b"{}") == SPARE
