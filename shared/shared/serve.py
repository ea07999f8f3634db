"""Runs one service by itself: `python -m shared.serve <package>`; with `--migrate` it brings the database to this release and ends."""

import argparse
import asyncio
import importlib
import sys

import uvicorn
from pydantic import ValidationError

from shared import migrations
from shared.app import Service, create_app

GRACE_SECONDS = 15


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m shared.serve", description=__doc__)
    parser.add_argument("package", help="indicators, hr_diversity, recommendations or reporting")
    parser.add_argument("--migrate", action="store_true", help="migrate the database and end")
    given = parser.parse_args()
    service: Service = importlib.import_module(f"{given.package}.main").service
    try:
        settings = service.settings()
    except ValidationError as error:
        sys.exit("settings: " + "; ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}".strip() for e in error.errors()))
    if given.migrate:
        asyncio.run(migrations.upgrade(settings.database_url.get_secret_value(), service.migrations))
        return
    uvicorn.run(
        create_app(service, settings),
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        ws="none",
        server_header=False,
    )


if __name__ == "__main__":
    main()
