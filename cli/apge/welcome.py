"""What `apge up` says once it is up: the status, the addresses, a token for each role, and what to try first.

On the first start it loads the source documents before, and waits until the views show them.
"""

import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from apge import loading, reconcile, sources
from apge.client import Api, Refused
from apge.folder import source_folder
from apge.options import ADDRESS, PLAN
from apge.services import NAMES
from apge.status import line_of, read_status, table_of
from apge.trouble import Trouble

if TYPE_CHECKING:
    from apge.shape import Shape
    from shared.auth import Role

UNIT = "HRD"
HOURS = 24 * 30
PATIENCE = 30.0
EXAMPLE = "examples/staff-2020-12-31.csv"


class Welcome:
    def __init__(self, shape: "Shape", started: float, *, demo: bool = False) -> None:
        self.shape, self.started, self.demo = shape, started, demo
        self.console = Console()
        self.api = Api(shape.url, None, shape.folder.path)
        self.events_flow = True

    def warn_of_bus(self) -> None:
        """One sentence where the broker does not answer; it changes nothing else, since events wait in the outbox."""
        if self.shape.bus == "kafka" and not any(_answers(address) for address in self.shape.kafka.split(",")):
            self.events_flow = False
            sys.stderr.write(
                f"apge: Kafka does not answer at {self.shape.kafka}; changes are taken, and their events wait until it does.\n"
            )

    def __call__(self, stopped: Callable[[], bool]) -> None:
        """Everything that happens once the server answers. What fails here is told, and the platform runs on."""
        with contextlib.suppress(SystemExit):  # rich's answer to a closed pipe: nobody listens
            self._tell(stopped, time.monotonic() - self.started)

    def _tell(self, stopped: Callable[[], bool], took: float) -> None:
        try:
            self._fill(stopped)
            if not stopped():
                self._show_status()
        except Trouble as trouble:
            if not stopped():
                self.console.print(f"apge: {trouble}", markup=False, soft_wrap=True)
        if self.demo and not stopped():
            self._show_staff(stopped)
        if not stopped():
            self._show_addresses(took)
            self._show_tokens()
            self._show_first_steps()

    def _fill(self, stopped: Callable[[], bool]) -> None:
        items = sources.read(source_folder())
        if loading.is_loaded(self.api, items):
            return
        with loading.progress(self.console, items, "First start, loading the source documents") as done:
            loaded = loading.load(self.api, items, done, stopped)
        self._say(f"Loaded: {loaded.summary()}")
        loading.refuse_errors(loaded)
        if self.events_flow:
            self._await_views(stopped)

    def _show_staff(self, stopped: Callable[[], bool]) -> None:
        """The synthetic staff, where it was not told before. Ctrl-C ends it after the snapshot that is being counted."""
        from apge import demo

        try:
            if not demo.is_told(self.api):
                demo.fill(self.api, self.console, stopped)
                return
        except Trouble as trouble:
            if not stopped():
                self._say(f"apge: {trouble}")
            return
        self._say(f"{demo.NOBODY}. It was loaded before: {self.shape.url}/parity")

    def _await_views(self, stopped: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not stopped() and (left := reconcile.compare(reconcile.read_heads(self.api))):
            if time.monotonic() > until:
                self._say(
                    f"After {PATIENCE:.0f} s the views still lack {len(left)} changes; 'apge reconcile' names them."
                )
                return
            time.sleep(0.1)

    def _show_status(self) -> None:
        try:
            self.console.print(table_of(read_status(self.api, PLAN)))
            for item in sources.read(source_folder()):
                if item.kind == "plan" and item.name != PLAN:
                    self._say(line_of(read_status(self.api, item.name)))
        except Refused as refused:
            self._say(f"No status yet: {refused}")

    def _show_addresses(self, took: float) -> None:
        url = self.shape.url
        self._say(f"APGE Monitor is up, after {took:.1f} s. First page: {url}/", style="bold")
        for name in NAMES:
            self._say(f"  {name:<16} {url}/{name}/v1   {url}/{name}/docs   {url}/{name}/health/ready")
        self._say(f"  data and logs    {_short(self.shape.folder.path)}, {_short(self.shape.folder.log)}")
        if self.shape.bus == "kafka":
            self._say(
                f"  events           Kafka at {self.shape.kafka}; its data stand apart from those of BUS=postgres"
            )

    def _show_tokens(self) -> None:
        from shared.auth import ROLES

        self._say(f"\nTokens, valid for {HOURS // 24} days (Authorization: Bearer ...):", style="bold")
        for role in sorted(ROLES):
            units = [UNIT] if role == "custodian" else []
            token = self._token(role, units)  # type: ignore[arg-type]  # one of ROLES
            self._say(f"  {role + (f' of {UNIT}' if units else ''):<18} {token}")

    def _token(self, role: "Role", units: list[str]) -> str:
        return self.shape.issuer.token(role, units, hours=HOURS)

    def _show_first_steps(self) -> None:
        command, where = _short(Path(sys.argv[0])), "" if self.shape.url == ADDRESS else f" --url {self.shape.url}"
        if self.shape.folder.path != type(self.shape.folder).of(None).path:
            where += f" --folder {_short(self.shape.folder.path)}"
        example = source_folder() / EXAMPLE
        day = example.stem.removeprefix("staff-")
        self._say("\nPush the example snapshot, and see the change arrive in another terminal:", style="bold")
        self._say(f"  {command} watch{where}")
        self._say(f"  {command} push {_short(example)} --source example --as-of {day}{where}")
        self._say("\nCtrl-C stops it; the data stay.")
        sys.stdout.flush()

    def _say(self, line: str, style: str | None = None) -> None:
        self.console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)


def _short(path: Path) -> str:
    """As one would type it here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _answers(address: str) -> bool:
    host, _, port = address.strip().rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=2):
            return True
    except (OSError, ValueError):
        return False
