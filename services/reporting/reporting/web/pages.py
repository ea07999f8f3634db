"""The first page at `/`, the page of women and men at `/parity`, and their static files.

The server writes what needs no script: the plan's title, its phases, the headline figures, and a sentence where there is nothing
to show. All else the scripts take from the public API. What must not break: the page's policy lets the browser load from here
only, so nothing in the template may carry an inline style or script; and whoever may not read the API learns nothing here either.
"""

import hashlib
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.ext.asyncio import AsyncSession

from reporting import consolidated, rules
from reporting.models import position_of
from reporting.projections import parity, status
from shared.auth import identify, open_to_all
from shared.errors import NotFound, Unauthenticated
from shared.events.indicators import PlanState, Status

HERE = Path(__file__).parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
FOREVER = "public, max-age=31536000, immutable"

WORDS: dict[Status, str] = {
    "on_track": "on track",
    "not_on_track": "not on track",
    "met": "met",
    "not_met": "not met",
    "data_unavailable": "data unavailable",
}

pages = APIRouter(include_in_schema=False)


class NoSuchFile(NotFound):
    slug = "no-such-file"


def read_files(folder: Path) -> tuple[str, dict[str, bytes]]:
    """The static files by name, and a version that changes when any of them does."""
    files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in TYPES}
    version = hashlib.sha256()
    for name, content in files.items():
        version.update(f"{name} {len(content)} ".encode() + content)
    return version.hexdigest()[:12], files


VERSION, FILES = read_files(HERE / "static")
_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {"static": f"/reporting/static/{VERSION}", "words": WORDS, "order": rules.WORDS}


@pages.get("/reporting/static/{version}/{name}", dependencies=[Depends(open_to_all)])
async def get_static_file(version: str, name: str) -> Response:
    """Kept by the browser for good under its own version. Another version is of another release: its pages get what there is."""
    content = FILES.get(name)
    if content is None:
        raise NoSuchFile(f"there is no file {name}")
    kept = FOREVER if version == VERSION else "no-cache"
    return Response(content, media_type=TYPES[Path(name).suffix], headers={"Cache-Control": kept})


@pages.get("/", dependencies=[Depends(open_to_all)])
async def get_first_page(
    request: Request,
    plan: Annotated[str | None, Query(max_length=100)] = None,
    phase: Annotated[str | None, Query(max_length=50)] = None,
) -> Response:
    """The plan that is named, or of those with results the one that most is done for; its last phase with targets, where none is named."""
    try:
        await identify(request)
    except Unauthenticated as refusal:
        return render(401, refusal.headers, refused=True)
    async with request.app.state.database.reading() as session:
        plans = await status.list_plans(session)
        here = next((one for one in plans if plan in {None, one.code}), None)
        if not plans:
            return render(200, position=await position_of(session))
        if here is None or phase not in {None, *(one.code for one in here.phases)}:
            return render(404, plans=plans, wanted=phase if here else plan)
        staffing = await parity.find_measure(session, "staff-by-grade", None) is not None
        given: dict[str, Any] = {"status": await _status(session, here, phase), "staffing": staffing}
        return render(200, plans=plans, plan=here, briefs=(await consolidated.plans_known(session))["items"], **given)


@pages.get("/parity", dependencies=[Depends(open_to_all)])
async def get_page_of_women_and_men(request: Request) -> Response:
    """What stands in the address (`by`, `as_of`, `source`) the script reads: without one the page says how the staff stands, no more."""
    try:
        await identify(request)
    except Unauthenticated as refusal:
        return render(401, refusal.headers, refused=True)
    async with request.app.state.database.reading() as session:
        staff = await parity.find_measure(session, "staff-by-grade", None)
    day = date.fromisoformat(staff["as_of"]) if staff else None
    shown = {"staff": staff, "day": f"{day.day} {day:%b %Y}" if day else ""}
    return _page("parity.html", 200, shown)


async def _status(session: AsyncSession, plan: PlanState, phase: str | None) -> dict[str, Any]:
    found = await consolidated.status_of(session, plan.code, phase, None)
    known = datetime.fromisoformat(found["as_of"])
    return {**found, "order": rules.WORDS[found["vocabulary"]], "day": f"{known.day} {known:%b %Y}"}


def render(code: int, more: dict[str, str] | None = None, **given: Any) -> Response:
    nothing: dict[str, Any] = {
        "plans": [],
        "briefs": [],
        "plan": None,
        "status": None,
        "wanted": None,
        "refused": False,
        "position": None,
    }
    return _page("index.html", code, nothing | given, more)


def _page(template: str, code: int, given: dict[str, Any], more: dict[str, str] | None = None) -> Response:
    page = _templates.get_template(template).render(given)
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", "Vary": "Authorization"}
    headers |= more or {}
    return Response(page, code, headers, "text/html; charset=utf-8")
