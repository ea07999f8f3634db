"""A card as one sheet of A4: PDF/A-2a and PDF/UA-1, the same bytes for the same content.

What must not break: nothing of the machine comes in. Fonts are those of a package, the time is the card's day, and what the sheet says
is what the page says. The compiler is loaded with the first sheet, since a service that prints none should not hold it.
"""

import json
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from hr_diversity.schemas.scorecards import Scorecard
from hr_diversity.web import TEMPLATES
from hr_diversity.web.stamp import Stamp
from hr_diversity.web.view import show

if TYPE_CHECKING:
    import typst

FONTS = files("fontpkg_inter") / "files"


@cache
def _fonts() -> "typst.Fonts":
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])


def render(card: Scorecard, stamp: Stamp | None) -> bytes:
    import typst

    return typst.compile(
        (TEMPLATES / "scorecard.typ").read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"card": json.dumps(show(card, stamp), ensure_ascii=False)},
        pdf_standards=["a-2a", "ua-1"],
        timestamp=datetime(card.as_of.year, card.as_of.month, card.as_of.day, tzinfo=UTC),
    )
