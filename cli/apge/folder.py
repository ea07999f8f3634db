"""The data folder of the embedded shape: where everything stands that outlives a run.

What must not break: one instance at a time. The lock is the kernel's (flock), so it ends with its process however that ended.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apge.trouble import Trouble

PROJECT = Path(__file__).resolve().parents[2]
LARGEST_LOG = 64 * 1024 * 1024


def source_folder() -> Path:
    """Where the facts of the source documents are: `data` of the project, or of the working directory."""
    return (PROJECT if (PROJECT / "data" / "units.json").exists() else Path.cwd()) / "data"


@dataclass(frozen=True)
class Folder:
    path: Path

    @classmethod
    def of(cls, given: Path | None) -> "Folder":
        """The given folder, or `.data` beside the source documents."""
        return cls((given or source_folder().parent / ".data").expanduser().absolute())

    @property
    def issuer(self) -> Path:
        return self.path / "issuer"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def log(self) -> Path:
        return self.path / "apge.log"

    def ensure(self) -> None:
        """The folder is there and can be written."""
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            (self.path / ".writable").touch()
            (self.path / ".writable").unlink()
        except OSError as error:
            raise Trouble(
                f"the data folder {self.path} cannot be written ({error.strerror}); name another by APGE_CLI_DATA."
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else uses the folder meanwhile. Raises Trouble where somebody does."""
        with (self.path / "apge.lock").open("a") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Trouble(
                    f"the data folder {self.path} is in use by another running instance; stop that one, "
                    "or name another folder by APGE_CLI_DATA."
                ) from error
            yield

    def is_locked(self) -> bool:
        """Whether an instance runs on this folder."""
        try:
            with self.locked():
                return False
        except Trouble:
            return True
        except OSError:
            return False

    def pseudonym_key(self) -> str:
        """The secret of this folder from which staff ids become pseudonyms: made once, readable by its owner only."""
        kept = self.path / "pseudonym.key"
        if not kept.exists():
            new = self.path / "pseudonym.key.new"
            new.unlink(missing_ok=True)
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_hex(32))
                file.flush()
                os.fsync(file.fileno())
            new.replace(kept)
        return kept.read_text()

    def open_log(self) -> int:
        """A file descriptor at the end of the log, which begins anew when it has grown large."""
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG:
            self.log.replace(self.log.with_suffix(".log.old"))
        return os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
