"""`apge rebuild`: makes views anew from the events, while the old ones serve."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apge.options import ADDRESS, Data, Token, Url
from apge.trouble import Trouble

if TYPE_CHECKING:
    from rich.progress import Progress

    from apge.client import Api

PREFIX = "projection:"


def rebuild(
    views: Annotated[list[str] | None, typer.Argument(help="names of views")] = None,
    every: Annotated[bool, typer.Option("--all", help="every view there is")] = False,
    url: Url = ADDRESS,
    token: Token = None,
    folder: Data = None,
) -> None:
    """Rebuild views from the events; readers never see a half view."""
    from rich.console import Console
    from rich.progress import Progress

    from apge.client import Api

    api = Api(url, token, folder)
    wanted = list_views(api) if every else views
    if not wanted:
        raise Trouble(f"name a view, or give --all; views are {', '.join(list_views(api))}.")
    console = Console()
    with Progress(console=console, disable=not console.is_terminal) as bar:
        lines = [_rebuild(api, view, bar) for view in wanted]
    for line in lines:
        rows = ", ".join(f"{table} {count}" for table, count in line["rows"].items())
        typer.echo(f"{line['view']}: {line['done']} events read; rows: {rows}")


def list_views(api: "Api") -> list[str]:
    """The names of the views, as the service that keeps them says."""
    from apge.services import VIEWS

    parts = api.get(f"/{VIEWS}/health/ready")["parts"]
    return [name.removeprefix(PREFIX) for name in parts if name.startswith(PREFIX)]


def _rebuild(api: "Api", view: str, bar: "Progress") -> dict[str, Any]:
    """The last line of the answer. Raises Trouble where the view could not be made."""
    from apge.services import VIEWS
    from apge.sse import lines_of

    task = bar.add_task(view, total=None)
    line: dict[str, Any] = {}
    with api.stream("POST", f"/{VIEWS}/v1/rebuilds/{view}", role="operator", timeout=None) as response:
        for text in lines_of(response.iter_raw()):
            line = json.loads(text)
            if line.get("error"):
                raise Trouble(f"{view} was not rebuilt, the old one still serves: {line['error']}")
            bar.update(task, completed=line["done"], total=line["total"])
    if line.get("rows") is None:
        raise Trouble(f"{view}: the answer broke off; the old view still serves.")
    return line
