"""One tree of errors and one rendering: `application/problem+json` (RFC 9457).

    Problem
    |- BadRequest            400  a header or parameter that cannot be read
    |- Unauthenticated       401  no token, or one that is not valid
    |- Forbidden             403  the role may not do this at all
    |- NotFound              404  absent, or another unit's: the two are told apart by nobody
    |- Conflict              409  the state forbids it
    |- PreconditionFailed    412  If-Match names an old version
    |- TooLarge              413
    |- UnsupportedMedia      415
    |- Unprocessable         422  a field whose value breaks a rule
    |- PreconditionRequired  428  a change without If-Match
    '- Unavailable           503

A concrete error is two lines beside the rule that raises it: the status inherited, a stable slug, and a sentence with the
offending value where it is raised. `errors` holds one entry per field: a JSON pointer, the value, and what is wrong with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, ClassVar

import orjson
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from shared.figures import as_number
from shared.telemetry import request_id

log = structlog.get_logger()

LONGEST_VALUE_SHOWN = 200


class FieldError(BaseModel):
    """What is wrong with one field, parameter or header."""

    pointer: str | None = Field(None, examples=["#/value"])
    parameter: str | None = Field(None, examples=["plan"])
    header: str | None = Field(None, examples=["If-Match"])
    value: Any = None
    detail: str


class ProblemDocument(BaseModel):
    """The body of every answer that is not a success."""

    type: str = Field(examples=["urn:apge:problem:invalid-request"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="the id of the request, as the logs have it")
    errors: list[FieldError] = []


class Problem(Exception):  # noqa: N818 (the standard calls it a problem)
    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "The server failed"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = headers or {}
        self.members = dict(members or {})
        """Members of the document beside the standard's own (RFC 9457, 3.2)."""


class BadRequest(Problem):
    status, slug, title = 400, "bad-request", "The request cannot be read"


class Unauthenticated(Problem):
    status, slug, title = 401, "unauthenticated", "A valid token is needed"


class Forbidden(Problem):
    status, slug, title = 403, "forbidden", "Your role may not do this"


class NotFound(Problem):
    status, slug, title = 404, "not-found", "There is no such thing"


class Conflict(Problem):
    status, slug, title = 409, "conflict", "The present state forbids this"


class PreconditionFailed(Problem):
    status, slug, title = 412, "stale-version", "Somebody changed this since you read it"


class TooLarge(Problem):
    status, slug, title = 413, "too-large", "The body is too large"


class UnsupportedMedia(Problem):
    status, slug, title = 415, "unsupported-media-type", "This format is not read here"


class Unprocessable(Problem):
    status, slug, title = 422, "invalid-request", "A value breaks a rule"


class PreconditionRequired(Problem):
    status, slug, title = 428, "precondition-required", "Say which version you change"


class Unavailable(Problem):
    status, slug, title = 503, "unavailable", "Not available just now"


def invalid(pointer: str, value: object, detail: str) -> Unprocessable:
    """A 422 that names one field by its JSON pointer and shows its value."""
    shown = shorten(value)
    return Unprocessable(
        f"{pointer}: {detail} (got {shown!r})", errors=[FieldError(pointer=pointer, value=shown, detail=detail)]
    )


def shorten(value: object) -> object:
    """`value` as it may stand in an answer: JSON types as they are when small, all else as a cut text."""
    if value is None or isinstance(value, (bool, float)):
        return value
    if isinstance(value, int) and abs(value) < 2**63:  # a longer one is no number of orjson's
        return value
    if isinstance(value, Decimal) and value.is_finite():
        return as_number(value)
    if isinstance(value, dict | list):
        with suppress(TypeError):  # nested deeper than is written as JSON: shown as Python has it
            value = orjson.dumps(value, default=str).decode()
    text = (value if isinstance(value, str) else str(value)).encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST_VALUE_SHOWN else text[:LONGEST_VALUE_SHOWN] + "..."


def render(problem: Problem) -> Response:
    document = {
        **problem.members,
        "type": f"urn:apge:problem:{problem.slug}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "instance": request_id(),
        "errors": [error.model_dump(exclude_none=True, exclude_defaults=False) for error in problem.errors],
    }
    return Response(
        orjson.dumps(document, default=str),
        problem.status,
        media_type="application/problem+json",
        headers=problem.headers,
    )


def _field_errors(errors: Iterable[Any]) -> list[FieldError]:
    found = []
    for error in errors:
        place, *path = error["loc"]
        value = None if error["type"] == "missing" else shorten(error.get("input"))
        error["msg"] = error["msg"].removeprefix("Value error, ")  # pydantic's word for a rule of our own
        if place == "body" and error["type"] == "json_invalid":  # the place is a character's, not a field's
            found.append(FieldError(pointer="#", detail=f"{error['msg']}: {error['ctx']['error']}"))
        elif place == "body":
            pointer = "#" + "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in path)
            found.append(FieldError(pointer=pointer, value=value, detail=error["msg"]))
        elif place == "header":
            found.append(FieldError(header=str(path[0]), value=value, detail=error["msg"]))
        else:
            found.append(FieldError(parameter=str(path[0]) if path else None, value=value, detail=error["msg"]))
    return found


def _name(error: FieldError) -> str:
    return error.pointer or error.parameter or error.header or "request"


async def _invalid_request(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 (registered for this class only)
    errors = _field_errors(error.errors())
    return render(Unprocessable("; ".join(f"{_name(e)}: {e.detail}" for e in errors[:5]), errors=errors))


async def _problem(_: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101 (registered for this class only)
    return render(error)


async def _framework(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class only)
    kind = _BY_STATUS.get(error.status_code, Problem)
    detail = str(error.detail)
    if kind is NotFound:
        detail = f"{request.url.path}: there is no such address"
    elif error.status_code == MethodNotAllowed.status:
        detail = f"{request.method} is not an action of {request.url.path}"
    problem = kind(detail, headers=dict(error.headers or {}) | _allow(request, error.status_code))
    if kind is Problem:
        problem.status = error.status_code  # type: ignore[misc]  # the framework has statuses that the tree has no class for
    return render(problem)


def _allow(request: Request, status: int) -> dict[str, str]:
    """All methods of the address: the framework names those of the first of its routes only."""
    if status != MethodNotAllowed.status:
        return {}
    routes = [route for route in iter_route_contexts(request.app.routes) if route.methods and route.path_regex]
    here = [route.methods or set() for route in routes if route.path_regex.match(request.url.path)]
    return {"Allow": ", ".join(sorted(set[str]().union(*here)))}


async def _bug(_: Request, error: Exception) -> Response:
    log.error("request_failed", error=type(error).__name__, exc_info=error)
    return render(Problem(f"This is our mistake. Name {request_id()} when you report it."))


class MethodNotAllowed(Problem):
    status, slug, title = 405, "method-not-allowed", "There is no such action here"


_BY_STATUS: dict[int, type[Problem]] = {kind.status: kind for kind in Problem.__subclasses__()}


def install(app: FastAPI) -> None:
    """Every error of `app`, the framework's own included, is answered as problem+json."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _framework)
    app.add_exception_handler(Exception, _bug)


def responses(*kinds: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides success, for its OpenAPI description."""
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    return {kind.status: {"description": kind.title, "content": content} for kind in kinds}
