"""The page on which people try an API, with its script and style from our own files: a machine without internet shows it as well."""

from importlib.resources import files

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import Response
from starlette.staticfiles import StaticFiles


def add_docs_page(app: FastAPI, at: str) -> None:
    """`at` shows the description that `app` gives of itself."""
    resources = f"{at}/resources"
    page = get_swagger_ui_html(
        openapi_url=app.openapi_url or "",
        title=app.title,
        swagger_js_url=f"{resources}/swagger-ui-bundle.js",
        swagger_css_url=f"{resources}/swagger-ui.css",
        swagger_favicon_url=f"{resources}/favicon-32x32.png",
    )

    async def show(_: Request) -> Response:
        return page

    app.mount(resources, StaticFiles(directory=str(files("fastapi_swagger") / "resources")))
    app.add_route(at, show, include_in_schema=False)
