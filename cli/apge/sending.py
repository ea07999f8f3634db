"""A long file is sent in parts that stay on the other side, so that the same command goes on where it was interrupted.

The upload is found again by the digest of the file: nothing is written down here.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, Literal
from uuid import uuid4

from apge.client import Api, BrokeOff, Refused
from apge.trouble import Trouble

UPLOADS = "/hr-diversity/v1/uploads"
PART = 8 << 20
LOOK_EVERY = 0.5
TRIES = 6
CREATED, CONFLICT = 201, 409
COUNTING_SECONDS = 3600
ROLE: Literal["hr-feeder"] = "hr-feeder"

Told = Callable[[str, int, int | None], None]
"""Is told a stage (reading, sending, counting), how far it is, and of how much; None where nobody knows."""


@dataclass(frozen=True)
class Named:
    """What a file is pushed as."""

    file: Path
    params: dict[str, str]
    content_type: str
    content_encoding: str


def send_in_parts(api: Api, named: Named, told: Told, *, dry_run: bool = False) -> tuple[dict[str, Any], bool]:
    """The receipt, and whether the snapshot is new. Whatever part of the file is there already is not sent again. Raises Refused, or Trouble where nobody answers."""
    digest, lines = _read(named.file, told)
    upload = _find(api, named, digest) or _declare(api, named, digest)
    if upload["state"] == "receiving":
        _send(api, named.file, upload["id"], upload["offset"], told)
    return _complete(api, upload["id"], told, lines, {"digest": digest} | ({"dry_run": "true"} if dry_run else {}))


def _read(file: Path, told: Told) -> tuple[str, int | None]:
    """The digest, and the number of lines where the file has any."""
    whole, lines, at, size = hashlib.sha256(), 0, 0, file.stat().st_size
    with file.open("rb") as content:
        while piece := content.read(PART):
            whole.update(piece)
            lines += piece.count(b"\n")
            at += len(piece)
            told("reading", at, size)
    plain = file.suffix.lower() in {".csv", ".ndjson", ".jsonl"}
    return whole.hexdigest(), lines if plain else None


def _find(api: Api, named: Named, digest: str) -> dict[str, Any] | None:
    """The upload of the same file for the same snapshot that was begun before, and not refused."""
    wanted = {"mode": "full", "base": None, **named.params, "content_type": named.content_type}
    wanted["content_encoding"] = named.content_encoding
    for one in api.get(UPLOADS, role=ROLE, params={"digest": digest})["items"]:
        if one["state"] != "refused" and all(one[name] == value for name, value in wanted.items()):
            return dict(one)
    return None


def _declare(api: Api, named: Named, digest: str) -> dict[str, Any]:
    headers = {"Content-Type": named.content_type, "Idempotency-Key": str(uuid4())}
    if named.content_encoding:
        headers["Content-Encoding"] = named.content_encoding
    params = {**named.params, "digest": digest}
    return dict(api.send("POST", UPLOADS, role=ROLE, params=params, headers=headers).json())


def _send(api: Api, file: Path, upload: str, offset: int, told: Told) -> None:
    size, failed = file.stat().st_size, 0
    with file.open("rb") as content:
        while offset < size:
            told("sending", offset, size)
            content.seek(offset)
            try:
                offset = _add(api, upload, offset, content.read(PART))
                failed = 0
            except BrokeOff:
                failed += 1
                if failed == TRIES:
                    raise
                time.sleep(0.2 * 2**failed)
                offset = api.get(f"{UPLOADS}/{upload}", role=ROLE)["offset"]
    told("sending", size, size)


def _add(api: Api, upload: str, offset: int, part: bytes) -> int:
    """How many bytes are there now: where another one added meanwhile, the other side says how many."""
    headers = {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
    try:
        answer = api.send("PATCH", f"{UPLOADS}/{upload}", role=ROLE, headers=headers, content=part, timeout=300)
    except Refused as refused:
        if refused.status != CONFLICT:
            raise
        if "offset" in refused.problem:
            return int(refused.problem["offset"])
        if str(refused.problem.get("type", "")).endswith("upload-busy"):
            time.sleep(LOOK_EVERY)
            return offset
        raise
    return int(answer.headers["Upload-Offset"])


def _complete(
    api: Api, upload: str, told: Told, lines: int | None, params: dict[str, str]
) -> tuple[dict[str, Any], bool]:
    """Asked again where the connection breaks or somebody else is at it already: the answer is the same, but that it is not new any more."""
    path, until, again = f"{UPLOADS}/{upload}", time.monotonic() + COUNTING_SECONDS, False
    while True:
        asking = _Asking(api, f"{path}/completion", params)
        asking.start()
        while asking.is_alive():
            asking.join(LOOK_EVERY)
            if asking.is_alive():
                _look(api, path, told, lines)
        if asking.receipt is not None:
            told("counting", asking.receipt["rows"], asking.receipt["rows"])
            return asking.receipt, asking.new or again
        if not _passes(asking.trouble):
            raise asking.trouble or Trouble(f"upload {upload}: the completion ended without an answer.")
        if time.monotonic() > until:
            raise Trouble(f"upload {upload} is still being counted; the same command asks again.")
        again = True
        while _look(api, path, told, lines) == "counting":
            time.sleep(LOOK_EVERY)
        time.sleep(LOOK_EVERY)


class _Asking(Thread):
    """The request that takes as long as the counting does. It ends with the process, so that Ctrl-C waits for nobody."""

    def __init__(self, api: Api, path: str, params: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self._api, self._path, self._params = api, path, params
        self.receipt: dict[str, Any] | None = None
        self.new = False
        self.trouble: Trouble | None = None

    def run(self) -> None:
        how: dict[str, Any] = {"role": ROLE, "params": self._params, "timeout": COUNTING_SECONDS}
        try:
            answer = self._api.send("POST", self._path, **how)
            self.receipt, self.new = dict(answer.json()), answer.status_code == CREATED
        except Trouble as trouble:
            self.trouble = trouble


def _passes(trouble: Trouble | None) -> bool:
    busy = isinstance(trouble, Refused) and str(trouble.problem.get("type", "")).endswith("upload-busy")
    return busy or isinstance(trouble, BrokeOff)


def _look(api: Api, path: str, told: Told, lines: int | None) -> str:
    """How far the counting is; "away" where nobody answers just now."""
    try:
        upload = api.get(path, role=ROLE)
    except (BrokeOff, Refused):
        return "away"
    told("counting", upload["counted"], lines)
    return str(upload["state"])
