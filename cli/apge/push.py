"""`apge push`: a staffing snapshot, streamed from a file.

Exit codes: 0 it is taken in (or was before), 1 it is refused or nobody answers, 2 the command is not understood, 130 interrupted.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apge.options import ADDRESS, Data, Raw, Token, Url
from apge.trouble import Trouble

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from apge.client import Api

CHUNK = 256 * 1024
LARGE = 64 << 20
INTERRUPTED, CREATED = 130, 201
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
    delta: Annotated[bool, typer.Option("--delta", help="the file has who is new, changed or gone")] = False,
    base: Annotated[str | None, typer.Option(help="the day of the snapshot that a delta stands on")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="say what would become of it, and do nothing")] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="in parts that stay; so are files over 64 MB anyway")
    ] = False,
    raw: Raw = False,
    url: Url = ADDRESS,
    token: Token = None,
    folder: Data = None,
) -> None:
    """Send a staffing snapshot and show the receipt. Interrupted in the middle of a long file, the same command goes on there."""
    import json

    from rich.console import Console

    from apge.client import Api
    from apge.receipts import show

    headers, console = headers_of(file), Console()
    api = Api(url, token, folder)
    params = (
        {"source": source, "as_of": as_of} | ({"mode": "delta"} if delta else {}) | ({"base": base} if base else {})
    )
    try:
        if resume or file.stat().st_size > LARGE:
            receipt, new = _in_parts(api, file, params, headers, console, dry_run=dry_run)
        else:
            receipt, new = _at_once(api, file, params | ({"dry_run": "true"} if dry_run else {}), headers, console)
    except KeyboardInterrupt:
        typer.echo(
            "apge: interrupted; with --resume, or over 64 MB, the same command goes on where this one was.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None
    if raw:
        typer.echo(json.dumps(receipt, indent=2, ensure_ascii=False))
    else:
        show(receipt, console, new=new)


def _at_once(
    api: "Api", file: Path, params: dict[str, str], headers: dict[str, str], console: "Console"
) -> tuple[dict[str, Any], bool]:
    """The receipt, and whether the snapshot is new."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not console.is_terminal) as bar:
        answer = api.send(
            "POST",
            "/hr-diversity/v1/snapshots",
            role="hr-feeder",
            params=params,
            content=_chunks(file, bar),
            headers=headers,
            timeout=600,
        )
    return dict(answer.json()), answer.status_code == CREATED


def _in_parts(
    api: "Api", file: Path, params: dict[str, str], headers: dict[str, str], console: "Console", *, dry_run: bool
) -> tuple[dict[str, Any], bool]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    from apge.sending import Named, send_in_parts

    stages: dict[str, TaskID] = {}
    units = {
        "reading": ("read", 1e6, "MB"),
        "sending": ("sent", 1e6, "MB"),
        "counting": ("counted", 1e3, "thousand lines"),
    }
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[words]}"), TimeRemainingColumn())
    named = Named(file, params, headers["Content-Type"], headers.get("Content-Encoding", ""))
    with Progress(*columns, console=Console(stderr=True), disable=not console.is_terminal) as bar:

        def told(stage: str, at: int, of: int | None) -> None:
            verb, size, unit = units[stage]
            if stage not in stages:
                stages[stage] = bar.add_task(f"{file.name} {verb}", total=of, words="")
            words = f"{at / size:.1f} of {of / size:.1f} {unit}" if of else f"{at / size:.1f} {unit}"
            bar.update(stages[stage], completed=at, total=of, words=words)

        return send_in_parts(api, named, told, dry_run=dry_run)


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
