"""Puts the source documents into the platform, through the public APIs only, as any other program would.

What must not break: it can be interrupted and run again at any point. A definition that is there in another form stays as it is, since
somebody has changed it; a result that is there already is not recorded twice, however long ago that was.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from apge.client import Api, Refused
from apge.sources import Item
from apge.trouble import Trouble

if TYPE_CHECKING:
    from rich.console import Console

NOT_FOUND, VERSION_NEEDED, CREATED = 404, 428, 201
RESULT = "result"
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
    last = {item.params.get("plan"): item for item in items if item.kind != RESULT}
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
    """Loads item after item, and the results of a plan at once; `done` is told of each. Ends early when `stopped`, or when too much
    was refused.
    """
    loaded = Loaded()
    for _, together in groupby(
        enumerate(items), lambda one: one[1].params["plan"] if one[1].kind == RESULT else one[0]
    ):
        if stopped() or len(loaded.errors) >= MOST_ERRORS:
            break
        group = [item for _, item in together]
        try:
            if group[0].kind == RESULT:
                _record(api, group, loaded)
            else:
                _define(api, group[0], loaded)
        except Refused as refused:
            loaded.errors.append(f"{group[0].kind} {group[0].name}: {refused}")
        for item in group:
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


def _record(api: Api, items: Sequence[Item], loaded: Loaded) -> None:
    """The results of one plan are in their histories, and accepted: the documents' figures are published ones.

    Where some are refused the others are recorded without them.
    """
    params = {**items[0].params, "published": "true"}
    body = {"results": [item.body for item in items]}
    try:
        answer = api.send("POST", items[0].path, role="operator", params=params, json=body, repeatable=True).json()
    except Refused as refused:
        rows = {row["row"]: row["refused"] for row in refused.problem.get("items", []) if row["refused"]}
        if not rows:
            raise
        for number, why in rows.items():
            said = "; ".join(f"{one['column']}: {one['detail']} (got {one['value']!r})" for one in why)
            loaded.errors.append(f"{RESULT} {items[number - 1].name}: {said}")
        left = [item for number, item in enumerate(items, 1) if number not in rows]
        if left:
            _record(api, left, loaded)
        return
    there = answer["counts"].get("unchanged", 0)
    for counts, many in ((loaded.there, there), (loaded.new, answer["rows"] - there)):
        if many:
            counts[RESULT] += many


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
