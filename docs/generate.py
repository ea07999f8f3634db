"""`python -m docs.generate` writes every generated document anew; a test compares what it would write with what is committed."""

import json
from collections.abc import Iterator
from pathlib import Path

from docs import contracts

HERE = Path(__file__).parent


def documents() -> Iterator[tuple[Path, str]]:
    """Each generated file with its content."""
    for service in contracts.SERVICES:
        yield HERE / "openapi" / f"{service.name}.json", _json(contracts.openapi(service))
    yield HERE / "asyncapi.json", _json(contracts.asyncapi())
    for event in contracts.STATED.values():
        yield HERE / "events" / "schemas" / f"{event.type}.writer.json", _json(contracts.writer_schema(event))
        yield HERE / "events" / "schemas" / f"{event.type}.reader.json", _json(contracts.reader_schema(event))
    for service_name in sorted({contracts.service_of(event) for event in contracts.STATED.values()}):
        yield HERE / "events" / f"{service_name}.md", contracts.event_page(service_name)


def _json(document: object) -> str:
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    for path, content in documents():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
