"""`apge push`: a staffing snapshot, streamed from a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apge.options import ADDRESS, Data, Raw, Token, Url
from apge.trouble import Trouble

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

CHUNK = 256 * 1024
MOST_SHOWN = 50
TYPES = {
    ".csv": "text/csv",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
}


def push(
    file: Annotated[Path, typer.Argument(help=".csv, .ndjson, .xlsx or .parquet, each also as .gz")],
    source: Annotated[str, typer.Option(help="the name of the system that the staff are from")],
    as_of: Annotated[str, typer.Option(help="the day that the snapshot is of, 2020-12-31")],
    raw: Raw = False,
    url: Url = ADDRESS,
    token: Token = None,
    folder: Data = None,
) -> None:
    """Send a staffing snapshot and show the receipt."""
    import json

    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from apge.client import Api

    headers, console = headers_of(file), Console()
    api = Api(url, token, folder)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not console.is_terminal) as bar:
        receipt = api.send(
            "POST",
            "/hr-diversity/v1/snapshots",
            role="hr-feeder",
            params={"source": source, "as_of": as_of},
            content=_chunks(file, bar),
            headers=headers,
            timeout=600,
        ).json()
    if raw:
        typer.echo(json.dumps(receipt, indent=2, ensure_ascii=False))
    else:
        _show(receipt, console)


def headers_of(file: Path) -> dict[str, str]:
    """What the file's name says of its content. Raises Trouble where it says nothing, or the file cannot be read."""
    if not file.is_file():
        raise Trouble(f"{file} is no file.")
    zipped = file.suffix == ".gz"
    kind = TYPES.get(Path(file.stem if zipped else file.name).suffix.lower())
    if kind is None:
        raise Trouble(f"{file.name}: the name ends in none of {', '.join(TYPES)} (or one of them and .gz).")
    size = {"Content-Length": str(file.stat().st_size)}
    return {"Content-Type": kind, **size} | ({"Content-Encoding": "gzip"} if zipped else {})


def _chunks(file: Path, bar: "Progress") -> Iterator[bytes]:
    task = bar.add_task(file.name, total=file.stat().st_size)
    with file.open("rb") as content:
        while chunk := content.read(CHUNK):
            yield chunk
            bar.update(task, advance=len(chunk))
    bar.update(task, description=f"{file.name} sent, being counted")


def _show(receipt: dict[str, Any], console: "Console") -> None:
    rows, accepted, refused = receipt["rows"], receipt["accepted"], receipt["refused"]
    total = receipt.get("refused_total", rows - accepted)
    console.print(f"Snapshot {receipt['id']}: {rows} rows, {accepted} accepted, {total} refused", soft_wrap=True)
    if refused:
        console.print(_table(("Line", "Column", "Value", "Rule"), refused[:MOST_SHOWN]))
        if total > len(refused[:MOST_SHOWN]):
            console.print(f"... {total} rows in all; --json shows every one that the receipt names")
    for name, warning in (receipt.get("warnings") or {}).items():
        if warning:
            console.print(f"Warning: {name.replace('_', ' ')} {warning}", soft_wrap=True)
    whole = [one for one in receipt["measures"] if one.get("total") is not None]
    console.print(_table(("Code", "Women", "Men", "Other", "Total", "Share"), whole))
    others = [one["code"] for one in receipt["measures"] if one.get("total") is None]
    if others:
        console.print(f"Drawn by group, or withheld: {', '.join(others)}", soft_wrap=True)


def _table(columns: tuple[str, ...], entries: list[dict[str, Any]]) -> Any:
    """One row per entry; a share is in per cent."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in columns:
        table.add_column("Share of women" if name == "Share" else name, overflow="fold")
    for entry in entries:
        cells = {name: entry.get(name.lower()) for name in columns}
        table.add_row(*("" if v is None else f"{v} %" if name == "Share" else str(v) for name, v in cells.items()))
    return table
