"""`apge demo`: seven years of a staff that does not exist, with vacancies and registers, into a platform that runs.

What must not break: it says that nobody of this staff exists, and that its figures are no result of any plan. Run again, it pushes the
same content, which changes nothing; interrupted, the next run goes on.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from apge.options import ADDRESS, Data, Token, Url

if TYPE_CHECKING:
    from rich.console import Console

    from apge.client import Api

CREATED, NOT_FOUND, UNPROCESSABLE, VERSION_NEEDED = 201, 404, 422, 428
HR = "/hr-diversity/v1"
MADE = {"source", "version", "declared_at"}
"""What an answer on a declaration has beside what was declared."""
SENIOR = "women-p5-plus-regular-budget"
PUSHING_SECONDS = 600
NOBODY = "Synthetic staff: nobody in it exists"
LABEL = "That stands beside its figures, whose source is named “synthetic”."
FEEDS = "Its measures fill no indicator of the plans: the source is declared so. Those of a real staff do that by themselves."

Step = Callable[[str], None]


@dataclass
class Told:
    """A receipt for each day, and what became of the entries."""

    receipts: list[tuple[dict[str, Any], bool]] = field(default_factory=list)
    entries: Counter[str] = field(default_factory=Counter)


def demo(url: Url = ADDRESS, token: Token = None, folder: Data = None) -> None:
    """Push seven yearly snapshots of a synthetic staff, vacancies and registers; run again, it changes nothing."""
    from rich.console import Console

    from apge.client import Api

    fill(Api(url, token, folder), Console())


def is_told(api: "Api") -> bool:
    """Whether the last entry is there: they are told in order, so then all are."""
    from apge.client import Refused
    from apge.synthetic import LAST, SOURCE

    path = f"{HR}/exits/{SOURCE}-exits"
    try:
        found = api.get(path, params={"as_of": f"{LAST}-12-31"}, role="hr-feeder")
    except Refused as refused:
        if refused.status == NOT_FOUND:
            return False
        raise
    return bool(found["as_of"] == f"{LAST}-12-31")


def fill(api: "Api", console: "Console", stopped: Callable[[], bool] = lambda: False) -> None:
    """Tells the platform everything, with a bar, and says what came of it. Raises Trouble."""
    _say(console, f"{NOBODY}. {LABEL}", style="bold")
    _say(console, FEEDS)
    with TemporaryDirectory(prefix="apge-demo-") as folder, progress(console) as step:
        told = _tell(api, Path(folder), step, stopped)
    if not stopped():
        show(told, console, api.url)


@contextmanager
def progress(console: "Console") -> Iterator[Step]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from apge.synthetic import YEARS

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("Making up a staff", total=len(YEARS) + 3)

        def step(next_one: str) -> None:
            bar.update(task, advance=1, description=next_one)

        yield step


def _tell(api: "Api", folder: Path, step: Step, stopped: Callable[[], bool]) -> Told:
    from apge import synthetic
    from apge.folder import source_folder

    told = Told()
    _declare(api)
    files = synthetic.write_staff(source_folder().parent, folder)
    for year, file in zip(synthetic.YEARS, files, strict=True):
        if stopped():
            return told
        step(f"Snapshot of {year}-12-31, pushed and counted")
        told.receipts.append(_push(api, file, f"{year}-12-31"))
    staff = [synthetic.read_staff(file) for file in files]
    step("Vacancies")
    _register_vacancies(api, synthetic.vacancies(staff[-2], staff[-1]), told)
    step("Registers: participation, compliance, exits")
    for path, entry in synthetic.registers(staff):
        if stopped():
            return told
        _register(api, path, entry, told)
    step("Told")
    return told


def _declare(api: "Api") -> None:
    """The source says of itself what it is, before any figure of it is stated; where somebody has declared it otherwise, it is kept so
    but for that.
    """
    from apge.client import Refused
    from apge.synthetic import SOURCE

    path = f"{HR}/sources/{SOURCE}"
    try:
        api.send("PUT", path, role="hr-feeder", json={"note": NOBODY, "feeds_indicators": False})
    except Refused as refused:
        if refused.status != VERSION_NEEDED:
            raise
        answer = api.send("GET", path, role="hr-feeder")
        theirs = {name: said for name, said in answer.json().items() if name not in MADE}
        headers = {"If-Match": answer.headers["ETag"]}
        api.send(
            "PUT", path, role="hr-feeder", json=theirs | {"note": NOBODY, "feeds_indicators": False}, headers=headers
        )


def _push(api: "Api", file: Path, as_of: str) -> tuple[dict[str, Any], bool]:
    """The receipt, and whether the snapshot is new. The same content again is the same snapshot, so it may be sent again."""
    from apge.synthetic import SOURCE

    answer = api.send(
        "POST",
        f"{HR}/snapshots",
        role="hr-feeder",
        params={"source": SOURCE, "as_of": as_of},
        content=file.read_bytes(),
        headers={"Content-Type": "text/csv"},
        timeout=PUSHING_SECONDS,
        repeatable=True,
    )
    return dict(answer.json()), answer.status_code == CREATED


def _register_vacancies(api: "Api", rows: list[dict[str, Any]], told: Told) -> None:
    """All at once, which is all or nothing; where somebody has changed some since, those stay, and the others are told without them."""
    from apge.client import Refused

    try:
        counts = api.send("POST", f"{HR}/vacancies", role="hr-feeder", json=rows, repeatable=True).json()["counts"]
    except Refused as refused:
        others = {one["row"] for one in refused.problem.get("items", []) if one["outcome"] == "refused"}
        if refused.status != UNPROCESSABLE or not others:
            raise
        told.entries["vacancies there in another form, which stay"] += len(others)
        left = [row for number, row in enumerate(rows, 1) if number not in others]
        if left:
            _register_vacancies(api, left, told)
        return
    there = counts.get("unchanged", 0)
    told.entries["vacancies new"] += sum(counts.values()) - there
    told.entries["vacancies there already"] += there


def _register(api: "Api", path: str, entry: dict[str, Any], told: Told) -> None:
    from apge.client import Refused

    try:
        answer = api.send("PUT", f"{HR}/{path}", role="hr-feeder", json=entry)
    except Refused as refused:
        if refused.status != VERSION_NEEDED:
            raise
        told.entries["register entries there in another form, which stay"] += 1
    else:
        told.entries["register entries new" if answer.status_code == CREATED else "register entries there already"] += 1


def show(told: Told, console: "Console", url: str) -> None:
    """One line for each snapshot: what it holds, the share of the plan's first indicator, and whether its figures are out."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for name in ("Snapshot", "People", "Women at P5 and above, regular budget", "What came of it"):
        table.add_column(name, justify="right" if name == "People" else "left")
    for receipt, new in told.receipts:
        table.add_row(receipt["as_of"], f"{receipt['accepted']:,}", _senior(receipt), _outcome(receipt, new))
    console.print(table)
    for receipt, _ in told.receipts:
        if not receipt.get("released", True):
            _say(console, f"{receipt['as_of']} is held, and no figure of it is published: {receipt.get('held')}")
    _say(console, "; ".join(f"{count} {word}" for word, count in told.entries.items() if count) + ".")
    _say(console, f"How far this staff is from parity, and where: {url}/parity", style="bold")


def _senior(receipt: dict[str, Any]) -> str:
    line = next((one for one in receipt["measures"] if one["code"] == SENIOR), None)
    if line is None or line["women"] is None:
        return "not shown"
    return f"{line['women']} of {line['women'] + line['men']} ({line['share']} %)"


def _outcome(receipt: dict[str, Any], new: bool) -> str:
    word = "new" if new else "there already"
    return f"{word}, figures published" if receipt.get("released", True) else f"{word}, held"


def _say(console: "Console", line: str, style: str | None = None) -> None:
    console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
