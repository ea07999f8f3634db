"""`apge token`: one token of the embedded shape's own issuer, for a program or for curl."""

from typing import Annotated

import typer

from apge.options import Data


def token(
    role: Annotated[
        str, typer.Option(help="custodian, reviewer, hr-feeder, evaluation-office, senior-manager, reader, operator")
    ],
    unit: Annotated[list[str] | None, typer.Option(help="a unit that the caller answers for; repeatable")] = None,
    hours: Annotated[float, typer.Option(min=0.01, help="how long it is valid")] = 12,
    folder: Data = None,
) -> None:
    """Print one token, and nothing else."""
    from apge.client import make_token
    from apge.folder import Folder
    from apge.trouble import Trouble
    from shared.auth import ROLES

    if role not in ROLES:
        raise Trouble(f"{role} is no role; roles are {', '.join(sorted(ROLES))}.")
    if role == "custodian" and not unit:
        raise Trouble("a custodian answers for units: name them by --unit, for example --unit HRD.")
    typer.echo(make_token(Folder.of(folder), role, unit or [], hours))  # type: ignore[arg-type]  # one of ROLES
