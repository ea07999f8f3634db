"""`apge scorecard`: one page on the women and men of a portfolio; as PDF, or frozen for a meeting."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from apge.options import ADDRESS, Data, Raw, Token, Url
from apge.trouble import Trouble

CARDS = "/hr-diversity/v1/scorecards"


def scorecard(
    portfolio: Annotated[str, typer.Argument(help="policy, management-reform, field-operations or whole-organisation")],
    as_of: Annotated[str | None, typer.Option(help="the latest figures not after this day, 2021-12-31")] = None,
    source: Annotated[str | None, typer.Option(help="the system that the staff are from")] = None,
    pdf: Annotated[Path | None, typer.Option(help="write the sheet of A4 into this file")] = None,
    issue: Annotated[bool, typer.Option("--issue", help="freeze the card as it stands, for a meeting")] = False,
    raw: Raw = False,
    url: Url = ADDRESS,
    token: Token = None,
    folder: Data = None,
) -> None:
    """Show the scorecard of a portfolio in words."""
    import json

    from apge.client import Api

    api = Api(url, token, folder)
    asked = {name: value for name, value in (("as_of", as_of), ("source", source)) if value is not None}
    path, params, issued = f"{CARDS}/{quote(portfolio, safe='')}", asked, None
    if issue:
        issued = api.send("POST", f"{path}/issues", role="hr-feeder", json=asked).json()
        path, params = f"{CARDS}/issues/{issued['id']}", {}
    if pdf is not None:
        sheet = api.send("GET", path, role="reader", params={**params, "format": "pdf"})
        try:
            pdf.write_bytes(sheet.content)
        except OSError as error:
            raise Trouble(f"{pdf} cannot be written: {error.strerror}.") from error
    card: dict[str, Any] = api.send("GET", path, role="reader", params=params).json()
    if raw:
        typer.echo(json.dumps(card, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join((card["scorecard"] if issued else card)["summary"]))
    if issued:
        typer.echo(f"Scorecard {issued['number']} of {portfolio} is issued: {path}, SHA-256 {issued['digest']}")
    if pdf is not None:
        typer.echo(f"{pdf}: one sheet of A4")
