"""Who may do what: forged tokens, the issuer's keys, roles, routes that declare nothing."""

import base64
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Depends
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from tests.shared.sample import service

from shared import auth
from shared.app import Service, create_app
from shared.auth import BareRouteError, Verifier, allow, open_to_all, refuse_bare_routes
from shared.database import new_metadata
from shared.errors import Unauthenticated, Unavailable
from shared.issuer import LocalIssuer
from shared.testing import Client, Postgres, running_service, test_settings

NOTES = "/sample/v1/notes"
NOW = int(time.time())
CLAIMS = {"iss": "urn:apge:local", "aud": "apge", "sub": "a", "exp": NOW + 3600, "roles": ["reader"], "units": []}


def raw(value: Any) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Forger:
    """Makes tokens: true ones with the issuer's own key, and all kinds of false ones."""

    def __init__(self, issuer: LocalIssuer) -> None:
        self.key = ECKey.import_key(json.loads((issuer.folder / "private.json").read_text()))
        self.public = json.loads(issuer.jwks_file.read_text())["keys"][0]

    def signed(self, header: dict[str, Any] | None = None, key: Any = None, **claims: Any) -> str:
        """Without the claims that are given as None."""
        body = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
        given = {"alg": "ES256", "kid": self.key.kid, **(header or {})}
        return jwt.encode(given, body, key or self.key, algorithms=[given["alg"]])

    def unsigned(self, algorithm: Any, signature: str = "") -> str:
        return f"{raw({'alg': algorithm, 'typ': 'JWT', 'kid': self.key.kid})}.{raw(CLAIMS)}.{signature}"

    def with_header(self, header: dict[str, Any]) -> str:
        """A true token whose header was exchanged afterwards."""
        _, claims, signature = self.signed().split(".")
        return f"{raw({'alg': 'ES256', 'kid': self.key.kid, **header})}.{claims}.{signature}"

    def of_another_key(self, **header: Any) -> str:
        other = ECKey.generate_key("P-256")
        return self.signed({**header}, other)

    def with_embedded_key(self) -> str:
        other = ECKey.generate_key("P-256")
        return self.signed({"jwk": other.as_dict(private=False)}, other)

    def with_public_key_as_secret(self) -> str:
        secret = OctKey.import_key(json.dumps(self.public).encode())
        return self.signed({"alg": "HS256"}, secret)


FORGERIES: dict[str, Callable[[Forger], str]] = {
    "alg none": lambda forger: forger.unsigned("none"),
    "alg None": lambda forger: forger.unsigned("None"),
    "alg nOnE": lambda forger: forger.unsigned("nOnE"),
    "alg null": lambda forger: forger.unsigned(None),
    "alg a list": lambda forger: forger.unsigned(["ES256"], "AAAA"),
    "alg none with the signature of a true token": lambda forger: forger.unsigned(
        "none", forger.signed().split(".")[2]
    ),
    "HS256 with the public key as the secret": lambda forger: forger.with_public_key_as_secret(),
    "own key embedded as jwk": lambda forger: forger.with_embedded_key(),
    "own key behind jku": lambda forger: forger.of_another_key(jku="http://127.0.0.1:1/keys"),
    "own key behind x5u": lambda forger: forger.of_another_key(x5u="http://127.0.0.1:1/cert"),
    "another key with the same kid": lambda forger: forger.of_another_key(),
    "another key with no kid": lambda forger: forger.of_another_key(kid=""),
    "kid is a path": lambda forger: forger.of_another_key(kid="../../../../dev/null"),
    "kid is SQL": lambda forger: forger.of_another_key(kid="x' OR 1=1 --"),
    "kid is a number": lambda forger: forger.with_header({"kid": 7}),
    "unknown critical header": lambda forger: forger.with_header({"crit": ["exp"], "exp": NOW}),
    "header exchanged after signing": lambda forger: forger.with_header({"typ": "at+jwt"}),
    "claims exchanged after signing": lambda forger: ".".join(
        [forger.signed().split(".")[0], raw({**CLAIMS, "roles": ["operator"]}), forger.signed().split(".")[2]]
    ),
    "signature cut": lambda forger: forger.signed()[:-10],
    "signature empty": lambda forger: forger.signed().rpartition(".")[0] + ".",
    "another audience": lambda forger: forger.signed(aud="somebody"),
    "audience a part of ours": lambda forger: forger.signed(aud="apg"),
    "no audience": lambda forger: forger.signed(aud=None),
    "audiences without ours": lambda forger: forger.signed(aud=["x", "y"]),
    "another issuer": lambda forger: forger.signed(iss="https://evil.example"),
    "no issuer": lambda forger: forger.signed(iss=None),
    "expired": lambda forger: forger.signed(exp=NOW - 3600),
    "no expiry": lambda forger: forger.signed(exp=None),
    "expiry a word": lambda forger: forger.signed(exp="tomorrow"),
    "not yet valid": lambda forger: forger.signed(nbf=NOW + 3600),
    "issued in the future": lambda forger: forger.signed(iat=NOW + 3600),
    "no subject": lambda forger: forger.signed(sub=None),
    "empty subject": lambda forger: forger.signed(sub=""),
    "no roles": lambda forger: forger.signed(roles=None),
    "an unknown role": lambda forger: forger.signed(roles=["root"]),
    "roles an object": lambda forger: forger.signed(roles={"operator": True}),
    "roles a list of numbers": lambda forger: forger.signed(roles=[1]),
    "typ of an ID token": lambda forger: forger.signed({"typ": "id+jwt"}),
    "typ a number": lambda forger: forger.with_header({"typ": 1}),
    "an ID token as Keycloak writes it": lambda forger: forger.signed(typ="ID"),
    "a refresh token as Keycloak writes it": lambda forger: forger.signed(typ="Refresh"),
    "huge": lambda forger: forger.signed(sub="x" * 10_000),
    "two dots": lambda _: "..",
    "garbage between dots": lambda _: "a.b.c",
    "no dots": lambda _: "garbage",
    "five parts": lambda _: "a.b.c.d.e",
    "bytes that are no UTF-8": lambda _: ".".join([raw(bytes([255, 254]))] * 3),
    "claims a list": lambda forger: f"{raw({'alg': 'ES256'})}.{raw([1])}.AAAA",
    "header a list": lambda forger: f"{raw([1])}.{raw(CLAIMS)}.AAAA",
    "header nested too deep": lambda _: f"{raw(b'[' * 6000)[:8000]}.e30.AAAA",
    "letters beyond ASCII": lambda _: "\xe9.\xe9.\xe9",
}


@pytest.fixture(scope="session")
def forger(issuer: LocalIssuer) -> Forger:
    return Forger(issuer)


@pytest.mark.parametrize("kind", FORGERIES)
async def test_a_forged_token_is_answered_401(common: Client, forger: Forger, kind: str) -> None:
    header = f"Bearer {FORGERIES[kind](forger)}".encode("latin-1")
    answer = await common.get(NOTES, headers={"Authorization": header})
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:apge:problem:unauthenticated"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "eyJ" not in answer.text


async def test_a_true_token_of_the_same_forger_is_let_in(common: Client, forger: Forger) -> None:
    for token in (
        forger.signed(),
        forger.signed(aud=["x", "apge"]),
        forger.signed({"typ": "at+jwt"}),
        forger.signed(typ="Bearer"),
        forger.signed(exp=int(time.time()) - 10),
        forger.signed(roles="reader operator"),
    ):
        assert (await common.get(NOTES, headers={"Authorization": f"Bearer {token}"})).status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Token abc", "bearer"])
async def test_an_authorization_header_that_is_no_bearer_token_is_answered_401(common: Client, header: str) -> None:
    assert (await common.get(NOTES, headers={"Authorization": header})).status_code == 401


async def test_a_token_that_expires_while_it_is_remembered_is_answered_401(
    common: Client, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = forger.signed(sub="remembered")
    asked = {"headers": {"Authorization": f"Bearer {token}"}}
    assert (await common.get(NOTES, **asked)).status_code == 200
    later = SimpleNamespace(monotonic=time.monotonic, time=lambda: time.time() + 3600 + auth.LEEWAY + 1)
    monkeypatch.setattr(auth, "time", later)
    monkeypatch.setattr(common.app.state.verifier.claims, "_now", lambda: int(later.time()))
    assert (await common.get(NOTES, **asked)).status_code == 401


async def test_a_role_may_do_its_own_and_no_other(common: Client) -> None:
    assert (await common.post(NOTES, role="custodian", json={"text": "x"})).status_code == 201
    for role in ("reader", "reviewer", "hr-feeder", "evaluation-office", "senior-manager", "operator"):
        answer = await common.post(NOTES, role=role, json={"text": "x"})  # type: ignore[arg-type]
        assert answer.status_code == 403
        assert role in answer.json()["detail"]
        assert (await common.get(NOTES, role=role)).status_code == 200  # type: ignore[arg-type]


async def test_only_operators_see_what_is_parked_and_the_heads(common: Client) -> None:
    for path in ("/sample/v1/parked", "/sample/v1/heads"):
        assert (await common.get(path, role="custodian")).status_code == 403
        assert (await common.get(path, role="operator")).status_code == 200


async def test_health_and_metrics_are_open(common: Client) -> None:
    for path in ("/sample/health/live", "/sample/health/ready", "/sample/metrics", "/sample/openapi.json"):
        assert (await common.get(path)).status_code == 200


async def test_anonymous_reading_reads_and_does_nothing_else(
    postgres: Postgres, issuer: LocalIssuer, bus_url: str
) -> None:
    async with running_service(service, postgres, issuer, bus_url, anonymous_reading=True) as client:
        assert (await client.get(NOTES)).status_code == 200
        assert (await client.post(NOTES, json={"text": "x"})).status_code == 401
        assert (await client.get("/sample/v1/parked")).status_code == 401
        assert (await client.get(NOTES, headers={"Authorization": "Bearer a.b.c"})).status_code == 401


class CountingIssuer:
    """What an issuer's JWKS address answers, and how often it was asked."""

    def __init__(self, *keys: Any) -> None:
        self.keys, self.asked, self.away = list(keys), 0, False

    def answer(self, _: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("away")
        return httpx.Response(200, json=KeySet(self.keys).as_dict(private=False))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The monotonic time as the verifier sees it: add to its one entry."""
    now = [1000.0]
    monkeypatch.setattr(auth, "time", SimpleNamespace(monotonic=lambda: now[0], time=time.time))
    return now


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch, issuer: LocalIssuer, clock: list[float]) -> tuple[CountingIssuer, Verifier]:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    counting = CountingIssuer(key)

    def client(**more: Any) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(counting.answer), **more)

    monkeypatch.setattr(auth, "httpx", SimpleNamespace(AsyncClient=client, HTTPError=httpx.HTTPError))
    settings = test_settings(service, "x", "y", issuer, auth_jwks_file=None, auth_jwks_url="http://issuer/keys")
    return counting, Verifier(settings)


def token_of(key: Any, **claims: Any) -> str:
    return jwt.encode({"alg": "ES256", "kid": key.kid}, {**CLAIMS, **claims}, key, algorithms=["ES256"])


async def refused(verifier: Verifier, token: str) -> None:
    with pytest.raises(Unauthenticated):
        await verifier.verify(token)


async def test_the_issuer_is_asked_once_a_minute_at_the_most(
    remote: tuple[CountingIssuer, Verifier], clock: list[float]
) -> None:
    issuer, verifier = remote
    stranger = ECKey.generate_key("P-256", auto_kid=True)
    await verifier.verify(token_of(issuer.keys[0]))
    for number in range(50):
        await refused(verifier, token_of(stranger, sub=str(number)))
    assert issuer.asked == 1
    clock[0] += auth.REFETCH_SECONDS + 1
    for number in range(50):
        await refused(verifier, token_of(stranger, sub=str(number)))
    assert issuer.asked == 2


async def test_a_key_that_the_issuer_adds_is_found_after_a_minute(
    remote: tuple[CountingIssuer, Verifier], clock: list[float]
) -> None:
    issuer, verifier = remote
    await verifier.verify(token_of(issuer.keys[0]))
    issuer.keys.append(ECKey.generate_key("P-256", {"use": "sig"}, auto_kid=True))
    await refused(verifier, token_of(issuer.keys[1]))
    clock[0] += auth.REFETCH_SECONDS + 1
    assert (await verifier.verify(token_of(issuer.keys[1]))).subject == "a"


async def test_known_keys_go_on_while_the_issuer_is_away(
    remote: tuple[CountingIssuer, Verifier], clock: list[float]
) -> None:
    issuer, verifier = remote
    await verifier.verify(token_of(issuer.keys[0]))
    issuer.away = True
    clock[0] += auth.REFETCH_SECONDS + 1
    await refused(verifier, token_of(ECKey.generate_key("P-256", auto_kid=True)))
    assert (await verifier.verify(token_of(issuer.keys[0], sub="new"))).subject == "new"


async def test_with_no_key_ever_read_the_answer_is_503_and_the_issuer_is_not_stormed(
    remote: tuple[CountingIssuer, Verifier], clock: list[float]
) -> None:
    issuer, verifier = remote
    issuer.away = True
    for _ in range(20):
        with pytest.raises(Unavailable):
            await verifier.verify(token_of(issuer.keys[0]))
    assert issuer.asked == 1
    issuer.away = False
    clock[0] += auth.RETRY_SECONDS + 1
    await verifier.verify(token_of(issuer.keys[0]))
    assert issuer.asked == 2


async def test_rsa_keys_serve_as_well(remote: tuple[CountingIssuer, Verifier]) -> None:
    issuer, verifier = remote
    key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}, auto_kid=True)
    issuer.keys.append(key)
    token = jwt.encode({"alg": "RS256", "kid": key.kid}, CLAIMS, key, algorithms=["RS256"])
    assert (await verifier.verify(token)).roles == {"reader"}


async def test_the_private_key_of_the_local_issuer_is_its_owner_s_alone(tmp_path: Path) -> None:
    local = LocalIssuer(tmp_path / "keys")
    local.ensure_keys()
    assert (local.folder / "private.json").stat().st_mode & 0o077 == 0
    assert '"d"' not in local.jwks_file.read_text()
    before = local.jwks_file.read_text()
    local.ensure_keys()
    assert local.jwks_file.read_text() == before


def bare_router(**declared: Any) -> APIRouter:
    router = APIRouter()

    @router.get("/bare", **declared)
    async def bare() -> None: ...

    return router


def with_router(router: APIRouter) -> Service:
    return Service("bare", "Bare", router, new_metadata(), Path())


def test_a_service_with_a_bare_route_does_not_start(issuer: LocalIssuer) -> None:
    settings = test_settings(service, "postgresql+asyncpg://x/x", "y", issuer)
    with pytest.raises(BareRouteError, match="/bare"):
        create_app(with_router(bare_router()), settings)


def test_a_bare_route_in_an_included_router_is_found(issuer: LocalIssuer) -> None:
    outer, middle = APIRouter(), APIRouter()
    middle.include_router(bare_router(), prefix="/deep")
    outer.include_router(middle)
    with pytest.raises(BareRouteError, match="/bare"):
        refuse_bare_routes(outer)


def test_a_route_that_declares_its_permission_in_any_way_is_no_bare_route() -> None:
    refuse_bare_routes(bare_router(dependencies=[Depends(allow("operator"))]))
    refuse_bare_routes(bare_router(dependencies=[Depends(open_to_all)]))
    inherited = APIRouter(dependencies=[Depends(allow("reader"))])

    @inherited.get("/inherits")
    async def inherits() -> None: ...

    refuse_bare_routes(inherited)


@pytest.fixture
async def keys_file_client(
    postgres: Postgres, tmp_path: Path, bus_url: str, issuer: LocalIssuer
) -> AsyncIterator[Client]:
    missing = str(tmp_path / "none.json")
    async with running_service(service, postgres, issuer, bus_url, auth_jwks_file=missing) as client:
        yield client


async def test_a_missing_key_file_is_answered_503(keys_file_client: Client) -> None:
    answer = await keys_file_client.get(NOTES, role="reader")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:apge:problem:unavailable"
