"""Calls the platform's public APIs, and turns what can go wrong into one sentence."""

import ipaddress
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx

from apge.folder import Folder
from apge.trouble import Trouble

if TYPE_CHECKING:
    from shared.auth import Role

UNAUTHENTICATED = 401
PATIENCE = 60.0


class Refused(Trouble):
    """The platform answered with a problem."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(problem_of(response))
        self.status = response.status_code
        self.problem = _document(response)


class BrokeOff(Trouble):
    """The connection ended before the answer did, so nobody knows whether the request had its effect."""


@dataclass
class Tokens:
    """Where a call's token comes from: the one that was given, else the local issuer's for the role that the call needs."""

    given: str | None
    folder: Folder
    hours: float = 12
    _made: "dict[tuple[str, ...], str]" = field(default_factory=dict)

    def get(self, role: "Role", units: Sequence[str] = ()) -> str:
        if self.given:
            return self.given
        key = (role, *units)
        if key not in self._made:
            self._made[key] = make_token(self.folder, role, units, self.hours)
        return self._made[key]


def make_token(folder: Folder, role: "Role", units: Sequence[str], hours: float) -> str:
    """A token of the local issuer in `folder`. Raises Trouble where there is none."""
    from shared.issuer import LocalIssuer  # takes half a second, which a command with a token of its own saves

    try:
        return LocalIssuer(folder.issuer).token(role, units, hours=hours)
    except (OSError, ValueError) as error:
        raise Trouble(
            f"no token: {folder.issuer} holds no key of a local issuer; give one by --token or APGE_CLI_TOKEN, "
            "or start the platform with 'make run'."
        ) from error


class Api:
    """The platform at `url`. Readers call without a token as long as the platform lets them."""

    def __init__(self, url: str, token: str | None, folder: Path | None = None) -> None:
        self.url = url.rstrip("/")
        self.tokens = Tokens(token, Folder.of(folder))
        self._anonymous = token is None
        try:
            self._http = httpx.Client(base_url=self.url, timeout=PATIENCE, trust_env=not _is_here(self.url))
        except (httpx.InvalidURL, ValueError) as error:
            raise Trouble(f"{url} is no address: {error}.") from error

    def get(self, path: str, *, role: "Role" = "reader", **rest: Any) -> Any:
        return self.send("GET", path, role=role, **rest).json()

    def send(
        self, method: str, path: str, *, role: "Role", units: Sequence[str] = (), repeatable: bool = False, **rest: Any
    ) -> httpx.Response:
        """A success. Raises Refused with the problem's own words, Trouble where nobody answers.

        What may be repeated is sent once more where the connection broke: the server closes an idle one when it likes.
        """
        repeatable = repeatable or method in {"GET", "PUT"} or "Idempotency-Key" in rest.get("headers", {})
        try:
            return self._send(method, path, role=role, units=units, **rest)
        except BrokeOff:
            if not repeatable:
                raise
            return self._send(method, path, role=role, units=units, **rest)

    def _send(self, method: str, path: str, *, role: "Role", units: Sequence[str], **rest: Any) -> httpx.Response:
        with self.stream(method, path, role=role, units=units, **rest) as response:
            response.read()
            return response

    @contextmanager
    def stream(
        self, method: str, path: str, *, role: "Role", units: Sequence[str] = (), **rest: Any
    ) -> Iterator[httpx.Response]:
        """A success whose body is still to be read. Raises as `send` does."""
        headers = {**rest.pop("headers", {}), **self._authorization(role, units)}
        try:
            with self._http.stream(method, path, headers=headers, **rest) as response:
                retry = response.status_code == UNAUTHENTICATED and "Authorization" not in headers
                if not retry:
                    if not response.is_success:
                        response.read()
                        raise Refused(response)
                    yield response
                    return
        except httpx.UnsupportedProtocol as error:
            raise Trouble(f"{self.url} is no address: it begins with neither http:// nor https://.") from error
        except httpx.ConnectError as error:
            raise Trouble(
                f"nothing answers at {self.url}: start it with 'make run', or name another by --url."
            ) from error
        except httpx.TransportError as error:
            reason = f"{type(error).__name__} {error}".strip()
            raise BrokeOff(f"{self.url} broke off while it answered {method} {path} ({reason}).") from error
        self._anonymous = False
        with self.stream(method, path, role=role, units=units, headers=headers, **rest) as response:
            yield response

    def _authorization(self, role: "Role", units: Sequence[str]) -> dict[str, str]:
        if role == "reader" and self._anonymous:
            return {}
        return {"Authorization": f"Bearer {self.tokens.get(role, units)}"}


def _is_here(url: str) -> bool:
    """Whether `url` is this machine, which no proxy can reach for us."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _document(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def problem_of(response: httpx.Response) -> str:
    """The detail of a problem+json answer, then every field that it names with its value, unless the detail is only of those."""
    problem = _document(response)
    detail, errors = str(problem.get("detail", "")), problem.get("errors", [])
    if not detail:
        return f"{response.request.url} answered {response.status_code} {response.reason_phrase}."
    lines = []
    for error in errors:
        place = error.get("pointer") or error.get("parameter") or error.get("header") or "request"
        value = f" (got {error['value']!r})" if "value" in error else ""
        lines.append(f"{place}: {error['detail']}{value}")
    of_fields_only = errors and all(error["detail"] in detail for error in errors)
    return "\n  ".join(lines if of_fields_only else [detail, *lines])
