"""The committed contracts say what the code does, and every release can read what any other writes."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from docs import contracts
from docs.compatibility import faults
from docs.generate import documents
from openapi_spec_validator import validate as validate_openapi
from pydantic_asyncapi.v3 import AsyncAPI

ROOT = Path(__file__).parents[2]
RELEASED = sorted((ROOT / "docs" / "events" / "released").glob("*/*.json"))


@pytest.mark.parametrize(
    ("path", "content"), [pytest.param(path, content, id=path.name) for path, content in documents()]
)
def test_a_generated_document_is_committed_as_it_would_be_generated(path: Path, content: str) -> None:
    assert path.exists(), f"{path.name} is missing; run make golden"
    assert path.read_text(encoding="utf-8") == content, (
        f"{path.name} is out of date; run make golden and read the difference"
    )


@pytest.mark.parametrize("service", contracts.SERVICES, ids=lambda service: service.name)
def test_the_api_of_a_service_is_described_in_valid_openapi_3_1(service: Any) -> None:
    described = contracts.openapi(service)
    assert described["openapi"].startswith("3.1")
    validate_openapi(described)
    ids = [operation["operationId"] for path in described["paths"].values() for operation in path.values()]
    assert len(ids) == len(set(ids))


def test_the_events_are_described_in_valid_asyncapi_3() -> None:
    read = AsyncAPI.model_validate(contracts.asyncapi())
    assert read.asyncapi == "3.0.0"
    assert {message["name"] for message in contracts.asyncapi()["components"]["messages"].values()} == set(
        contracts.STATED
    )


def test_every_event_has_a_docstring_that_can_be_its_page() -> None:
    assert [event for event in contracts.STATED.values() if len(contracts.description(event)) < 20] == []


def released(kind: str) -> list[Any]:
    return [
        pytest.param(path, id=f"{path.parent.name}/{path.name}")
        for path in RELEASED
        if path.name.endswith(f".{kind}.json")
    ]


def test_something_has_been_released() -> None:
    assert len(RELEASED) >= 2 * len(contracts.STATED)


@pytest.mark.parametrize("path", released("writer"))
def test_what_a_release_wrote_is_read_today(path: Path) -> None:
    event = contracts.STATED[path.name.removesuffix(".writer.json")]
    assert faults(json.loads(path.read_text()), contracts.reader_schema(event)) == []


@pytest.mark.parametrize("path", released("reader"))
def test_what_is_written_today_is_read_by_every_release(path: Path) -> None:
    event = contracts.STATED[path.name.removesuffix(".reader.json")]
    assert faults(contracts.writer_schema(event), json.loads(path.read_text())) == []


PLANTED = {
    "a field that readers need is dropped": lambda schema: (
        schema["properties"].pop("status") and schema["required"].remove("status")
    ),
    "a field is renamed": lambda schema: (
        schema["properties"].update(state=schema["properties"].pop("status")) or schema["required"].remove("status")
    ),
    "a field has another type": lambda schema: schema["properties"].update(plan={"type": "integer"}),
    "a code is new": lambda schema: schema["properties"]["status"]["enum"].append("nearly_met"),
    "a needed field may be absent": lambda schema: schema["required"].remove("plan"),
    "an inner field has another type": lambda schema: schema["$defs"]["Result"]["properties"].update(
        as_of={"type": "number"}
    ),
}


@pytest.mark.parametrize("planted", PLANTED)
def test_the_gate_finds_a_break_that_was_planted(planted: str) -> None:
    event = contracts.STATED["indicators.result-recorded.v1"]
    writer = copy.deepcopy(contracts.writer_schema(event))
    PLANTED[planted](writer)
    assert faults(writer, contracts.reader_schema(event)) != []


def test_the_gate_lets_an_added_optional_field_pass_both_ways() -> None:
    event = contracts.STATED["indicators.result-recorded.v1"]
    old_writer, old_reader = contracts.writer_schema(event), contracts.reader_schema(event)
    new_writer, new_reader = copy.deepcopy(old_writer), copy.deepcopy(old_reader)
    new_writer["properties"]["remark"] = {"type": "string"}
    new_reader["properties"]["remark"] = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
    assert faults(new_writer, old_reader) == []
    assert faults(old_writer, new_reader) == []
