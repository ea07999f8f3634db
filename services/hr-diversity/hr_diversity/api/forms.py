"""In which form a scorecard is wanted: as data, as a page, or as a sheet of paper."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Annotated, Literal

from fastapi import Depends, Header, Query
from fastapi.responses import Response

from hr_diversity.web import DESIGN
from hr_diversity.web.page import POLICY

Form = Literal["json", "html", "pdf"]
MEDIA: dict[Form, str] = {"json": "application/json", "html": "text/html; charset=utf-8", "pdf": "application/pdf"}
_ACCEPTED: dict[str, Form] = {"application/json": "json", "text/html": "html", "application/pdf": "pdf"}


async def get_form(
    form: Annotated[Form | None, Query(alias="format", description="else what the header Accept likes best")] = None,
    accept: Annotated[str, Header()] = "",
) -> Form:
    return form or preferred(accept)


WantedForm = Annotated[Form, Depends(get_form)]


def preferred(accept: str) -> Form:
    """The form that is liked best; of two that are liked equally the one named first; data where none is named."""
    best, liking = None, 0.0
    for part in accept.split(","):
        media, *parameters = [one.strip().lower() for one in part.split(";")]
        found = _ACCEPTED.get(media)
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        liked = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
        if found is not None and liked > liking:
            best, liking = found, liked
    return best or "json"


async def answer(
    form: Form, content: bytes, name: str, if_none_match: str | None, render: Callable[[], Awaitable[bytes]]
) -> Response:
    """`content` decides the ETag, with the form and how this release draws it; `render` is asked only for who has it not yet."""
    tag = f'"{hashlib.sha256(f"{form} {DESIGN} ".encode() + content).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Vary": "Accept, Authorization", "Cache-Control": "no-cache"}
    if if_none_match is not None and tag in {one.strip().removeprefix("W/") for one in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    if form == "html":
        headers["Content-Security-Policy"] = POLICY
    if form == "pdf":
        headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return Response(await render(), headers=headers, media_type=MEDIA[form])
