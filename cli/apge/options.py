"""Options that several commands have, with the same name and the same meaning."""

from pathlib import Path
from typing import Annotated

import typer

ADDRESS = "http://127.0.0.1:8000"

Url = Annotated[str, typer.Option(envvar="APGE_CLI_URL", help="where the platform answers")]
Token = Annotated[
    str | None,
    typer.Option(envvar="APGE_CLI_TOKEN", help="a token; without one the local issuer of the data folder makes it"),
]
Data = Annotated[
    Path | None,
    typer.Option("--folder", envvar="APGE_CLI_DATA", help="the data folder; .data in the project where it is absent"),
]
Raw = Annotated[bool, typer.Option("--json", help="JSON, for programs")]
Plan = Annotated[str, typer.Option(help="the plan's code")]

PLAN = "apge-2018-21"
