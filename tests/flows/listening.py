"""A program on the live stream: collects what it is told until it has seen what it waits for."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

PATIENCE = 30.0


@dataclass
class Listener:
    changes: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    opened: threading.Event = field(default_factory=threading.Event)
    ended: threading.Event = field(default_factory=threading.Event)

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first change that `wanted` holds for. Fails after PATIENCE with what came instead."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            found = next((change for change in list(self.changes) if wanted(change)), None)
            if found is not None:
                return found
            time.sleep(0.01)
        raise AssertionError(f"it did not come; what came: {self.changes[-5:]}")


@contextmanager
def listening(url: str, **parameters: str) -> Iterator[Listener]:
    """A stream that is open when the block begins, and closed when it ends."""
    listener = Listener()
    thread = threading.Thread(target=_follow, args=(url, parameters, listener), daemon=True)
    thread.start()
    if not listener.opened.wait(PATIENCE):
        raise AssertionError("the live stream did not open")
    yield listener
    listener.ended.set()  # the thread notices with the next line, a heartbeat at the latest


def _follow(url: str, parameters: dict[str, str], listener: Listener) -> None:
    with (
        httpx.Client(timeout=30, trust_env=False) as http,
        http.stream("GET", f"{url}/reporting/v1/live", params=parameters) as stream,
    ):
        listener.opened.set()
        event = ""
        for line in stream.iter_lines():
            if listener.ended.is_set():
                return
            name, _, value = line.partition(": ")
            if name == "id":
                listener.ids.append(value)
            elif name == "event":
                event = value
            elif name == "data":
                listener.changes.append({"event": event} | json.loads(value))
