"""Which answers of the hot reads are kept as ready bytes (`shared.documents`), and for how long.

A document is kept per address until the feed says that the view it rests on has changed. What must not break:
- Nobody gets a kept document older than the last change of its view that this process knows of, or has shown to anybody. One that
  was being made meanwhile is handed out to those who asked before, and not kept: its time is over.
- Of those who ask at one time for what is not kept, one makes it: a change sends every client here at once.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.types import ASGIApp

from shared import documents
from shared.documents import Address, Document, ReadyBytes, document, make_once

MOST_BYTES = 64 * 1024 * 1024

Time = tuple[int, int]
"""(how often everything was forgotten, how often this view was)"""


@dataclass(frozen=True, slots=True)
class Kept(documents.Kept):
    view: str


@dataclass
class Documents:
    kept: dict[Address, Kept] = field(default_factory=dict)
    making: dict[tuple[Address, Time], "asyncio.Task[Document]"] = field(default_factory=dict)
    trusted: bool = False
    """Whether this process follows the feed right now; while it does not, nothing is kept."""
    _size: int = 0
    _cleared: int = 0
    _forgotten: Counter[str] = field(default_factory=Counter)
    _shown: tuple[str, int] = ("-", 0)

    def forget(self, views: Iterable[str], position: str) -> None:
        """These views have changed, and all changes up to `position` of the feed are known now."""
        for view in set(views):
            self._forgotten[view] += 1
            self.kept = {address: kept for address, kept in self.kept.items() if kept.view != view}
        self._size = sum(len(kept.document.body) for kept in self.kept.values())
        epoch, number = _read(position)
        self._shown = epoch, max(number, self._shown[1] if epoch == self._shown[0] else 0)

    def shown(self, position: str) -> None:
        """Somebody is shown this position of the feed; if it was not known yet, any view may have changed up to it."""
        epoch, number = _read(position)
        if epoch != self._shown[0] or number > self._shown[1]:
            self._shown = epoch, number
            self._clear()

    def trust(self) -> None:
        """From now on changes are told. What was begun before is not kept: its changes may have gone untold."""
        if not self.trusted:
            self._clear()
        self.trusted = True

    def distrust(self) -> None:
        self.trusted = False
        self._clear()

    def _clear(self) -> None:
        self._cleared += 1
        self._size = 0
        self.kept = {}

    def _time(self, view: str) -> Time:
        return self._cleared, self._forgotten[view]

    async def find(self, address: Address) -> Kept | None:
        return self.kept.get(address)

    async def get(
        self, address: Address, view: str, make: Callable[[], Awaitable[dict[str, Any]]], route: Any = None
    ) -> Document:
        """What is kept, or what `make` composes. Raises what `make` raises."""
        found = self.kept.get(address)
        if found is not None:
            return found.document
        place = (address, self._time(view))
        return await make_once(self.making, place, lambda: self._make(address, view, make, route))

    async def _make(
        self, address: Address, view: str, make: Callable[[], Awaitable[dict[str, Any]]], route: Any
    ) -> Document:
        begun = self._time(view)
        content = await make()
        made = document(orjson.dumps(content, default=str))
        timely = self.trusted and begun == self._time(view)
        self.shown(content["position"])
        if timely and len(made.body) <= MOST_BYTES:
            if self._size + len(made.body) > MOST_BYTES:
                self._size, self.kept = 0, {}
            self._size += len(made.body)
            self.kept[address] = Kept(made, route, view)
        return made


def _read(position: str) -> tuple[str, int]:
    epoch, _, number = position.partition(":")
    return epoch, int(number)


def wrap(app: ASGIApp, service: FastAPI) -> ASGIApp:
    state = service.state
    return ReadyBytes(app, state.documents, state.verifier, state.settings)
