"""`apge status`: the consolidated status of a phase of a plan, as a table. Counts stand beside shares."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apge.options import ADDRESS, PLAN, Data, Plan, Raw, Token, Url

if TYPE_CHECKING:
    from rich.table import Table

    from apge.client import Api


def status(
    plan: Plan = PLAN,
    phase: Annotated[
        str | None, typer.Option(help="the phase's code; the last that has targets where it is absent")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="an instant, 2021-03-01T12:00:00Z: as it was known then")] = None,
    raw: Raw = False,
    url: Url = ADDRESS,
    token: Token = None,
    folder: Data = None,
) -> None:
    """Show where the targets of a plan stand, by area, in the words of the phase."""
    from apge.client import Api

    found = read_status(Api(url, token, folder), plan, phase, as_of)
    if raw:
        import json

        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    from rich.console import Console

    Console().print(table_of(found))


def read_status(api: "Api", plan: str, phase: str | None = None, as_of: str | None = None) -> dict[str, Any]:
    given = {"plan": plan, "phase": phase, "as_of": as_of}
    params = {name: value for name, value in given.items() if value is not None}
    found: dict[str, Any] = api.get("/reporting/v1/status", params=params)
    return found


def table_of(found: dict[str, Any]) -> "Table":
    """By area, each below the one that counts it too, with the total; below it the published figures, where the plan has them."""
    from rich.box import SIMPLE_HEAD
    from rich.padding import Padding
    from rich.table import Table

    words = list(found["targets"]["counts"])
    table = Table(
        title=f"{found['title']}, {found['phase']}: targets",
        caption=f"as of {found['as_of']}, position {found['position']}",
        box=SIMPLE_HEAD,
    )
    table.add_column("Area", overflow="fold")
    for word in (*words, "total"):
        table.add_column(word.replace("_", " ").capitalize(), justify="right")
    for depth, area in _tree(found["by_area"]):
        table.add_row(Padding(area["title"], (0, 0, 0, 2 * depth)), *_cells(area, words, "{:.1f}"))
    table.add_section()
    table.add_row("Total", *_cells(found["targets"], words, "{:.1f}"), style="bold")
    published = found["published"]
    if published:
        table.add_row("Published", *_cells(published, words, "{}"))
        difference = published["difference"]
        figures = [difference["counts"].get(word, 0) for word in words] + [difference["total"]]
        table.add_row("Difference", *(f"{figure:+d}" if figure else "0" for figure in figures))
    return table


def _tree(
    areas: list[dict[str, Any]], parent: str | None = None, depth: int = 0
) -> Iterator[tuple[int, dict[str, Any]]]:
    """(depth, area): each before those below it, in the plan's order. Below the top, only those that have targets."""
    codes = {area["area"] for area in areas}
    for area in areas:
        above = area.get("parent") if area.get("parent") in codes else None
        if above == parent and (depth == 0 or area["total"]):
            yield depth, area
            yield from _tree(areas, area["area"], depth + 1)


def line_of(found: dict[str, Any]) -> str:
    """One line: how many targets there are, and how many of each status, with its share, in the words of the phase."""
    targets = found["targets"]
    words = list(targets["counts"])
    counted = zip(words, _cells(targets, words, "{:.1f}"), strict=False)  # the last cell is the total
    named = ", ".join(f"{word.replace('_', ' ')} {cell}" for word, cell in counted)
    return f"{found['title']}, {found['phase']}: {targets['total']} targets: {named}"


def _cells(tally: dict[str, Any], words: list[str], form: str) -> list[str]:
    """Counts with their shares in the given form, a published share as it was printed; and the total."""
    shares = {word: share for word, share in tally["shares"].items() if share is not None}
    counts = {word: tally["counts"].get(word, 0) for word in words}
    cells = [
        f"{count} ({form.format(shares[word])} %)" if word in shares else str(count) for word, count in counts.items()
    ]
    return [*cells, str(tally["total"])]
