"""The first page at `/`, and its static files."""

from pathlib import Path

from fastapi import APIRouter, Depends
from fastapi.responses import FileResponse

from shared.auth import open_to_all

HERE = Path(__file__).parent

pages = APIRouter(include_in_schema=False)


@pages.get("/", dependencies=[Depends(open_to_all)])
async def get_first_page() -> FileResponse:
    return FileResponse(HERE / "templates" / "index.html")
