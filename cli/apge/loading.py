"""Puts the source documents into the platform, through the public APIs only, as any other program would.

What must not break: it can be interrupted and run again at any point. A definition that is there in another form stays as it is, since
somebody has changed it; a result that is there already is not recorded twice, however long ago that was.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from apge.client import Api, Refused
from apge.sources import Item
from apge.trouble import Trouble

if TYPE_CHECKING:
    from rich.console import Console

NOT_FOUND, STALE, VERSION_NEEDED, CREATED = 404, 412, 428, 201
MOST_ERRORS = 20


@dataclass
class Loaded:
    """What became of the items: how many of each kind are new, were there already, or are there in another form."""

    new: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def summary(self) -> str:
        parts = [_counted(self.new, "new"), _counted(self.there, "there already")]
        parts += [_counted(self.kept, "there in another form, which stays"), f"{len(self.errors)} refused"]
        return "; ".join(part for part in parts if part and not part.startswith("0 "))


def _counted(counts: Counter[str], word: str) -> str:
    named = ", ".join(f"{count} {kind}{'s' if count > 1 else ''}" for kind, count in counts.items())
    return f"{named} {word}" if named else ""


def is_loaded(api: Api, items: Sequence[Item]) -> bool:
    """Whether the last item of all, and the last definition of each plan, is there: they are loaded in order, so then all were.

    A platform that was filled before a plan came to the documents lacks that plan only.
    """
    last = {item.params.get("plan"): item for item in items if item.kind != "result"}
    return all(_is_there(api, item) for item in last.values())


def _is_there(api: Api, item: Item) -> bool:
    try:
        api.get(item.path, params=item.params)
    except Refused as refused:
        if refused.status == NOT_FOUND:
            return False
        raise
    return True


def load(
    api: Api, items: Sequence[Item], done: Callable[[Item], None], stopped: Callable[[], bool] = lambda: False
) -> Loaded:
    """Loads item after item; `done` is told of each. Ends early when `stopped`, or when too much was refused."""
    loaded, histories = Loaded(), Histories(api)
    for item in items:
        if stopped() or len(loaded.errors) >= MOST_ERRORS:
            break
        try:
            if item.kind == "result":
                _record(api, item, histories, loaded)
            else:
                _define(api, item, loaded)
        except Refused as refused:
            loaded.errors.append(f"{item.kind} {item.name}: {refused}")
        done(item)
    return loaded


def _define(api: Api, item: Item, loaded: Loaded) -> None:
    try:
        answer = api.send("PUT", item.path, role=item.role, params=item.params, json=item.body)  # type: ignore[arg-type]
    except Refused as refused:
        if refused.status != VERSION_NEEDED:
            raise
        loaded.kept[item.kind] += 1
    else:
        (loaded.new if answer.status_code == CREATED else loaded.there)[item.kind] += 1


class Histories:
    """The results that the platform has, read once for each indicator."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._read: dict[str, list[dict[str, Any]]] = {}

    def find(self, item: Item) -> tuple[int, str, bool] | None:
        """Number of the result, ETag of its target's results, and whether it is reviewed; None where it was not recorded."""
        if item.path not in self._read:
            self._read[item.path] = self.api.get(item.path, params=item.params)["items"]
        for line in self._read[item.path]:
            if (line["phase"], line["place"]) == (item.body["phase"], item.body["place"]):
                for result in line["results"]:
                    if _same(result, item.body):
                        return result["number"], f'"{line["version"]}"', result["review"] != "submitted"
        return None


def _same(result: dict[str, Any], body: dict[str, Any]) -> bool:
    return all(result.get(key) == body.get(key) for key in ("as_of", "text", "no_data", "reached", "category"))


def _record(api: Api, item: Item, histories: Histories, loaded: Loaded) -> None:
    """The result is in the history, and accepted: the documents' figures are published ones."""
    found = histories.find(item)
    if found is None:
        key = ":".join([item.params["plan"], *item.name.split()])
        answer = api.send(
            "POST",
            item.path,
            role="custodian",
            units=item.units,
            params=item.params,
            json=item.body,
            headers={"Idempotency-Key": key},
        )
        number, version, reviewed = answer.json()["changed"]["number"], answer.headers["ETag"], False
        loaded.new[item.kind] += 1
    else:
        number, version, reviewed = found
        loaded.there[item.kind] += 1
    if not reviewed:
        path = f"{item.path}/{item.body['phase']}/{item.body['place']}/{number}/accept"
        api.send("POST", path, role="reviewer", params=item.params, headers={"If-Match": version})


@contextmanager
def progress(console: "Console", items: Sequence[Item], title: str) -> Iterator[Callable[[Item], None]]:
    """A bar over all items, that names what is being loaded."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=len(items))
        yield lambda item: bar.update(task, advance=1, description=f"{title}: {item.kind}s")


def refuse_errors(loaded: Loaded) -> None:
    if loaded.errors:
        raise Trouble("\n".join(loaded.errors))
