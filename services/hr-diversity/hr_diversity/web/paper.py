"""A card as one sheet of A4: PDF/A-2a and PDF/UA-1, the same bytes for the same content.

What must not break: nothing of the machine comes in. Fonts are those of a package, the time is the card's day, and what the sheet says
is what the page says. Who waits for a press holds no thread: pushes need those.
"""

import asyncio
import json
import subprocess
import sys

from hr_diversity.schemas.scorecards import Scorecard
from hr_diversity.web.stamp import Stamp
from hr_diversity.web.view import show
from shared.errors import Unavailable
from shared.places import Places

PATIENCE = 60
PRESS = [sys.executable, "-I", "-m", "hr_diversity.web.press"]
PRESSES, MOST_WAITING, LONGEST_WAIT = 2, 8, 20.0
"""Each takes 200 MB while it prints."""


class PressesBusy(Unavailable):
    slug = "presses-busy"


_places = Places(PRESSES, MOST_WAITING, PressesBusy, "other sheets are being printed; ask again")


async def render(card: Scorecard, stamp: Stamp | None) -> bytes:
    """Raises PressesBusy."""
    given = json.dumps({"day": str(card.as_of), "card": show(card, stamp)}).encode()
    async with _places.one(LONGEST_WAIT):
        return await asyncio.to_thread(_print, given)


def _print(given: bytes) -> bytes:
    printed = subprocess.run(PRESS, input=given, capture_output=True, check=True, timeout=PATIENCE)  # noqa: S603 (our own program)
    return printed.stdout
