"""The embedded shape: the four services, their settings, and the one server that they are behind."""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from pydantic import SecretStr, ValidationError

from apge import databases, services
from apge.embedded import Embedded
from apge.folder import Folder
from apge.trouble import Trouble
from shared.app import Service, create_app
from shared.issuer import AUDIENCE, ISSUER, LocalIssuer
from shared.serve import STOPPING, Server, sentence_of

if TYPE_CHECKING:
    from sqlalchemy import URL

ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 (nothing is bound here: what a browser on this machine calls it)


@dataclass(frozen=True)
class Shape:
    folder: Folder
    host: str
    port: int
    bus: databases.Bus
    kafka: str
    services: list[Service]
    issuer: LocalIssuer

    @classmethod
    def of(cls, folder: Folder, listener: socket.socket, bus: databases.Bus, kafka: str) -> "Shape":
        host, port = listener.getsockname()[:2]
        issuer = LocalIssuer(folder.issuer)
        issuer.ensure_keys()
        return cls(folder, host, port, bus, kafka, services.load(), issuer)

    @property
    def url(self) -> str:
        host = ANYWHERE.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{host}:{self.port}"

    @contextlib.contextmanager
    def logging(self, verbose: bool) -> Iterator[None]:
        """What the services log goes to the folder, so that the terminal stays readable."""
        if verbose:
            yield
            return
        with os.fdopen(self.folder.open_log(), "a", buffering=1) as log, contextlib.redirect_stderr(log):
            yield

    async def serve(self, server: "URL", listener: socket.socket, ready: Callable[[Callable[[], bool]], None]) -> None:
        """Serves until a signal comes. `ready` runs in a thread beside it, and is given a function that says when to give up."""
        loop, this = asyncio.get_running_loop(), asyncio.current_task()
        for number in STOPPING:
            loop.add_signal_handler(number, this.cancel)  # type: ignore[union-attr]  # within a task
        apps = self._apps(server)  # before the databases, so that a wrong setting changes nothing
        await databases.prepare(server, self.services, self.bus)
        running = Server(Embedded(apps), list(apps.values()), host=self.host, port=self.port)
        serving = asyncio.create_task(running.serve(sockets=[listener]))
        answering = asyncio.create_task(running.answers.wait())
        await asyncio.wait({serving, answering}, return_when=asyncio.FIRST_COMPLETED)
        try:
            if running.started:
                await asyncio.to_thread(ready, lambda: running.should_exit)
        except BaseException:
            running.should_exit = True
            raise
        finally:
            await serving

    def _apps(self, server: "URL") -> Mapping[str, FastAPI]:
        try:
            return {one.name: create_app(one, one.settings(**self._settings(one, server))) for one in self.services}
        except ValidationError as error:
            raise Trouble(f"settings: {sentence_of(error)}.") from error

    def _settings(self, service: Service, server: "URL") -> dict[str, Any]:
        """Everything that the shape decides; the rest is the environment's or the default."""
        given: dict[str, Any] = {
            "database_url": _secret(server, databases.database_of(service.name, self.bus)),
            "bus": self.bus,
            "bus_url": _secret(server, databases.database_of("bus", self.bus)),
            "kafka_bootstrap": self.kafka,
            "host": self.host,
            "port": self.port,
            "auth_issuer": ISSUER,
            "auth_audience": AUDIENCE,
            "auth_jwks_file": str(self.issuer.jwks_file),
            "anonymous_reading": service.name in services.READ_BY_ALL,
        }
        if "pseudonym_key" in service.settings.model_fields:
            given["pseudonym_key"] = SecretStr(self.folder.pseudonym_key())
        return given


def _secret(server: "URL", database: str) -> SecretStr:
    return SecretStr(server.set(database=database).render_as_string(hide_password=False))
