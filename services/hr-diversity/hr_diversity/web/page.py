"""A card as a page: one address, no script, nothing loaded from elsewhere; every drawing has its table.

What must not break: the page's policy names the digest of the one style sheet that stands in it, and allows nothing else.
"""

import base64
import hashlib
from functools import cache
from typing import TYPE_CHECKING, Any

from hr_diversity.schemas.scorecards import CardList, Scorecard
from hr_diversity.web import TEMPLATES
from hr_diversity.web.stamp import Stamp
from hr_diversity.web.view import show, show_entry

if TYPE_CHECKING:
    from jinja2 import Environment

STYLE = (TEMPLATES / "scorecard.css").read_text(encoding="utf-8")
POLICY = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@cache
def _templates() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(card: Scorecard, stamp: Stamp | None) -> bytes:
    return _render("scorecard.html", card=show(card, stamp))


def render_list(cards: CardList) -> bytes:
    return _render("scorecards.html", cards=[show_entry(one) for one in cards.items])


def _render(template: str, **given: Any) -> bytes:
    return _templates().get_template(template).render(style=STYLE, **given).encode()
