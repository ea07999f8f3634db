"""`apge reconcile`: compares the views with the services whose facts they show, by version and digest of every aggregate.

The two sides are read one after the other while the platform works, so a difference counts only if it is still there when both are
read again.
"""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import typer

from apge.options import ADDRESS, Data, Raw, Token, Url

if TYPE_CHECKING:
    from apge.client import Api

Heads = dict[str, tuple[int, str]]
READINGS = 3
PAUSE = 1.0


@dataclass(frozen=True)
class Difference:
    """An aggregate that a view holds otherwise than its service. None: that side does not have it."""

    service: str
    aggregate: str
    kind: str
    service_sequence: int | None
    view_sequence: int | None


def reconcile(raw: Raw = False, url: Url = ADDRESS, token: Token = None, folder: Data = None) -> None:
    """Compare every aggregate with what the views show; ends with 1 where anything differs."""
    from rich.console import Console
    from rich.progress import Progress

    from apge.client import Api
    from apge.services import NAMES

    api, console = Api(url, token, folder), Console(stderr=True)
    with Progress(console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Reading", total=len(NAMES))
        heads, found = read_settled(api, lambda service: bar.update(task, advance=1, description=f"Reading {service}"))
    if raw:
        counts = {service: len(of) for service, of in heads.items()}
        typer.echo(json.dumps({"aggregates": counts, "differences": [asdict(one) for one in found]}, indent=2))
    else:
        _tell(heads, found)
    if found:
        raise typer.Exit(1)


def _tell(heads: dict[str, Heads], found: list[Difference]) -> None:
    for one in found:
        versions = f"service {one.service_sequence or 'none'}, view {one.view_sequence or 'none'}"
        typer.echo(f"{one.service}  {one.aggregate}: {one.kind} ({versions})")
    counted = ", ".join(f"{service} {len(of)}" for service, of in heads.items())
    typer.echo(f"{len(found)} differences; aggregates compared: {counted}")


def read_settled(api: "Api", done: Callable[[str], None]) -> tuple[dict[str, Heads], list[Difference]]:
    """What was read last, and the differences that all readings agree on."""
    heads = read_heads(api, done)
    found = compare(heads)
    for _ in range(READINGS - 1):
        if not found:
            break
        time.sleep(PAUSE)
        heads, before = read_heads(api, done), {(one.service, one.aggregate) for one in found}
        found = [one for one in compare(heads) if (one.service, one.aggregate) in before]
    return heads, found


def read_heads(api: "Api", done: Callable[[str], None] = lambda _: None) -> dict[str, Heads]:
    """For each service, and for the views: (version, digest) of every aggregate."""
    from apge.services import NAMES

    heads = {}
    for service in NAMES:
        done(service)
        answer: list[dict[str, Any]] = api.get(f"/{service}/v1/heads", role="operator")
        heads[service] = {head["aggregate"]: (head["sequence"], head["digest"]) for head in answer}
    return heads


def compare(heads: dict[str, Heads]) -> list[Difference]:
    from apge.services import OWNERS, VIEWS

    views, found = heads[VIEWS], []
    for service in OWNERS:
        for aggregate, (sequence, digest) in heads[service].items():
            shown = views.get(aggregate)
            kind = _kind(sequence, digest, shown)
            if kind:
                found.append(Difference(service, aggregate, kind, sequence, shown[0] if shown else None))
    known = {aggregate for service in OWNERS for aggregate in heads[service]}
    found += [
        Difference(VIEWS, aggregate, "unknown to its service", None, sequence)
        for aggregate, (sequence, _) in views.items()
        if aggregate not in known
    ]
    return found


def _kind(sequence: int, digest: str, shown: tuple[int, str] | None) -> str | None:
    if shown is None:
        return "missing in the view"
    if shown[0] != sequence:
        return "the view is behind" if shown[0] < sequence else "the view is ahead"
    return None if shown[1] == digest else "other content at the same version"
