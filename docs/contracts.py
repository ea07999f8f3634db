"""The contracts as documents, composed from the code: OpenAPI per service, AsyncAPI and JSON Schemas for the events."""

import inspect
from typing import Any

from pydantic import SecretStr
from pydantic.json_schema import models_json_schema

import hr_diversity.main
import indicators.main
import recommendations.main
import reporting.main
from shared.app import Service, create_app
from shared.events import EVENTS, Event, topic_of

STATED = {name: event for name, event in EVENTS.items() if event.__module__.startswith("shared.events.")}
"""The platform's events, without what a test may define."""

SERVICES: list[Service] = [
    indicators.main.service,
    hr_diversity.main.service,
    recommendations.main.service,
    reporting.main.service,
]


def openapi(service: Service) -> dict[str, Any]:
    """The description that the running service gives at `/<service>/openapi.json`."""
    given: dict[str, Any] = {
        "database_url": SecretStr("postgresql+asyncpg://unused"),
        "bus_url": SecretStr("postgresql://unused"),
    }
    if "pseudonym_key" in service.settings.model_fields:
        given["pseudonym_key"] = SecretStr("unused-unused-unused-unused-unused")
    return create_app(service, service.settings(bus="postgres", **given)).openapi()


def writer_schema(event: type[Event]) -> dict[str, Any]:
    """What a writer of this release states: every field, and no other."""
    return _closed(event.model_json_schema(mode="serialization"))


def reader_schema(event: type[Event]) -> dict[str, Any]:
    """What a reader of this release needs: unknown fields are ignored."""
    return event.model_json_schema(mode="validation")


def _closed(schema: Any) -> Any:
    if isinstance(schema, dict):
        closed = {key: _closed(value) for key, value in schema.items()}
        return closed | {"additionalProperties": False} if "properties" in closed else closed
    return [_closed(item) for item in schema] if isinstance(schema, list) else schema


def service_of(event: type[Event]) -> str:
    return event.type.partition(".")[0]


def description(event: type[Event]) -> str:
    return inspect.cleandoc(event.__doc__ or "")


def asyncapi() -> dict[str, Any]:
    """AsyncAPI 3 of all topics: one message per event, CloudEvents in binary mode."""
    _, schemas = models_json_schema(
        [(event, "serialization") for event in STATED.values()], ref_template="#/components/schemas/{model}"
    )
    stating = sorted({service_of(event) for event in STATED.values()})
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "APGE Monitor: events",
            "version": "1",
            "description": "Facts in the past tense, each with the resulting state of its aggregate. Key: the subject. Binary CloudEvents 1.0.",
        },
        "defaultContentType": "application/json",
        "channels": {service: _channel(service) for service in stating},
        "operations": {
            f"state{''.join(word.capitalize() for word in service.split('-'))}Facts": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{service}"},
                "summary": f"What the {service} service states",
            }
            for service in stating
        },
        "components": {
            "messages": {name(event): _message(event) for event in STATED.values()},
            "messageTraits": {"cloudEvent": {"headers": HEADERS}},
            "schemas": schemas["$defs"],
        },
    }


def name(event: type[Event]) -> str:
    """The event's name where dots are not allowed."""
    return event.type.replace(".", "_")


def _channel(service: str) -> dict[str, Any]:
    events = [event for event in STATED.values() if service_of(event) == service]
    return {
        "address": topic_of(service),
        "messages": {name(event): {"$ref": f"#/components/messages/{name(event)}"} for event in events},
    }


def _message(event: type[Event]) -> dict[str, Any]:
    return {
        "name": event.type,
        "title": event.__name__,
        "summary": description(event),
        "contentType": "application/json",
        "traits": [{"$ref": "#/components/messageTraits/cloudEvent"}],
        "payload": {"$ref": f"#/components/schemas/{event.__name__}"},
    }


_TEXTS = {
    "ce_specversion": "1.0",
    "ce_id": "UUIDv7 of the event",
    "ce_type": "the event's type, e.g. indicators.result-recorded.v1",
    "ce_source": "the stating service, e.g. /indicators",
    "ce_subject": "the aggregate, e.g. result/apge-2018-21/women-p5-plus/2020-21/global; also the partition key",
    "ce_time": "when it was recorded (RFC 3339)",
    "ce_sequence": "1, 2, 3 ... of the aggregate",
    "ce_correlationid": "the request that began it all",
    "ce_causationid": "the event or request that caused this one",
    "ce_actor": "role and units, never a person",
    "ce_traceparent": "W3C trace context",
}
HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source", "ce_subject", "ce_time", "ce_sequence"],
    "properties": {header: {"type": "string", "description": text} for header, text in _TEXTS.items()},
}


def event_page(service: str) -> str:
    """The documentation page of what one service states, from the events' own docstrings and fields."""
    lines = [f"# Events of {service}", "", f"Topic `{topic_of(service)}`. Generated by `make docs`; do not edit.", ""]
    for event in STATED.values():
        if service_of(event) != service:
            continue
        lines += [
            f"## {event.__name__}",
            "",
            f"`{event.type}`, aggregate `{event.aggregate}`",
            "",
            description(event),
            "",
        ]
        lines += ["| field | type | always there |", "|---|---|---|"]
        schema = event.model_json_schema(mode="validation")
        required = set(schema.get("required", []))
        for field, about in schema["properties"].items():
            lines.append(f"| `{field}` | {_type(about)} | {'yes' if field in required else 'no'} |")
        lines.append("")
    return "\n".join(lines)


def _type(about: dict[str, Any]) -> str:
    if "$ref" in about:
        return about["$ref"].rpartition("/")[2]
    if "anyOf" in about:
        return " or ".join(dict.fromkeys(_type(option) for option in about["anyOf"]))
    if about.get("type") == "array":
        return f"list of {_type(about.get('items', {}))}"
    if "enum" in about:
        return ", ".join(f"`{value}`" for value in about["enum"])
    return str(about.get("format") or about.get("type") or "any")
