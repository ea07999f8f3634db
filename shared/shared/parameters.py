"""Query parameters that a route does not know are refused: a misspelt filter must not answer with everything.

For a whole router: `APIRouter(dependencies=[Depends(refuse_unknown_parameters)])`.
"""

from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant

from shared.errors import BadRequest, FieldError, shorten


class UnknownParameter(BadRequest):
    slug = "unknown-parameter"


async def refuse_unknown_parameters(request: Request) -> None:
    """Raises UnknownParameter, which names every one that neither the route nor its dependencies declare."""
    if not request.query_params:
        return
    known = set(_declared(request.scope["route"].dependant))
    unknown = [name for name in request.query_params if name not in known]
    if not unknown:
        return
    detail = f"there is no such parameter here; known are {', '.join(sorted(known)) or 'none'}"
    found = [FieldError(parameter=name, value=shorten(request.query_params[name]), detail=detail) for name in unknown]
    raise UnknownParameter(f"{', '.join(map(repr, unknown))}: {detail}"[:1000], errors=found)


def _declared(dependant: Dependant) -> Iterator[str]:
    for parameter in dependant.query_params:
        yield parameter.alias
    for inner in dependant.dependencies:
        yield from _declared(inner)
