"""`apge load`: the facts of the source documents, into any platform that answers at an address."""

from pathlib import Path
from typing import Annotated

import typer

from apge.options import ADDRESS, Data, Token, Url


def load(
    url: Url = ADDRESS,
    token: Token = None,
    data: Annotated[
        Path | None, typer.Option(help="the folder of the documents; the project's own where absent")
    ] = None,
    folder: Data = None,
) -> None:
    """Load the source documents through the public APIs; run again, it goes on where it stopped."""
    from time import monotonic

    from rich.console import Console

    from apge import loading, sources
    from apge.client import Api
    from apge.folder import source_folder

    started, items = monotonic(), sources.read(data or source_folder())
    with loading.progress(Console(), items, "Loading") as done:
        loaded = loading.load(Api(url, token, folder), items, done)
    typer.echo(f"{loaded.summary()}; in {monotonic() - started:.1f} s")
    loading.refuse_errors(loaded)
