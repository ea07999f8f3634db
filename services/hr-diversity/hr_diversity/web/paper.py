"""A card as one sheet of A4: PDF/A-2a and PDF/UA-1, the same bytes for the same content.

What must not break: nothing of the machine comes in. Fonts are those of a package, the time is the card's day, and what the sheet says
is what the page says. Call it in a thread: it waits for the process that prints.
"""

import json
import subprocess
import sys
import threading

from hr_diversity.schemas.scorecards import Scorecard
from hr_diversity.web.stamp import Stamp
from hr_diversity.web.view import show

PATIENCE = 60
PRESS = [sys.executable, "-I", "-m", "hr_diversity.web.press"]
PRESSES = threading.BoundedSemaphore(2)
"""Each takes 200 MB while it prints; who asks meanwhile waits."""


def render(card: Scorecard, stamp: Stamp | None) -> bytes:
    given = json.dumps({"day": str(card.as_of), "card": show(card, stamp)}).encode()
    with PRESSES:
        printed = subprocess.run(PRESS, input=given, capture_output=True, check=True, timeout=PATIENCE)  # noqa: S603 (our own program)
    return printed.stdout
