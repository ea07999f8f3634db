"""Who calls, and what a role may do. Tokens are JWTs of one issuer; everything is denied unless a route allows it.

Two walls: the route names the roles that may call it (`allow`), and the query carries the caller's units, so that another unit's
object is as if absent. A route without a declared permission keeps the service from starting (`refuse_bare_routes`).
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import httpx
import structlog
from fastapi import Depends, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter, iter_route_contexts
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from shared.errors import Forbidden, Unauthenticated, Unavailable
from shared.settings import Settings
from shared.telemetry import context, current

log = structlog.get_logger()

Role = Literal["custodian", "reviewer", "hr-feeder", "evaluation-office", "senior-manager", "reader", "operator"]
ROLES: frozenset[str] = frozenset(get_args(Role))

ALGORITHMS = ["RS256", "ES256", "EdDSA"]  # an allowlist: what a token's own header names is never trusted
LEEWAY = 30
LONGEST_TOKEN = 8192
OTHER_TOKENS = frozenset({"id", "refresh", "offline", "logout"})
REFETCH_SECONDS = 60.0
RETRY_SECONDS = 5.0  # while no key was ever read
MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller. `units` are what it answers for; `expires` is seconds since 1970, and no stream outlives it."""

    subject: str
    roles: frozenset[str]
    units: frozenset[str]
    expires: float

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def actor(self) -> str:
        """The role and units, for events and logs: never the person."""
        return "+".join(sorted(self.roles)) + (":" + "+".join(sorted(self.units)) if self.units else "")


ANONYMOUS = Principal("anonymous", frozenset({"reader"}), frozenset(), float("inf"))


class Verifier:
    """Checks tokens offline against the issuer's keys. Keys are fetched again for an unknown key id, once a minute at the most;
    while the issuer is away, known keys go on.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.claims = JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": settings.auth_issuer},
            aud={"essential": True, "value": settings.auth_audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._keys: KeySet | None = None
        self._fetched = float("-inf")
        self._lock = asyncio.Lock()
        self._known: dict[bytes, Principal] = {}

    def known(self, token: bytes) -> Principal | None:
        """The caller of a token that was checked before and has not expired; asks nobody."""
        known = self._known.get(hashlib.sha256(token).digest())
        return known if known is not None and known.expires + LEEWAY > time.time() else None

    async def verify(self, token: str) -> Principal:
        """Raises Unauthenticated, or Unavailable where no key was ever fetched."""
        known = self.known(token.encode())
        if known is not None:
            return known
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated("the token is too long", headers=CHALLENGE)
        principal = await self._check(token)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[hashlib.sha256(token.encode()).digest()] = principal
        return principal

    async def _check(self, token: str) -> Principal:
        keys = await self.keys()
        try:
            try:
                read = jwt.decode(token, keys, algorithms=ALGORITHMS)
            except (JoseError, ValueError, RecursionError):
                read = jwt.decode(token, await self.keys(fresh=True), algorithms=ALGORITHMS)
            self.claims.validate(read.claims)
            kind = str(read.claims.get("typ", "bearer")).lower()  # Keycloak says there what the token is for
            if read.header.get("typ", "JWT").lower() not in {"jwt", "at+jwt"} or kind in OTHER_TOKENS:
                raise Unauthenticated("this type of token does not open a service", headers=CHALLENGE)
            return _principal(read.claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Unauthenticated(f"the token is not valid: {type(error).__name__}", headers=CHALLENGE) from error

    async def keys(self, *, fresh: bool = False) -> KeySet:
        async with self._lock:
            pause = RETRY_SECONDS if self._keys is None else REFETCH_SECONDS
            stale = time.monotonic() - self._fetched > pause
            if stale and (fresh or self._keys is None):
                self._fetched = time.monotonic()
                try:
                    self._keys = KeySet.import_key_set(await self._read_keys())
                except (httpx.HTTPError, OSError, ValueError, JoseError) as error:
                    log.warning("issuer_keys_unreachable", error=f"{type(error).__name__}: {error}")
            if self._keys is None:
                raise Unavailable("the issuer's keys cannot be read just now")
            return self._keys

    async def _read_keys(self) -> Any:
        if self.settings.auth_jwks_file is not None:
            return json.loads(await asyncio.to_thread(Path(self.settings.auth_jwks_file).read_text))
        if self.settings.auth_jwks_url is None:
            raise ValueError("neither APGE_AUTH_JWKS_FILE nor APGE_AUTH_JWKS_URL is set")
        async with httpx.AsyncClient(timeout=5) as client:
            return (await client.get(self.settings.auth_jwks_url)).raise_for_status().json()


CHALLENGE = {"WWW-Authenticate": 'Bearer realm="apge"'}


def _principal(claims: dict[str, Any]) -> Principal:
    roles = frozenset(_words(claims.get("roles", []))) & ROLES
    if not roles:
        raise Unauthenticated("the token names no role that is known here", headers=CHALLENGE)
    return Principal(str(claims["sub"]), roles, frozenset(_words(claims.get("units", []))), float(claims["exp"]))


def _words(claim: Any) -> list[str]:
    if isinstance(claim, str):
        return claim.split()
    if isinstance(claim, list) and all(isinstance(word, str) for word in claim):
        return claim
    raise TypeError("a claim is neither words nor a list of words")


async def identify(request: Request) -> Principal:
    """The caller. Raises Unauthenticated."""
    return await identify_by(
        request.headers.get("authorization"), request.app.state.verifier, request.app.state.settings
    )


async def identify_by(header: str | None, verifier: Verifier, settings: Settings) -> Principal:
    if header is None:
        if settings.anonymous_reading:
            return ANONYMOUS
        raise Unauthenticated("send a token: Authorization: Bearer ...", headers=CHALLENGE)
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("the Authorization header is not 'Bearer <token>'", headers=CHALLENGE)
    return await verifier.verify(token.strip())


def allow(*roles: Role) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets only these roles pass, and gives the caller. Every known role may do what `reader` may."""
    allowed = ROLES if "reader" in roles else frozenset(roles)

    async def permitted(request: Request) -> Principal:
        principal = await identify(request)
        if principal.roles.isdisjoint(allowed):
            if principal is ANONYMOUS:
                raise Unauthenticated("send a token: Authorization: Bearer ...", headers=CHALLENGE)
            raise Forbidden(
                f"this takes the role {' or '.join(sorted(allowed))}; the token has {', '.join(sorted(principal.roles))}"
            )
        context.set(replace(current(), actor=principal.actor, subject=principal.subject))
        return principal

    permitted.__permission__ = frozenset(roles)  # type: ignore[attr-defined]  # read by refuse_bare_routes and by the matrix test
    return permitted


Anyone = Annotated[Principal, Depends(allow("reader"))]


async def open_to_all() -> None:
    """Declares a route that needs no caller: health, metrics, the description of the API."""


open_to_all.__permission__ = frozenset({"*"})  # type: ignore[attr-defined]


class BareRouteError(RuntimeError):
    """A route without a declared permission."""


def permission_of(route: APIRoute) -> frozenset[str] | None:
    """The roles that `route` allows ("*" is everybody); None where it declares nothing."""
    return next(_permissions(route.dependant), None)


def _permissions(dependant: Dependant) -> Iterator[frozenset[str]]:
    for inner in dependant.dependencies:
        declared = getattr(inner.call, "__permission__", None)
        if declared is not None:
            yield declared
        yield from _permissions(inner)


def api_routes(router: APIRouter) -> Iterator[APIRoute]:
    """Every route of `router` and of the routers it includes."""
    for found in iter_route_contexts(router.routes):
        if isinstance(found.original_route, APIRoute):
            yield found.original_route


def refuse_bare_routes(router: APIRouter) -> None:
    """Raises BareRouteError where a route declares no permission."""
    bare = [
        f"{sorted(route.methods or ())} {route.path}" for route in api_routes(router) if permission_of(route) is None
    ]
    if bare:
        raise BareRouteError(
            f"no permission is declared for {', '.join(bare)}; add Depends(allow(...)) or Depends(open_to_all)"
        )
