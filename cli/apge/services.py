"""The list of the platform's services: the one place where the command line names them."""

import importlib
from typing import TYPE_CHECKING

from apge.trouble import Trouble

if TYPE_CHECKING:  # importing the services takes a second that most commands do not need
    from shared.app import Service

PACKAGES = {
    "indicators": "indicators",
    "hr-diversity": "hr_diversity",
    "recommendations": "recommendations",
    "reporting": "reporting",
}
NAMES = tuple(PACKAGES)
OWNERS = NAMES[:-1]
VIEWS = NAMES[-1]
READ_BY_ALL = frozenset({VIEWS, "hr-diversity"})
"""Their pages are opened in a browser, which sends no token; what they show is published: consolidated views, and scorecards."""


def load() -> "list[Service]":
    """Every service, put together. Raises Trouble where a package is not installed."""
    try:
        return [importlib.import_module(f"{package}.main").service for package in PACKAGES.values()]
    except ImportError as error:
        raise Trouble(
            f"the installation is broken: {error.name or 'a package'} cannot be imported ({error}); "
            "'make clean' and 'make run' install it anew."
        ) from error
